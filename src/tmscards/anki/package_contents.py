"""Decides which notes a package has, and which of them can be copied from the last package."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping

from pydantic import NonNegativeInt, TypeAdapter

from tmscards.anki import note_types
from tmscards.domain import Digest, Note, NoteType, Part, SourcePath, SourceRecords
from tmscards.storage.cache import digest, parsed

Contents = Mapping[SourcePath, tuple[Digest, int]]
"""What is in a package, in its order: for each source, the digest of its record file and the number of its notes."""
_DUMPED = TypeAdapter(tuple[Digest, list[tuple[SourcePath, Digest, NonNegativeInt]]])


def shipped(file: SourceRecords, changed: int) -> list[Note]:
    """The notes of a source that go into a package; `changed` is when the deck last changed, in seconds since 1970.

    Orphans are included once more: in the package of the build that found them, and in those after it that change
    nothing.
    """
    return [
        Note(note.guid, note_types.fields(note, file.title, file.lang), note_types.tags(note), note.modified, note.deck)
        for note in file.notes
        if note.status not in ("orphan", "rejected") or (note.status == "orphan" and note.modified == changed)
    ]


def parts(
    files: Mapping[SourcePath, SourceRecords], changed: int, last: Contents, same: Collection[SourcePath]
) -> Iterator[Part]:
    """The parts of a package, source by source: notes to be written, or their places in the last package, from 1.

    `files` are the records of each source, and `last` is what the last package has. The records of the sources in
    `same` are as they were when that package was made.
    """
    places, end = {}, 1
    for source, (_, count) in last.items():
        places[source] = range(end, end := end + count)
    for source, file in files.items():
        # Whether an orphan is included depends on the rest of the deck.
        is_copied = source in same and not any(note.status == "orphan" for note in file.notes)
        yield places[source] if is_copied else shipped(file, changed)


def load(text: bytes | None, deck: str, note_type: NoteType) -> Contents:
    """The contents that `dump` wrote; empty if it wrote none, or for another deck or note type, or they are damaged."""
    of, contents = parsed(_DUMPED, text) or (Digest(""), [])
    return {source: (record, count) for source, record, count in contents} if of == _of(deck, note_type) else {}


def dump(contents: Contents, deck: str, note_type: NoteType) -> bytes:
    """The contents of a package of that deck and note type as bytes, for `load`."""
    return json.dumps((_of(deck, note_type), [(source, *of) for source, of in contents.items()])).encode()


def _of(deck: str, note_type: NoteType) -> Digest:
    return digest(deck, repr(note_type))
