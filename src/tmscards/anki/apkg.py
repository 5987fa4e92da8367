"""Writes the .apkg file, with the notes and their note type.

This is the only module that uses genanki, and it makes up for what genanki does not do: each note and note type has its
own modified time, each card a due position, and the same content gives the same bytes. Notes that have not changed
since the last package are copied from that package.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import shutil
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from tmscards.anki.note_types import CARD_NAME, FIELD_IDS, FIELDS, TEMPLATE_ID
from tmscards.domain import Location, Note, NoteType, Part
from tmscards.errors import UserError, unwritable
from tmscards.storage import files

_Stretch = tuple[str, range]
"""Consecutive notes: the name of the database that has them, and their places there, counted from 1."""

_COLLECTION = "collection.anki2"
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time a zip entry can have."""
_PIECE = 1 << 20
"""How many bytes are copied at a time."""
OTHER_PLACE = "name another place with --output"
"""The hint given when a deck cannot be written."""
_COPY = (
    "insert into notes select id + :shift, guid, mid, mod, usn, tags, flds, sfld, csum, flags, data from {}.notes",
    "insert into cards select id + :shift, nid + :shift, did, ord, mod, usn, type, queue, due + :later, ivl, factor, "
    "reps, lapses, left, odue, odid, flags, data from {}.cards",
)


def deck_id(name: str) -> int:
    """An id for a deck, the same on every machine and in the range of Anki's own ids."""
    return (1 << 40) + int.from_bytes(hashlib.sha256(name.encode()).digest()[:5], "big") // 2


def _id_below(name: str) -> int:
    """The id of a subdeck, or 0 for no name. Anki takes names that differ only in capital letters for the same."""
    return deck_id(name.casefold()) if name else 0


def prepare(path: Path, *, is_ours: bool = False) -> None:
    """Make the folder for a package, and check that the package may be written there.

    `is_ours` says that a file which is there already is known to be ours; otherwise it is opened to find out. Raises
    UserError if the folder cannot be made, the name is not that of a package, or a file that is not ours is in the way.
    """
    if path.suffix != ".apkg":
        raise UserError(f"{path} does not end in .apkg", hint="Anki opens decks by that ending")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(path, error, "this deck", OTHER_PLACE) from error
    if not is_ours and path.exists() and not _is_ours(path):
        raise UserError(
            "this file already exists and was not written by tmscards",
            location=Location(str(path)),
            hint="move it, or name another with --output",
        )


def write(
    path: Path,
    deck: str,
    note_type: NoteType,
    parts: Iterable[Part],
    last: Path | None = None,
    *,
    subdecks: Iterable[str] = (),
) -> None:
    """Write a deck's notes, in order, to a package: whole, or not at all. The folder must exist.

    `subdecks` are the names of all decks besides `deck` that cards of it are in, those of copied notes too.
    `parts` are notes to be written, or the places of notes to be copied from the `last` package. That must be of the
    same deck and note type, and written by this version of tmscards: then a copied note has the same bytes as a written
    one. Raises UserError if the file cannot be written.
    """
    new: list[Note] = []
    stretches: list[_Stretch] = []
    for part in parts:
        if isinstance(part, range):
            _extend(stretches, "last", part)
        else:
            _extend(stretches, "new", range(len(new) + 1, len(new) + 1 + len(part)))
            new += part
    try:
        with tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as name:
            folder = Path(name)
            _write_new(folder / "new", (deck, *subdecks), note_type, new)
            if last and any(name == "last" for name, _ in stretches):
                with (
                    zipfile.ZipFile(last) as archive,
                    archive.open(_COLLECTION) as old,
                    (folder / "last").open("wb") as to,
                ):
                    shutil.copyfileobj(old, to, _PIECE)
            _assemble(folder, stretches, note_type.modified)
            _pack(folder / "packed", folder / _COLLECTION, note_type)
            os.replace(folder / "packed", path)
    except (OSError, sqlite3.OperationalError) as error:
        raise unwritable(path, error, "this deck", OTHER_PLACE) from error


def _extend(stretches: list[_Stretch], database: str, places: range) -> None:
    """Add notes to the last stretch if they follow it directly, or else as a new stretch."""
    if stretches and stretches[-1][0] == database and stretches[-1][1].stop == places.start:
        places = range(stretches.pop()[1].start, places.stop)
    if places:
        stretches.append((database, places))


