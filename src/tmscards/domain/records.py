"""What is on record of a deck: what was shipped, and what people decided about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from tmscards.domain.places import CharSpan, Guid, SourcePath
from tmscards.domain.results import StatementKind

Status = Literal["auto", "approved", "edited", "rejected", "orphan"]
OrphanCause = Literal["source", "author", "recipe"]
"""The source no longer has the sentence, or has it, and its author or the deck's recipe now leaves it out."""
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
    """The sentence as it is in the source, with the markup removed."""
    line: int
    modified: int
    """Seconds since 1970, when the note's fields or tags last changed."""
    digest: str
    """Digests of the text, and of all fields and tags, as they were shipped: they show what has changed since."""
    timestamp: int | None = None
    """Seconds."""
    end: int | None = None
    """Where the timestamp ends, if it is a range; seconds."""
    approximate: bool = False
    """Whether the timestamp is only the nearest in the section."""
    url: str = ""
    """The backlink."""
    context: tuple[str, ...] = ()
    """The lines that its cards show above their text."""
    see_also: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    own_tags: tuple[str, ...] | None = None
    """The tags that somebody chose instead of those that a build gives; None if nobody has."""
    extra: str = ""
    """What its cards have on their back besides, as plain text."""
    link: str = ""
    """The address that opens its place in its source; empty if there is none."""
    deck: str = ""
    """The deck that new cards of it go to; empty for the one of the recipe."""
    block: str | None = None
    """The block id of its passage."""
    left_out: tuple[int, ...] = ()
    """Where each stretch of the sentence that the text leaves out begins and ends, in turn: characters, half-open."""
    whole: bool = False
    """Whether somebody wants the text to leave nothing out."""
    dropped: Mapping[int, str] = field(default_factory=dict)
    """Cloze numbers that the text no longer has, with their last answers; they are never given to other answers."""
    was: Status | None = None
    """The status that an orphan had before (None for `auto`), or `edited` for a rejected note that had been edited."""
    orphaned_by: OrphanCause = "source"
    """For an orphan, why it no longer has a sentence in the deck."""

    @property
    def cuts(self) -> list[CharSpan]:
        """What the text leaves out of the sentence."""
        return [CharSpan(start, end) for start, end in zip(self.left_out[::2], self.left_out[1::2], strict=True)]


@dataclass(frozen=True, slots=True)
class SourceRecords:
    """The notes on record of one source."""

    __pydantic_config__ = _REFUSE_UNKNOWN_KEYS

    source: SourcePath
    title: str
    notes: tuple[Record, ...]
    """In the order of the source; orphans last."""
    lang: str = ""
    """The source's language (BCP 47), if its front matter names one."""


@dataclass(frozen=True, slots=True)
class DeckRecord:
    """What was shipped of a deck as a whole."""

    __pydantic_config__ = _REFUSE_UNKNOWN_KEYS

    deck: str
    note_type: int
    """The id of its note type."""
    note_type_name: str
    fields: tuple[str, ...]
    cards: tuple[str, ...]
    """The names of its card templates."""
    digest: str
    """A digest of the note type: its name, HTML and CSS."""
    note_type_modified: int
    """Seconds since 1970, when that digest last changed."""
    changed: int
    """Seconds since 1970, when anything of the deck last changed."""
    settings: str
    """What the recipe said about how many cards to make."""
