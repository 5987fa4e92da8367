"""Owns what makes a note the same note in every build: its guid, and the time it was last changed.

Anki matches notes by guid and updates one only if its modified time is newer than the collection's, so a guid must not
change without reason and a time must not move while the fields stay. Now is an argument; nothing here reads a clock.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from tmscards.domain import Draft, Note, NoteType, Shipped
from tmscards.selection import normalised


def guids(deck: str, drafts: Iterable[Draft]) -> list[str]:
    """One guid for each draft, made from deck, source and the statement's words, so that every machine agrees.

    A statement said twice in one source is told apart by how often it has been said before.
    """
    seen: Counter[tuple[str, str]] = Counter()
    result = []
    for draft in drafts:
        key = (draft.source.path, normalised(draft.verdict.text))
        result.append(_digest(deck, *key, str(seen[key])))
        seen[key] += 1
    return result


def stamp(notes: Iterable[Note], shipped: Shipped, now: int) -> list[Note]:
    """Give each note the time it last changed: the shipped one if it is unchanged, else now, but later than that."""
    result = []
    for note in notes:
        old = shipped.notes.get(note.guid)
        if old is None:
            modified = now
        elif (old.fields, old.tags) == (note.fields, note.tags):
            modified = old.modified
        else:
            modified = max(now, old.modified + 1)
        result.append(replace(note, modified=modified))
    return result


def stamp_note_type(note_type: NoteType, shipped: Shipped, now: int) -> NoteType:
    """Give a note type the time its folder last changed, by the same rule."""
    old = shipped.note_types.get(note_type.id)
    if old is None:
        return replace(note_type, modified=now)
    if replace(old, modified=0) == replace(note_type, modified=0):
        return old
    return replace(note_type, modified=max(now, old.modified + 1))


def number(*parts: str) -> int:
    """An id for a deck, the same on every machine, in the range that Anki's own ids have."""
    return (1 << 40) + int.from_bytes(hashlib.sha256("\x1f".join(parts).encode()).digest()[:5], "big") // 2


def _digest(*parts: str) -> str:
    digest = hashlib.sha256("\x1f".join(parts).encode()).digest()
    return base64.urlsafe_b64encode(digest[:12]).decode()
