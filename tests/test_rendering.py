"""Cards as `rendering` shows them, compared with those of the real Anki, character by character."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import ROOT
from tmscards.anki import note_types, rendering, templates
from tmscards.anki.rendering import About
from tmscards.domain import Guid, Record
from tmscards.errors import UserError

CLOZE = "{{cloze:Text}}"
DECK = "Talks & <b>TMS</b>::Saint"


class Anki:
    """A collection of the real Anki, with a cloze note type for each pair of templates that a test asks for."""

    def __init__(self, collection: Any) -> None:
        self.collection = collection
        self.deck = collection.decks.id(DECK)
        self.pairs: dict[tuple[str, str], Any] = {}

    def note_type(self, front: str, back: str) -> Any:
        """The note type of two templates; Anki raises CardTypeError for those it refuses."""
        models = self.collection.models
        if (front, back) not in self.pairs:
            made = models.copy(models.by_name("Cloze"), add=False)
            made["id"], made["name"] = 0, f"Type {len(self.pairs)}"
            made["flds"] = []
            for name in note_types.FIELDS:
                models.add_field(made, models.new_field(name))
            made["tmpls"][0].update(name="Cloze", qfmt=front, afmt=back)
            self.pairs[front, back] = models.get(models.add_dict(made).id)
        return self.pairs[front, back]

    def cards(self, front: str, back: str, fields: Mapping[str, str], tags: str = "") -> dict[int, tuple[str, str]]:
        """Question and answer, without CSS, of each card that Anki makes of a note, by cloze number."""
        note = self.collection.new_note(self.note_type(front, back))
        for name, value in fields.items():
            note[name] = value
        note.tags = tags.split()
        self.collection.add_note(note, self.deck)
        outputs = {card.ord + 1: card.render_output(reload=True) for card in note.cards()}
        return {number: (o.question_text, o.answer_text) for number, o in sorted(outputs.items())}


@pytest.fixture(scope="module")
def anki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Anki]:
    from anki.collection import Collection

    opened = Collection(str(tmp_path_factory.mktemp("rendering") / "collection.anki2"))
    yield Anki(opened)
    opened.close()


def comparable(text: str) -> str:
    """The ids of hints numbered: Anki's are a BLAKE3 hash, which Python does not have."""
    numbers: dict[str, int] = {}
    return re.sub(r"hint[0-9a-f]{16}", lambda m: f"hint{numbers.setdefault(m[0], len(numbers))}", text)


def check(anki: Anki, front: str, back: str, fields: Mapping[str, str], tags: str = "") -> None:
    """Every card of a note is shown as Anki shows it, and there are no others."""
    fields = {**dict.fromkeys(note_types.FIELDS, ""), **fields}
    expected = anki.cards(front, back, fields, tags)
    assert rendering.ordinals(front, fields) == list(expected)
    about = About(tags, anki.note_type(front, back)["name"], DECK)
    for number, sides in expected.items():
        got = rendering.card(front, back, fields, number, about)
        assert tuple(map(comparable, got)) == tuple(map(comparable, sides)), f"card {number}"


NOTE = Record(
    Guid("guid"),
    "definition",
    "auto",
    "SAINT &lt;b&gt; is a {{c1::five-day}} regimen of {{c2::<b>TMS</b> &amp; rest::how}} \\({{c1::x^2}}\\).",
    "SAINT is a five-day regimen of TMS & rest.",
    12,
    1_700_000_000,
    "",
    timestamp=9000,
    url="https://www.youtube.com/watch?v=X4QE6t-MkYE&t=9000s",
    context=("The SAINT protocol › A shorter treatment", "It came after a < b."),
    see_also=("Theta & burst", "Mood"),
)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"context": (), "see_also": ()},
        {"timestamp": None},
        {"url": ""},
        {"status": "orphan", "approximate": True},
        {"text": "{{c3::std&#58;&#58;vector}} {{c1::日本語}}", "url": "https://example.org/a?b=1&c=2#t=9000"},
    ],
    ids=["all", "alone", "no time", "no recording", "orphan", "other text"],
)
@pytest.mark.parametrize("name", templates.folders(ROOT))
def test_the_templates_that_come_along(anki: Anki, name: str, changes: dict[str, Any]) -> None:
    note_type = templates.load(name, ROOT).note_type
    values = note_types.fields(replace(NOTE, **changes), "Brain & body")
    check(anki, note_type.front, note_type.back, dict(zip(note_types.FIELDS, values, strict=True)), "tms saint")


