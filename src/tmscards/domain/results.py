"""What tmscards finds out about sentences: what each is worth, what could be asked, and what could become a note."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tmscards.domain.places import CharSpan
from tmscards.domain.sources import Form, Source

StatementKind = Literal["definition", "fact"]


@dataclass(frozen=True, slots=True)
class Abbreviation:
    """A short form and the long form that a sentence introduces it with."""

    short: str
    long: str


@dataclass(frozen=True, slots=True)
class Gap(CharSpan):
    """A span of a statement chosen to be hidden, before it has a cloze number.

    One that is empty hides the lead that is shown before a fragment.
    """

    text: str
    score: float
    repeats: tuple[CharSpan, ...] = ()
    """Where the same words occur in the statement again; they are hidden too."""
    hint: str = ""
    number: int | None = None
    """The cloze number, if it has one already."""
    term: bool = False
    """Whether it is what its statement defines."""
    cuts: tuple[CharSpan, ...] = ()
    """What a card that asks for it leaves out of the statement, in the order of the text; none overlaps another."""

    @property
    def is_lead(self) -> bool:
        """Whether it hides the lead."""
        return self.start == self.end

    @property
    def places(self) -> tuple[CharSpan, ...]:
        """All places of its words: its own, then its repeats."""
        return (CharSpan(self.start, self.end), *self.repeats)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule of card lint finds in a sentence or a deck."""

    rule: str
    message: str
    drops: bool
    """Whether it keeps a sentence from becoming a note."""


@dataclass(frozen=True, slots=True)
class Edit(CharSpan):
    """A stretch of a sentence, and the text that a card shows instead."""

    text: str


@dataclass(frozen=True, slots=True)
class SentenceResult:
    """What extraction finds out about one sentence: what it is worth, and what could be asked of it.

    It depends on the source alone; what depends on a deck's recipe is in `Candidate`.
    """

    line: int
    text: str
    """The sentence as it is in the source, with the markup removed."""
    kind: StatementKind | None
    score: float
    """How likely an expert would make a card of it (0 to 1)."""
    gaps: tuple[Gap, ...] = ()
    """The best first; offsets are within `text`."""
    edits: tuple[Edit, ...] = ()
    """Where a card shows something other than `text`; no gap overlaps any of them."""
    findings: tuple[Finding, ...] = ()
    kept: bool = False
    """Whether the author asked for a card of it."""
    marked: bool = False
    """Whether the author chose its gaps by hand."""
    block: str | None = None
    """The block id of its passage."""
    seconds: int | None = None
    """Its timestamp, in seconds from the start of the recording."""
    end: int | None = None
    """Where its timestamp ends, if it is a range; seconds."""
    approximate: bool = False
    """Whether the timestamp is only the nearest in the section."""
    url: str | None = None
    """The address of the recording, if the timestamp names one."""
    above: tuple[str, ...] = ()
    """Title, headings and label, from the outermost in."""
    before: str = ""
    """The sentences before it, if it cannot be understood without them."""
    abbreviations: tuple[Abbreviation, ...] = ()
    see_also: tuple[str, ...] = ()
    headings: tuple[str, ...] = ()
    form: Form = "sentence"
    second: CharSpan | None = None
    """Where its second fact is in `text`, if it states two that a deck may have a note of each of."""
    within: CharSpan | None = None
    """Where it is in the sentence before it, if it is the second fact of that sentence."""
    lead: tuple[str, ...] = ()
    """What stands above it and is its subject, the outermost first, besides titles."""


@dataclass(frozen=True, slots=True)
class Extract:
    """What extraction makes of one source."""

    results: tuple[SentenceResult, ...]
    """One for each of its sentences, in their order."""
    stamps: tuple[int, ...]
    """All timestamps in it, in seconds."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that a deck could have a note of, before it is matched to the notes on record."""

    source: Source
    """The source without its text."""
    result: SentenceResult
    gaps: tuple[Gap, ...]
    """What a new note of it would hide, in the order of the text."""
    tags: tuple[str, ...] = ()
    deck: str = ""
    """The deck of its cards; empty for the one of the recipe."""
    extra: str = ""
    """What its cards have on their back besides."""
    link: str = ""
    """The address that opens its place in its source; empty if there is none."""
    reason: str | None = None
    """Why no new note is made of it; None if one is."""
