from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import ROOT
from tmscards.anki import note_types, rendering, templates
from tmscards.domain import Guid, Record


def test_fields_are_frozen() -> None:
    # From the first release on; a change here breaks every deck that learners have (docs/architecture.md).
    frozen = "Text Context Extra Source URL Timestamp Seconds Video SeeAlso Key Reserve1 Reserve2 Reserve3"
    assert " ".join(note_types.FIELDS) == frozen
    assert note_types.FIELD_IDS["Text"] == 6029310000000000000
    assert note_types.FIELD_IDS["Reserve3"] == 6029310000000000012
    assert templates.load("default", ROOT).note_type.id == 1753029310001
    assert templates.load("default", ROOT).note_type.name == "tmscards default"


def fields(**more: Any) -> dict[str, str]:
    url = "https://www.youtube.com/watch?v=X4QE6t-MkYE&t=1032s"
    note = Record(
        Guid("guid"), "fact", "auto", "TMS is {{c1::safe}}.", "TMS is safe.", 1, 0, "", timestamp=1032, url=url
    )
    title, lang = more.pop("title", "A & B"), more.pop("lang", "")
    note = replace(note, **more)
    return dict(zip(note_types.FIELDS, note_types.fields(note, title, lang), strict=True))


def test_fields() -> None:
    got = fields(see_also=("x < y", "z"), context=("A › B", "x < y."))
    assert got["Text"] == "TMS is {{c1::safe}}."
    assert got["Source"] == "A &amp; B"
    assert got["URL"] == "https://www.youtube.com/watch?v=X4QE6t-MkYE&amp;t=1032s"
    assert (got["Timestamp"], got["Seconds"]) == ("17:12", "1032")
    assert got["Video"] == "https://www.youtube.com/watch?v=X4QE6t-MkYE"
    assert got["SeeAlso"] == "x &lt; y · z"
    assert got["Context"] == "A › B<br>x &lt; y."
    assert got["Key"] == "guid"
    assert got["Extra"] == ""
    assert fields(approximate=True)["Timestamp"] == "≈ 17:12"
    assert fields(timestamp=None)["Timestamp"] == ""
    assert fields(url="")["Timestamp"] == fields(url="")["Seconds"] == ""


def test_a_range_of_time_ends_at_its_second() -> None:
    assert fields()["Reserve1"] == ""
    assert fields(end=1040)["Reserve1"] == "1040"
    assert fields(end=1032)["Reserve1"] == fields(end=1040, url="")["Reserve1"] == ""
    assert fields(end=1040, timestamp=None)["Reserve1"] == ""


def test_a_language_is_named_and_one_that_is_written_from_the_right_begins_there() -> None:
    note = Record(Guid("guid"), "fact", "auto", "TMS is {{c1::safe}}.", "TMS is safe.", 1, 0, "")
    text = {lang: note_types.fields(note, "", lang)[0] for lang in ("", "de", "he-IL")}
    assert text[""] == "TMS is {{c1::safe}}."
    assert text["de"] == '<span lang="de">TMS is {{c1::safe}}.</span>'
    assert text["he-IL"] == '<span lang="he-IL">&rlm;TMS is {{c1::safe}}.</span>'


def test_an_orphan_says_so() -> None:
    assert fields(status="orphan")["Extra"] == "This sentence is no longer in its source."
    assert fields(status="orphan", orphaned_by="recipe")["Extra"] == "The deck's recipe now leaves this sentence out."
    assert fields(status="orphan", orphaned_by="author")["Extra"] == "Its source now leaves this sentence out."


UNCHANGED = (
    'TMS is {{c1::safe}} & "quoted", a < b > c &amp; d'[:34],
    "5 &lt; 6 &#123;&#123;x&#125;&#125; {{c1::a::b}} [1] 'x' \xa0 \t –",
    r"C:\\Users and \\(x^2\\) {{c1::y}}",
)


@pytest.mark.parametrize("text", UNCHANGED)
def test_a_text_without_markup_stays_as_it_is(text: str) -> None:
    assert fields(text=text)["Text"] == text