TEXTS = {
    "one": "a {{c1::b}} c",
    "hint": "{{c1::b::a hint}} {{c2::b::<i>h</i>}}",
    "empty hint": "{{c1::b::}}",
    "hint with colons": "{{c1::b::h::i}} {{c2::b:::h}} {{c3::b::::h}}",
    "empty answer": "{{c1::}} {{c2::::h}} {{c3:::h}}",
    "the same number twice": "{{c1::a}} and {{c1::b::h}} and {{c2::c}}",
    "adjacent": "{{c1::a}}{{c2::b}}{{c1::c}}",
    "nested": "{{c1::a {{c2::b::h}} c::g}}",
    "nested at the start": "{{c1::{{c2::a}}::h}}",
    "nested in itself": "{{c1::a {{c1::b}} {{c2::c}}}}",
    "nested in a hint": "{{c1::a::h {{c2::b}} g}} {{c3::a::h{{c4::b}}c::k}}",
    "three deep": "{{c1::{{c2::{{c3::a}}}}}}",
    "ten deep": "{{c1::" * 10 + "a::h" + "}}" * 10,
    "eleven deep": "{{c2::" * 10 + "{{c1::a::h" + "}}" * 11 + " {{c1::b}}",
    "several numbers": "{{c1,3::a::h}} {{c3::b}}",
    "odd lists of numbers": "{{c3,2,1,2,::a}} {{c,1::b}} {{c,::c}} {{c0,2::d}} {{c1, 2::e}} {{c64,3::f}}",
    "zeros": "{{c0::a}} {{c01::b}} {{c00::c}} {{c1::d}}",
    "only zero": "{{c0::a}}",
    "large numbers": "{{c499::a}} {{c65535::b}} {{c65536::c}}",
    "thousands of digits": "{{c1::a}} {{c" + "0" * 5000 + "2::b}} {{c" + "9" * 5000 + "::c}}",
    "no deletion": "a b",
    "nothing": "",
    "never closed": "{{c1::a}} b {{c2::c {{c3::d}} e",
    "closed too often": "}} {{c1::a}}}} b }}",
    "more braces": "{{{c1::{a}}} {{{{c2::{b} }}}}",
    "braces of other things": "{{c1::a {{b}} c}} {{cx::d}} {{C2::e}} {{c3:f}} {{ c4::g}} {{c5 ::h}} {{c-6::i}}",
    "digits of other scripts": "{{c１::a}} {{c1::b}}",
    "lines": "{{c1::a\nb::h\ni}}\nc",
    "HTML": "{{c1::<b class=\"x\">a</b><br>&amp; 'b'}} <i>c</i>",
    "HTML across": "<b>{{c1::a</b> b}}",
    "entities": "{{c1::&lt;b&gt; &nbsp;&#123;&#x7b;}} &amp;&hellip; &nope; & {{c2::&&}}",
    "all of Latin-1": "{{c1::" + "".join(map(chr, [*range(32, 127), *range(0xA0, 0x180)])).replace("}", "") + "}}",
    "beyond Latin-1": "{{c1::日本語 \U0001f9e0 – “x”}}",
    "image": '{{c1::<img src="a b.png" alt="x">}} <img src="c.png">',
    "MathJax in a deletion": r"{{c1::\(a\)}} {{c2::\[b\]}} \(c\)",
    "deletions in MathJax": r"\(a^{ {{c1::x}} } {{c2::<i>y</i>::<b>h</b>}}\) \[{{c1::z}}\] {{c1::w}}",
    "MathJax with markup": r"{{c1::a}} \(x<b>y</b>&lt;&nbsp;<!-- c --><style>s</style>z\) \[a<b c>d\]",
    "MathJax closed by the other": r"\({{c1::x}}\] \[{{c1::y}}\) \({{c1::z}}",
    "MathJax across": r"{{c1::a \(b}} c\) \(d {{c2::e\) f}}",
    "MathJax cut by its braces": r"{{c1::\(\frac{a}{b}}\)}}",
    "MathJax over lines": "\\(a\n<b>{{c1::x}}</b>\n\\)",
    "comment": "<!-- {{c1::a}} --> {{c2::b <!-- }} -->",
    "sounds": "{{c1::[sound:a.mp3]::[sound:b.mp3]}} [sound:c d.mp3] [sound:] [sound:e",
    "no image occlusion": "{{c1::image-occlusion}} {{c1:: image-occlusion:x}} {{c2::a {{c1::b}}image-occlusion:x::h}}",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_odd_texts(anki: Anki, text: str) -> None:
    back = f"{{{{FrontSide}}}}<hr>{CLOZE}|{{{{cloze-only:Text}}}}|{{{{text:cloze:Text}}}}|{{{{type:cloze:Text}}}}"
    check(anki, "{{cloze:Text}}|{{cloze-only:Text}}|{{text:Text}}|{{hint:cloze:Text}}", back, {"Text": text})


FIELDS = {
    "Text": "x {{c1::y::h}} {{c2::z}}",
    "Extra": "e <b>f</b> &amp; g",
    "Source": "s",
    "URL": "",
    "Video": "{{c2::v}} {{c4::w}}",
}
TEMPLATES = {
    "fields": "{{Extra}}{{Source}}{{URL}}",
    "white space": "{{ Extra }}{{ cloze:Text\n}}{{\tSource}}{{# Extra }}y{{/ Extra}}{{ ^ URL }}n{{/URL }}{{\u3000Source\xa0}}",
    "white space inside": "{{cloze :Text}}{{text\n:Extra}}{{te}xt:Extra}}",
    "sections": "{{#Extra}}y{{/Extra}}{{^Extra}}n{{/Extra}}{{#URL}}y{{/URL}}{{^URL}}n{{/URL}}",
    "nested sections": "{{#Extra}}a{{#URL}}b{{/URL}}{{^URL}}c{{#Source}}d{{/Source}}{{/URL}}e{{/Extra}}",
    "the same section nested": "{{#Extra}}a{{^Extra}}b{{/Extra}}c{{/Extra}}",
    "sections of special fields": "{{#Tags}}t{{/Tags}}{{#Deck}}d{{/Deck}}{{#CardFlag}}f{{/CardFlag}}{{^Card}}c{{/Card}}",
    "sections of cards": "{{#c1}}one{{/c1}}{{#c2}}two{{/c2}}{{^c1}}not one{{/c1}}{{^c7}}not seven{{/c7}}{{#c01}}no{{/c01}}",
    "a deletion in a section": "{{#c1}}{{cloze:Text}}{{/c1}}{{#c2}}{{cloze:Video}}{{/c2}}",
    "special fields": "{{Tags}}|{{Type}}|{{Deck}}|{{Subdeck}}|{{Card}}|{{CardFlag}}",
    "filters of special fields": "{{text:Deck}}{{hint:Tags}}{{type:Card}}{{cloze:Tags}}",
    "another field with deletions": "{{cloze:Video}}{{Video}}",
    "cloze filter of a plain field": "{{cloze:Extra}}{{cloze-only:Extra}}{{text:cloze:Source}}",
    "text": "{{text:Extra}}{{text:Text}}{{text:cloze:Text}}{{cloze:text:Text}}",
    "type": "{{type:Extra}}{{type:cloze:Text}}{{type:nc:Extra}}{{type:URL}}{{type-cloze:Text}}{{type-nc:Text}}",
    "type with more": "{{type:text:Extra}}{{type:foo:Extra}}{{text:type:cloze:Text}}{{type:cloze:foo:Text}}{{foo:type:Extra}}",
    "hint": "{{hint:Extra}}{{hint:URL}}{{hint:Source}}{{hint:Extra}}{{hint:cloze:Text}}{{hint:type:Source}}{{text:hint:Source}}",
    "FrontSide in front": "a{{FrontSide}}{{text:FrontSide}}{{type:FrontSide}}",
    "unknown filters": "{{foo:Extra}}{{foo:text:Extra}}{{text:foo:Extra}}{{foo:cloze:Text}}{{cloze:foo:Text}}{{TEXT:Extra}}",
    "empty filters": "{{:Extra}}{{text::Extra}}{{::cloze::Text}}{{:type:foo:Extra}}",
    "filters of nothing": "{{text:}}{{cloze:}}{{foo:}}{{Extra:}}",
    "furigana": "{{furigana:Context}}|{{kana:Context}}|{{kanji:Context}}|{{furigana:text:Extra}}",
    "comments": "<!-- {{Extra}} {{Nope}} {{#Extra}} -->{{Source}}<!----><!--> {{Source}} --><!- {{Source}} -->",
    "comment across": "{{#URL}}<!-- {{/URL}} -->{{/URL}}<!-- {{Source --> }}{{Source}}",
    "comment never closed": "<!-- {{Source}}",
    "more braces": "{{{Source}}} {{{{Source}}}} {{{#Source}}x{{/Source}} { {Source}} {{Source}",
    "braces never closed": "}} a {{ b",
    "other delimiters": "{{=<% %>=}}<% cloze:Text %> <%#Extra%>x<%/Extra%> {{Extra}} <!-- <%Source%> --> <%{Source%>",
    "other delimiters after white space": " \n{{=<% %>=}}\n<<%text:Extra%>%>",
    "other delimiters not asked for": "<%cloze:Text%>",
    "sounds": "[sound:a.mp3]{{Key}}[sound:b]",
}


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES.keys())
@pytest.mark.parametrize("side", ["front", "back"])
def test_odd_templates(anki: Anki, template: str, side: str) -> None:
    context = "a 日本[にほん]b&nbsp;x[y] k[sound:c.mp3] <b>日[に][ほ]"
    fields = {**FIELDS, "Context": context, "Key": "[sound:k.mp3][sound:d/[e.mp3]"}
    # Anki refuses a template without a deletion; other delimiters come first, and go for all that follows.
    template = template + "<%cloze:Text%>" if template.lstrip().startswith("{{=") else CLOZE + template
    pair = (template, "{{FrontSide}}|" + CLOZE) if side == "front" else (CLOZE, template)
    check(anki, *pair, fields, "a b&c")


