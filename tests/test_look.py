"""How cards look in a real browser: in light and dark mode, on phone and computer, in both directions of writing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import make_pictures
import pytest

from browser import AXE, FAULTS, axe_path, opened
from conftest import ROOT
from tmscards.anki import note_types, templates
from tmscards.anki.note_types import FIELDS
from tmscards.domain import Guid, NoteType, Record

NAMES = ("default", "minimal", "typed", "clip", "print")
THEMES = make_pictures.THEMES
WIDTHS = {360: 740, 1280: 800}
"""The width of a phone and of a computer's window, with the height."""

ENGLISH = {
    "Text": "The {{c1::dorsolateral prefrontal cortex::which region}} is part of the frontal lobe (DLPFC).",
    "Context": "Transcranial magnetic stimulation › The target<br>The coil is placed over a region of the cortex.",
    "Extra": "My own words, with a <a href='https://example.org/'>link</a>.",
    "Source": "Transcranial magnetic stimulation",
    "URL": "https://www.youtube.com/watch?v=X4QE6t-MkYE&amp;t=952s",
    "Timestamp": "≈ 15:52",
    "Seconds": "952",
    "Video": "https://www.youtube.com/watch?v=X4QE6t-MkYE",
    "SeeAlso": "more on the DLPFC · other treatments",
    "Key": "k",
}
ARABIC = ENGLISH | {
    "Text": "يتحكم {{c1::الجهاز العصبي الذاتي}} في الأعضاء دون إرادة، ويقيس الباحثون HRV كل 24 ساعة.",
    "Context": "معدل ضربات القلب › الفرملة",
    "Extra": "كلماتي الخاصة.",
    "Source": "معدل ضربات القلب",
    "SeeAlso": "المزيد عن الجهاز العصبي",
}
LONG = ENGLISH | {
    "Text": (
        "{{c1::Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft}} and "
        "f(x)=∑_{n=0}^{∞}((−1)^n/(2n+1)!)·x^{2n+1}+O(x^{2n+3})≈sin(x)−ε·∂²u/∂x∂y→∫_{−∞}^{+∞}e^{−x²}dx=√π&#125;"
    ),
    "Context": "pneumonoultramicroscopicsilicovolcanoconiosis" * 2,
    "Extra": "<pre>if a_very_long_name_of_a_function(and_its_argument): return and_a_result</pre><table><tr>"
    + "<td>Überwachungsaufgabenübertragung</td>" * 4
    + "</tr></table>",
    "Source": "https://example.org/a-source-without-a-title/that-is-an-address-as-long-as-they-come/index.html",
    "Timestamp": "≈ 123:45:67",
    "SeeAlso": "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz",
}
TEXTS = {"english": ENGLISH, "arabic": ARABIC, "long": LONG}

SHELL = """
body { margin: 20px; overflow-wrap: break-word; }
body.nightMode { background-color: #2c2c2c; color: #fcfcfc; }
button { outline: none !important; margin: 0 4px; border: 1px solid #ccc; background: #fff; }
.typeGood { background: #afa; color: #000; }
.typeBad { background: #faa; color: #000; }
.typeMissed { background: #ccc; color: #000; }
"""
"""What Anki's own style sheet says, as far as a template's has to get along with it."""


