"""The review page in a real browser: the real command behind it, and the real Anki after it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from browser import AXE, FAULTS, axe_path, opened
from conftest import import_deck
from project import Project
from reviewed import Reviewed

CARDS = 120
REGIONS = ("cortex", "thalamus", "insula", "amygdala", "striatum", "cerebellum", "hippocampus", "putamen")
MESSAGE = {"textContent": "Something is wrong.", "hidden": False}
VERBS = ("receives", "sends", "gates", "filters", "sums")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with opened() as browser:
        yield browser


@pytest.fixture
def project(tmp_path: Path, inside: Any) -> Project:
    made = Project(tmp_path / "project", inside)
    made.build()
    return made


@contextmanager
def page_of(browser: Any, server: Reviewed, width: int = 1280, scheme: str = "light") -> Iterator[Any]:
    """The page open, which may say nothing on the console and fetch nothing but from its server."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    page.set_default_timeout(10_000)
    noise: list[str] = []
    page.on("console", lambda message: noise.append(message.text))
    page.on("response", lambda r: noise.extend([r.url] if r.status == 404 else []))
    page.on("pageerror", lambda error: noise.append(str(error)))
    page.on("dialog", lambda dialog: noise.append(dialog.message))
    page.on("request", lambda r: noise.extend([] if r.url.startswith((server.url, "data:")) else [r.url]))
    page.goto(server.url)
    page.wait_for_selector("#cards iframe")
    page.noise = noise
    yield page
    assert noise == []
    context.close()


def says(page: Any, counts: str) -> None:
    """Wait until the page says so of its progress."""
    page.wait_for_function("words => document.getElementById('counts').textContent.includes(words)", arg=counts)


def settled(page: Any) -> None:
    """Wait until what was decided is done and the card is shown."""
    page.wait_for_selector("html[data-settled=true]")


def detailed(page: Any) -> None:
    """Wait until scores, findings and left-out sentences have come."""
    page.wait_for_selector("html[data-details]")


def gaps(page: Any, count: int) -> None:
    """Wait until the card has so many gaps."""
    page.wait_for_function(
        "count => new Set([...document.querySelectorAll('#words .gap')].map((word) => word.dataset.number)).size === count",
        arg=count,
    )


def cards(page: Any) -> list[Any]:
    """The frames of the cards, once they are filled."""
    page.wait_for_selector("#cards iframe", state="attached")
    frames = page.frames[1:]
    for frame in frames:
        frame.wait_for_url("**/card/**")
        frame.wait_for_load_state()
    return list(frames)


def on_record(project: Project) -> dict[str, Any]:
    """Each note of the project's record files, by guid."""
    files = [yaml.safe_load(path.read_text()) for path in sorted(project.records.rglob("[!.]*.yaml"))]
    return {note["guid"]: note for file in files for note in file["notes"]}


def status(project: Project, words: str) -> str:
    return next(str(note["status"]) for note in on_record(project).values() if words in note["sentence"])


def choose(page: Any, first: str, last: str) -> None:
    """Select words by keyboard, from the first to the last."""
    page.keyboard.press("g")
    texts = page.locator("#words > span").all_inner_texts()
    start = texts.index(first)
    end = texts.index(last, start)
    page.keyboard.press("Home")
    for _ in range(start):
        page.keyboard.press("ArrowRight")
    for _ in range(end - start):
        page.keyboard.press("Shift+ArrowRight")


