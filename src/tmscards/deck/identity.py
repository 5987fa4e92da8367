"""Keeps a note the same note in every build: gives its guid, and the time when it last changed.

Anki matches notes by guid and updates one only if its modified time is newer than the collection's. So a guid must not
change without a reason, and a time must not move while the fields stay the same. The current time is an argument;
nothing here reads a clock.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection, Iterable, MutableMapping
from dataclasses import replace

from tmscards.domain import Candidate, Digest, Guid, NoteType, Record
from tmscards.text import normalised

FIRST = 1_577_836_800
"""The modified time of a note that never changed: 2020-01-01, in seconds since 1970.

As it is fixed, every machine makes the same package, and a machine that has lost its records does not overwrite
anybody's edits.
"""
_OUT = "-out"


def mint(
    deck: str, candidate: Candidate, taken: Collection[Guid], tried: MutableMapping[str, int] | None = None
) -> Guid:
    """A guid for a new note, made from deck, source and the statement's words, so that it is the same on every machine.

    A source may say the same thing more than once. Each of these statements gets the first of its guids that is not
    `taken` yet. `tried`, if given, keeps how many of them are, so that the next such statement need not try them.
    """
    parts = (deck, candidate.source.path, normalised(candidate.result.text))
    first = _mint(*parts)
    count = tried.get(first, 0) if tried else 0
    while (guid := _mint(*parts, str(count))) in taken:
        count += 1
    if tried is not None:
        tried[first] = count
    return guid


def stamp(record: Record, fields: Iterable[str], before: Record | None, now: int) -> Record:
    """A record with its digest, and with the time when its note last changed, in seconds since 1970.

    `fields` are the fields of its note. The time is `now` if a learner sees a difference from `before`, the record of
    the last build; without one it is `FIRST`.
    """
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
    """The record marked as that of a note which no package has had yet."""
    return replace(record, digest=f"{digest(record.text)}-", modified=FIRST)


def is_unshipped(record: Record) -> bool:
    """Whether no package has had the note yet."""
    return record.digest.endswith("-")


def is_edited(record: Record) -> bool:
    """Whether somebody has changed the text of a record since a build wrote it."""
    return record.digest.partition("-")[0] != digest(record.text)


def of_note_type(note_type: NoteType) -> Digest:
    """The digest of a note type as learners see it."""
    return digest(note_type.name, note_type.front, note_type.back, note_type.css)


def digest(*parts: str) -> Digest:
    """A short digest of these texts, which depends on their order and on where each ends."""
    return Digest(hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:12])


def _mint(*parts: str) -> Guid:
    return Guid(base64.urlsafe_b64encode(hashlib.sha256("\x1f".join(parts).encode()).digest()[:12]).decode())