def _write_new(path: Path, decks: Sequence[str], note_type: NoteType, notes: Sequence[Note]) -> None:
    """Have genanki write a database, with the decks and the note type even if there are no notes."""
    import genanki

    class StampedModel(genanki.Model):  # type: ignore[misc]  # genanki has no types
        def to_json(self, timestamp: float, deck_id: int) -> dict[str, Any]:
            return {**super().to_json(timestamp, deck_id), "mod": note_type.modified}

    class StampedNote(genanki.Note):  # type: ignore[misc]  # genanki has no types
        modified = 0

        def write_to_db(self, cursor: sqlite3.Cursor, _: float, deck_id: int, id_gen: Iterator[int]) -> None:
            super().write_to_db(cursor, self.modified, deck_id, id_gen)

    class StreamedDeck(genanki.Deck):  # type: ignore[misc]  # genanki has no types
        """Makes each note only when it is written, as genanki's notes take ten times the memory of ours."""

        def write_to_db(self, cursor: sqlite3.Cursor, timestamp: float, id_gen: Iterator[int]) -> None:
            super().write_to_db(cursor, timestamp, id_gen)
            for due, note in enumerate(notes, start=1):
                packed = StampedNote(model=model, fields=list(note.fields), tags=note.tags, guid=note.guid, due=due)
                packed.modified = note.modified
                packed.write_to_db(cursor, timestamp, _id_below(note.deck) or self.deck_id, id_gen)

    model = StampedModel(
        note_type.id,
        note_type.name,
        fields=[{"name": name, "id": FIELD_IDS[name]} for name in FIELDS],
        templates=[{"name": CARD_NAME, "qfmt": note_type.front, "afmt": note_type.back, "id": TEMPLATE_ID}],
        css=note_type.css,
        model_type=genanki.Model.CLOZE,
    )
    anki_deck = StreamedDeck(deck_id(decks[0]), decks[0])
    # An empty deck still names its note type, so that importing it is not an error.
    anki_deck.add_model(model)
    with closing(_database(path)) as database:
        below = {_id_below(name): name for name in sorted(decks[1:], reverse=True)}
        others = (genanki.Deck(id, name) for id, name in sorted(below.items()))
        genanki.Package([anki_deck, *others]).write_to_db(database.cursor(), 0, itertools.count(1))
        database.commit()


def _assemble(folder: Path, stretches: Sequence[_Stretch], latest: int) -> None:
    """Make the package's collection from the notes in the other databases of `folder`, with ids that count up.

    Rows are added one by one in the same way whichever database they come from, so that the bytes are the same.
    `latest` is the modified time of the note type, in seconds since 1970.
    """
    from genanki.apkg_schema import APKG_SCHEMA

    with closing(_database(folder / _COLLECTION)) as database:
        database.executescript(APKG_SCHEMA)
        bounds = {}
        for name in dict.fromkeys(("new", *(name for name, _ in stretches))):
            database.execute(f"attach ? as {name}", (str(folder / name),))
            bounds[name] = _bounds(database, name)
        spans = [(name, places, bounds[name][places.start - 1 : places.stop]) for name, places in stretches]
        for name, _, ids in spans:
            query = f"select max(mod) from {name}.cards where id >= ? and id < ?"
            latest = max(latest, database.execute(query, (ids[0], ids[-1])).fetchone()[0] or 0)
        # Ids are times in milliseconds, and Anki 2.1.55 refuses those in the future.
        needed = max(sum(4 * len(places) for _, places, _ in spans), sum(ids[-1] - ids[0] for _, _, ids in spans))
        first = 1000 * (latest - needed // 1000 - 1)
        database.execute("insert into col select * from new.col")
        for copy in _COPY:
            id, due = first, 1
            for name, places, ids in spans:
                rows = {"first": ids[0], "end": ids[-1], "shift": id - ids[0], "later": due - places.start}
                database.execute(f"{copy.format(name)} where id >= :first and id < :end order by id", rows)
                id, due = id + ids[-1] - ids[0], due + len(places)
        database.commit()


def _bounds(database: sqlite3.Connection, name: str) -> list[int]:
    """The ids of a database's notes, in order, and then one above all ids. A card's id comes after its note's."""
    ids = [id for (id,) in database.execute(f"select id from {name}.notes where usn = -1 order by id")]
    return [*ids, (database.execute(f"select max(id) from {name}.cards").fetchone()[0] or 0) + 1]


def _is_ours(path: Path) -> bool:
    """Whether we wrote this package: genanki's format, all its notes with our fields, and not exported from Anki."""
    if not path.is_file():
        return False
    try:
        with tempfile.TemporaryDirectory() as folder:
            with zipfile.ZipFile(path) as archive:
                if any(name.startswith("collection.anki21") for name in archive.namelist()):
                    return False
                if archive.getinfo(_COLLECTION).compress_type != zipfile.ZIP_STORED:
                    # We compress nothing, and what is compressed could fill the disk.
                    return False
                archive.extract(_COLLECTION, folder)
            database = sqlite3.connect(Path(folder, _COLLECTION))
            try:
                # A view could go on for ever.
                [(kind,)] = database.execute("select type from sqlite_master where name = 'notes'")
                rows = database.execute("select flds from notes")
                return kind == "table" and all(flds.count("\x1f") + 1 == len(FIELDS) for (flds,) in rows)
            finally:
                database.close()
    except Exception:  # whatever is wrong with a file, it is none of ours
        return False


def _database(path: Path) -> sqlite3.Connection:
    """A new database without protection against power failures, as it is temporary."""
    database = sqlite3.connect(path)
    database.execute("pragma journal_mode = off")
    database.execute("pragma synchronous = off")
    return database


def _pack(packed: Path, collection: Path, note_type: NoteType) -> None:
    """Write the zip file, without times in it and uncompressed, as compressors differ between machines."""
    media = {str(number): file for number, file in enumerate(note_type.media)}
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, file in media.items():
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), files.read(Path(file.path)))
        with collection.open("rb") as source, archive.open(zipfile.ZipInfo(_COLLECTION, _EPOCH), "w") as target:
            shutil.copyfileobj(source, target, _PIECE)
        names = json.dumps({number: file.name for number, file in media.items()})
        archive.writestr(zipfile.ZipInfo("media", _EPOCH), names)
