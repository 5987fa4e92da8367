"""Projects that come from strangers: nothing outside them is read or written, and nothing that people decided is lost."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from project import NOTE, Project, Run
from tmscards.anki import apkg
from tmscards.build import pipeline, project
from tmscards.build.pipeline import BuildContext
from tmscards.build.workers import Workers
from tmscards.deck import commits, decisions, record_files, records
from tmscards.domain import Extract, Source, SourcePath
from tmscards.errors import UserError
from tmscards.language import extraction
from tmscards.language.extraction import Engine
from tmscards.review import record_store

Setup = Callable[[Path, Path], object]
"""What a stranger does to a project (the first folder), for it to reach what is outside (the second)."""


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    folder = tmp_path / "outside"
    (folder / "sub").mkdir(parents=True)
    (folder / "profile").write_text("mine\n")
    (folder / "sub/nerves.yaml").write_text("mine too\n")
    (folder / "note.md").write_text(NOTE)
    return folder


def content(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {str(p): (p.read_bytes() if p.is_file() else b"", p.stat().st_mtime_ns) for p in sorted(folder.rglob("*"))}


def committed(folder: Path, name: str = "decks/nerves/.committed") -> Path:
    made = folder / name
    (made / "sub").mkdir(parents=True)
    (made / "sub/profile").write_text("EVIL")
    (made / "sub/nerves.yaml").write_text("EVIL")
    (made / "nerves.apkg").write_text("EVIL")
    (made / ".list.json").write_text('{"folder": "1:1", "moves": {"../../../outside/profile": [null, null]}}')
    return made


def linked(link: Path, to: Path) -> None:
    if link.is_dir() and not link.is_symlink():
        shutil.rmtree(link)
    link.unlink(missing_ok=True)
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(os.path.relpath(to, link.parent.resolve()))


LINKS: dict[str, tuple[Setup, str]] = {
    "a folder in the records": (
        lambda folder, outside: linked(committed(folder).parent / "sub", outside),
        "decks/nerves/sub: this is a link",
    ),
    "the folder of what is committed": (
        lambda folder, outside: linked(folder / "decks/nerves/.committed", outside),
        "decks/nerves/.committed: this is a link",
    ),
    "the folder of what is staged": (
        lambda folder, outside: linked(folder / "decks/nerves/.staged", outside),
        "decks/nerves/.staged: this is a link",
    ),
    "the lock": (
        lambda folder, outside: linked(folder / "decks/nerves/.lock", outside / "profile"),
        ".lock: this is a",
    ),
    "a record": (
        lambda folder, outside: linked(folder / "decks/nerves/nerves.yaml", outside / "sub/nerves.yaml"),
        "decks/nerves/nerves.yaml: this is a link",
    ),
    "the record of the deck": (
        lambda folder, outside: linked(folder / "decks/nerves/.deck.yaml", outside / "profile"),
        "decks/nerves/.deck.yaml: this is a link",
    ),
    "a link to nowhere": (
        lambda folder, outside: linked(folder / "decks/nerves/new.yaml", outside / "new"),
        "decks/nerves/new.yaml: this is a link",
    ),
    "the records": (lambda folder, outside: linked(folder / "decks/nerves", outside), "decks/nerves is a link"),
    "the package": (
        lambda folder, outside: linked(folder / "decks/nerves.apkg", outside / "x"),
        "nerves.apkg is a link",
    ),
}


@pytest.mark.parametrize("name", LINKS)
@pytest.mark.parametrize("first", ["built", "never built"])
def test_nothing_is_written_through(name: str, first: str, tmp_path: Path, outside: Path, inside: Run) -> None:
    made = Project(tmp_path / "project", inside)
    if first == "built":
        made.build()
    attack, says = LINKS[name]
    attack(made.folder, outside)
    before = content(outside)
    said = made.tmscards("build", code=1).stderr
    assert says in said
    assert "Traceback" not in said
    made.tmscards("diff", code=1)
    assert content(outside) == before


def test_the_folder_of_the_decks_may_be_elsewhere_only_if_somebody_says_so(
    tmp_path: Path, outside: Path, inside: Run
) -> None:
    made = Project(tmp_path / "project", inside)
    shutil.move(made.folder / "decks/nerves.yaml", outside)
    linked(made.folder / "decks", outside)
    before = content(outside)
    assert "decks is a link" in made.tmscards("build", code=1).stderr
    assert content(outside) == before
    made.tmscards("build", "--output", "decks/nerves.apkg")
    assert (outside / "nerves.apkg").is_file()


def test_what_another_computer_committed_is_not_moved_into_place(tmp_path: Path, outside: Path, inside: Run) -> None:
    made = Project(tmp_path / "project", inside)
    made.build()
    digest, record = made.digest, made.record()
    committed(made.folder)
    before = content(outside)
    said = made.tmscards("build")
    assert "decks/nerves/.committed: a build on another computer was interrupted" in said.stderr
    assert (made.digest, made.record(), content(outside)) == (digest, record, before)
    assert not made.tmscards("build").stderr
    assert not [path for path in made.records.rglob("*") if path.name.startswith(".committed")]


@pytest.mark.parametrize("name", [".committed", ".staged"])
def test_what_is_no_folder_of_an_unfinished_build_is_not_waited_for(name: str, tmp_path: Path) -> None:
    (tmp_path / "deck").mkdir()
    os.mkfifo(tmp_path / "deck" / name)
    assert commits.is_pending(tmp_path / "deck")
    assert commits.recover(tmp_path / "deck", tmp_path / "deck.apkg") == []
    assert not commits.is_pending(tmp_path / "deck")


def test_a_commit_of_this_computer_is_finished_without_a_record_edited_since(tmp_path: Path) -> None:
    folder, package = tmp_path / "deck", tmp_path / "deck.apkg"
    folder.mkdir()
    for name in "abc":
        (folder / f"{name}.yaml").write_text(f"old {name}")
    old = record_files.load(folder)
    new = {folder / "a.yaml": b"new a", folder / "b.yaml": b"new b", folder / "c.yaml": None}
    staged = commits.stage(folder, old, new)
    (staged / "deck.apkg").write_text("new deck")
    staged.rename(folder / record_files.COMMITTED)
    (folder / "b.yaml").write_text("mine")
    assert commits.recover(folder, package) == []
    assert {p.name: p.read_text() for p in folder.iterdir()} == {"a.yaml": "new a", "b.yaml": "mine"}
    assert package.read_text() == "new deck"


def test_a_source_outside_the_notes_is_read_only_if_the_recipe_says_so(
    tmp_path: Path, outside: Path, inside: Run
) -> None:
    made = Project(tmp_path / "project", inside)
    (made.folder / "notes/inside.md").symlink_to("nerves.md")
    (made.folder / "notes/secret.md").symlink_to(outside / "note.md")
    (made.folder / "notes/folder").symlink_to(outside)
    (made.folder / "decks/nerves.yaml").write_text('deck: Nerves\nsources: ["*.md", "folder/*.md"]\n')
    said = made.tmscards("build", code=1)
    assert "notes/secret.md: this is a link that leads out of the notes folder" in said.stderr
    assert "notes/folder/note.md: this is a link" in said.stderr
    assert "inside.md" not in said.stderr
    assert "secret.md" in made.tmscards("check", code=1).stderr
    (made.folder / "decks/nerves.yaml").write_text("deck: Nerves\nfollow_links: true\n")
    assert "from 2 sources" in made.build()


@pytest.mark.parametrize("where", ["decks/nerves/odd.yaml", "notes/odd.md", "decks/odd.yaml"])
@pytest.mark.parametrize("what", ["pipe", "endless", "folder"])
def test_what_is_no_file_is_named_and_never_waited_for(what: str, where: str, tmp_path: Path, inside: Run) -> None:
    made = Project(tmp_path / "project", inside)
    made.build()
    odd = made.folder / where
    if what == "pipe":
        os.mkfifo(odd)
    elif what == "endless":
        odd.symlink_to("/dev/zero")
    else:
        odd.mkdir()
    is_harmless = what == "folder" and where.startswith("decks/nerves/")
    said = made.tmscards("build", code=0 if is_harmless else 1)
    assert is_harmless or where in said.stderr
    assert "cards from" in said.stdout or where.startswith("decks/nerves/")


@pytest.mark.parametrize("what", ["pipe", "folder", "bomb", "endless view"])
def test_a_package_that_is_none_of_ours_is_neither_replaced_nor_read_to_its_end(what: str, tmp_path: Path) -> None:
    path = tmp_path / "deck.apkg"
    if what == "pipe":
        os.mkfifo(path)
    elif what == "folder":
        path.mkdir()
    else:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED if what == "bomb" else zipfile.ZIP_STORED) as archive:
            archive.writestr("collection.anki2", bytes(50_000_000) if what == "bomb" else endless(tmp_path / "view"))
    with pytest.raises(UserError, match="was not written by tmscards"):
        apkg.prepare(path)


def endless(path: Path) -> bytes:
    """A database of which nobody ever has all notes."""
    with closing(sqlite3.connect(path)) as database:
        database.execute(
            "create view notes as with recursive n(flds) as (select '' union all select '' from n) select flds from n"
        )
        database.commit()
    return path.read_bytes()


def test_what_is_decided_during_a_build_is_kept(tmp_path: Path, inside: Run) -> None:
    made = Project(tmp_path / "project", inside)
    made.build()
    made.edit("a few seconds", "some seconds")
    edits = iter(["status: rejected"])

    def decide(*_: object) -> None:
        for status in edits:
            made.edit_record("status: auto", status)

    deck = project.of_recipe(made.folder / "decks/nerves.yaml")
    pipeline.build(BuildContext(deck, Workers(1), tick=decide))
    rejected = [note for note in made.record() if note["status"] == "rejected"]
    assert len(rejected) == 1
    assert rejected[0]["guid"] not in made.notes()
    assert "Nothing changes" in made.tmscards("diff").stdout


def test_a_build_stops_if_records_change_all_the_time(tmp_path: Path, inside: Run) -> None:
    made = Project(tmp_path / "project", inside)
    made.build()
    made.edit("a few seconds", "some seconds")
    count = iter(range(100))

    def write(*_: object) -> None:
        path = made.records / "nerves.yaml"
        path.write_text(f"{path.read_text()}# {next(count)}\n")

    digest = made.digest
    with pytest.raises(Exception, match="change all the time"):
        pipeline.build(BuildContext(project.of_recipe(made.folder / "decks/nerves.yaml"), Workers(1), tick=write))
    assert made.digest == digest
    assert next(count) > 3


LONG = "n" * 252
NAMES = ["a", "a.md", "x.txt", "x.txt.md", "v1.yaml/b.md", "a.yaml/c.md", "c.yaml.md", f"{LONG}.md", f"{'m' * 249}.md"]


def test_each_source_has_a_record_of_its_own_whatever_it_is_called(tmp_path: Path, inside: Run) -> None:
    made = Project(tmp_path / "project", inside)
    (made.folder / "decks/nerves.yaml").write_text('deck: Nerves\nsources: ["**/*"]\n')
    for folder in ("v1.yaml", "a.yaml"):
        (made.folder / "notes" / folder).mkdir()
    for number, name in enumerate(NAMES):
        (made.folder / "notes" / name).write_text(f"The ==vagus nerve {number}== slows the heart of animal {number}.\n")
    made.build()
    found = records.read(made.records)
    assert set(found.sources) == {*NAMES, "nerves.md"}
    assert {name: found.paths[SourcePath(name)].name for name in ("a.md", "a", "x.txt", "x.txt.md", "c.yaml.md")} == {
        "a": "a.yaml",
        "a.md": "a.md.yaml",
        "x.txt": "x.txt.yaml",
        "x.txt.md": "x.txt.md.yaml",
        "c.yaml.md": "c.yaml.yaml",
    }
    store = record_store.opened(project.of_recipe(made.folder / "decks/nerves.yaml"))
    for file in store.sources:
        store.decide({file.notes[0].guid: record_store.version(file.notes[0])}, decisions.approve)
    assert {file.notes[0].status for file in records.read(made.records).sources.values()} == {"approved"}
    digest = made.digest
    made.source.write_text(NOTE.replace("a few seconds", "some seconds"))
    made.build()
    made.source.write_text(NOTE)
    assert made.digest != digest
    assert set(records.read(made.records).sources) == {*NAMES, "nerves.md"}


def test_a_record_moves_when_another_source_needs_its_name(tmp_path: Path, inside: Run) -> None:
    made = Project(tmp_path / "project", inside)
    (made.folder / "decks/nerves.yaml").write_text('deck: Nerves\nsources: ["*"]\n')
    made.build()
    made.edit_record("status: auto", "status: approved")
    guids = {note["guid"] for note in made.record()}
    (made.folder / "notes/nerves").write_text("The ==coil== heats the ==cortex== within a minute.\n")
    assert "1 new" in made.build()
    assert {note["guid"] for note in made.record("nerves.md")} == guids
    assert made.record("nerves.md")[0]["status"] == "approved"
    assert guids < set(made.notes())


def test_the_others_are_built_if_one_source_makes_tmscards_fail(
    tmp_path: Path, inside: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Project(tmp_path / "project", inside)
    (made.folder / "notes/odd.md").write_text("The ==coil== heats the ==cortex== within a minute.\n")
    made.build()
    kept = made.record("odd")
    right = extraction.extract

    def failing(engine: Engine, source: Source, **more: Any) -> Extract:
        if "odd" in source.path:
            raise RuntimeError("no such luck")
        return right(engine, source, **more)

    monkeypatch.setattr(extraction, "extract", failing)
    (made.folder / "notes/odd.md").write_text("The ==coil== heats the ==cortex== within an hour.\n")
    made.edit("a few seconds", "some seconds")
    built = pipeline.build(BuildContext(project.of_recipe(made.folder / "decks/nerves.yaml"), Workers(1)))
    [refused] = built.refused
    assert str(refused).startswith(f"{made.folder}/notes/odd.md: this file could not be read, by a fault of tmscards")
    assert "RuntimeError: no such luck" in str(refused)
    assert "in failing" in refused.trace
    assert made.record("odd") == kept
    assert any("some seconds" in text for text, _, _ in made.notes().values())


def test_a_deck_with_faults_does_not_stop_the_others(tmp_path: Path, inside: Run) -> None:
    made = Project(tmp_path / "project", inside)
    (made.folder / "decks/a.yaml").write_text("dock: A\n")
    (made.folder / "decks/z.yaml").write_text("deck: Z\ntemplate: none\n")
    said = made.tmscards("build", code=1)
    assert "decks/a.yaml" in said.stderr
    assert "there is no template 'none'" in said.stderr
    assert made.deck.is_file()


WITHOUT_PRIVILEGES = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
"""Root may write everywhere, so it has to be told to go by the permissions of files, too."""


@pytest.mark.skipif(WITHOUT_PRIVILEGES != [] and not shutil.which("setpriv"), reason="root needs util-linux's setpriv")
def test_records_that_may_not_be_written_are_read(tmp_path: Path, tmscards: Run) -> None:
    made = Project(tmp_path / "project", tmscards)
    made.build()
    made.edit("a few seconds", "some seconds")
    made.records.chmod(0o555)
    (made.records / ".lock").chmod(0o444)

    def run(*args: str) -> subprocess.CompletedProcess[str]:
        command = [*WITHOUT_PRIVILEGES, sys.executable, "-m", "tmscards", *args]
        return subprocess.run(command, cwd=made.folder, capture_output=True, text=True, check=False, timeout=60)

    said = run("diff")
    assert "some seconds" in said.stdout, said.stderr
    for command in (["build"], ["review", "--no-open"]):
        said = run(*command)
        assert said.returncode == 1
        assert "decks/nerves: this deck's records cannot be written: Permission denied" in said.stderr
        assert "Traceback" not in said.stderr
    made.records.chmod(0o755)