class Markup(HTMLParser):
    """Collects what is markup in HTML, as browsers read it."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags, self.attributes = set[str](), set[tuple[str, str]]()
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {(name, value or "") for name, value in attrs}


ALLOWED = {"span", "bdi", "br", "a", "img", "b", "i", "p", "u", "div", "font", "code"}
OURS = {"data-ordinal", "data-cloze", "class", "title", "dir", "lang", "color", "alt"}


def faults(html: str) -> Iterator[str]:
    """What in HTML could run, fetch or lay itself over a card."""
    found = Markup(re.sub("&#[0-9]{8,}", "", html))
    yield from found.tags - ALLOWED
    for name, value in found.attributes:
        if name == "href":
            yield from () if re.match("https?://", value) else [value]
        elif name == "src":
            yield from () if re.fullmatch(r"[\w .-]+", value) else [value]
        elif name not in OURS or re.search(r"mathjax|ctxtmenu", value, re.I):
            yield f"{name}={value}"
    if controls := re.findall(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]", html):
        yield f"controls {controls}"


HOSTILE = (
    '"><script>alert(1)</script>',
    "<img src=x onerror=alert(1)>",
    "<img src=//evil.test/x.png srcset=//evil.test/y.png>",
    '<p style="position:fixed" background="//evil.test/x" data-x="1" onclick="x" id="qa">y</p>',
    '<a href="javascript:alert(1)">x</a><a href=" https://x">y</a><a href="data:text/html,x">z</a>',
    '<b title="{{c1::x}}"><i title="a>b<img src=x onerror=alert(1)> \\(">z</i></b>',
    '\\(<b title="><img src=x onerror=alert(1) \\) ">z</b>\\)',
    '<b class="{{c1::x}} onmouseover=alert(1)">z</b>',
    '<span class="CtxtMenu_Info">a</span><div class="a mathjax_process">b</div>',
    '<b lang="x&quot;onclick=1" dir="{{c1::rtl}}">a</b>',
    '{{c1::image-occlusion:rect:left=1" onclick="alert(1)" x="}}',
    '{{c1::image&#45;occlusion:rect:left=1" onclick="alert(1)}}<b>x</b>',
    "{{c1::<b}} onclick=alert(1)>x</b>",
    "{{c1::a::<script>alert(1)</script>}}",
    "<svg><a xlink:href='javascript:x'>y</a></svg><math><mi href='javascript:x'>z</mi></math>",
    "<iframe src=//evil.test></iframe><object data=//evil.test></object><embed src=//evil.test>",
    "<style>*{background:url(//evil.test)}</style><link rel=stylesheet href=//evil.test><base href=//evil.test>",
    "<meta http-equiv=refresh content='0;url=//evil.test'><form action=//evil.test><input></form>",
    "<video src=//evil.test></video><audio src=//evil.test></audio><anki-mathjax>x</anki-mathjax>",
    "<!-- {{c1:: --><b>x</b>",
    "\x00\x1f\x0b\x85&#31;&#0;<b>&#31;&#x1f;&#0;&#11;</b>",
    "&#" + "9" * 5_000 + ";<b>&#" + "1" * 5_000 + ";</b>",
    "\ud800 \udfff",
)


@pytest.mark.parametrize("evil", HOSTILE, ids=lambda text: text[:40])
def test_whatever_is_on_record_nothing_in_a_field_runs_or_fetches(evil: str) -> None:
    got = fields(
        text=f"a {evil} {{{{c2::b}}}}",
        guid=Guid(evil),
        context=(evil, evil),
        see_also=(evil,),
        title=evil,
        lang=evil,
        url=f"https://example.org/{evil}",
    )
    for name in set(got) - {"Text"}:
        assert set(faults(got[name])) <= set(), name
    for name in ("Source", "SeeAlso", "Key", "URL", "Video"):
        assert "<" not in got[name]
    for number in rendering.ordinals("{{cloze:Text}}", got):
        for side in rendering.card("{{cloze:Text}}{{cloze-only:Text}}", "{{cloze:Text}}{{Text}}", got, number):
            assert list(faults(side)) == []


@pytest.mark.parametrize("lang", ['x"><script>alert(1)</script>', "de ", "", "de_DE", "a" * 9, "\\(x\\)", "de-"])
def test_what_is_no_language_is_not_written(lang: str) -> None:
    assert fields(lang=lang)["Text"] == "TMS is {{c1::safe}}."


URLS = {
    'https://x.test/a"b c': "https://x.test/a%22b%20c",
    "https://x.test/'><b>": "https://x.test/%27%3E%3Cb%3E",
    "https://x.test/\\(\\href": "https://x.test/%5C(%5Chref",
    "https://x.test/[latex]a[/latex]": "https://x.test/%5Blatex]a%5B/latex]",
    "https://x.test/\t\u2028b": "https://x.test/%09%E2%80%A8b",
    "http://[2001:db8::1]/?a=1&b": "http://[2001:db8::1]/?a=1&amp;b",
    "javascript:alert(1)//https://x.test": "",
    "data:text/html,x": "",
    "//x.test/a": "",
    "http://[x": "",
}


@pytest.mark.parametrize(("url", "field"), URLS.items())
def test_an_address_is_one_of_a_web_page_or_nothing(url: str, field: str) -> None:
    assert fields(url=url)["URL"] == field
    assert not re.search(r"[\s\"'<>\\]", fields(url=url)["Video"])


@pytest.mark.parametrize("timestamp", [-1, 10**9, 10**5_000], ids=["negative", "large", "huge"])
def test_a_timestamp_that_cannot_be_is_none(timestamp: int) -> None:
    assert fields(timestamp=timestamp)["Timestamp"] == fields(timestamp=timestamp)["Seconds"] == ""


TAGS = {
    "a b": "a_b",
    "magnets::coils": "magnets::coils",
    "R&D": "R&D",
    "<img src=x onerror=alert(1)>": "img_src=x_onerror=alert(1)",
    '"quoted"': "quoted",
    "a\x1fb\x00": "a_b",
    "[latex]": "[\u2060latex]",
    r"\(\style{a}{b}\)": "\\\u2060(\\style{a}{b}\\\u2060)",
    " ": None,
}


@pytest.mark.parametrize(("tag", "becomes"), TAGS.items())
def test_a_tag_is_one_word_without_syntax(tag: str, becomes: str | None) -> None:
    note = Record(Guid("g"), "fact", "edited", "{{c1::a}}", "", 1, 0, "", tags=(tag, tag))
    assert note_types.tags(note) == (() if becomes is None else (becomes,))


PIECES = [
    *HOSTILE,
    "{{c1::",
    "{{c2::",
    "}}",
    "::",
    "<b>",
    "</b>",
    '<b title="',
    '">',
    "x",
    "&lt;",
    "&quot;",
    "\\(",
    "\\)",
    " ",
]


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=8).map("".join))
def test_pieces_of_markup_make_nothing_together(text: str) -> None:
    got = fields(text=text + " {{c3::x}}", context=(text,), title=text)
    for number in rendering.ordinals("{{cloze:Text}}", got):
        for side in rendering.card("{{cloze:Text}}{{Context}}{{Source}}", "{{cloze:Text}}{{Text}}", got, number):
            assert list(faults(side)) == []