def many(project: Project) -> None:
    """A source of 120 sentences that are cards."""
    lines = ["---", "title: Regions", "videoId: X4QE6t-MkYE", "---", ""]
    for i in range(CARDS):
        if i % 20 == 0:
            lines += [f"## Part {i // 20 + 1}", ""]
        region, verb = REGIONS[i % len(REGIONS)], VERBS[i // len(REGIONS) % len(VERBS)]
        seconds = f"[{i // 60:02}:{i % 60:02}:00]"
        lines += [f"The =={region} {i}== {verb} a signal of ==about {i + 2} volts== from unit {i} {seconds}.", ""]
    project.source.write_text("\n".join(lines))


def test_a_full_pass_by_keyboard_alone_arrives_in_anki(browser: Any, project: Project, collection: Any) -> None:
    many(project)
    project.build()
    before = on_record(project)
    assert len([n for n in before.values() if n["status"] == "auto"]) == CARDS
    with Reviewed(project.folder) as server, page_of(browser, server) as page:
        says(page, f"0 of {CARDS} reviewed")
        for i in range(CARDS):
            settled(page)
            if i % 10 == 3:
                page.keyboard.press("e")
                page.keyboard.press("Control+End")
                page.keyboard.type(f" Edited {i}.")
                page.keyboard.press("Control+Enter")
                settled(page)
                page.wait_for_selector("#editor", state="hidden")
            if i % 10 == 7:
                # What the second gap asks for is moved from the amount to the unit.
                choose(page, "unit", str(i))
                page.keyboard.press("2")
                settled(page)
                page.keyboard.press("Escape")
            page.keyboard.press("r" if i % 4 == 1 else "a")
            says(page, f"{i + 1} of {CARDS} reviewed")
        rejected = len(range(1, CARDS, 4))
        says(page, f"{CARDS} of {CARDS} reviewed · {CARDS - rejected} approved · {rejected} rejected · 0 left")
        page.keyboard.press("b")
        page.wait_for_selector("#built[open]")
        with page.expect_download() as download:
            page.locator("#fetch").press("Enter")
        package = project.folder / "fetched.apkg"
        download.value.save_as(package)
    assert package.read_bytes() == project.deck.read_bytes()
    import_deck(collection, package)
    found = {}
    for note_id in collection.find_notes("-tag:tmscards::orphan"):
        text = collection.get_note(note_id)["Text"]
        [number] = re.findall(r"from (?:\{\{c2::)?unit (\d+)", text)
        found[int(number)] = text
    assert set(found) == {i for i in range(CARDS) if i % 4 != 1}
    for i, text in found.items():
        region, verb = REGIONS[i % len(REGIONS)], VERBS[i // len(REGIONS) % len(VERBS)]
        asked = [f"about {i + 2} volts", f"unit {i}"]
        asked[i % 10 == 7] = f"{{{{c2::{asked[i % 10 == 7]}}}}}"
        wanted = f"The {{{{c1::{region} {i}}}}} {verb} a signal of {asked[0]} from {asked[1]}."
        assert text == wanted + (f" Edited {i}." if i % 10 == 3 else ""), i


def test_every_decision_can_be_taken_back_and_made_again(browser: Any, project: Project) -> None:
    begun = on_record(project)
    with Reviewed(project.folder) as server, page_of(browser, server) as page:
        settled(page)
        page.keyboard.press("a")
        says(page, "1 of 2 reviewed")
        settled(page)
        choose(page, "moves", "moves")
        page.keyboard.press("Enter")
        gaps(page, 2)
        page.keyboard.press("Escape")
        page.keyboard.press("t")
        page.keyboard.type(" mine")
        page.keyboard.press("Enter")
        settled(page)
        after = on_record(project)
        hand = next(n for n in after.values() if "hand" in n["sentence"])
        assert hand["own_tags"] == ["mine"]
        assert hand["text"].startswith("The {{c1::motor cortex}} {{c2::moves}} the")
        for _ in range(3):
            page.keyboard.press("u")
            settled(page)
        says(page, "0 of 2 reviewed")
        assert on_record(project) == begun
        assert page.locator("#undo").is_disabled()
        for _ in range(3):
            page.keyboard.press("Shift+U")
            settled(page)
        says(page, "2 of 2 reviewed")
        assert on_record(project) == after


def test_what_a_text_leaves_out_is_put_back_by_one_key(browser: Any, project: Project) -> None:
    aside = "making it easier to fall asleep after a long day"
    project.source.write_text(f"# Heart\n\nThe vagus nerve lowers the heart rate during slow breathing, {aside}.\n")
    project.build()
    with Reviewed(project.folder) as server, page_of(browser, server) as page:
        page.wait_for_function("() => document.getElementById('score').textContent !== '…'")
        settled(page)
        assert page.locator("#left-out").text_content() == f", {aside}"
        [short] = [note for note in on_record(project).values() if note["status"] != "orphan"]
        page.keyboard.press("w")
        settled(page)
        [whole] = [note for note in on_record(project).values() if note["status"] != "orphan"]
        assert whole["text"] == short["text"].replace(" breathing.", f" breathing, {aside}.")
        assert whole["whole"]
        assert page.locator("#put-back").is_hidden()
        page.keyboard.press("u")
        settled(page)
        assert short in on_record(project).values()


def test_gaps_are_hinted_and_taken_away_by_keyboard_and_mouse(browser: Any, project: Project) -> None:
    with Reviewed(project.folder) as server, page_of(browser, server) as page:
        settled(page)
        choose(page, "heart", "heart")
        page.keyboard.press("h")
        page.wait_for_selector("#asking[open]")
        page.keyboard.type("an organ")
        page.keyboard.press("Enter")
        page.wait_for_function("() => document.getElementById('status').textContent === 'Hint saved'")
        settled(page)
        choose(page, "heart", "heart")
        page.keyboard.press("h")
        page.wait_for_selector("#asking[open]")
        assert page.input_value("#asked") == "an organ"
        page.keyboard.press("Escape")
        assert any("{{c2::heart::an organ}}" in note["text"] for note in on_record(project).values())
        assert "[an organ]" in cards(page)[2].inner_text("#qa")
        page.keyboard.press("Escape")
        choose(page, "vagus", "vagus")
        page.keyboard.press("x")
        gaps(page, 1)
        [note] = [note for note in on_record(project).values() if "vagus" in note["text"]]
        assert note["dropped"] == {1: "vagus nerve"}
        # With the mouse, from one word to another, and the button below.
        first, last = page.locator("#words > span", has_text="few"), page.locator("#words > span", has_text="seconds")
        first.hover()
        page.mouse.down()
        last.hover()
        page.mouse.up()
        page.click("#gaps button >> text=Hide this")
        gaps(page, 2)
        [note] = [note for note in on_record(project).values() if "vagus" in note["text"]]
        assert "{{c3::few seconds}}" in note["text"]


def test_what_an_editor_changed_is_shown_and_not_overwritten(browser: Any, project: Project) -> None:
    file = project.records / "nerves.yaml"
    with Reviewed(project.folder) as server, page_of(browser, server) as page:
        settled(page)
        # Another note of the same file: merged.
        file.write_text(file.read_text().replace("of the other side", "of the opposite side"))
        page.keyboard.press("a")
        says(page, "2 of 2 reviewed")
        assert "of the opposite side" in file.read_text()
        assert status(project, "vagus") == "approved"
        # The same note: a conflict, and both texts are there to choose from.
        page.keyboard.press("k")
        settled(page)
        page.keyboard.press("e")
        page.keyboard.press("Control+End")
        page.keyboard.type(" Mine.")
        file.write_text(file.read_text().replace("slows", "calms"))
        page.keyboard.press("Control+Enter")
        page.wait_for_selector("#conflict[open]")
        assert "calms" in page.inner_text("#theirs")
        assert page.inner_text("#yours").endswith("Mine.")
        assert "Mine." not in file.read_text()
        page.locator("#conflict button[value=yours]").press("Enter")
        page.wait_for_selector("#editor", state="hidden")
        settled(page)
        assert "Mine." in file.read_text()
        # Without the editor: it says so, and shows what is on record.
        file.write_text(file.read_text().replace("Mine.", "Theirs."))
        page.evaluate("document.getElementById('reject').click()")
        page.wait_for_selector("#message:visible")
        assert "changed elsewhere" in page.inner_text("#message")
        assert "Theirs." in page.text_content("#list")
        assert status(project, "vagus") != "rejected"
        assert all("409 (Conflict)" in text for text in page.noise)
        page.noise.clear()


def test_a_file_that_an_editor_broke_is_named_and_left_alone(browser: Any, project: Project) -> None:
    file = project.records / "nerves.yaml"
    with Reviewed(project.folder) as server, page_of(browser, server) as page:
        settled(page)
        broken = file.read_text() + "  oops: [\n"
        file.write_text(broken)
        page.keyboard.press("a")
        page.wait_for_selector("#message:visible")
        assert re.search(r"nerves\.yaml:\d+: this is not valid YAML", page.inner_text("#message"))
        assert file.read_text() == broken
        page.noise.clear()


def test_another_page_is_told(browser: Any, project: Project) -> None:
    with Reviewed(project.folder) as server, page_of(browser, server) as page, page_of(browser, server) as other:
        settled(page)
        settled(other)
        page.keyboard.press("r")
        says(page, "1 of 2 reviewed")
        says(other, "1 of 2 reviewed")
        # Before it is told, its decisions about other notes are taken all the same.
        other.keyboard.press("j")
        settled(other)
        page.keyboard.press("a")
        says(page, "2 of 2 reviewed · 1 approved · 1 rejected")
        says(other, "2 of 2 reviewed · 1 approved · 1 rejected")


def test_a_killed_server_has_lost_nothing(browser: Any, project: Project) -> None:
    with Reviewed(project.folder) as server, page_of(browser, server) as page:
        settled(page)
        page.keyboard.press("a")
        says(page, "1 of 2 reviewed")
        server.kill()
        page.keyboard.press("r")
        page.wait_for_selector("#message:visible")
        assert "does not answer" in page.inner_text("#message")
        says(page, "1 of 2 reviewed")
        page.noise.clear()
    assert status(project, "vagus") == "approved"
    with Reviewed(project.folder) as server, page_of(browser, server) as page:
        says(page, "1 of 2 reviewed · 1 approved")


def test_a_left_out_sentence_becomes_a_card(browser: Any, project: Project) -> None:
    project.source.write_text(
        project.source.read_text() + "\nWe went there for a walk on that day. %% tmscards: skip %%\n\nIt was so.\n"
    )
    project.build()
    with Reviewed(project.folder) as server, page_of(browser, server) as page:
        detailed(page)
        page.keyboard.press("l")
        settled(page)
        # What is no statement, or left out by its author, cannot be one.
        assert page.locator("#list li").count() == 1
        assert page.inner_text("#sentence")
        choose(page, "so", "so")
        page.keyboard.press("Enter")
        says(page, "1 of 3 reviewed · 1 approved")
    assert "new" in project.tmscards("diff", code=1).stdout
    assert "1 new" in project.build()
    made = next(note for note in on_record(project).values() if note["sentence"] == "It was so.")
    assert (made["text"], made["status"]) == ("It was {{c1::so}}.", "approved")
    assert project.tmscards("diff").stdout


def test_a_filter_can_be_decided_about_at_once(browser: Any, project: Project) -> None:
    many(project)
    project.build()
    with Reviewed(project.folder) as server, page_of(browser, server) as page:
        detailed(page)
        page.select_option("#section", "Part 2")
        assert page.locator("#list li").count() == 20
        page.click("#reject-all")
        page.locator("#sure button[value=yes]").click()
        says(page, "20 of 120 reviewed · 0 approved · 20 rejected")
        page.select_option("#section", "")
        page.fill("#search", "insula")
        page.click("#approve-all")
        page.locator("#sure button[value=yes]").click()
        says(page, "33 of 120 reviewed · 15 approved · 18 rejected")
        page.click("#undo")
        page.click("#undo")
        says(page, "0 of 120 reviewed")


def test_what_a_note_holds_is_harmless_on_the_page(browser: Any, project: Project) -> None:
    evil = "<script>top.document.title='pwned'</script><img src=x onerror=\"top.document.title='pwned'\">"
    script = evil.partition("<img")[0]
    project.source.write_text(
        f'---\ntitle: "Nerves {evil.replace(chr(34), "")}"\ntags: [\'<img src=x onerror=alert(1)>\']\nurl: "javascript:alert(1)"\n---\n\n'
        f"## Heart {evil}\n\nThe ==vagus nerve== {script} slows the ==heart== [[Vagus|{evil}]] "
        "<a class='yt-timestamp' data-t='00:01:00' onclick='alert(1)' href='javascript:alert(1)'>[00:01:00]</a>.\n"
    )
    project.build()
    file = next(project.records.rglob("[!.]*.yaml"))
    data = yaml.safe_load(file.read_text())
    for note in data["notes"]:
        note["text"] += evil + '<a href="javascript:alert(1)">x</a><svg onload=alert(1)>'
        note["url"] = "javascript:alert(1)"
        note["tags"] = [re.sub(r"[\s\"]+", "/", evil)]
        note["context"] = [evil]
    file.write_text(yaml.safe_dump(data, allow_unicode=True))
    with Reviewed(project.folder) as server, page_of(browser, server) as page:
        settled(page)
        page.keyboard.press("Space")
        page.keyboard.press("g")
        page.keyboard.press("Escape")
        page.keyboard.press("e")
        page.keyboard.press("Escape")
        page.wait_for_timeout(300)
        assert page.title() == "Nerves: review"
        for frame in cards(page):
            assert (
                frame.evaluate(
                    "document.querySelectorAll('#qa script, #qa [onerror], #qa a[href^=\"javascript\"]').length"
                )
                == 0
            )
        assert page.locator("a[href^='javascript']").count() == 0
        # An image of Anki's media folder is not there, and not asked for.
        assert all("img-src data:" in text for text in page.noise)
        page.noise.clear()


def test_a_script_in_a_card_does_not_run_even_if_it_gets_there(browser: Any, project: Project) -> None:
    with Reviewed(project.folder) as server, page_of(browser, server) as page:
        settled(page)
        [frame, *_] = cards(page)
        page.evaluate("addEventListener('message', ({ data }) => data === 'pwned' && (document.title = data))")
        frame.evaluate(
            "document.getElementById('qa').innerHTML = '<img src=\"data:,\" onerror=\"parent.postMessage(`pwned`, `*`)\">'"
        )
        page.wait_for_timeout(300)
        assert page.title() == "Nerves: review"
        assert any("Content Security Policy" in text for text in page.noise)
        page.noise.clear()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_everybody_can_read_it(browser: Any, project: Project, width: int, scheme: str) -> None:
    project.source.write_text(project.source.read_text() + "\nIt was so.\n")
    project.build()
    with Reviewed(project.folder) as server, page_of(browser, server, width, scheme) as page:
        detailed(page)
        settled(page)
        axe = axe_path().read_text()

        def look() -> None:
            page.evaluate(axe)
            assert page.evaluate(AXE) == []

        look()
        assert page.evaluate(FAULTS) == []
        page.focus("#words")
        look()
        page.click("#edit")
        look()
        page.click("#cancel")
        for dialog in ("keys", "conflict", "sure", "asking", "built"):
            page.evaluate("id => document.getElementById(id).showModal()", dialog)
            look()
            page.evaluate("id => document.getElementById(id).close()", dialog)
        page.evaluate("message => Object.assign(document.getElementById('message'), message)", MESSAGE)
        look()
        page.keyboard.press("l")
        settled(page)
        look()
