from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT, import_deck
from tmscards.deck import selection

Run = Callable[..., subprocess.CompletedProcess[str]]
Write = Callable[[str, str], Path]

NOTE = """---
title: Coils
videoId: X4QE6t-MkYE
---

## Heat

A solenoid is a coil of wire that produces a magnetic field [00:00:32]. It reaches 60 degrees after five minutes
[00:01:10]. Is it safe?

> [!tip] More
> A tip is a callout that must not become a card [00:02:00].
"""


@pytest.mark.process
def test_help_needs_no_heavy_library() -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "tmscards", "--help"], capture_output=True, text=True, check=True
    )
    imported = {
        line.split("|")[-1].strip().split(".")[0]
        for line in done.stderr.splitlines()
        if line.startswith("import time:")
    }
    assert "typer" in imported
    # markdown_it is there because rich needs it to show help.
    assert not imported & {
        "spacy",
        "thinc",
        "numpy",
        "onnxruntime",
        "genanki",
        "pydantic",
        "yaml",
        "mdit_py_plugins",
        "anki",
    }


def test_every_command_has_help_for_a_teacher(tmscards: Run) -> None:
    overview = tmscards("--help").stdout
    for command in ("build", "explain", "init", "check"):
        assert command in overview
        assert len(tmscards(command, "--help").stdout.splitlines()) > 5


def test_version(tmscards: Run) -> None:
    assert re.fullmatch(r"tmscards \d+\.\d+\.\d+\n", tmscards("--version").stdout)


def test_init_then_build(tmscards: Run, tmp_path: Path, collection: Any) -> None:
    tmscards("init", "project")
    done = tmscards("build", cwd=tmp_path / "project")
    assert "cards from 3 sources" in done.stdout
    assert done.stderr == "", "nothing but the summary in a pipe"
    assert import_deck(collection, tmp_path / "project/decks/tms.apkg").new
    # A second time is refused, and nothing is overwritten.
    assert "already exists" in tmscards("init", "project", code=1).stderr


def test_build_without_a_recipe_in_an_empty_folder(tmscards: Run, write: Write, tmp_path: Path) -> None:
    note = write("elsewhere/my notes/coils.md", NOTE)
    empty = tmp_path / "empty"
    empty.mkdir()
    done = tmscards("build", "--notes", note.parent, "--output", "x.apkg", cwd=empty)
    assert "my notes: " in done.stdout
    assert "x.apkg" in done.stdout
    assert sorted(p.name for p in empty.iterdir()) == [".tmscards", "x", "x.apkg"], (
        "the deck, its records in a folder of its name, and the cache"
    )
    assert [p.name for p in note.parent.iterdir()] == ["coils.md"], "nothing is written beside the notes"


def test_build_names_the_deck_after_the_folder_of_the_notes(tmscards: Run, write: Write, tmp_path: Path) -> None:
    write("My physics/notes/coils.md", NOTE)
    tmscards("build", cwd=tmp_path / "My physics")
    assert (tmp_path / "My physics/decks/my-physics.apkg").exists()


def test_an_unreadable_source_is_named_and_the_others_are_built(tmscards: Run, write: Write, tmp_path: Path) -> None:
    write("notes/good.md", NOTE)
    write("notes/bad.md", "text\n\0")
    write("notes/folder.md/inner.md", NOTE.replace("solenoid", "toroid"))
    (tmp_path / "notes/latin.md").write_bytes(b"caf\xe9")
    done = tmscards("build", "--output", "x.apkg", code=1)
    assert "notes/bad.md:2: this file contains a NUL character" in done.stderr
    assert "notes/latin.md:1: this is not UTF-8 text" in done.stderr
    assert "notes/folder.md: this is a folder" in done.stderr
    assert "from 2 sources" in done.stdout
    assert "3 files could not be read" in done.stdout
    assert (tmp_path / "x.apkg").exists()


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["build"], "notes: this folder does not exist"),
        (["build", "decks/none.yaml"], "decks/none.yaml: this recipe cannot be read"),
        (["build", "--notes", "full", "--output", "deck.txt"], "deck.txt does not end in .apkg"),
        (["build", "--notes", "full", "--output", "file/x.apkg"], "file/x.apkg: this deck cannot be written"),
        (["build", "--notes", "bare"], "no source in bare matches"),
        (["explain", "none.md"], "none.md: this file cannot be read"),
        (["explain", "full"], "full: this is a folder"),
    ],
)
def test_what_a_user_can_get_wrong_is_told_in_one_line(
    tmscards: Run, write: Write, tmp_path: Path, args: list[str], message: str
) -> None:
    write("full/coils.md", NOTE)
    write("file", "x")
    (tmp_path / "bare").mkdir()
    error = tmscards(*args, code=1).stderr
    assert message in error
    assert len(error.splitlines()) == 1


