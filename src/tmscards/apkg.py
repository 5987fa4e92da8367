"""Owns the .apkg file: writing notes and their note type into it.

The only user of genanki, whose habits it mends: a time of its own for each note and note type, a due position for each
card, and the same bytes for the same content.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tmscards import identity
from tmscards.domain import Location, Note, NoteType
from tmscards.errors import UserError
from tmscards.note_types import CARD_NAME, FIELD_IDS, FIELDS, TEMPLATE_ID

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time a zip entry can have."""


def prepare(path: Path) -> None:
    """Make the folder that a package is to be in.

    Raises UserError if it cannot be, the name is no package's, or a package that is not ours is in the way.
    """
    if path.suffix != ".apkg":
        raise UserError(f"{path} does not end in .apkg", hint="Anki opens decks by that ending")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(path, error) from error
    if path.exists() and not _is_ours(path):
        raise UserError(
            "this file is in the way and is no deck of ours",
            location=Location(str(path)),
            hint="move it, or name another with --output",
        )


def write(path: Path, deck: str, note_type: NoteType, notes: Sequence[Note]) -> None:
    """Write a deck's notes, in order, to a package: whole, or not at all. The folder must exist.

    Raises UserError if the file cannot be written.
    """
    import genanki

    class StampedModel(genanki.Model):  # type: ignore[misc]  # genanki has no types
        def to_json(self, timestamp: float, deck_id: int) -> dict[str, Any]:
            return {**super().to_json(timestamp, deck_id), "mod": note_type.modified}

    class StampedNote(genanki.Note):  # type: ignore[misc]  # genanki has no types
        modified = 0

        def write_to_db(self, cursor: sqlite3.Cursor, _: float, deck_id: int, id_gen: Iterator[int]) -> None:
            super().write_to_db(cursor, self.modified, deck_id, id_gen)

    class StreamedDeck(genanki.Deck):  # type: ignore[misc]  # genanki has no types
        """Makes each note when it is its turn, as genanki's take ten times the memory of ours."""

        def write_to_db(self, cursor: sqlite3.Cursor, timestamp: float, id_gen: Iterator[int]) -> None:
            super().write_to_db(cursor, timestamp, id_gen)
            for due, note in enumerate(notes, start=1):
                packed = StampedNote(model=model, fields=list(note.fields), tags=note.tags, guid=note.guid, due=due)
                packed.modified = note.modified
                packed.write_to_db(cursor, timestamp, self.deck_id, id_gen)

    model = StampedModel(
        note_type.id,
        note_type.name,
        fields=[{"name": name, "id": FIELD_IDS[name]} for name in FIELDS],
        templates=[{"name": CARD_NAME, "qfmt": note_type.front, "afmt": note_type.back, "id": TEMPLATE_ID}],
        css=note_type.css,
        model_type=genanki.Model.CLOZE,
    )
    anki_deck = StreamedDeck(identity.number(deck), deck)
    latest = max([note_type.modified, *(note.modified for note in notes)])
    # An empty deck still names its note type, so that importing it is no error.
    anki_deck.add_model(model)
    try:
        with tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as folder:
            raw, packed_path = Path(folder, "raw"), Path(folder, "packed")
            media = []
            for file in note_type.media:
                # genanki packs a file under the name that it has on disk.
                media.append(str(shutil.copyfile(file.path, Path(folder, file.name))))
            # genanki counts ids up from this, in milliseconds; Anki 2.1.55 refuses ids from the future.
            timestamp = latest - len(notes) * 4 // 1000 - 1
            genanki.Package(anki_deck, media_files=media).write_to_file(raw, timestamp=timestamp)
            _repack(raw, packed_path)
            os.replace(packed_path, path)
    except OSError as error:
        raise unwritable(path, error) from error


def _is_ours(path: Path) -> bool:
    """Whether a file is a package that we wrote: genanki's, all its notes with our fields, not an export of Anki's."""
    try:
        with tempfile.TemporaryDirectory() as folder:
            with zipfile.ZipFile(path) as archive:
                if any(name.startswith("collection.anki21") for name in archive.namelist()):
                    return False
                archive.extract("collection.anki2", folder)
            database = sqlite3.connect(Path(folder, "collection.anki2"))
            try:
                rows = database.execute("select flds from notes")
                return all(flds.count("\x1f") + 1 == len(FIELDS) for (flds,) in rows)
            finally:
                database.close()
    except (OSError, KeyError, sqlite3.Error, zipfile.BadZipFile):
        return False


def unwritable(path: Path, error: OSError) -> UserError:
    """The error for a deck that the disk refuses."""
    return UserError(
        f"this deck cannot be written: {error.strerror}",
        location=Location(str(path)),
        hint="name another place with --output",
    )


def _repack(raw: Path, packed: Path) -> None:
    """Copy a zip file without the clock in it. Entries are stored, as compressors differ between machines."""
    with zipfile.ZipFile(raw) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as new:
        for name in sorted(old.namelist()):
            new.writestr(zipfile.ZipInfo(name, _EPOCH), old.read(name))
