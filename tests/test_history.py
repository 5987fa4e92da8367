"""The first build with a new version: `data/history` is a project with what an earlier version had on record of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from conftest import ROOT
from project import Run
from tmscards.anki import clozes

HISTORY = ROOT / "tests/data/history"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    shutil.copytree(HISTORY, folder)
    return folder


def notes_of(folder: Path) -> dict[str, dict[str, str]]:
    found = yaml.safe_load((folder / "decks/class/class_notes.yaml").read_text())["notes"]
    return {note["guid"]: note for note in found}


@pytest.mark.process
def test_every_note_on_record_stays_with_all_its_cards(project: Path, inside: Run) -> None:
    before = notes_of(project)
    said = inside("build", cwd=project).stdout
    after = notes_of(project)
    for guid, note in before.items():
        assert after[guid]["status"] == "auto", note["text"]
        asked, asks = clozes.answers(note["text"]), clozes.answers(after[guid]["text"])
        assert asked.items() <= asks.items(), (note["text"], after[guid]["text"])
    new = len(after.keys() - before.keys())
    assert f"{new} new" in said if new else "new" not in said
    assert "Nothing changes" in inside("build", cwd=project).stdout