def test_faults_of_a_recipe_are_told_and_nothing_is_written(tmscards: Run, write: Write, tmp_path: Path) -> None:
    write("notes/coils.md", NOTE)
    write("decks/x.yaml", "deck: X\ntemplat: default\npipelin: y\n")
    error = tmscards("build", code=1).stderr
    assert "decks/x.yaml:2: unknown key 'templat' (did you mean template?)" in error
    assert "decks/x.yaml:3: unknown key 'pipelin' (did you mean pipeline?)" in error
    assert [p.name for p in (tmp_path / "decks").iterdir()] == ["x.yaml"]


def test_output_is_for_one_recipe(tmscards: Run, write: Write) -> None:
    write("notes/coils.md", NOTE)
    write("decks/a.yaml", "deck: A\n")
    write("decks/b.yaml", "deck: B\n")
    assert "several recipes" in tmscards("build", "--output", "x.apkg", code=1).stderr


def test_recipe_limits_and_tags(tmscards: Run, write: Write, tmp_path: Path, collection: Any) -> None:
    write("notes/unit 1/coils.md", NOTE.replace("videoId", "tags: [physics]\nvideoId"))
    write(
        "decks/x.yaml",
        'deck: "A::B"\ntags: [exam]\ntags_from: [front matter, folder, heading]\nlimits: {notes_per_source: 1, cards_per_note: 1}\n',
    )
    tmscards("build", tmp_path / "decks/x.yaml", cwd=tmp_path.parent)
    import_deck(collection, tmp_path / "decks/x.apkg")
    [note] = [collection.get_note(i) for i in collection.find_notes('deck:"A::B"')]
    assert sorted(note.tags) == ["Heat", "exam", "physics", "unit_1"]
    assert len(note.cards()) == 1


def test_explain_as_json(tmscards: Run, write: Write) -> None:
    write("coils.md", NOTE)
    rows = [json.loads(line) for line in tmscards("explain", "coils.md", "--json").stdout.splitlines()]
    keys = "source line sentence kind score gaps timestamp end context abbreviations reason findings left_out"
    assert all(set(row) == set(keys.split()) for row in rows)
    by_start = {row["sentence"].split()[0]: row for row in rows}
    definition = next(row for row in rows if row["sentence"].startswith("A solenoid"))
    assert (definition["kind"], definition["line"], definition["timestamp"]) == ("definition", 8, 32)
    gap = next(gap for gap in definition["gaps"] if gap["text"] == "solenoid")
    assert definition["sentence"][gap["start"] : gap["end"]] == "solenoid"
    assert definition["gaps"] == sorted(definition["gaps"], key=lambda g: -g["score"])
    leaning = by_start["It"]
    assert leaning["context"] == ["Coils › Heat"], "the pronoun is said in brackets"
    assert leaning["timestamp"] == 70
    assert by_start["Is"]["reason"] == "a question"
    assert by_start["Is"]["line"] == 9
    tip = next(row for row in rows if row["sentence"].startswith("A tip"))
    assert "callout" in [finding["rule"] for finding in tip["findings"]]
    assert by_start["Heat"]["reason"] == "a heading"


def test_explain_for_people(tmscards: Run, write: Write) -> None:
    write("coils.md", NOTE)
    shown = tmscards("explain", "coils.md").stdout
    assert "coils.md:8: A solenoid is a coil" in shown
    assert "left out: a question" in shown
    assert "gaps: " in shown
    assert "shown as: [A solenoid] reaches 60 degrees" in shown


