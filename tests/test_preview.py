"""The preview page in a real browser, its cards compared with those the real Anki shows for the same package."""

from __future__ import annotations

import itertools
import json
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import make_pictures
import pytest

from browser import AXE, FAULTS, axe_path, opened
from conftest import ROOT, import_deck
from tmscards.anki import templates

Command = Callable[..., Any]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with opened() as browser:
        yield browser


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The sample deck with its records, and not built anew."""
    shutil.copytree(ROOT / "decks", tmp_path / "decks", ignore=shutil.ignore_patterns("*.html", "*.apkg"))
    shutil.copytree(ROOT / "notes", tmp_path / "notes")
    return tmp_path


@contextmanager
def page_of(browser: Any, path: Path, width: int = 1280, scheme: str = "light") -> Iterator[Any]:
    """The page open, which may say nothing on the console and fetch nothing but itself."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    noise: list[str] = []
    page.on("console", lambda message: noise.append(message.text))
    page.on("pageerror", lambda error: noise.append(str(error)))
    page.on("dialog", lambda dialog: noise.append(dialog.message))
    page.on("request", lambda request: noise.append(request.url))
    page.goto(path.as_uri())
    assert noise.pop(0) == path.as_uri()
    yield page
    assert noise == []
    context.close()


def data_of(path: Path) -> Any:
    [text] = re.findall(r'<script type="application/json" id="data">(.*?)</script>', path.read_text("utf-8"), re.S)
    return json.loads(text)


@pytest.mark.parametrize("template", templates.folders(ROOT))
def test_the_page_shows_the_cards_that_anki_shows(
    tmscards: Command, project: Path, collection: Any, template: str
) -> None:
    assert tmscards("build", cwd=project).returncode == 0
    assert tmscards("preview", "--template", template, cwd=project).stdout == f"wrote {Path('decks', 'tms.html')}\n"
    page = data_of(project / "decks" / "tms.html")
    import_deck(collection, project / "decks" / "tms.apkg")
    looks = templates.load(template, project).note_type
    shown = {}
    for note in page["sources"]:
        for card in note["cards"]:
            shown[card["front"], card["back"]] = card["number"]
    cards = [collection.get_card(i) for i in collection.find_cards("")]
    make_pictures.wear(collection, cards[0], looks)
    expected = {}
    for known in cards:
        card = collection.get_card(known.id)
        output = card.render_output()
        typed = collection.compare_answer(collection.extract_cloze_for_typing(card.note()["Text"], card.ord + 1), "")
        question = make_pictures.ask(output.question_text)
        expected[question, output.answer_text.replace("[[type:cloze:Text]]", f"<div>{typed}</div>")] = card.ord + 1
    if template == "typed":
        shown = {(make_pictures.ask("[[type:cloze:Text]]").join(_around_field(q)), a): n for (q, a), n in shown.items()}
    assert shown == expected
    assert page["css"] == looks.css


def _around_field(question: str) -> list[str]:
    """What stands around the line to type in, which Anki gives a size and font."""
    return re.split(r"<center><input [^>]*></center>", question)


