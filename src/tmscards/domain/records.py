"""What is on record of a deck: what was shipped, and what people decided about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from tmscards.domain.places import Guid, SourcePath
from tmscards.domain.results import StatementKind

Status = Literal["auto", "approved", "edited", "rejected", "orphan"]
OrphanCause = Literal["source", "author", "recipe"]
"""The sentence is no longer in its source; or it is, and its author or the deck's recipe now leaves it out."""
_REFUSE_UNKNOWN_KEYS = {"extra": "forbid"}
"""pydantic's setting, for the types that are read from files."""


@dataclass(frozen=True, slots=True)
class Record:
    """A note on record: what was shipped of it, and what people decided about it."""

    __pydantic_config__ = _REFUSE_UNKNOWN_KEYS

    guid: Guid
    kind: StatementKind
    status: Status
    text: str
    """Anki's Text field, with its cloze deletions; people may change it."""
    sentence: str
    """As it stands in the source, markup removed."""
    line: int
    modified: int
    """Seconds since 1970, when the note's fields or tags last changed."""
    digest: str
    """Of the text, and of all fields and tags, as they were shipped: tells what changed since."""
    timestamp: int | None = None
    """Seconds."""
    approximate: bool = False
    """The timestamp is only the nearest in the section."""
    url: str = ""
    """The backlink."""
    context: tuple[str, ...] = ()
    """The lines that its cards show above their text."""
    see_also: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    own_tags: tuple[str, ...] | None = None
    """What somebody chose in place of the tags that a build gives."""
    block: str | None = None
    """The block id of its passage."""
    dropped: Mapping[int, str] = field(default_factory=dict)
    """Cloze numbers that the text no longer has, with their last answer; they are never given to another."""
    was: Status | None = None
    """What an orphan was before."""
    orphaned_by: OrphanCause = "source"
    """Of an orphan: why it has no sentence in the deck any more."""


@dataclass(frozen=True, slots=True)
class SourceRecords:
    """The notes on record of one source."""

    __pydantic_config__ = _REFUSE_UNKNOWN_KEYS

    source: SourcePath
    title: str
    notes: tuple[Record, ...]
    """In the order of the source; orphans last."""
    lang: str = ""
    """The source's language, where it names one."""


@dataclass(frozen=True, slots=True)
class DeckRecord:
    """What was shipped of a deck as a whole."""

    __pydantic_config__ = _REFUSE_UNKNOWN_KEYS

    deck: str
    note_type: int
    """Its id."""
    note_type_name: str
    fields: tuple[str, ...]
    cards: tuple[str, ...]
    """The names of its card templates."""
    digest: str
    """Of the template folder."""
    note_type_modified: int
    """Seconds since 1970, when the template folder last changed."""
    changed: int
    """Seconds since 1970, when anything of the deck last changed."""
    settings: str
    """What the recipe said about how many cards to make."""
