"""What goes into a package for Anki."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tmscards.domain.places import Guid


@dataclass(frozen=True, slots=True)
class Note:
    """An Anki note, ready to be packed."""

    guid: Guid
    fields: tuple[str, ...]
    """HTML, in the order of the note type's fields."""
    tags: tuple[str, ...]
    modified: int
    """Seconds since 1970; Anki updates a note only if this is newer than its own."""
    deck: str = ""
    """The deck of its cards; empty for that of the package."""


Part = Sequence[Note] | range
"""A part of a package: notes to be written, or the places, counted from 1, of notes in the last package."""


@dataclass(frozen=True, slots=True)
class Media:
    """A file that is included in a package."""

    name: str
    """The name that it gets in Anki's media folder."""
    path: str


@dataclass(frozen=True, slots=True)
class NoteType:
    """Anki's note type, made from a template folder that was read and checked."""

    id: int
    name: str
    front: str
    back: str
    css: str
    media: tuple[Media, ...] = ()
    modified: int = 0
    """Seconds since 1970; Anki updates CSS and HTML only if this is newer than its own."""
