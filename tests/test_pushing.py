"""Pushing a deck into a running Anki: the real Anki, in each version, behind what AnkiConnect documents of its API."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from anki_versions import VERSIONS
from project import Project, Run
from tmscards.anki.connect import Connection

SCRIPT = Path(__file__).with_name("ankiconnect.py")
SENTENCE = "The ==vagus nerve== slows the ==heart== within a few seconds [00:01:00].\n"

pytestmark = pytest.mark.process


class Anki:
    """A running Anki, and how to ask it."""

    def __init__(self, python: Path, folder: Path, *args: str) -> None:
        command = [str(python), str(SCRIPT), str(folder / "learner.anki2"), *args]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self.process.stdout
        self.url = f"http://127.0.0.1:{int(self.process.stdout.readline())}"
        self.ask = Connection(self.url, *args).ask

    def guid(self, word: str) -> str:
        notes = self.ask("test:state")["notes"]
        [guid] = [guid for guid, note in notes.items() if word in note["fields"]["Text"]]
        return str(guid)


@pytest.fixture(params=VERSIONS, ids=[version for version, _ in VERSIONS])
def anki(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Anki]:
    running = Anki(request.param[1], tmp_path)
    yield running
    running.process.kill()
    running.process.wait()


@pytest.fixture
def project(tmp_path: Path, inside: Run) -> Project:
    return Project(tmp_path / "project", inside)


def test_push_edit_push_and_delete(anki: Anki, project: Project) -> None:
    def push(*args: str) -> str:
        return project.tmscards("push", "--url", anki.url, *args).stdout

    assert "Nerves: 2 added, 0 updated, 0 unchanged in Anki" in push()
    vagus, cortex = anki.guid("vagus"), anki.guid("cortex")
    anki.ask("test:review", guid=vagus, ord=0, ease=3)
    anki.ask("test:edit", guid=cortex, field="Extra", text="mine")
    assert "Nerves: 0 added, 0 updated, 2 unchanged in Anki" in push()
    project.edit("a few seconds", "some seconds")
    assert "Nerves: 0 added, 1 updated, 1 unchanged in Anki" in push()
    state = anki.ask("test:state")["notes"]
    assert "some seconds" in state[vagus]["fields"]["Text"]
    assert state[vagus]["cards"]["0"]["reviews"] == 1
    assert state[cortex]["fields"]["Extra"] == "mine"
    project.edit(SENTENCE.replace("a few", "some"), "")
    said = push()
    assert "1 note in Anki is no longer in the deck:" in said
    assert "The vagus nerve slows the heart within some seconds." in said
    assert "--delete-orphans" in said
    said = push("--delete-orphans", "--yes")
    assert "1 note deleted in Anki" in said
    assert set(anki.ask("test:state")["notes"]) == {cortex}
    assert "no longer in the deck" not in push()


def test_nothing_is_deleted_without_a_yes(project: Project, tmp_path: Path) -> None:
    anki = Anki(Path(sys.executable), tmp_path)
    try:
        project.tmscards("push", "--url", anki.url)
        project.edit(SENTENCE, "")
        project.tmscards("push", "--url", anki.url, "--delete-orphans", code=1)
        assert len(anki.ask("test:state")["notes"]) == 2
    finally:
        anki.process.kill()
        anki.process.wait()


def test_what_is_in_the_way_is_said_in_one_sentence(project: Project, tmp_path: Path) -> None:
    def fails(*args: str) -> str:
        return project.tmscards("push", *args, code=1).stderr

    assert "Anki does not answer at http://127.0.0.1:9: " not in fails("--url", "http://127.0.0.1:9")
    assert "Anki does not answer at http://127.0.0.1:9 (start Anki with the add-on" in fails(
        "--url", "http://127.0.0.1:9"
    )
    assert "is not the address of AnkiConnect" in fails("--url", "file:///etc/passwd")
    anki = Anki(Path(sys.executable), tmp_path, "secret")
    try:
        assert "AnkiConnect asks for a key (give it with --key" in fails("--url", anki.url)
        assert "2 added" in project.tmscards("push", "--url", anki.url, "--key", "secret").stdout
        said = fails("--url", anki.url, "--key", "secret", "--profile", "Mine")
        assert "the profile 'User 1' is open in Anki, and not 'Mine'" in said
    finally:
        anki.process.kill()
        anki.process.wait()
    project.edit("few seconds [00:01:00].", "few seconds [00:01:00]. \0")
    assert "nerves.md" in fails("--url", "http://127.0.0.1:9")


def test_build_opens_the_deck(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("typer.launch", opened.append)
    project.tmscards("build", "--open")
    assert opened == ["decks/nerves.apkg"]


def test_pull_takes_over_what_was_edited_in_anki(anki: Anki, project: Project) -> None:
    def pull(*args: str, code: int = 0) -> str:
        done = project.tmscards("pull", "--url", anki.url, *args, code=code)
        return done.stdout + done.stderr

    project.build()
    assert "Anki has none of this deck's notes (bring them there first: tmscards push)" in pull(code=1)
    project.tmscards("push", "--url", anki.url)
    assert "Nerves: 2 notes as in Anki" in pull()
    vagus, cortex = anki.guid("vagus"), anki.guid("cortex")
    anki.ask(
        "test:edit", guid=cortex, field="Text", text="The {{c1::motor cortex::which area?}} moves the <b>hand</b>."
    )
    before = project.record()
    said = pull("--dry-run")
    assert "1 edited in Anki:" in said
    assert "notes/nerves.md:12: The {{c1::motor cortex}} moves the hand of the other side." in said
    assert "in Anki: The {{c1::motor cortex::which area?}} moves the <b>hand</b>." in said
    assert project.record() == before
    assert "1 edited in Anki, and now on record:" in pull()
    project.build()
    assert [note["status"] for note in project.record()] == ["auto", "edited"]
    assert "Nerves: 0 added, 0 updated, 2 unchanged in Anki" in project.tmscards("push", "--url", anki.url).stdout
    # The source goes on; what was edited stays, and history with it.
    project.change("of the other side", "on the other side")
    project.tmscards("push", "--url", anki.url)
    assert "<b>hand</b>" in anki.ask("test:state")["notes"][cortex]["fields"]["Text"]
    # Edited here and there: shown, and left alone.
    anki.ask("test:edit", guid=vagus, field="Text", text="The {{c1::vagus}} slows the {{c2::heart}}.")
    project.edit_record("within a few seconds.", "in seconds.")
    said = pull()
    assert "1 edited in Anki and on record, so nothing was changed:" in said
    assert "in Anki: The {{c1::vagus}} slows the {{c2::heart}}." in said
    # Without a deletion in its text, a note would have no card.
    project.edit_record("in seconds.", "within a few seconds.")
    anki.ask("test:edit", guid=vagus, field="Text", text="no card")
    assert "no card would be left" in pull()
    notes = anki.ask("findNotes", query="vagus OR no")
    anki.ask("deleteNotes", notes=notes)
    assert "1 not in Anki: deleted there, or never brought there" in pull()
    assert project.record()[0]["status"] == "auto"
    assert "1 rejected:" in pull("--reject-missing")
    project.build()
    assert set(project.notes()) == {cortex}


def test_stats_say_what_is_forgotten(anki: Anki, project: Project) -> None:
    assert "Anki has none" in project.tmscards("stats", "--url", anki.url, code=1).stderr
    more = "The ==coil== reaches a depth of ==three centimetres== [00:02:30].\n\nThe ==field== is ==weak== there [00:09:00].\n"
    project.source.write_text(project.source.read_text() + f"\n{more}")
    project.tmscards("push", "--url", anki.url)
    vagus, coil = anki.guid("vagus"), anki.guid("coil")
    for guid, ord, times in ((vagus, 0, 3), (vagus, 1, 1), (coil, 0, 2), (anki.guid("field"), 0, 1)):
        anki.ask("test:forget", guid=guid, ord=ord, times=times)
    anki.ask("test:suspend", guid=vagus, ord=0)
    anki.ask("test:tag", guid=vagus, tag="leech")
    said = project.tmscards("stats", "--url", anki.url).stdout
    assert "nerves.md: 7 cards, 1 suspended, 1 leech, forgotten 7 times" in said
    assert "you keep forgetting 1:00 to 3:00 (6 times)" in said
    assert "9:00" not in said
