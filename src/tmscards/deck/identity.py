"""What makes a note the same note in every build: its guid, and the time it was last changed.

Anki matches notes by guid and updates one only if its modified time is newer than the collection's, so a guid must not
change without reason and a time must not move while the fields stay. Now is an argument; nothing here reads a clock.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection, Iterable
from dataclasses import replace

from tmscards.domain import Candidate, Digest, Guid, NoteType, Record
from tmscards.text import normalised

FIRST = 1_577_836_800
"""The modified time of a note that was never changed: 2020-01-01, so that every machine makes the same package, and one
that has lost its records overwrites nobody's edits."""
_OUT = "-out"


def mint(deck: str, candidate: Candidate, taken: Collection[Guid]) -> Guid:
    """A guid for a new note, made from deck, source and the statement's words, so that every machine agrees.

    A statement that its source says again is told apart by how many guids of it are taken already.
    """
    count = 0
    while (guid := _mint(deck, candidate.source.path, normalised(candidate.result.text), str(count))) in taken:
        count += 1
    return guid


def stamp(record: Record, fields: Iterable[str], before: Record | None, now: int) -> Record:
    """A record with its digest, and the time its note last changed: now if it differs from `before` for a learner."""
    shipped = digest(*fields, " ".join(record.tags)) + (_OUT if record.status == "rejected" else "")
    if before is None:
        modified = FIRST
    elif before.digest.partition("-")[2] == shipped:
        modified = before.modified
    else:
        modified = now
    return replace(record, digest=f"{digest(record.text)}-{shipped}", modified=modified)


def was_out(record: Record) -> bool:
    """Whether a note was rejected when its record was written."""
    return record.digest.endswith(_OUT)


def unshipped(record: Record) -> Record:
    """A record of a note that no package has had yet."""
    return replace(record, digest=f"{digest(record.text)}-", modified=FIRST)


def is_unshipped(record: Record) -> bool:
    """Whether no package has had the note yet."""
    return record.digest.endswith("-")


def is_edited(record: Record) -> bool:
    """Whether somebody changed the text of a record since it was written."""
    return record.digest.partition("-")[0] != digest(record.text)


def of_note_type(note_type: NoteType) -> Digest:
    """The digest of a note type as learners see it."""
    return digest(note_type.name, note_type.front, note_type.back, note_type.css)


def digest(*parts: str) -> Digest:
    """A short digest of texts."""
    return Digest(hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:12])


def _mint(*parts: str) -> Guid:
    return Guid(base64.urlsafe_b64encode(hashlib.sha256("\x1f".join(parts).encode()).digest()[:12]).decode())