@pytest.mark.parametrize("template", ["{{FrontSide}}", "{{text:FrontSide}}{{hint:FrontSide}}{{type:foo:FrontSide}}"])
def test_the_front_on_the_back(anki: Anki, template: str) -> None:
    front = f"<b>q</b>[sound:a.mp3]{CLOZE}{{{{Extra}}}}"
    check(anki, front, template + CLOZE + "[sound:b.mp3]", {**FIELDS, "Extra": "[sound:e.mp3]"})


EMPTY = ["", " ", "\n\t", "<br>", "<BR/>", "<br />", "<div></div>", "<div> <br> </div>", "</div>", "</br/>"]
FULL = [
    "0",
    "&nbsp;",
    "\xa0",
    "\u3000",
    "<br  >",
    "<br\t/>",
    "<div class=x>",
    "<p></p>",
    "<!-- -->",
    "< br>",
    "[sound:a]",
]


@pytest.mark.parametrize("value", EMPTY + FULL)
def test_empty_fields(anki: Anki, value: str) -> None:
    template = "{{#Extra}}full{{/Extra}}{{^Extra}}empty{{/Extra}}"
    fields = {"Text": "{{c1::x}}", "Extra": value}
    check(anki, CLOZE + template, CLOZE + "{{hint:Extra}}|{{text:Extra}}", fields)
    question, _ = rendering.card(template, "", fields, 1)
    assert question == ("empty" if value in EMPTY else "full")


