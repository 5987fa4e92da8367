"""Exports: what is on record, for Anki's text import and for other programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from project import Project, Run

pytestmark = pytest.mark.process


@pytest.fixture
def project(tmp_path: Path, inside: Run) -> Project:
    made = Project(tmp_path / "project", inside)
    made.edit("of the other side", 'of the "other" side, by 5 % & more')
    made.build()
    return made


def exported(project: Project, *args: str) -> str:
    said = project.tmscards("export", *args).stdout
    return (project.folder / said.removeprefix("wrote ").strip()).read_text()


@pytest.mark.parametrize("kind", ["csv", "tsv"])
def test_anki_imports_the_table_onto_the_same_notes(kind: str, project: Project, tmp_path: Path) -> None:
    from anki.collection import Collection, ImportAnkiPackageOptions, ImportAnkiPackageRequest
    from anki.import_export_pb2 import ImportCsvRequest

    table = tmp_path / f"table.{kind}"
    table.write_text(exported(project, "--to", kind).replace("motor cortex", "primary motor cortex"))
    learner = Collection(str(tmp_path / "learner.anki2"))
    assert learner.db is not None
    try:
        request = ImportAnkiPackageRequest(package_path=str(project.deck), options=ImportAnkiPackageOptions())
        learner.import_anki_package(request)
        before = sorted(learner.db.list("select guid from notes"))
        found = learner.get_csv_metadata(str(table), None)
        log = learner.import_csv(ImportCsvRequest(path=str(table), metadata=found)).log
        assert (len(log.new), len(log.updated)) == (0, 1)
        assert sorted(learner.db.list("select guid from notes")) == before
        [fields] = learner.db.list("select flds from notes where flds like '%primary motor cortex%'")
        assert fields.startswith(
            'The {{c1::primary motor cortex}} moves the hand of the "other" side, by 5 % &amp; more.'
        )
    finally:
        learner.close()


def test_json_has_all_that_is_known_of_a_note(project: Project) -> None:
    data = json.loads(exported(project, "--to", "json", "--cards"))
    assert data["deck"] == "Nerves"
    [vagus, cortex] = data["notes"]
    assert vagus["cards"] == [
        {
            "number": 1,
            "question": "Nerves: The [...] slows the heart within a few seconds.",
            "answer": "vagus nerve",
        },
        {
            "number": 2,
            "question": "Nerves: The vagus nerve slows the [...] within a few seconds.",
            "answer": "heart",
        },
    ]
    assert (cortex["timestamp"], cortex["source"], cortex["line"]) == (120, "nerves.md", 12)
    assert "cards" not in json.loads(exported(project, "--to", "json"))["notes"][0]


def test_markdown_reads_like_notes(project: Project) -> None:
    text = exported(project, "--to", "markdown")
    assert text.startswith(
        "# Nerves\n\n## Nerves\n\n- The ==vagus nerve== slows the ==heart== within a few seconds. ([1:00]("
    )
    text = exported(project, "--to", "markdown", "--cards", "--output", "cards.md")
    assert "- Q: Nerves: The [...] slows the heart within a few seconds.\n  A: vagus nerve" in text
    project.edit_record("status: auto", "status: rejected")
    assert "vagus" not in exported(project, "--to", "markdown")


def test_nothing_of_somebody_elses_is_overwritten(project: Project) -> None:
    note = project.source.read_text()
    said = project.tmscards("export", "--to", "markdown", "--output", "notes/nerves.md", code=1).stderr
    assert "notes/nerves.md: this file already exists" in said
    assert project.source.read_text() == note
    exported(project)
    exported(project)
    (project.folder / "decks/nerves").rename(project.folder / "decks/gone")
    assert "build it first" in project.tmscards("export", code=1).stderr


def test_a_preview_has_the_name_that_it_is_given(project: Project) -> None:
    assert "wrote pages/nerves.html" in project.tmscards("preview", "--output", "pages/nerves.html").stdout
    assert "vagus" in (project.folder / "pages/nerves.html").read_text()
    assert "wrote pages/nerves.html" in project.tmscards("preview", "--output", "pages/nerves.html").stdout
    assert not (project.folder / "decks/nerves.html").exists()
    (project.folder / "pages/mine.html").write_text('<!doctype html>\n<html lang="en">\n<head>\nmine')
    assert "already exists" in project.tmscards("preview", "--output", "pages/mine.html", code=1).stderr
    assert (project.folder / "pages/mine.html").read_text().endswith("mine")


def test_explain_of_a_whole_deck(project: Project) -> None:
    (project.folder / "notes/other.md").write_text("The ==coil== heats the cortex.\n")
    said = project.tmscards("explain", "decks/nerves.yaml").stdout
    assert "notes/nerves.md:8" in said
    assert "notes/other.md:1" in said
    lines = [
        json.loads(line) for line in project.tmscards("explain", "decks/nerves.yaml", "--json").stdout.splitlines()
    ]
    assert {line["source"] for line in lines} == {"notes/nerves.md", "notes/other.md"}