def test_a_deck_is_gone_through(tmscards: Command, project: Path, browser: Any) -> None:
    tmscards("preview", cwd=project)
    path = project / "decks" / "tms.html"
    cards = [card for source in data_of(path)["sources"] for card in source["cards"]]
    with page_of(browser, path) as page:
        rows = page.locator("#list button")
        assert rows.count() == len(cards)
        assert page.get_by_role("status").inner_text() == f"{len(cards)} cards"
        panes = page.locator("iframe")
        assert panes.count() == 8

        def question(kind: str = "question, light, phone") -> str:
            frame = page.frame_locator(f"iframe[title='{kind}']")
            return str(frame.locator(".statement").inner_text())

        def current() -> int:
            [index] = page.eval_on_selector_all(
                "#list button", "all => all.flatMap((b, i) => b.ariaCurrent === 'true' ? [i] : [])"
            )
            return int(index)

        assert question() == cards[0]["asks"]
        assert cards[0]["answer"] in question("answer, dark, desktop")
        page.keyboard.press("j")
        page.keyboard.press("ArrowRight")
        assert (current(), question()) == (2, cards[2]["asks"])
        page.keyboard.press("k")
        assert (current(), question()) == (1, cards[1]["asks"])
        page.get_by_role("button", name="Next").click()
        page.get_by_role("button", name="Previous").click()
        rows.nth(3).click()
        assert (current(), question()) == (3, cards[3]["asks"])
        assert page.locator("#where").inner_text() == f"{data_of(path)['sources'][0]['path']}:{cards[3]['line']}"
        assert page.get_by_role("link", name="Recording at").get_attribute("href") == cards[3]["url"]

        page.keyboard.press("/")
        page.keyboard.type("SAINT learning")
        found = [c for c in cards if "spaced learning theory" in (c["asks"] + c["answer"]).lower()]
        assert 0 < rows.count() < len(cards)
        assert page.get_by_role("status").inner_text() == f"{rows.count()} of {len(cards)} cards"
        assert all(c["asks"] in page.locator("#list").inner_text() for c in found[:1])
        page.get_by_role("searchbox").fill("no such words")
        assert not page.locator("main").is_visible()
        page.get_by_role("searchbox").fill("")
        page.keyboard.press("Escape")

        for name in ("dark", "desktop", "answer"):
            page.get_by_role("button", name=name, exact=True).click()
        assert [f.get_attribute("title") for f in panes.all() if f.is_visible()] == ["question, light, phone"]


def test_the_timeline_shows_where_cards_are_and_jumps_to_them(tmscards: Command, project: Path, browser: Any) -> None:
    tmscards("preview", cwd=project)
    path = project / "decks" / "tms.html"
    cards = [card for source in data_of(path)["sources"] for card in source["cards"]]
    with page_of(browser, path) as page:
        timeline = page.get_by_role("group", name="Timeline")
        marks = timeline.get_by_role("button")
        seconds = [c["seconds"] for c in cards if c["recording"] == cards[0]["recording"]]
        told = [len(m.get_attribute("data-cards").split()) for m in marks.all()]
        assert sum(told) == len(seconds)
        assert 1 < len(told) <= len(set(seconds))
        # A mark stands where the second of its first card is, and none on another.
        track = page.locator(".track").bounding_box()
        places = []
        for mark in marks.all():
            box, first = mark.bounding_box(), int(mark.get_attribute("data-cards").split()[0])
            places.append(box["x"] + box["width"] / 2 - track["x"])
            assert places[-1] / track["width"] == pytest.approx(cards[first]["seconds"] / max(seconds), abs=0.01)
        assert all(b - a >= 11 for a, b in itertools.pairwise(places))
        marks.first.click()
        there = [c["asks"] for c in sorted(cards, key=lambda c: c["seconds"])]
        statement = page.frame_locator("iframe[title='question, light, phone']").locator(".statement")
        assert statement.inner_text() == there[0]
        # Pressed again, it goes on to the next card of its place.
        marks.first.click()
        assert statement.inner_text() == there[1]
        assert marks.first.get_attribute("aria-current") == "true"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_is_cut_or_faint_or_in_the_way(
    tmscards: Command, project: Path, browser: Any, width: int, scheme: str
) -> None:
    tmscards("preview", cwd=project)
    with page_of(browser, project / "decks" / "tms.html", width, scheme) as page:
        page.locator("iframe:visible").first.scroll_into_view_if_needed()
        page.frame_locator("iframe:visible").first.locator(".statement").wait_for()
        # The page lets no other script in.
        page.evaluate(axe_path().read_text("utf-8"))
        assert page.evaluate(FAULTS) == []
        assert page.evaluate(AXE) == []
        frames = page.locator("iframe:visible")
        for i in range(frames.count()):
            box, inner = frames.nth(i).bounding_box(), frames.nth(i).locator("..").bounding_box()
            assert box["width"] <= inner["width"] + 1, "the card fits its pane"


def test_it_is_printed_as_a_sheet(tmscards: Command, project: Path, browser: Any) -> None:
    tmscards("preview", cwd=project)
    path = project / "decks" / "tms.html"
    with page_of(browser, path, scheme="dark") as page:
        page.emulate_media(media="print")
        assert not page.locator("iframe").first.is_visible()
        sources = data_of(path)["sources"]
        assert page.locator("caption").all_inner_texts() == [s["title"] for s in sources]
        rows = [[c["asks"], c["answer"], c["time"]] for s in sources for c in s["cards"]]
        assert [r.locator("td").all_inner_texts() for r in page.locator("tbody tr").all()] == rows
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert page.pdf().startswith(b"%PDF")


EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"


def test_what_notes_and_templates_hold_is_harmless(
    tmscards: Command, write: Callable[[str, str], Path], tmp_path: Path, browser: Any
) -> None:
    note = f"""---
title: "{EVIL}"
url: https://example.org/talk.mp3
---
# {EVIL}

The coil {EVIL} makes {{{{c1::a field <b onclick=alert(3)>of</b> one tesla}}}} in the cortex. [javascript:alert(4)](javascript:alert(5)) (00:05)
"""
    write("notes/evil.md", note)
    tmscards("template", "new", "ours", "--from", "typed")
    ours = tmp_path / "templates" / "ours"
    (ours / "logo.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" width="7" height="5"/>')
    front = (ours / "front.html").read_text()
    (ours / "front.html").write_text(
        f"{front}<img id=logo src='logo.svg' alt='Logo'><p id=says>waits</p><script>"
        "try { parent.document.title = 'taken' } catch { document.getElementById('says').textContent = 'kept out' }"
        "</script>"
    )
    with (ours / "style.css").open("a") as css:
        css.write(".logo { background: url('logo.svg') }\n")
    write("decks/a.yaml", "deck: A\ntemplate: ours\n")
    tmscards("build")
    tmscards("preview")
    with page_of(browser, tmp_path / "decks" / "a.html") as page:
        assert page.title() == "A: preview"
        assert page.locator("#title").inner_text() == EVIL
        frame = page.frame_locator("iframe[title='question, light, phone']")
        assert frame.locator("#says").inner_text() == "kept out"
        assert frame.locator("#logo").evaluate("e => [e.naturalWidth, e.naturalHeight]") == [7, 5]
        assert frame.get_by_role("textbox", name="Your answer").is_visible()
        answer = page.frame_locator("iframe[title='answer, light, phone']")
        assert answer.locator("code#typeans").inner_text() == "a field of one tesla"
        assert "_tmscards-" not in (tmp_path / "decks" / "a.html").read_text()


def test_a_card_runs_and_applies_only_what_its_template_has(
    tmscards: Command, write: Callable[[str, str], Path], tmp_path: Path, browser: Any
) -> None:
    write(
        "notes/a.md", "---\nurl: https://example.org/talk.mp3\n---\nThe ==coil== makes a field of one tesla. (00:05)\n"
    )
    tmscards("template", "new", "ours")
    ours = tmp_path / "templates" / "ours"
    css = (ours / "style.css").read_text()
    (ours / "style.css").write_text(css + "\n.own { color: rgb(1, 2, 3); }\n")
    (ours / "front.html").write_text(
        """{{cloze:Text}}<style>.page { color: rgb(4, 5, 6); }</style><p class="own">a</p><p class="page">b</p>
        <p class="marked" style="color: rgb(7, 8, 9)">c</p><p class="field" style="color: {{Key}}">d</p>{{hint:Source}}
        <script>document.querySelector(".own").dataset.ran = "1";</script>
        <script type="text/javascript">document.querySelector(".page").dataset.ran = "{{Key}}";</script>
        <p class="pressed" onclick="this.dataset.ran = 1">e</p><form action="https://x.invalid"><button>f</button></form>
        <a class="away" href="https://x.invalid" target="_blank">g</a><a class="run" href="javascript:document.title = 1">h</a>
        <iframe src="https://x.invalid"></iframe><img alt="" src="https://x.invalid/a.png">
        """
    )
    # This goes nowhere, and the side of the card that has it stays empty.
    (ours / "back.html").write_text('{{cloze:Text}}<meta http-equiv="refresh" content="0; url=https://x.invalid">')
    tmscards("build", "--template", "ours")
    tmscards("preview", "--template", "ours")
    [path] = (tmp_path / "decks").glob("*.html")
    assert "unsafe-inline" not in path.read_text("utf-8")
    assert "allow-popups" not in path.read_text("utf-8")
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    opened: list[str] = []
    asked: list[str] = []
    stopped: list[str] = []
    page = context.new_page()
    context.on("page", lambda new: opened.append(new.url))
    context.on("request", lambda request: asked.append(request.url))
    # Chromium may tell of a request that the policy has stopped before it was one.
    context.on("requestfailed", lambda request: stopped.append(request.url) if request.failure == "csp" else None)
    page.goto(path.as_uri())
    card = page.frame_locator("iframe[title='question, light, phone']")

    def colour(kind: str) -> str:
        return str(card.locator(kind).evaluate("e => getComputedStyle(e).color"))

    assert [colour(".own"), colour(".page"), colour(".marked")] == ["rgb(1, 2, 3)", "rgb(4, 5, 6)", "rgb(7, 8, 9)"]
    assert colour(".field") == colour(".pressed")
    hint = card.locator("div.hint")
    assert not hint.is_visible()
    for kind, key in (
        ("a.hint", "Enter"),
        ("button", "Enter"),
        (".away", "Enter"),
        (".away", "Control+Enter"),
        (".run", "Enter"),
    ):
        card.locator(kind).evaluate("e => e.focus()")
        page.keyboard.press(key)
    card.locator(".pressed").evaluate("e => e.click()")
    page.wait_for_timeout(300)
    assert hint.is_visible()
    assert card.locator(".own").get_attribute("data-ran") == "1"
    assert card.locator(".page").get_attribute("data-ran") is None, "a script with a field in it is not the template's"
    assert card.locator(".pressed").get_attribute("data-ran") is None
    assert ([url for url in asked if url not in stopped], opened) == ([path.as_uri()], [])
    context.close()


def test_the_recording_is_opened_from_the_page_and_from_the_card(
    tmscards: Command, write: Callable[[str, str], Path], tmp_path: Path, browser: Any
) -> None:
    write(
        "notes/a.md", "---\nurl: https://example.org/talk.mp3\n---\nThe ==coil== makes a field of one tesla. (00:05)\n"
    )
    tmscards("build")
    tmscards("preview")
    [path] = (tmp_path / "decks").glob("*.html")
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.route("https://example.org/**", lambda route: route.fulfill(body="talk"))
    page = context.new_page()
    page.goto(path.as_uri())
    answer = page.frame_locator("iframe[title='answer, light, phone']")
    url = data_of(path)["sources"][0]["cards"][0]["url"]
    with context.expect_page() as recording:
        page.get_by_role("link", name="Recording at").click()
    assert recording.value.url == url
    with context.expect_page() as recording:
        answer.locator(".backlink").evaluate("e => e.focus()")
        page.keyboard.press("Enter")
    assert recording.value.url == url
    # A card that asks for anything else is not heard.
    opened: list[str] = []
    context.on("page", lambda new: opened.append(new.url))
    answer.locator("body").evaluate("() => parent.postMessage({ link: 'https://example.org/other' }, '*')")
    page.wait_for_timeout(300)
    assert opened == []
    assert answer.locator(".statement").is_visible()
    context.close()


def test_a_deck_that_was_never_built(tmscards: Command, write: Callable[[str, str], Path]) -> None:
    write("decks/a.yaml", "deck: A\n")
    write("notes/a.md", "The coil makes a field.\n")
    assert tmscards("preview", code=1).stderr == (
        "decks/a.apkg: there is no deck to show yet (build it first: tmscards build)\n"
    )


def test_a_page_that_cannot_be_written(tmscards: Command, project: Path) -> None:
    (project / "decks" / "tms.html").mkdir()
    (project / "decks" / "tms.html" / "mine.txt").touch()
    assert "decks/tms.html: this file cannot be written" in tmscards("preview", cwd=project, code=1).stderr
    assert sorted(p.name for p in (project / "decks").glob("*tms*")) == ["tms", "tms.html", "tms.yaml"]


def test_rejected_cards_are_not_shown(tmscards: Command, project: Path) -> None:
    record = project / "decks" / "tms" / "saint_protocol.yaml"
    record = record if record.exists() else sorted((project / "decks" / "tms").glob("*.yaml"))[-1]
    tmscards("preview", cwd=project)
    before = (project / "decks" / "tms.html").read_text()
    [text] = re.findall(r"sentence: (.{20,40})", record.read_text())[:1]
    record.write_text(record.read_text().replace("status: auto", "status: rejected", 1))
    tmscards("preview", cwd=project)
    after = (project / "decks" / "tms.html").read_text()
    assert text.strip("'\"") in before
    assert len(after) < len(before)
