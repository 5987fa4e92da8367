"""Owns which notes a package has, and which of them the last one has already as they are to be."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping

from tmscards.anki import clozes, note_types
from tmscards.domain import Note, NoteType, Part, SourceRecords, Told
from tmscards.storage import fingerprint
from tmscards.storage.cache import digest

Contents = Mapping[str, tuple[str, int]]
"""What is in a package, in its order: of each source the digest of its record file, and how many notes."""


def shipped(file: SourceRecords, changed: int) -> list[Note]:
    """The notes of a source that go into a package; `changed` is when the deck last changed.

    Orphans go along once more: in the package of the build that found them, and in those after it that change nothing.
    """
    return [
        Note(note.guid, note_types.fields(note, file.title, file.lang), note.tags, note.modified)
        for note in file.notes
        if note.status not in ("orphan", "rejected") or (note.status == "orphan" and note.modified == changed)
    ]


def told(file: SourceRecords | None, left_out: Mapping[str, int], stamps: tuple[int, ...] = ()) -> Told:
    """What a build tells of a source: the notes and cards that a package has of it, and how it was read."""
    notes, cards = Counter[str](), Counter[str]()
    for note in file.notes if file else ():
        if note.status not in ("orphan", "rejected"):
            notes[note.kind] += 1
            cards[note.kind] += len(clozes.answers(note.text))
    return Told(notes, cards, left_out, stamps)


def parts(files: Mapping[str, SourceRecords], changed: int, last: Contents, same: Collection[str]) -> Iterator[Part]:
    """What a package is put together of, source by source: notes, or where the last one has them.

    Those of the `same` sources are on record as they were when the last package was made.
    """
    places, end = {}, 1
    for source, (_, count) in last.items():
        places[source] = range(end, end := end + count)
    for source, file in files.items():
        # Whether an orphan goes along depends on the rest of the deck.
        is_copied = source in same and not any(note.status == "orphan" for note in file.notes)
        yield places[source] if is_copied else shipped(file, changed)


def key(package: str) -> str:
    """What the contents of a package are kept under, by its digest."""
    return digest("package", fingerprint.of_tmscards(), package)


def read(text: bytes | None, deck: str, note_type: NoteType) -> Contents:
    """What was written; nothing if nothing was, or of a package that has another deck or note type."""
    of, contents = json.loads(text) if text else ("", [])
    return {source: (record, count) for source, record, count in contents} if of == _of(deck, note_type) else {}


def written(contents: Contents, deck: str, note_type: NoteType) -> bytes:
    """What `read` reads."""
    return json.dumps((_of(deck, note_type), [(source, *of) for source, of in contents.items()])).encode()


def _of(deck: str, note_type: NoteType) -> str:
    return digest(deck, repr(note_type))
