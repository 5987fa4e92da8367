"""A review whose records or sources cannot be used in the middle of it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from project import NOTE, Project, Run
from tmscards.build import pipeline
from tmscards.build.project import DeckPaths, of_recipe
from tmscards.deck import decisions
from tmscards.domain import Extract, Source
from tmscards.errors import UserError
from tmscards.language import extraction
from tmscards.language.extraction import Engine
from tmscards.review import record_store
from tmscards.review.session import Review
from tmscards.storage import files


@pytest.fixture
def made(tmp_path: Path, inside: Run) -> Project:
    project = Project(tmp_path / "project", inside)
    project.folder.joinpath("notes/other.md").write_text(NOTE.replace("vagus nerve", "vagal nerve"))
    project.build()
    return project


def test_a_decision_about_two_sources_is_written_to_both_or_to_none(
    made: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = record_store.opened(of_recipe(made.folder / "decks/nerves.yaml"))
    asked = {file.notes[0].guid: record_store.version(file.notes[0]) for file in store.sources}
    paths = [made.records / "nerves.yaml", made.records / "other.yaml"]
    before = [path.read_bytes() for path in paths]
    write, written = files.replace, list[str]()

    def full(path: Path, *args: Any) -> None:
        if len(written) == 1:
            written.append("the disk was full")
            raise OSError(28, "No space left on device")
        written.append(path.name)
        write(path, *args)

    with monkeypatch.context() as patch:
        patch.setattr(files, "replace", full)
        with pytest.raises(UserError, match="No space left on device"):
            store.decide(asked, decisions.approve)
    assert written == ["nerves.yaml", "the disk was full", "nerves.yaml"]
    assert [path.read_bytes() for path in paths] == before
    assert not store.can_undo
    assert len(store.decide(asked, decisions.approve)) == 2
    assert all(b"status: approved" in path.read_bytes() for path in paths)


def details(made: Project) -> dict[str, Any]:
    review = Review(of_recipe(made.folder / "decks/nerves.yaml"))
    review.read_sources()
    for _ in range(600):
        told = review.details()
        if told["ready"] or told["fault"]:
            return told
        time.sleep(0.1)
    raise AssertionError("the page waits for ever")


def test_the_page_is_told_which_source_a_fault_keeps_out(made: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(engine: Engine, source: Source, **more: Any) -> Extract:
        raise RuntimeError("no such luck")

    monkeypatch.setattr(extraction, "extract", failing)
    made.edit("a few seconds", "some seconds")
    told = details(made)
    assert "notes/nerves.md: this file could not be read, by a fault of tmscards" in told["fault"]
    assert "RuntimeError: no such luck" in told["fault"]
    assert told["ready"]
    assert len(told["notes"]) == 2


def test_the_page_is_told_of_a_fault_that_ends_the_reading(made: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(deck: DeckPaths) -> None:
        raise RuntimeError("no such luck")

    monkeypatch.setattr(pipeline, "all_candidates", failing)
    told = details(made)
    assert "RuntimeError: no such luck" in told["fault"]
    assert not told["ready"]