def test_check_shows_card_lint_and_a_waiver_silences_it(tmscards: Run, write: Write) -> None:
    sentence = "TMS is not a drug but a method that may treat depression with magnetic pulses at 10 Hz [00:10]."
    note = write("notes/tms.md", f"# TMS\n\n{sentence}\n")
    write("decks/x.yaml", "deck: X\ndensity: full\n")
    shown = tmscards("check").stdout
    assert "tms.md:3: says what is not the case [negation]" in shown
    assert "[hedge]" in shown
    note.write_text(f"# TMS\n\n{sentence} %% tmscards: keep %%\n")
    left_out, *others = tmscards("check").stdout.splitlines()
    assert left_out.startswith("Not read as prose: comment 1")
    assert others == ["No problems found."]


def test_check_names_all_problems_and_writes_nothing(tmscards: Run, write: Write, tmp_path: Path) -> None:
    write("notes/coils.md", NOTE)
    write("notes/bad.md", "")
    write("decks/x.yaml", "deck: X\ntemplate: none\n")
    write("decks/y.yaml", "dek: Y\n")
    before = sorted(tmp_path.rglob("*"))
    error = tmscards("check", code=1).stderr
    for problem in (
        "notes/bad.md: this file is empty",
        "there is no template 'none'",
        "decks/y.yaml:1: unknown key 'dek'",
    ):
        assert problem in error
    assert sorted(tmp_path.rglob("*")) == before


def test_check_names_fields_that_are_empty_in_all_notes(tmscards: Run, write: Write, tmp_path: Path) -> None:
    write("notes/a.md", "The ==coil== makes a field.\n")
    tmscards("template", "new", "ours")
    front = tmp_path / "templates" / "ours" / "front.html"
    front.write_text(front.read_text() + "{{#URL}}{{URL}}{{/URL}}{{Source}}\n<a href='{{URL}}'>{{Extra}}</a>\n")
    write("decks/a.yaml", "deck: A\ntemplate: ours\n")
    assert "No problems" in tmscards("check").stdout, "nothing is known before the first build"
    tmscards("build")
    error = tmscards("check", code=1).stderr
    line = len(front.read_text().splitlines())
    assert error.startswith(f"templates/ours/front.html:{line}:10: URL is empty in all notes of this deck (put it")
    assert error.count("\n") == 1


def test_check_of_a_sound_project(tmscards: Run) -> None:
    assert "No problems found" in tmscards("check", cwd=ROOT).stdout


@pytest.mark.process
def test_a_closed_pipe_is_no_error(write: Write, tmp_path: Path) -> None:
    write("long.md", NOTE * 200)
    command = f"{sys.executable} -m tmscards explain long.md --json | head -n 1"
    done = subprocess.run(
        command, shell=True, cwd=tmp_path, capture_output=True, text=True, check=True, env=dict(os.environ)
    )
    assert done.stderr == ""


@pytest.mark.process
def test_the_wheel_carries_all_modules_templates_and_the_sample(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--wheel-dir",
        str(tmp_path),
        str(ROOT),
    ]
    subprocess.run(command, check=True, capture_output=True)
    [wheel] = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    for name in (
        "templates/default/front.html",
        "sample/notes/saint_protocol.md",
        "sample/decks/tms.yaml",
        "web/preview.html",
        "web/preview.js",
        "review/page/index.html",
        "review/page/main.js",
    ):
        assert f"tmscards/{name}" in names
    package = ROOT / "src"
    ours = {path.relative_to(package).as_posix() for path in (package / "tmscards").rglob("*") if path.is_file()}
    assert {name for name in ours if "__pycache__" not in name} <= set(names)


def test_explain_follows_the_recipe_that_reads_the_file(tmscards: Run, write: Write) -> None:
    write("notes/coils.md", NOTE)
    write("decks/other.yaml", "deck: Other\nsources: [other.md]\n")
    write("decks/sparse.yaml", "deck: Sparse\ndensity: sparse\n")
    shown = tmscards("explain", "notes/coils.md").stdout
    assert shown.startswith("As decks/sparse.yaml has it, at the density sparse:")
    named = tmscards("explain", "--recipe", "decks/other.yaml", "notes/coils.md").stdout
    assert named.startswith("As decks/other.yaml has it, at the density normal:")
    lowest = {line.rsplit(" ", 1)[1] for line in shown.splitlines() if "is worth" in line}
    assert lowest == {f"{selection.LOWEST['sparse']:.2f}"}