ENTITIES = [
    "&amp; &nbsp;\xa0|&hearts;&thetasym;&eacute;",
    "&#65;&#x41;&#065;&#x1F9E0;&#xA0;",
    "&#x80;&#38;#38;&amp;lt;",
    "a\xa0b",
    "a & b\xa0",
    "&amp; &",
    "&amp;&lt",
    "&apos; &amp;",
    "&hellip;&NotEqualTilde;",
    "&AMP;",
    "&#X41;",
    "&#xD800;",
    "&#x110000;",
    "&#" + "9" * 5000 + ";",
    "&;&#;",
    "<!-- x -->y<style a>z</STYLE>a<script>w</script >v<stylex>y</style>z</b",
    'a<b>c <> d< e>f<img src="a>b">\n<b\nc>&lt;b&gt;',
]


@pytest.mark.parametrize("value", ENTITIES, ids=itertools.count())
def test_text_of_markup_and_entities(anki: Anki, value: str) -> None:
    check(anki, "{{text:Extra}}" + CLOZE, CLOZE, {"Text": "{{c1::x}}", "Extra": value})


@pytest.mark.parametrize("number", [1, 2, 12])
def test_a_number_that_is_missing(anki: Anki, number: int) -> None:
    # Anki keeps a card whose deletion has been edited away.
    front, back = "a " + CLOZE + "{{#c2}}two{{/c2}}[sound:a]", "{{FrontSide}}" + CLOZE
    collection = anki.collection
    note = collection.new_note(anki.note_type(front, back))
    note["Text"] = f"{{{{c{number}::x}}}}"
    collection.add_note(note, anki.deck)
    for text, extra, tags in (
        ("{{c3::y}}", "", []),
        ("", f"{{{{c{number}::z}}}}", []),
        ("", "", [f"{{{{c{number}::t}}}}"]),
    ):
        note["Text"], note["Extra"], note.tags = text, extra, tags
        collection.update_note(note)
        output = next(c for c in note.cards() if c.ord == number - 1).render_output(reload=True)
        got = rendering.card(front, back, dict(note.items()), number, About(tags=" ".join(tags)))
        assert got == (output.question_text, output.answer_text)


