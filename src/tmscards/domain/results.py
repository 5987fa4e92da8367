"""What becomes of sentences: what each is worth, what could be asked, and which could become notes of a deck."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tmscards.domain.places import CharSpan
from tmscards.domain.sources import Source

StatementKind = Literal["definition", "fact"]


@dataclass(frozen=True, slots=True)
class Abbreviation:
    """A short form and the long form that a sentence introduces it with."""

    short: str
    long: str


@dataclass(frozen=True, slots=True)
class Gap(CharSpan):
    """A span of a statement chosen to be hidden, before it has a cloze number."""

    text: str
    score: float
    repeats: tuple[CharSpan, ...] = ()
    """Where the same words stand in the statement again; they are hidden along with it."""
    hint: str = ""
    number: int | None = None
    """The cloze number, where it has one already."""

    @property
    def places(self) -> tuple[CharSpan, ...]:
        """Where its words stand: it, and its repeats."""
        return (CharSpan(self.start, self.end), *self.repeats)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule of card lint finds in a sentence or a deck."""

    rule: str
    message: str
    drops: bool
    """Whether no note is made because of it."""


@dataclass(frozen=True, slots=True)
class Edit(CharSpan):
    """A stretch of a sentence that a card shows otherwise."""

    text: str


@dataclass(frozen=True, slots=True)
class SentenceResult:
    """What extraction finds out about one sentence: what it is worth, and what could be asked of it.

    It depends on the source alone; what a deck's recipe makes of it is a `Candidate`'s.
    """

    line: int
    text: str
    """As it stands in the source, markup removed."""
    kind: StatementKind | None
    score: float
    """How likely an expert would make a card of it (0 to 1)."""
    gaps: tuple[Gap, ...] = ()
    """Offsets are within `text`; the best first."""
    edits: tuple[Edit, ...] = ()
    """What a card shows otherwise than `text`; no gap overlaps any."""
    findings: tuple[Finding, ...] = ()
    kept: bool = False
    """The author asked for it."""
    marked: bool = False
    """The author chose its gaps by hand."""
    block: str | None = None
    """The block id of its passage."""
    seconds: int | None = None
    approximate: bool = False
    """The timestamp is only the nearest in the section."""
    url: str | None = None
    above: tuple[str, ...] = ()
    """Title, headings and label, from the outermost in."""
    before: str = ""
    """The sentences before it, where it is not understood without them."""
    abbreviations: tuple[Abbreviation, ...] = ()
    see_also: tuple[str, ...] = ()
    headings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Extract:
    """What extraction makes of one source."""

    results: tuple[SentenceResult, ...]
    """On each of its sentences, in their order."""
    stamps: tuple[int, ...]
    """All timestamps in it, in seconds."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that a deck could have a note of, before it is matched to the notes on record."""

    source: Source
    """Without its text."""
    result: SentenceResult
    gaps: tuple[Gap, ...]
    """What a new note of it would hide, in the order of the text."""
    tags: tuple[str, ...] = ()
    reason: str | None = None
    """Why no new note is made of it; None if one is."""