class Screen:
    """One page of a browser that is off the network; what it would have fetched is noted."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.fetched: list[str] = []
        page.route("**/*", self._refuse)
        page.add_script_tag(path=axe_path())

    def _refuse(self, route: Any) -> None:
        self.fetched.append(route.request.url)
        route.abort()

    def show(self, side: str, theme: str = "light", width: int = 360) -> Any:
        """Show a side of a card as Anki does; the page."""
        if self.page.viewport_size["width"] != width:
            self.page.set_viewport_size({"width": width, "height": WIDTHS[width]})
        self.fetched.clear()
        self.page.set_content(
            f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Anki</title><style>{SHELL}</style></head>'
            f'<body class="card card1 {THEMES[theme]}"><div id="qa" dir="auto">{side}</div></body></html>'
        )
        return self.page


@pytest.fixture(scope="module")
def screen() -> Iterator[Screen]:
    with opened() as browser:
        yield Screen(browser.new_page())


class Reviewer:
    """The real Anki, with a cloze note type that can take the looks of any template."""

    def __init__(self, collection: Any) -> None:
        self.collection = collection
        model = collection.models.new("look")
        model["type"] = 1
        for name in FIELDS:
            collection.models.add_field(model, collection.models.new_field(name))
        card = collection.models.new_template("Cloze")
        card["qfmt"] = card["afmt"] = "{{cloze:Text}}"
        collection.models.add_template(model, card)
        collection.models.add(model)

    def sides(self, note_type: NoteType, fields: Mapping[str, str], typed: str = "") -> tuple[str, str]:
        """Question and answer of a note's first card, as Anki's reviewer shows them."""
        note = self.collection.new_note(self.collection.models.by_name("look"))
        for name, value in fields.items():
            note[name] = value
        self.collection.add_note(note, 1)
        make_pictures.wear(self.collection, note.cards()[0], note_type)
        card = self.collection.get_card(note.cards()[0].id)
        answer = make_pictures.compare(self.collection, card, card.answer(), typed)
        return make_pictures.ask(card.question()), answer


@pytest.fixture(scope="module")
def reviewer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reviewer]:
    from anki.collection import Collection

    with closing(Collection(str(tmp_path_factory.mktemp("look") / "collection.anki2"))) as collection:
        yield Reviewer(collection)


def template(name: str, **options: str) -> NoteType:
    return templates.load(name, ROOT, options).note_type


def test_every_template_that_comes_along_is_looked_at() -> None:
    assert sorted(NAMES) == sorted(templates.folders(Path("nowhere")))
    ids = {name: templates.load(name, Path("nowhere")).settings.id for name in NAMES}
    assert ids == dict(zip(NAMES, range(1753029310001, 1753029310006), strict=True)), "Anki knows them by these"


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_cut_or_faint_or_in_the_way(
    screen: Screen, reviewer: Reviewer, *, name: str, text: str, width: int, theme: str
) -> None:
    for side in reviewer.sides(template(name, context="before", see_also="shown"), TEXTS[text], "dorsal prefontal"):
        page = screen.show(side, theme, width)
        assert page.evaluate(FAULTS) == []
        assert page.evaluate(AXE) == []
        assert screen.fetched == [], "a card needs no network"


def test_what_is_wrong_is_seen(screen: Screen) -> None:
    """The checks themselves: each finds what it is for."""
    wrong = {
        "has a contrast of": '<p style="color: #888">faint</p>',
        "is cut": '<p style="overflow: hidden; width: 9em; white-space: nowrap">cut off where it is too long</p>',
        "is outside": '<p style="position: absolute; left: -9em; white-space: nowrap">outside of the window</p>',
        "scrolls sideways": '<p style="width: 99em">wide</p>',
        "is faded": '<p style="opacity: 0.9">faded</p>',
        "nothing is shown": "<p hidden>hidden</p>",
    }
    for fault, html in wrong.items():
        assert fault in " ".join(screen.show(html).evaluate(FAULTS))
    assert "label" in screen.show("<input>").evaluate(AXE)[0]


@pytest.mark.parametrize("name", NAMES)
def test_arabic_is_set_from_right_to_left(screen: Screen, reviewer: Reviewer, name: str) -> None:
    for side in reviewer.sides(template(name), ARABIC):
        page = screen.show(side)
        assert page.evaluate("getComputedStyle(document.querySelector('main')).direction") == "rtl"
        if name != "minimal":  # Its lines are centred.
            gaps = page.evaluate(
                """() => {
                  const box = document.querySelector("main").getBoundingClientRect(), range = document.createRange();
                  range.selectNodeContents(document.querySelector(".statement"));
                  const first = range.getClientRects()[0];
                  return [box.right - first.right, first.left - box.left];
                }"""
            )
            assert gaps[0] < 2 < gaps[1] + 2, "it begins at the right edge"
    if name == "default":
        edges = page.evaluate(
            "['.backlink', '.source'].map((s) => document.querySelector(s).getBoundingClientRect().left)"
        )
        assert edges[0] > edges[1], "the link stands right of the source"


@pytest.mark.parametrize("name", NAMES)
def test_the_language_of_a_source_decides_where_the_first_letters_do_not(
    screen: Screen, reviewer: Reviewer, name: str
) -> None:
    record = Record(Guid("k"), "fact", "auto", "TMS تحفّز {{c1::الخلايا العصبية}} دون جراحة.", "", 1, 0, "")
    for lang, direction in {"ar": "rtl", "": "ltr"}.items():
        fields = dict(zip(FIELDS, note_types.fields(record, "TMS", lang), strict=True))
        for side in reviewer.sides(template(name), fields):
            page = screen.show(side)
            assert page.evaluate("getComputedStyle(document.querySelector('main')).direction") == direction
            assert page.evaluate(AXE) == []


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("theme", THEMES)
def test_focus_is_seen(screen: Screen, reviewer: Reviewer, name: str, theme: str) -> None:
    for side in reviewer.sides(template(name), ENGLISH):
        page = screen.show(side, theme)
        stops = page.locator("a, button, input, [tabindex]")
        for stop in [stops.nth(i) for i in range(stops.count())]:
            page.keyboard.press("Tab")
            assert stop.evaluate("(e) => e === document.activeElement")
            outline = stop.evaluate("(e) => { const s = getComputedStyle(e); return [s.outlineStyle, s.outlineWidth] }")
            assert outline[0] == "solid"
            assert outline[1] in ("2px", "3px")


@pytest.mark.parametrize("name", NAMES)
def test_options_show_and_hide(screen: Screen, reviewer: Reviewer, name: str) -> None:
    shown = {"before": [True, True], "after": [False, True], "none": [False, False]}
    for context, expected in shown.items():
        sides = reviewer.sides(template(name, context=context, see_also="hidden"), ENGLISH)
        assert [screen.show(side).locator(".context").is_visible() for side in sides] == expected
        assert not screen.page.locator(".see-also").is_visible()
    _, answer = reviewer.sides(template(name, see_also="shown", accent="#123456", font="Courier"), ENGLISH)
    page = screen.show(answer)
    assert page.locator(".see-also").is_visible()
    assert page.evaluate("getComputedStyle(document.querySelector('.cloze')).color") == "rgb(18, 52, 86)"
    assert page.evaluate("getComputedStyle(document.querySelector('main')).fontFamily") == "Courier"


@pytest.mark.parametrize("name", NAMES)
def test_a_note_of_a_text_alone_looks_whole(screen: Screen, reviewer: Reviewer, name: str) -> None:
    for side in reviewer.sides(template(name), {"Text": "The {{c1::coil}} is cold."}):
        page = screen.show(side)
        assert page.evaluate(FAULTS) == []
        assert page.evaluate(AXE) == []
        assert page.locator("a, button").count() == 0


@pytest.mark.parametrize("name", NAMES)
def test_links_say_where_they_lead(screen: Screen, reviewer: Reviewer, name: str) -> None:
    _, answer = reviewer.sides(template(name), ENGLISH)
    link = screen.show(answer).get_by_role("link", name=re.compile("recording at ≈ 15:52", re.I))
    assert link.get_attribute("href") == "https://www.youtube.com/watch?v=X4QE6t-MkYE&t=952s"
    _, answer = reviewer.sides(template(name), ENGLISH | {"Timestamp": "", "Seconds": ""})
    assert screen.show(answer).get_by_role("link", name=re.compile("recording$", re.I)).is_visible()


def test_the_answer_is_typed_and_compared(screen: Screen, reviewer: Reviewer) -> None:
    question, answer = reviewer.sides(template("typed"), ENGLISH, "dorsal prefrontal cortex")
    assert screen.show(question).get_by_role("textbox", name="Your answer").is_visible()
    page = screen.show(answer)
    assert page.locator("code#typeans").is_visible()
    assert page.locator(".typeMissed").last.inner_text() == "olater"
    for name in set(NAMES) - {"typed"}:
        assert "typeans" not in "".join(reviewer.sides(template(name), ENGLISH)), name


def clip(screen: Screen, reviewer: Reviewer, video: str, end: str = "") -> Any:
    """The answer of a card about a recording."""
    _, answer = reviewer.sides(template("clip"), ENGLISH | {"Video": video, "URL": video, "Reserve1": end})
    return screen.show(answer)


@pytest.mark.parametrize(
    ("video", "kind", "expected", "end"),
    [
        (
            "https://www.youtube.com/watch?v=X4QE6t-MkYE",
            "iframe",
            "https://www.youtube-nocookie.com/embed/X4QE6t-MkYE?autoplay=1&playsinline=1&rel=0&start=952",
            "",
        ),
        (
            "https://www.youtube.com/watch?v=X4QE6t-MkYE",
            "iframe",
            "https://www.youtube-nocookie.com/embed/X4QE6t-MkYE?autoplay=1&playsinline=1&rel=0&start=952&end=970",
            "970",
        ),
        ("https://vimeo.com/76979871", "iframe", "https://player.vimeo.com/video/76979871?autoplay=1&dnt=1#t=952s", ""),
        (
            "https://vimeo.com/76979871/8272103f6e",
            "iframe",
            "https://player.vimeo.com/video/76979871?autoplay=1&dnt=1&h=8272103f6e#t=952s",
            "",
        ),
        ("https://example.org/talk.MP3?key=1", "audio", "https://example.org/talk.MP3?key=1#t=952", ""),
        ("https://example.org/talk.webm", "video", "https://example.org/talk.webm#t=952,970", "970"),
    ],
)
def test_the_recording_plays_when_asked_to_and_not_before(
    screen: Screen, reviewer: Reviewer, video: str, kind: str, expected: str, end: str
) -> None:
    page = clip(screen, reviewer, video, end)
    button = page.get_by_role("button", name="Play from ≈ 15:52")
    assert page.locator("iframe, audio, video").count() == 0
    assert screen.fetched == []
    # What is asked for is taken down before it fails, which takes the player away.
    page.evaluate(
        """() => new MutationObserver((changes) => {
          const made = changes.flatMap((c) => [...c.addedNodes]).filter((n) => n.nodeType === 1)[0];
          if (made) window.made = [made, ...made.querySelectorAll("*")].map((e) => [e.localName, e.src]);
        }).observe(document.querySelector(".clip"), { childList: true })"""
    )
    button.click()
    assert [kind, expected] in page.evaluate("window.made")
    page.wait_for_timeout(100)
    assert screen.fetched == [expected.partition("#")[0]]
    assert page.get_by_role("link", name="Open the recording").is_visible()
    if kind == "iframe":
        assert page.evaluate(FAULTS) == []
        page.get_by_role("button", name="Close the player").click()
    else:
        assert page.get_by_role("status").inner_text() == "It cannot be played here; the link below opens it."
    assert page.locator("iframe, audio, video").count() == 0
    assert button.is_visible()


@pytest.mark.parametrize("video", ["https://example.org/talks/mp3", "https://youtube.org/watch?v=X4QE6t-MkYE"])
def test_a_recording_that_cannot_be_played_has_its_link(screen: Screen, reviewer: Reviewer, video: str) -> None:
    page = clip(screen, reviewer, video)
    assert page.get_by_role("button").count() == 0
    assert page.get_by_role("link", name="Open the recording").is_visible()


def test_a_card_is_printed_black_on_white(screen: Screen, reviewer: Reviewer) -> None:
    _, answer = reviewer.sides(template("print"), ENGLISH)
    page = screen.show(answer, "dark")
    page.emulate_media(media="print")
    try:
        colours = page.evaluate(
            "[...document.querySelectorAll('main, main *')].map((e) => getComputedStyle(e).color).concat("
            "getComputedStyle(document.body).backgroundColor)"
        )
    finally:
        page.emulate_media(media="screen")
    assert colours.pop() == "rgb(255, 255, 255)"
    assert set(colours) == {"rgb(0, 0, 0)"}


TOO_NEW = re.compile(
    r"color-mix|:has\(|:is\(|:where\(|aspect-ratio|\binset\b|(?<!-)\bgap:|&|"
    r"(?:margin|padding)-(?:inline|block):|\?\?=|replaceChildren|replaceAll"
)


@pytest.mark.parametrize("name", NAMES)
def test_old_web_views_know_every_word_of_it(name: str) -> None:
    """Anki 2.1.55 has a browser of 2020, Chromium 83."""
    css = re.sub(r"/\*.*?\*/", "", template(name).css, flags=re.S)
    script = "".join(re.findall(r"<script>.*</script>", template(name).back, re.S)).replace("&", "")
    assert TOO_NEW.findall(css + script) == []
