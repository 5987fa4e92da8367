"""What is kept of unchanged sources affects nothing but speed: a build with it and one without give the same bytes."""

from __future__ import annotations

import random
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from conftest import ROOT
from tmscards.build import pipeline, project, workers
from tmscards.build.extraction_cache import Extraction
from tmscards.build.pipeline import BuildContext
from tmscards.build.summary import Summary
from tmscards.build.workers import Workers
from tmscards.domain import SourcePath

SENTENCES = [
    *(
        line.strip()
        for path in sorted((ROOT / "notes").glob("*.md"))
        for line in re.split(r"(?<=\.)\s", path.read_text().split("---")[-1])
        if re.fullmatch(r"[A-Z][^|#\n]{30,}\.", line.strip())
    ),
    "The ==vagus nerve== slows the ==heart==.",
    "The ==vagus nerve== slows the ==breath==.",
    "The ==motor cortex== moves the hand of the other side.",
    "It was a long day, and we went home.",
    "Theta burst stimulation is a form of rTMS that delivers pulses in bursts.",
    "Theta burst stimulation is a form of rTMS which delivers pulses in bursts.",
    "The anode attracts negative ions, and the cathode attracts positive ions.",
    "The cathode attracts positive ions.",
    "The pulse excites the axons of the motor cortex, leading to a twitch of the hand on the other side.",
    *(f"The ==coil {i}== moves the ==field== of the brain." for i in range(4)),
]


def build(folder: Path, now: int) -> Summary:
    deck = project.without_recipe(folder, folder / "notes", folder / "deck.apkg")
    return pipeline.build(BuildContext(deck, Workers(1), lambda: now))


def content(folder: Path) -> dict[str, bytes]:
    files = [folder / "deck.apkg", *sorted((folder / "deck").rglob("*.yaml"))]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files if path.exists()}


def edit(folder: Path, by: random.Random) -> str:
    """Change something as people do; what it was."""
    notes = sorted((folder / "notes").glob("*.md"))
    path, other = by.choice(notes), by.choice(notes)
    lines = path.read_text().split("\n")
    at = by.randrange(4, len(lines))
    kind = by.choice(["add", "add", "delete", "move", "repeat", "typo", "rename", "skip", "reject", "text", "remove"])
    records = sorted((folder / "deck").rglob("[!.]*.yaml"))
    if kind == "add":
        lines.insert(at, f"{by.choice(SENTENCES)}\n")
    elif kind == "delete":
        del lines[at]
    elif kind == "move":
        other.write_text(other.read_text() + "\n" + lines.pop(at) + "\n") if other != path else None
    elif kind == "repeat":
        other.write_text(other.read_text() + "\n" + lines[at] + "\n") if other != path else None
    elif kind == "typo":
        lines[at] = lines[at].replace("the ", "teh ", 1)
    elif kind == "skip":
        lines[at] += " %% tmscards: skip %%" if lines[at].strip() else ""
    elif kind == "rename":
        path.rename(path.with_name(f"{by.randrange(1000)}.md"))
        return kind
    elif records:
        record = by.choice(records)
        data = yaml.safe_load(record.read_text())
        note = by.choice(data["notes"])
        if kind == "reject":
            note["status"] = "rejected"
        elif kind == "text":
            note["text"] += " Mine."
        elif len(data["notes"]) > 1:
            data["notes"].remove(note)
        record.write_text(yaml.safe_dump(data, allow_unicode=True))
        return kind
    path.write_text("\n".join(lines))
    return kind