REFUSED = {
    "{{Nope}}": "there is no 'Nope'",
    "{{text:nope}}": "there is no 'nope'",
    "{{text: Extra}}": "there is no ' Extra'",
    "{{#URL}}{{Nope}}{{/URL}}": "there is no 'Nope'",
    "{{#Nope}}x{{/Nope}}": "there is no 'Nope'",
    "{{#}}x{{/}}": "there is no ''",
    "{{#text:Extra}}x{{/text:Extra}}": "there is no 'text:Extra'",
    "{{#Extra}}": "the section of Extra is not closed",
    "{{/Extra}}": "is not open",
    "{{#Extra}}{{#URL}}{{/Extra}}{{/URL}}": "is not open",
    "{{#c1}}x{{/c2}}": "is not open",
    "{{Extra}}{{=<% %>=}}": "there is no '=<% %>='",
    "{{=[[ ]]=}}": "there is no",
}


@pytest.mark.parametrize(("template", "message"), REFUSED.items())
def test_templates_that_anki_refuses(anki: Anki, template: str, message: str) -> None:
    from anki.errors import CardTypeError

    fields = {"Text": "{{c1::x}}", "Extra": "", "URL": ""}
    with pytest.raises(CardTypeError):
        anki.note_type(template + CLOZE, CLOZE)
    with pytest.raises(UserError, match=re.escape(message)):
        rendering.card(template + CLOZE, CLOZE, fields, 1)
    with pytest.raises(UserError, match=re.escape(message)):
        rendering.card(CLOZE, template, fields, 1)


@pytest.mark.parametrize("template", ["{{}}", "{{#FrontSide}}x{{/FrontSide}}"])
def test_templates_that_anki_takes_but_cannot_show(anki: Anki, template: str) -> None:
    [(question, _)] = anki.cards(template + CLOZE, CLOZE, {"Text": "{{c1::x}}"}).values()
    assert "there is no field called" in question
    with pytest.raises(UserError, match="there is no '"):
        rendering.card(template + CLOZE, CLOZE, {"Text": "{{c1::x}}"}, 1)


@pytest.mark.parametrize(
    "front", ["", "{{Text}}", "{{cloze-only:Text}}", "{{cloze :Text}}", f"<!-- {CLOZE} -->", "{{#Text}}{{/Text}}"]
)
def test_a_front_without_deletions_makes_no_cards(anki: Anki, front: str) -> None:
    from anki.errors import CardTypeError

    with pytest.raises(CardTypeError):
        anki.note_type(front, CLOZE)
    assert rendering.ordinals(front, {"Text": "{{c1::x}}"}) == []


@pytest.mark.parametrize(
    "front", ["{{type:cloze:Text}}", "{{foo:cloze:text:Text}}", "{{cloze:Extra}}", "{{#URL}}{{cloze:Text}}{{/URL}}"]
)
def test_cards_are_made_of_all_fields(anki: Anki, front: str) -> None:
    check(anki, front, CLOZE, {"Text": "{{c3::x}} {{c1::y}}", "Extra": "{{c2::z}}", "Source": "{{c700::w}}"})


