"""The built package in old and new versions of Anki: all of it is imported, and a second import changes nothing."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from anki_versions import VERSIONS, Learner
from conftest import ROOT
from tmscards.anki import apkg, templates
from tmscards.domain import Guid, Note

pytestmark = pytest.mark.process


@pytest.fixture(scope="module")
def deck(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The deck of our own notes, built by the real command."""
    path = tmp_path_factory.mktemp("deck") / "tms.apkg"
    command = [sys.executable, "-m", "tmscards", "build", "decks/tms.yaml", "--output", str(path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return path


@pytest.fixture
def packed(deck: Path, tmp_path: Path) -> dict[str, set[str]]:
    """What the package itself says: the cards' ordinals of each note."""
    with zipfile.ZipFile(deck) as archive:
        database = archive.extract("collection.anki2", tmp_path)
    notes: dict[str, set[str]] = {}
    connection = sqlite3.connect(database)
    for guid, ordinal in connection.execute("select n.guid, c.ord from notes n join cards c on c.nid = n.id"):
        notes.setdefault(guid, set()).add(str(ordinal))
    connection.close()
    return notes


def test_every_pinned_version_is_here() -> None:
    pinned = {path.stem.removeprefix("anki-") for path in ROOT.glob("requirements/anki-*.txt")}
    assert pinned <= {version for version, _ in VERSIONS}, "`make test` makes the environments"


@pytest.mark.parametrize(("version", "python"), VERSIONS, ids=[version for version, _ in VERSIONS])
def test_a_large_deck_comes_in_right_after_it_was_built(version: str, python: Path, tmp_path: Path) -> None:
    note_type, now = replace(templates.load("default", ROOT).note_type, modified=1_700_000_000), int(time.time())
    notes = [Note(Guid(f"g{i}"), (f"{{{{c1::a}}}} {{{{c2::{i}}}}}", *[""] * 12), (), now) for i in range(3000)]
    apkg.write(tmp_path / "large.apkg", "Large", note_type, [notes])
    [log] = Learner(python, tmp_path / "learner.anki2").do({"do": "import", "package": str(tmp_path / "large.apkg")})
    assert log["new"] == 3000


@pytest.mark.parametrize(("version", "python"), VERSIONS, ids=[version for version, _ in VERSIONS])
def test_a_second_import_keeps_all_that_the_learner_did(
    version: str, python: Path, deck: Path, packed: dict[str, set[str]], tmp_path: Path
) -> None:
    learner = Learner(python, tmp_path / "learner.anki2")
    bring = {"do": "import", "package": str(deck)}

    log, fresh = learner.do(bring, {"do": "state"})
    assert log["new"] == len(packed) > 10
    assert log["updated"] == log["duplicate"] == log["conflicting"] == 0
    assert {guid: set(note["cards"]) for guid, note in fresh["notes"].items()} == packed
    assert fresh["empty_cards"] == 0
    [note_type] = fresh["note_types"].values()
    assert note_type["name"].startswith("tmscards")

    two_cards = next(guid for guid in sorted(packed) if len(packed[guid]) > 1)
    other = next(guid for guid in sorted(packed) if guid != two_cards)
    *_, found, before = learner.do(
        {"do": "review", "guid": two_cards, "ord": 1, "ease": 3},
        {"do": "review", "guid": other, "ord": 0, "ease": 4},
        {"do": "edit", "guid": two_cards, "field": "Extra", "text": "my own words"},
        {"do": "tag", "guid": other, "tag": "mine"},
        {"do": "suspend", "guid": two_cards, "ord": 0},
        {"do": "flag", "guid": two_cards, "ord": 1, "flag": 2},
        {"do": "move", "guid": other, "ord": 0, "deck": "Mine::Hard"},
        {"do": "find", "query": "tag:mine"},
        {"do": "state"},
    )
    assert found == {"guids": [other]}
    edited, tagged = before["notes"][two_cards], before["notes"][other]
    assert edited["fields"]["Extra"] == "my own words"
    assert edited["modified"] >= fresh["notes"][two_cards]["modified"]
    assert "mine" in tagged["tags"]
    assert edited["cards"]["0"]["queue"] == -1
    assert edited["cards"]["1"]["flag"] == 2
    assert tagged["cards"]["0"]["deck"] == "Mine::Hard"
    assert tagged["cards"]["0"]["interval"] > 0
    for card, unseen in (
        (edited["cards"]["1"], fresh["notes"][two_cards]["cards"]["1"]),
        (tagged["cards"]["0"], fresh["notes"][other]["cards"]["0"]),
    ):
        assert card["reps"] == card["reviews"] == 1
        assert card["due"] != unseen["due"]

    log, after = learner.do(bring, {"do": "state"})
    assert log["new"] == log["updated"] == log["conflicting"] == 0
    assert log["duplicate"] == len(packed)
    assert after == before
