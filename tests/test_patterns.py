"""Decks below the recipe's, and tags, from what a source says: its folder, title, headings, tags and front matter."""

from __future__ import annotations

import json
import sqlite3
import tempfile
import zipfile
from pathlib import Path

import pytest

from project import Project, Run
from tmscards.deck import patterns
from tmscards.domain import Source, SourcePath

SOURCE = Source(
    SourcePath("Biology/Week 1/cells.md"),
    "cells.md",
    "The cell",
    "",
    tags=("exam", "topic::organelles::nucleus"),
    properties={"course": ("BIO 101",), "deck": ("Own::Deeper",), "odd": ('a::<b> "c"',)},
)
PLAIN = Source(SourcePath("cells.md"), "cells.md", "The cell", "")


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("Biology", "Biology::Own::Deeper"),
        ("Biology::{folder}", "Biology::Biology::Week 1"),
        ("All::{title}", "All::The cell"),
        ("All::{heading}", "All::Parts"),
        ("All::{tag:topic}", "All::organelles::nucleus"),
        ("All::{tag:exam}", "All"),
        ("All::Course {course}::{title}", "All::Course BIO 101::The cell"),
        ("All::{deck}", "All::Own::Deeper"),
        ("All::{odd}", "All::a::b c"),
        ("All::{nothing}::{title}", "All::The cell"),
    ],
)
def test_the_deck_of_a_statement(pattern: str, expected: str) -> None:
    assert patterns.deck(pattern, SOURCE, ("The cell", "Parts", "Nucleus")) == expected


def test_a_source_that_says_nothing_is_in_the_deck_itself() -> None:
    for pattern in ("All", "All::{folder}", "All::{heading}", "All::{tag:topic}", "All::{deck}"):
        assert patterns.deck(pattern, PLAIN, ()) == "All"
    assert patterns.root("All::Science::{folder}::x") == "All::Science"


def test_a_name_in_full_is_not_doubled() -> None:
    own = Source(SourcePath("a.md"), "a.md", "A", "", properties={"deck": ("Biology::Cells",)})
    assert patterns.deck("Biology", own, ()) == "Biology::Cells"


def test_names_that_no_source_has() -> None:
    said = list(patterns.warnings({"deck": "All::{cuorse}::{folder}::{course}"}, None, [SOURCE, PLAIN]))
    assert [each.message for each in said] == ["{cuorse} in `deck` stands for nothing, as no note has it"]
    assert list(patterns.warnings({"deck": "All::{cuorse}"}, None, [])) == []


def decks_of(package: Path) -> dict[str, str]:
    """The deck of each note of a package, by its Text field."""
    with tempfile.TemporaryDirectory() as scratch:
        with zipfile.ZipFile(package) as archive:
            archive.extract("collection.anki2", scratch)
        database = sqlite3.connect(Path(scratch, "collection.anki2"))
        [decks] = database.execute("select decks from col").fetchone()
        rows = database.execute("select flds, did from notes join cards on cards.nid = notes.id").fetchall()
        database.close()
    names = {id: deck["name"] for id, deck in json.loads(decks).items()}
    return {fields.split("\x1f")[0]: names[str(did)] for fields, did in rows}


@pytest.mark.process
def test_a_moved_file_moves_new_cards_and_no_text(tmp_path: Path, inside: Run) -> None:
    project = Project(tmp_path / "project", inside)
    recipe = project.folder / "decks/nerves.yaml"
    other = project.folder / "notes/Week 1/coil.md"
    other.parent.mkdir()
    other.write_text("The ==coil== heats the cortex.\n")
    recipe.write_text("deck: Nerves\ntags_from: []\n")
    project.build()
    before = project.notes()
    assert set(decks_of(project.deck).values()) == {"Nerves"}
    recipe.write_text('deck: "Nerves::{folder}"\ntags_from: []\n')
    project.build()
    # Neither text nor time of a note has changed, so Anki keeps what learners did.
    assert project.notes() == before
    assert decks_of(project.deck)["The {{c1::coil}} heats the cortex."] == "Nerves::Week 1"
    assert sorted(set(decks_of(project.deck).values())) == ["Nerves", "Nerves::Week 1"]
    digest = project.digest
    assert "Nothing changes" in project.build()
    assert project.digest == digest
    other.parent.rename(project.folder / "notes/Week 2")
    project.change("a few seconds", "some seconds")
    assert decks_of(project.deck)["The {{c1::coil}} heats the cortex."] == "Nerves::Week 2"
    coil = next(guid for guid, (text, *_) in before.items() if "coil" in text)
    assert project.notes()[coil][2] == before[coil][2]


@pytest.mark.process
def test_tags_come_from_title_and_front_matter(tmp_path: Path, inside: Run) -> None:
    project = Project(tmp_path / "project", inside)
    (project.folder / "decks/nerves.yaml").write_text("deck: Nerves::{cuorse}\ntags_from: [title, property: course]\n")
    project.edit("title: Nerves", "title: Nerves\ncourse: [BIO 101, anatomy]")
    done = project.tmscards("build")
    assert {tags for _, tags, _ in project.notes().values()} == {"Nerves BIO_101 anatomy"}
    assert "decks/nerves.yaml: {cuorse} in `deck` stands for nothing" in done.stderr


@pytest.mark.process
@pytest.mark.parametrize(
    ("deck", "said"),
    [
        ("{folder}", "begins with a part of its own"),
        ("All::{folder", "braces hold a name"),
        ("All::{}", "braces hold a name"),
    ],
)
def test_faults_of_a_pattern(deck: str, said: str, tmp_path: Path, inside: Run) -> None:
    project = Project(tmp_path / "project", inside)
    (project.folder / "decks/nerves.yaml").write_text(f"deck: '{deck}'\n")
    assert said in project.tmscards("build", code=1).stderr


@pytest.mark.process
def test_front_matter_fills_extra(tmp_path: Path, inside: Run) -> None:
    project = Project(tmp_path / "project", inside)
    recipe = project.folder / "decks/nerves.yaml"
    recipe.write_text("deck: Nerves\nfields:\n  Extra: 'Lecture {lecture}: {heading}'\n")
    project.edit("title: Nerves", "title: Nerves\nlecture: 3 <b>\n")
    project.build()
    assert [fields[2] for fields in project.fields()] == ["Lecture 3 &lt;b&gt;: Heart", "Lecture 3 &lt;b&gt;: Brain"]
    recipe.write_text("deck: Nerves\nfields: {Extra: 'Lecture {nothing}'}\n")
    done = project.tmscards("build")
    assert {fields[2] for fields in project.fields()} == {""}
    assert "{nothing} in `fields` stands for nothing" in done.stderr
    recipe.write_text("deck: Nerves\nfields: {Text: x}\n")
    assert "unknown key 'fields.Text'" in project.tmscards("build", code=1).stderr