@pytest.mark.parametrize("seed", range(4))
def test_the_same_bytes_come_with_and_without_it(tmp_path: Path, seed: int) -> None:
    by = random.Random(seed)
    folder, twin = tmp_path / "a" / "p", tmp_path / "b" / "p"
    (folder / "notes").mkdir(parents=True)
    for i in range(6):
        chosen = by.sample(SENTENCES, 4)
        (folder / "notes" / f"{i}.md").write_text(f"---\ntitle: N{i}\n---\n\n" + "\n\n".join(chosen) + "\n")
    build(folder, 2_000_000_000)
    done = []
    for step in range(1, 30):
        done.append(edit(folder, by))
        shutil.rmtree(twin, ignore_errors=True)
        shutil.copytree(folder, twin, ignore=shutil.ignore_patterns(".tmscards", ".lock"))
        now = 2_000_000_000 + 10 * step
        told, anew = build(folder, now), build(twin, now)
        assert content(folder) == content(twin), done
        assert (told.notes, told.cards, told.left_out) == (anew.notes, anew.cards, anew.left_out), done
        assert [str(change) for change in told.changes] == [str(change) for change in anew.changes], done
        # And what is as it should be stays so, looked at anew.
        shutil.rmtree(twin / ".tmscards")
        build(twin, now + 5)
        assert content(folder) == content(twin), done


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The sources that were looked at."""
    paths: list[str] = []
    of = Extraction.of

    def seen(extraction: Extraction, asked: list[SourcePath], *args: Any, **more: Any) -> Any:
        paths.extend(asked)
        return of(extraction, asked, *args, **more)

    monkeypatch.setattr(Extraction, "of", seen)
    return paths


def test_only_what_changed_is_looked_at(tmp_path: Path, looked: list[str]) -> None:
    (tmp_path / "notes").mkdir()
    for i in range(5):
        (tmp_path / "notes" / f"{i}.md").write_text(f"# N{i}\n\nThe =={i} coil== makes a ==field {i}== of its own.\n")
    build(tmp_path, 2_000_000_000)
    looked.clear()
    (tmp_path / "notes" / "3.md").write_text("# N3\n\nThe ==three coils== make a ==field== of their own.\n")
    build(tmp_path, 2_000_000_010)
    assert looked == ["3.md"]
    assert workers.engine.cache_info().currsize <= 1


def test_what_repeats_another_is_looked_at_when_that_changes(tmp_path: Path, looked: list[str]) -> None:
    said = "Theta burst stimulation is a form of rTMS that delivers pulses in bursts."
    notes = {"a": said, "b": said, "c": "The motor cortex is the part of the brain that moves the hand.", "d": ""}
    (tmp_path / "notes").mkdir()
    for name, text in notes.items():
        (tmp_path / "notes" / f"{name}.md").write_text(f"# {name}\n\n{text}\n")
    assert sum(build(tmp_path, 2_000_000_000).notes.values()) == 2
    looked.clear()
    (tmp_path / "notes" / "c.md").write_text("# c\n\nThe motor cortex is the part of the brain that moves the foot.\n")
    build(tmp_path, 2_000_000_010)
    assert looked == ["c.md"]
    looked.clear()
    (tmp_path / "notes" / "a.md").write_text("# a\n\nNothing.\n")
    told = build(tmp_path, 2_000_000_020)
    # Its note goes to the source that says the same.
    assert looked == ["a.md", "b.md"]
    assert sum(told.notes.values()) == 2
    looked.clear()
    (tmp_path / "notes" / "d.md").write_text(f"# d\n\n{said}\n")
    assert sum(build(tmp_path, 2_000_000_030).notes.values()) == 2
    assert looked == ["b.md", "d.md"]


def test_an_orphan_of_an_unchanged_source_comes_back(tmp_path: Path, looked: list[str]) -> None:
    said = "Theta burst stimulation is a form of rTMS that delivers pulses in bursts."
    first, other = tmp_path / "notes" / "a.md", tmp_path / "notes" / "b.md"
    first.parent.mkdir()
    first.write_text(f"# a\n\n{said}\n\nThe motor cortex is the part of the brain that moves the hand.\n")
    other.write_text("# b\n\n")
    assert sum(build(tmp_path, 2_000_000_000).notes.values()) == 2
    first.write_text(first.read_text().replace(said, ""))
    assert [change.kind for change in build(tmp_path, 2_000_000_010).changes] == ["orphan"]
    looked.clear()
    other.write_text("# b\n\nNothing.\n")
    build(tmp_path, 2_000_000_020)
    assert looked == ["b.md"]
    other.write_text(f"# b\n\n{said}\n")
    [change] = build(tmp_path, 2_000_000_030).changes
    assert (change.kind, change.source) == ("restored", "b.md")


def test_what_repeats_a_changed_statement_too_is_looked_at(tmp_path: Path, looked: list[str]) -> None:
    notes = {
        "a": "Theta burst stimulation is a form of rTMS that delivers pulses in bursts.",
        "b": "Theta burst stimulation is a form of rTMS which delivers pulses in bursts.",
        "c": "Theta burst stimulation is the kind of rTMS that delivers the pulses as bursts of three.",
    }
    (tmp_path / "notes").mkdir()
    for name, text in notes.items():
        (tmp_path / "notes" / f"{name}.md").write_text(f"# {name}\n\n{text}\n")
    told = build(tmp_path, 2_000_000_000)
    assert sum(told.notes.values()) == 2
    assert told.left_out["says nearly the same as an earlier sentence"] == 1
    looked.clear()
    (tmp_path / "notes" / "c.md").write_text(f"# c\n\n{notes['b']}\n")
    told = build(tmp_path, 2_000_000_010)
    assert looked == ["c.md", "b.md", "c.md"]
    assert sum(told.notes.values()) == 2
    assert told.left_out["says the same as an earlier sentence"] == 1


def test_a_rejected_statement_does_not_come_back_from_another_source(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    text = "# N\n\nTranscranial magnetic stimulation is a method that stimulates the cortex with magnetic pulses.\n"
    (tmp_path / "notes" / "b.md").write_text(text)
    assert sum(build(tmp_path, 2_000_000_000).notes.values()) == 1
    [record] = (tmp_path / "deck").rglob("[!.]*.yaml")
    record.write_text(record.read_text().replace("status: auto", "status: rejected"))
    (tmp_path / "notes" / "a.md").write_text(text)
    assert sum(build(tmp_path, 2_000_000_010).notes.values()) == 0
