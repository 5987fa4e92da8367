"""Everything in a template that a browser would fetch from elsewhere, or may send to, is named with its place."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

import test_templates
from test_templates import FRONT, OPTIONS, SLOTS, built_on, warnings
from tmscards.anki import templates

X = "https://x.org/a"


def template(tmp_path: Path, **files: str) -> Path:
    """A small template in which nothing is odd but what is in these files."""
    return test_templates.template(tmp_path, **({"style_css": ""} | files))


PAGE = [
    f'<img src="{X}">',
    f"<img src={X}>",
    f"<img src = '{X}' alt='a'>",
    f"<IMG SRC={X.upper()}>",
    f"<img/src={X}>",
    f"<img\nalt\nsrc\n=\n{X}>",
    f'<img srcset="a.png 1x, {X} 2x">',
    f'<img srcset="{X}">',
    f'<picture><source srcset="{X} 100w"><img alt=""></picture>',
    f'<script src="{X}"></script>',
    f'<link rel="stylesheet" href="{X}">',
    f'<link rel="preload" as="image" imagesrcset="{X} 1x">',
    *(
        f'<link rel="{rel}" href="{X}">'
        for rel in ("preload", "prefetch", "dns-prefetch", "preconnect", "manifest", "icon")
    ),
    f'<link rel="alternate stylesheet" href="{X}">',
    f'<iframe src="{X}"></iframe>',
    f'<iframe srcdoc="<img src={X}>"></iframe>',
    f'<iframe srcdoc="&lt;iframe srcdoc=&quot;&amp;lt;img src={X}&gt;&quot;&gt;"></iframe>',
    f'<frame src="{X}">',
    f'<object data="{X}"></object>',
    f'<object classid="{X}"></object>',
    f'<object codebase="{X}"></object>',
    f'<object><param name="movie" value="{X}"></object>',
    f'<embed src="{X}">',
    f'<audio src="{X}"></audio>',
    f'<video src="{X}"></video>',
    f'<video poster="{X}"></video>',
    f'<video><source src="{X}"></video>',
    f'<video><track src="{X}"></video>',
    f'<input type="image" src="{X}">',
    f'<image src="{X}">',
    f'<body background="{X}">',
    f'<table background="{X}"><tr><td>a</td></tr></table>',
    f'<table><tr><td background="{X}">a</td></tr></table>',
    f'<base href="{X}">',
    f'<meta http-equiv="refresh" content="0; url={X}">',
    f"<meta content='3;URL=\"{X}\"' http-equiv=Refresh>",
    f'<meta http-equiv="refresh" content="0 {X}">',
    f'<svg><image href="{X}"/></svg>',
    f'<svg><image xlink:href="{X}"/></svg>',
    f'<svg><use href="{X}#b"/></svg>',
    f'<svg><feImage href="{X}"/></svg>',
    f'<svg><script href="{X}"></script></svg>',
    f'<svg><rect fill="url({X}#b)"/></svg>',
    f"<svg><rect filter=\"url('{X}#b')\"/></svg>",
    f'<svg><image><set attributeName="href" to="{X}"/></image></svg>',
    f'<svg><image><animate attributeName="href" values="a.png;{X}"/></image></svg>',
    f'<svg><style><image href="{X}"/></style></svg>',
    f'<p style="background: url({X})">a</p>',
    f"<p style='background: url(\"{X}\")'>a</p>",
    f'<x-own style="background: url({X})">a</x-own>',
    f"<style>.a {{ background: url({X}) }}</style>",
    f"<style><!-- </style><img src={X}> -->",
    f"<textarea><!--</textarea><img src={X}>-->",
    f"<!--><img src={X}>-->",
    f"<!-- a --!><img src={X}>",
    f"<svg><style>@import '{X}';</style></svg>",
    f'<p title="a > b"><img src="{X}"></p>',
    f"<noscript><img src={X}></noscript>",
    f'<img {{{{#URL}}}}src="{X}"{{{{/URL}}}}>',
    # Addresses that do not look like one.
    "<img src=&#104;&#x74;tps://x.org/a>",
    "<img src='ht\ntps://x.org/a'>",
    "<img src='ht&Tab;tps://x.org/a'>",
    "<img src=' \x01https://x.org/a'>",
    "<img src=https:x.org/a>",
    "<img src='https:\\\\x.org/a'>",
    "<img src=//x.org/a>",
    "<img src='\\\\x.org\\a'>",
    "<img src='/\\x.org/a'>",
    "<img src='/\t/x.org/a'>",
    "<img src='ftp://x.org/a'>",
    "<img src='file://x.org/a'>",
    '<img src="{{URL}}">',
    "<img src={{Source}}>",
    '<img src="{{text:Video}}">',
    '<iframe src="{{Video}}"></iframe>',
    '<p style="background: url({{ URL }})">a</p>',
    f'<iframe src="data:text/html,<img src={X}>"></iframe>',
    f'<iframe src="data:text/html;base64,{base64.b64encode(f"<img src={X}>".encode()).decode()}"></iframe>',
    f'<link rel="stylesheet" href="data:text/css,@import%20%22{X}%22">',
    '<script src="data:text/javascript,fetch(1)"></script>',
    # What is sent.
    f'<form action="{X}"></form>',
    f'<button formaction="{X}">a</button>',
    f'<input type="submit" formaction="{X}">',
    f'<a href="#" ping="{X}">a</a>',
    f"[sound:{X}]",
    "[sound:{{Video}}]",
    # Scripts.
    "<script>window['fetch'](a)</script>",
    "<script>a.style.background = 'url(' + b</script>",
    "<script>fetch('a')</script>",
    "<script>new XMLHttpRequest()</script>",
    "<script>new WebSocket(a)</script>",
    "<script>new EventSource(a)</script>",
    "<script>navigator.sendBeacon(a)</script>",
    "<script>new Image().src = a</script>",
    "<script>a.src = b</script>",
    "<script>import('a')</script>",
    "<script type=module>import a from 'a'</script>",
    "<script>importScripts('a')</script>",
    "<script>document.write('a')</script>",
    "<script>location = a</script>",
    "<script>location.href = a</script>",
    "<script>window.open(a)</script>",
    "<script>new Worker(a)</script>",
    "<script>new RTCPeerConnection(a)</script>",
    "<script>eval(a)</script>",
    "<script>document.createElement('script')</script>",
    "<script>a.setAttribute('src', b)</script>",
    "<script>a.innerHTML = b</script>",
    "<script>$.get(a)</script>",
    f"<script>let a = '{X}'</script>",
    "<script>let a = 'http' + 's:'; let b = 'https:' + c</script>",
    "<script>let a = '//x.org/a'</script>",
    "<script>let a = 'wss://x.org/a'</script>",
    "<script>let a = 'ftp://x.org/a'</script>",
    "<script>let a = '\\x68ttps:\\/\\/x.org/a'</script>",
    "<script>let a = '\\u0068ttps://x.org/a'</script>",
    '<p onclick="fetch(1)">a</p>',
    f'<img alt="" onerror="this.title=\'{X}\'">',
    '<a href="javascript:fetch(1)">a</a>',
    '<a href=" java&Tab;script:fetch(1)">a</a>',
    '<iframe src="javascript:fetch(1)"></iframe>',
]
STYLE = [
    f"@import '{X}';",
    f'@import "{X}" screen;',
    f"@import url({X});",
    f"@import url('{X}') layer(a);",
    f"@IMPORT '{X}';",
    f"@\\69mport '{X}';",
    f'@import "data:text/css,@import url({X})";',
    f".a {{ background: url({X}) }}",
    f".a {{ background: url( '{X}' ) }}",
    f".a {{ background: URL({X}) }}",
    f".a {{ background: u\\72l({X}) }}",
    f".a {{ background: \\75\\72\\6c('{X}') }}",
    ".a { background: url(h\\74tps://x.org/a) }",
    ".a { background: url('\\68 ttps://x.org/a') }",
    ".a { background: url(//x.org/a) }",
    ".a { background: url('\\\\\\\\x.org') }",
    f".a {{ background: image-set('{X}' 1x) }}",
    f".a {{ background: -webkit-image-set(url({X}) 1x) }}",
    f".a {{ background: -webkit-image-set('{X}' 1x) }}",
    f".a {{ background: cross-fade(url({X}), red) }}",
    f".a {{ background: image('{X}') }}",
    f".a {{ background: src('{X}') }}",
    f".a {{ content: url({X}) }}",
    f".a {{ cursor: url({X}), auto }}",
    f".a {{ list-style: url({X}) }}",
    f".a {{ mask: url({X}#m) }}",
    f"@font-face {{ font-family: a; src: local(a), url({X}) format('woff2') }}",
    f"@media print {{ .a {{ background: url({X}) }} }}",
    f"@supports (a: b) {{ @media print {{ .a {{ background: url({X}) }} }} }}",
    f".a {{ --b: url({X}) }}",
    f".a {{ --b: '{X}'; background: image-set(var(--b) 1x) }}",
    f".a {{ background: image-set(var(--b, '{X}') 1x) }}",
]


@pytest.mark.parametrize("text", PAGE)
def test_what_a_page_fetches_is_told_once(tmp_path: Path, text: str) -> None:
    told = [w for w in warnings(template(tmp_path, front_html=FRONT + text)) if w.startswith("front.html:")]
    assert len(told) == 1 or "<script>" in text, told
    assert told
    assert " elsewhere" in told[0] or "is sent something" in told[0]


@pytest.mark.parametrize("text", STYLE)
def test_what_a_style_sheet_fetches_is_told_once(tmp_path: Path, text: str) -> None:
    [told] = warnings(template(tmp_path, style_css=text))
    assert told.startswith("style.css:1:")
    assert " is fetched from elsewhere whenever a card is shown" in told


@pytest.mark.parametrize(
    "text",
    [
        f'<a href="{X}">a</a>',
        f'<area href="{X}">',
        '<a href="{{URL}}">a</a>',
        '<svg><a href="https://x.org"><text>a</text></a></svg>',
        '<p data-video="{{Video}}">a</p>',
        '<img alt="" src="data:image/png;base64,AAAA">',
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"><use xlink:href="#a"/></svg>',
        f"<!-- <img src={X}> -->",
        f"<textarea><img src={X}></textarea>",
        f"<p>{X} (as text), url({X})</p>",
        f'<blockquote cite="{X}">a</blockquote>',
        f'<link rel="license" href="{X}">',
        f'<p title="see {X}">a</p>',
        "<script>let a = 1; // fetched elsewhere\n/* http */ a += 'b/c';</script>",
        "<form><button>a</button></form>",
        "[sound:a.mp3] [sound: ]",
    ],
)
def test_what_is_pressed_or_shown_or_here_is_not_fetched(tmp_path: Path, text: str) -> None:
    assert warnings(template(tmp_path, front_html=FRONT + text)) == []


@pytest.mark.parametrize(
    "text",
    [
        f"@namespace svg url({X});",
        f"@namespace url({X});",
        f"a[href^='{X}'] {{ margin: 0 }}",
        f".a::after {{ content: '{X}' }}",
        ".a { background: url(data:image/png;base64,AAAA) }",
        ".a { filter: url(#b) }",
        f"/* url({X}) */",
    ],
)
def test_what_a_style_sheet_only_says_is_not_fetched(tmp_path: Path, text: str) -> None:
    assert warnings(template(tmp_path, style_css=text)) == []


def test_an_option_of_a_recipe_can_fetch_nothing_unseen(tmp_path: Path) -> None:
    mine = template(tmp_path, **SLOTS)
    [told] = templates.read(mine, {"ink": f"url({X})"}).warnings
    assert str(told).startswith(f"{mine}/style.css:1:20: {X} is fetched")
    [told] = templates.read(mine, {"ink": "u\\72l(//x.org)"}).warnings
    assert str(told).startswith(f"{mine}/style.css:1:22: //x.org is fetched")


def test_an_option_of_a_recipe_stays_in_its_attribute(tmp_path: Path) -> None:
    mine = template(tmp_path, front_html=FRONT + '<p title="[[ink]]">', template_yaml=OPTIONS)
    front = templates.read(mine, {"ink": 'a" onclick="fetch(1)'}).note_type.front
    assert '<p title="a&quot; onclick=&quot;fetch(1)">' in front


def test_files_that_a_template_needs_are_looked_into(tmp_path: Path) -> None:
    mine = template(tmp_path, front_html=FRONT + '<script src="a.js"></script><iframe src="b.html"></iframe>')
    (mine / "a.js").write_text("1;\n  fetch('b')")
    (mine / "b.html").write_text(f"<img src={X}>")
    assert [told.partition(" is ")[0].partition(", this")[0] for told in warnings(mine)] == [
        "a.js:2:3: with fetch",
        f"b.html:1:10: {X}",
    ]


def test_a_script_that_comes_along_may_be_copied_and_any_other_is_searched(tmp_path: Path) -> None:
    clip = templates.load("clip", tmp_path)
    back = (clip.folder / "back.html").read_text()
    settings = (clip.folder / "template.yaml").read_text()
    front = (clip.folder / "front.html").read_text()
    css = '@import "../default/style.css";\n'
    mine = built_on(tmp_path, "", css, front_html=front, back_html=back, template_yaml=settings)
    assert warnings(mine) == []
    (mine / "back.html").write_text(back.replace("let player", "var player"))
    assert any("youtube-nocookie.com" in told for told in warnings(mine))


def test_the_same_thing_is_told_at_each_of_its_places(tmp_path: Path) -> None:
    mine = template(tmp_path, front_html=f"{FRONT}<img src={X}>\n<img src={X}><!-- <img src={X}> -->")
    assert [told.partition(": ")[0] for told in warnings(mine)] == ["front.html:3:10", "front.html:4:10"]


def test_hundreds_of_things_are_told_in_short(tmp_path: Path) -> None:
    told = warnings(template(tmp_path, front_html=FRONT + f"<img src={X}>" * 500))
    assert len(told) == 101
    assert told[-1] == "front.html: 400 more things are fetched from elsewhere"
