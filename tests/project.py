"""A project in a test's own folder: edits and builds its notes, and looks at its deck and records."""

from __future__ import annotations

import hashlib
import sqlite3
import subprocess
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import yaml

Run = Callable[..., subprocess.CompletedProcess[str]]

NOTE = """---
title: Nerves
videoId: X4QE6t-MkYE
---

## Heart

The ==vagus nerve== slows the ==heart== within a few seconds [00:01:00].

## Brain

The ==motor cortex== moves the hand of the other side [00:02:00].
"""


class Project:
    """A folder with notes, and what its deck holds after a build."""

    def __init__(self, folder: Path, run: Run) -> None:
        self.folder, self._run = folder, run
        self.source = folder / "notes/nerves.md"
        self.deck, self.records = folder / "decks/nerves.apkg", folder / "decks/nerves"
        self.source.parent.mkdir(parents=True)
        self.deck.parent.mkdir()
        self.source.write_text(NOTE)
        (folder / "decks/nerves.yaml").write_text("deck: Nerves\n")

    def tmscards(self, *args: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        return self._run(*args, cwd=self.folder, code=code)

    def build(self) -> str:
        return self.tmscards("build").stdout

    def edit(self, old: str, new: str) -> None:
        """Replace words of the note."""
        text = self.source.read_text()
        assert old in text
        self.source.write_text(text.replace(old, new))

    def change(self, old: str, new: str) -> str:
        """Replace words of the note, and build."""
        self.edit(old, new)
        return self.build()

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.deck.read_bytes()).hexdigest()

    def notes(self) -> dict[str, tuple[str, str, int]]:
        """What the package holds by guid: the Text field, tags, modified time."""
        return {
            guid: (fields.split("\x1f")[0], tags.strip(), modified) for guid, fields, tags, modified in self._rows()
        }

    def fields(self) -> list[list[str]]:
        """The fields of each note in the package, in its order."""
        return [fields.split("\x1f") for _, fields, *_ in self._rows()]

    def _rows(self) -> list[tuple[str, str, str, int]]:
        with tempfile.TemporaryDirectory() as scratch:
            with zipfile.ZipFile(self.deck) as archive:
                archive.extract("collection.anki2", scratch)
            database = sqlite3.connect(Path(scratch, "collection.anki2"))
            rows = database.execute("select guid, flds, tags, mod from notes order by id").fetchall()
            database.close()
        return rows

    def record(self, name: str = "nerves") -> list[dict[str, object]]:
        notes: list[dict[str, object]] = yaml.safe_load((self.records / f"{name}.yaml").read_text())["notes"]
        return notes

    def edit_record(self, old: str, new: str, name: str = "nerves") -> None:
        path = self.records / f"{name}.yaml"
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))
