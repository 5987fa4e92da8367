"""Pieces of text that some program somewhere stumbles over, by their kinds."""

from __future__ import annotations

# Tables that are one item a line would be hard to survey.
# fmt: off

NUMBERS = (
    *"""
    0 -1 00 1 7 59 60 61 499 500 65535 65536 99999 4294967296 99999999999999999999 1_000 1e999 -1e999 1e5 0x1F
    0b11 0o17 017 1:30:00 190:20:30.15 60:60 .inf -.inf .nan NaN Infinity ² ٣ １２ ½ Ⅷ 𝟘 −5 1.5 1,5 ১২:৩০ ²:30
    """.split(),
    *("9" * 400, "9" * 5000, "0" * 5000 + "1", "0x" + "F" * 20, "0x" + "F" * 5000, "1:" * 60 + "1", "1" + ":59" * 2000),
)
CONTROLS = (
    *map(chr, (*range(32), *range(127, 160))),
    *"\u00ad\u034f\u061c\u200b\u200d\u200e\u200f\u2028\u2029\u202a\u202e\u2066\u2069\ufeff\ufff9\ufffc\ufffd\ufdd0\ufdd1",
    *"\ufdd2\ufdd3\ufffe\uffff\U0001fffe\U0010ffff\ue000\ue001\ue002\uf8ff\U000f0000",
    *("\x1b[2J", "\x1b]0;title\x07", "\x1b]8;;http://h\x1b\\x", "\x9b31m", "\x1f", "\x1f\x1f", "\r", "\x00",
      "\x0b", "\x85"),
    *("\ufdd00\ufdd1", "\ufdd20\ufdd1", "\ufdd09\ufdd1", f"\ufdd0{'9' * 5000}\ufdd1", "\u0e33" * 3,
      "e" + "\u0301" * 50),
)
ENTITIES = (
    *"""
    &#0; &#1; &#27; &#31; &#127; &#150; &#55296; &#xD800;&#xDC00; &#x110000; &#xFFFE; &#xFDD0; &#8232; &#x202E;
    &#xFDD0;0&#xFDD1; &#xFDD2;0&#xFDD1; &#xFDD0;9&#xFDD1; &#xFDD0; &#xFDD1; &#xF8FF; &#9; &#10; &#13; &#160;
    &bogus; &amp &lt &lt; &gt; &quot; &#39; &# &#x &#; &#x; &#xZZ; &#12 &NotEqualTilde; &AMP; &amp;#x1f; &Tab;
    &#123;&#123;c1&#58;&#58; &#125;&#125; &#91;latex&#93; &#92;( &lbrace; &colon;&colon; &lpar; &#60;script&#62;
    """.split(),
    *("&#" + "9" * 5000 + ";", "&#x" + "F" * 5000 + ";", "&" + "a" * 3000 + ";"),
)
ADDRESSES = (
    *"""
    http://[x http://[::1] http://[::1 https://h:99999/ https://h:x/ https://h:-1/ https://h:²/ https:// http:
    """.split(),
    *("javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:x", "data:text/html,<script>x</script>", "//h/p",
      "///h"),
    *("\\\\h\\p", "java script:x", "\x01javascript:x"),
    *"""
    vbscript:x file:///etc/passwd ytseek://²  ytseek://9 mailto:a@b https://user:pass@h/ https://h\x00/
    http://a..b https://youtu.be/ https://youtu.be/X4QE6t-MkYE?t=²:30
    https://www.youtube.com/watch?v=X4QE6t-MkYE&t=9s https://youtu.be/X4QE6t-MkYE?t=1h²m
    https://vimeo.com/123456#t=٣ https://h/a.mp3#t=1,2 https://h/a.mp3?t=-1
    """.split(),
    *("https://h/a b.mp3?t=1", 'https://h/"><script>x</script>.mp3', "https://h/'onerror='x",
      "https://h/%zz%00.mp3?t=%FF"),
    *("https://www.youtube.com/attribution_link?u=http://[", "https://ex\u0130ample.com/", "https://\u2100.com/a.mp3"),
    *("https://h/" + "a" * 10_000 + ".mp3", "https://youtu.be/X4QE6t-MkYE?t=" + "9" * 400,
      "https://h/?t=" + "9" * 5000),
    *("https://h/a.mp3?" + "&".join(f"a{i}=1" for i in range(300)), "ytseek://" + "9" * 5000, "https://xn--a/",
      "https://\x1f/"),
)
SYNTAX = (
    *"""
    [[ ]] ![[ | || {{ }} {{c1:: {{c0:: {{c500:: {{c1,2:: {{c99999:: :: ::: {: } (( )) %% <!-- --> {/* */} { [ ] (
    ) ` `` ``` ~~~ $ $$ \\( \\) \\[ \\] \\ == ** __ * _ ~~ <mark> </mark> <br> <br/> ^id [^1] [^1]: #tag # ######
    = - <a </a> </sup> <script> </script> <style> <svg/onload=x> <iframe <![ <![CDATA[ <! <!DOCTYPE <? ?> <% <div
    </div> <table><tr><td> <p <p> <li> <pre> <textarea> <title> <base <ruby> [latex] [/latex] [$] [/$] [$$]
    [sound: [sound:a] [anki:play:q:0] [anki:tts] [/anki:tts] [[type: [[type:cloze:Text]] {{cloze:Text}} {{Text}}
    {{FrontSide}} {{#URL}} <a class="yt-timestamp" data-t=" "> {{youtube-timestamp ytseek:// (#t= ?t= &t=
    :LOGBOOK: :END: title:: Q: A: --> \\r
    """.split(),
    *("[/red]", "[bold]", "- [ ] ", "> [!note] ", "> ", "- ", "1. ", ": ", "\n: ", "|---|", "import x from 'y'",
      "export const x", "\t", "    ", "\n\n"),
    *("%% tmscards: keep %%", "%% tmscards: skip %%", "<!-- tmscards:", "((12345678-", "]( ", "](<", "]: ", "![](",
      "<https://"),
    *('<img src=x onerror="x">', '"><script>x</script>', "' onmouseover='x", "--\n", "---\n", "...\n", "~~~\n",
      "</span>", "{:.x}"),
)
MATH = (
    *r"""
    \style{background:url(https://h/p)}{y} \href{javascript:alert(1)}{x} \require{html} \unicode{x41} \class{a}{b}
    \cssId{a}{b} \def\x{\x\x}\x \let\x\y \newcommand{\x}{y} \data{a=b}{c} \html{<b>} \includegraphics{https://h/p}
    \frac{a}{b} e^{x_{1}} \begin{array} \end{array} \text{<img/src=x/onerror=x>} \mathchoice \csname \catcode
    \input
    """.split(),
    *(r"\color{red}{x}", r"\bbox[background:url(//h)]{x}", r"\mmlToken{mi}[href=javascript:x]{y}", "{" * 60,
      "a}}b", "x::y"),
)
WORDS = "vein bone signal muscle blood cell tissue patient rhythm reflex lung neuron axon liver enzyme".split()
VERBS = "carries slows means stimulates is contains blocks".split()
OUTSIDE = "@outside"
"""Stands in a link's target for the folder outside the project, of which nothing may be changed."""
NAMES = (
    *"""
    a a.txt x.txt x.txt.md v1.yaml/b.md a.yaml/b.md a.md A.md good good.yaml/b.md good.md.md .hidden.md -dash.md
    --output.md dot.md. [red].md [bold]x.md %s.md {0}.md {{c1::x}}.md ::.md ~.md *.md [a].md ?.md .yaml.md
    good.yaml.md .committed/x.md .staged/x.md .deck.md .lock.md sub/profile.md d.apkg.md CON.md aux con/x.md
    a.md/b.md é.md e\u0301.md
    """.split(),
    *("new\nline.md", "quo\"te'.md", " lead.md", "trail .md", "a\x1b[2Jb.md", "\x1f.md", "\x7f.md", "\u202eb.md",
      "\udcff\udcfe.md"),
    *("a\udc80b/x.md", "\ufeff.md", "\u2028.md", "tab\t.md", "back\\slash.md", "#.md", "a: b.md", "'.md",
      "&amp;.md", "<b>.md"),
    *("n" * 246 + ".md", "n" * 247 + ".md", "n" * 249 + ".md", "n" * 250 + ".md", "n" * 252 + ".md",
      "é" * 126 + ".md", "n" * 255),
    *("n" * 251, "deep/" * 30 + "x.md", ("d" * 200 + "/") * 8 + "x.md", "n" * 245 + ".markdown", "😀" * 62 + ".md",
      ".md", "x.MD"),
)
PAIRS = (
    ("a", "a.md"),
    ("x.txt", "x.txt.md"),
    ("a.yaml/b.md", "a.md"),
    ("v1.yaml/b.md", "v1.md"),
    ("a.md", "A.md"),
    ("é.md", "e\u0301.md"),
)
# A fuzzer that finds something writes or deletes there: so no link leads to anything that anybody needs.
TARGETS = (
    *(f"{OUTSIDE}/{name}"
      for name in ("", "profile", "sub", "sub/profile", "notes", "notes/stranger.md", "d", "d.apkg", "d.yaml")),
    *(f"{OUTSIDE}/{name}" for name in ("d/good.yaml", "cache.sqlite", ".gitignore", "x", "nobody", "nobody/there")),
    *"""
    /dev/zero /dev/null /dev/stdin /dev/full . .. ../notes ../notes/good.md good.md nobody itself
    """.split(),
)
PLACES = (
    *"""
    .tmscards .tmscards/.gitignore .tmscards/cache.sqlite .tmscards/cache.sqlite-journal
    .tmscards/cache.sqlite-wal .tmscards/commits .tmscards/x decks decks/d decks/d/sub decks/d/.committed
    decks/d/.staged decks/d/.lock decks/d/.deck.yaml decks/d/good.yaml decks/d/x.yaml decks/d/sub/x.yaml
    decks/d/sub/profile decks/d.apkg decks/d.html decks/d/.good.yaml.new decks/d/.gitignore decks/d.records
    decks/e.yaml decks/d.yaml templates templates/default decks/d/.committed/.deck.yaml decks/d/.committed/d.apkg
    decks/d/.committed/sub decks/d/.staged/x.yaml
    """.split(),
)
OF_PAGE = (
    *"""
    {{ }} {{cloze:Text}} {{Text}} {{#URL}} {{/URL}} {{^Extra}} {{/Extra}} {{c1}} {{FrontSide}} {{cloze: {{Nobody}}
    {{=<% %>=}} <!-- --> <div> </div> <script> [[accent]] [[nobody]] [[ ]] {{hint:Extra}} {{type:cloze:Text}}
    {{tts en:Text}} <img>
    """.split(),
    *('<img srcset="https://h/a 1x">', '<object data="//h/a">', '<embed src="https://h">',
      '<svg><image href="https://h"/></svg>'),
    *('<script>fetch("https://h")</script>', '<meta http-equiv=refresh content="0;url=https://h">',
      '<img src="x.png">', "<base href=//h>"),
    *('<link rel=stylesheet href="https://h">', "<img src='../../../outside/profile'>", "<img src='sub'>",
      "<img src='/etc/passwd'>"),
    *('<input type=image src="https://h">', '<p style="background:url(https://h)">', "<a ping=//h href=//h>x</a>",
      "<img src='%00'>"),
)
OF_STYLE = (
    *"""
    { } ; /* */ @media @import url( ) \" ' \\ @charset [[accent]] [[ ]] @font-face{src:url(https://h)} <!-- --> !
    : #
    """.split(),
    *('@import "../x/style.css";', '@import "../default/style.css";\n', "a{background:url(x.png)}",
      "a{background:url(../../../outside/profile)}"),
    *('a{background:image-set("https://h" 1x)}', "a{background:\\75rl(https://h)}", "@import '//h';",
      "a{width:calc(", "a{color:#12}"),
)
STAMPS = r"""
[A:B]
(A:B)
<a class="yt-timestamp" data-t="A">[A:B]</a>
[[A:B]]
(#t=A)
{{youtube-timestamp A}}
[1:30](ytseek://A)
[1:30](https://youtu.be/X4QE6t-MkYE?t=A)
https://youtu.be/X4QE6t-MkYE?t=A:B
[at A:B, B:A]
[[a|A:B]]
\nA:B --> B:A
\n- **A:B – Part**
\nA:B Part
[0:A-B]
<a class="yt-timestamp" data-t=A
<a class=yt>A
""".strip().split("\n")
"""The notations of timestamps, with A and B for numbers and `\\n` for the end of a line."""
TRICKS = r"""
KEY: NUM
KEY: NUM
KEY: ATOM
KEY: "ATOM"
KEY: 'ATOM'
KEY: |\n  ATOM
KEY: !!python/object/apply:os.system [id]
KEY: !x ATOM
KEY: !!binary ATOM
KEY: !!set {a}
KEY: !!timestamp NUM
KEY: !!int NUM
KEY: !!float ATOM
KEY: !!str {}
KEY: !!merge x
KEY: !!omap [a]
KEY: !!pairs [a]
KEY: &a [*a]
KEY: &a\n  KEY: *a
KEY: *nobody
<<: ATOM
<<: [{KEY: 1}, {KEY: 2}]
KEY: 1\nKEY: 2
\tKEY: 1
%YAML 9.9\n---\nKEY: 1
KEY: 1\n---\nKEY: 2
? [KEY]\n: 1
? {KEY: 1}\n: 2
? |\n  KEY\n: 1
NUM: KEY
null: KEY
true: KEY
2001-99-99: KEY
KEY: 2001-99-99
KEY: 0001-01-01T00:00:00+99:99
KEY: 2020-01-01
KEY: "\uD800"
KEY: "\U00110000"
KEY: =
=: ATOM
""".strip().split("\n")
"""Lines of YAML that mean trouble, with KEY, NUM and ATOM for what they are about, and `\\n` for the end of a line."""