@pytest.mark.parametrize(
    ("template", "extra"),
    [
        ("{{tts en_US:Extra}}", "x"),
        ("{{foo:tts en_US voices=a:cloze:Text}}", "x"),
        ("{{Extra}}", "[anki:tts lang=en_US]x[/anki:tts]"),
        ("[anki:foo a='b'][sound:{{Extra}}][/anki:foo]", "x"),
        ("{{Extra}}", "[latex]x[/latex]"),
        ("{{Extra}}", "[$]x[/$]"),
        ("{{text:Extra}}", "[$$]a<br>\nb[/$$]"),
        ("{{cloze:Extra}}", "{{c1::a}} {{c2::image-occlusion:rect:left=.1}}"),
        ("{{cloze-only:Extra}}", "{{c1::image-occlusion::h}}"),
    ],
)
def test_what_is_no_text_is_refused(anki: Anki, template: str, extra: str) -> None:
    # Anki takes it, and makes of it what is no text of the fields.
    assert anki.cards(template + CLOZE, CLOZE, {"Text": "{{c1::x}}", "Extra": extra})
    for pair in ((template, ""), ("", template)):
        with pytest.raises(UserError, match="cannot be shown"):
            rendering.card(*pair, {"Text": "{{c1::x}}", "Extra": extra}, 1)


def test_what_looks_like_speech_or_latex_and_is_none(anki: Anki) -> None:
    extra = "[latex] [/latex [$][/$] [$]a[$$][/$$] [anki:play:q:0] [anki:x] [/anki:tts] [SOUND:a] [[sound:a]]"
    front = "{{Extra}}{{ttsx:Source}}{{tts:Source}}{{tts en:}}{{tts en:foo:Source}}"
    check(anki, front + CLOZE, CLOZE, {"Text": "{{c1::x}}", "Extra": extra, "Source": "s"})


@pytest.mark.parametrize(
    "text",
    [
        "a {{c1::x <b>y</b>::h}} {{c1::x <b>y</b>}}",
        "{{c1::a &amp; b}} {{c2::z}} {{c1::q}}",
        "{{c1::a {{c2::in}} b}}",
        "{{c1::a<br>b}}",
        "{{c1::a&lt;b &gt;c&nbsp;d &quot;e&quot; it's}}",
        "{{c1:: x }}",
        "{{c2::x}}",
    ],
)
def test_what_should_have_been_typed(anki: Anki, text: str) -> None:
    collection = anki.collection
    expected = collection.compare_answer(collection.extract_cloze_for_typing(text, 1), "")
    question, answer = rendering.reviewed("[[type:cloze:Text]]", "a[[type:cloze:Text]]b", {"Text": text}, 1)
    assert answer == f"a<div>{expected}</div>b"
    assert "<input type=text id=typeans" in question


FRAGMENTS = ["{{c1::", "{{c2::", "{{c1,3::", "}}", "::", "a", "<b>", "&amp;", "\\(", "\\)", " "]
WORDS = [CLOZE, "{{cloze-only:Text}}", "{{text:cloze:Text}}", "{{text:Extra}}", "{{foo:Extra}}", "{{hint:Extra}}"]


def deletion(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds("{}{}{}}}}}".format, st.sampled_from(FRAGMENTS[:3]), parts, parts)


def section(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    names, signs = st.sampled_from(["Extra", "Text", "URL", "c1", "c2"]), st.sampled_from("#^")
    return st.builds("{{{{{1}{0}}}}}{2}{3}{{{{/{0}}}}}".format, names, signs, parts, parts)


# Sound deletions among fragments, so that most texts have one, and most broken ones stand beside or in it.
pieces = st.recursive(st.sampled_from(FRAGMENTS), deletion, max_leaves=6)
texts = st.lists(pieces, min_size=1, max_size=5).map("".join)
words = st.sampled_from([*WORDS, "{{Extra}}", "<i>", "<!--", "-->", "{", "}", " "])
bodies = st.lists(st.recursive(words, section, max_leaves=4), max_size=3).map("".join)


@settings(max_examples=1000, derandomize=True, deadline=None, database=None)
@given(texts, texts, bodies, bodies)
def test_random_texts_and_templates(anki: Anki, text: str, extra: str, front: str, back: str) -> None:
    from anki.errors import CardTypeError

    # The deletion that Anki insists on comes first, so that no comment hides it.
    front, back = CLOZE + front, CLOZE + "{{FrontSide}}" + back
    try:
        anki.note_type(front, back)
    except CardTypeError:
        # A comment hides one end of a section.
        with pytest.raises(UserError):
            rendering.card(front, back, {"Text": "{{c1::x}}", "Extra": "", "URL": ""}, 1)
        return
    check(anki, front, back, {"Text": text, "Extra": extra})
