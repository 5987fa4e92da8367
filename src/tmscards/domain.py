"""Owns the frozen types that pass between the stages; imports nothing of ours.

Offsets are characters of the text named, half-open. Times in a recording are whole seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeVar

StatementKind = Literal["definition", "fact"]
Status = Literal["auto", "approved", "edited", "rejected", "orphan"]
PassageKind = Literal["paragraph", "list item", "table cell", "quote", "callout", "task", "heading"]


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a file, for people to find."""

    path: str
    line: int | None = None
    column: int | None = None
    """Both counted from 1."""

    def __str__(self) -> str:
        return ":".join(str(part) for part in (self.path, self.line, self.column) if part is not None)


@dataclass(frozen=True, slots=True)
class Recording:
    """A video, a podcast episode or a page with sound that a source is about."""

    kind: Literal["youtube", "vimeo", "page"]
    url: str
    """The address without a time."""


@dataclass(frozen=True, slots=True)
class Timestamp:
    """A position in a recording, as written at one place of a text."""

    seconds: int
    syntax: str
    """Which of the notations in `timestamps` it was written in."""
    offset: int = 0
    """Where it stood in the passage's text, from which it has been removed."""
    url: str | None = None
    """The address of the recording, where the notation itself names one."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a passage's text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Link:
    """A link whose shown words stand in a passage's text."""

    start: int
    end: int
    target: str
    bare: bool = False
    """Written without words of its own, as in `[[target]]`."""


@dataclass(frozen=True, slots=True)
class SeeAlso:
    """A link that stood beside a passage's text and has been taken out of it."""

    offset: int
    """Where it stood."""
    words: str
    doubtful: bool = False
    """It repeats words of its sentence or is a title behind a verb, so nobody can say where the sentence ends."""


@dataclass(frozen=True, slots=True)
class Waiver:
    """A comment by which the author decides about a sentence."""

    offset: int
    keep: bool
    """Make a card of it whatever speaks against it; if False, make none."""


@dataclass(frozen=True, slots=True)
class HandCloze:
    """A cloze deletion that the author wrote."""

    start: int
    end: int
    number: int
    hint: str = ""


_Place = TypeVar("_Place", Span, Link, HandCloze)


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph, list item or table cell of prose, its markup removed."""

    path: str
    kind: PassageKind
    text: str
    line: int
    """Of the first character, counted from 1."""
    line_starts: tuple[int, ...] = ()
    """Offsets at which the second and further lines of the file begin."""
    headings: tuple[str, ...] = ()
    """From the outermost to the innermost heading above it."""
    label: str | None = None
    """What stands before it as a title in bold, or in the first cell of its table row."""
    section_seconds: int | None = None
    """The timestamp written in one of those headings, the innermost first."""
    callout: str | None = None
    timestamps: tuple[Timestamp, ...] = ()
    links: tuple[Link, ...] = ()
    emphasis: tuple[Span, ...] = ()
    highlights: tuple[Span, ...] = ()
    """What the author marked to be learnt."""
    clozes: tuple[HandCloze, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    math: tuple[Span, ...] = ()
    see_also: tuple[SeeAlso, ...] = ()
    block_id: str | None = None

    def remade(self, text: str, at: Callable[[int], int]) -> Passage:
        """The passage with another text, in which a place is where `at` says; what has become empty is left out."""

        def moved(places: tuple[_Place, ...]) -> tuple[_Place, ...]:
            ends = ((p, at(p.start), at(p.end)) for p in places)
            return tuple(replace(p, start=start, end=end) for p, start, end in ends if start < end)

        return replace(
            self,
            text=text,
            line_starts=tuple(map(at, self.line_starts)),
            timestamps=tuple(replace(s, offset=at(s.offset)) for s in self.timestamps),
            waivers=tuple(replace(w, offset=at(w.offset)) for w in self.waivers),
            links=moved(self.links),
            emphasis=moved(self.emphasis),
            highlights=moved(self.highlights),
            clozes=moved(self.clozes),
            math=moved(self.math),
        )

    def line_at(self, offset: int) -> int:
        """The line of the file on which the character at `offset` stands."""
        return self.line + sum(start <= offset for start in self.line_starts)

    def see_also_in(self, start: int, end: int) -> list[SeeAlso]:
        """The see-also links of the sentence `text[start:end]`: those that stood in it or right behind it."""
        return [link for link in self.see_also if start < link.offset <= end]


@dataclass(frozen=True, slots=True)
class Source:
    """A Markdown file, read, with its front matter interpreted and blanked out."""

    path: str
    """Relative to the notes folder, with `/`: the name that identities are made from."""
    shown: str
    """The path as the user would type it, for messages."""
    title: str
    body: str
    """The Markdown, with one empty line for each line of front matter."""
    recording: Recording | None = None
    tags: tuple[str, ...] = ()
    lang: str = ""
    """The language that the front matter names (BCP 47), such as `ar`; empty if none."""


@dataclass(frozen=True, slots=True)
class Abbreviation:
    """A short form and the long form that a sentence introduces it with."""

    short: str
    long: str


@dataclass(frozen=True, slots=True)
class Gap:
    """A span of a statement chosen to be hidden, before it has a cloze number."""

    start: int
    end: int
    text: str
    score: float
    repeats: tuple[Span, ...] = ()
    """Where the same words stand in the statement again; they are hidden along with it."""
    hint: str = ""
    number: int | None = None
    """The cloze number, where it has one already."""

    @property
    def places(self) -> tuple[Span, ...]:
        """Where its words stand: it, and its repeats."""
        return (Span(self.start, self.end), *self.repeats)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule of card lint finds in a sentence or a deck."""

    rule: str
    message: str
    drops: bool
    """Whether no note is made because of it."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A stretch of a sentence that a card shows otherwise."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one sentence, and why: a statement, or a reason for leaving it out."""

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
    reason: str | None = None
    """Why no note is made of it; None if one is."""
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

    verdicts: tuple[Verdict, ...]
    """On each of its sentences, in their order."""
    stamps: tuple[int, ...]
    """All timestamps in it, in seconds."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a build tells of one source."""

    notes: Mapping[str, int]
    """By kind."""
    cards: Mapping[str, int]
    """By kind."""
    left_out: Mapping[str, int] = field(default_factory=dict)
    """Sentences without a note, by reason."""
    stamps: tuple[int, ...] = ()
    """All its timestamps, in seconds."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A sentence before it is matched to the notes on record."""

    source: Source
    verdict: Verdict
    gaps: tuple[Gap, ...]
    """What a new note of it would hide, in the order of the text."""
    tags: tuple[str, ...] = ()


_REFUSE_UNKNOWN_KEYS = {"extra": "forbid"}
"""pydantic's setting, for the types that are read from files."""


@dataclass(frozen=True, slots=True)
class Record:
    """A note on record: what was shipped of it, and what people decided about it."""

    __pydantic_config__ = _REFUSE_UNKNOWN_KEYS

    guid: str
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


@dataclass(frozen=True, slots=True)
class SourceRecords:
    """The notes on record of one source."""

    __pydantic_config__ = _REFUSE_UNKNOWN_KEYS

    source: str
    """The source's path, relative to the notes folder."""
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


@dataclass(frozen=True, slots=True)
class Note:
    """An Anki note, ready to be packed."""

    guid: str
    fields: tuple[str, ...]
    """HTML, in the order of the note type's fields."""
    tags: tuple[str, ...]
    modified: int
    """Seconds since 1970; Anki updates a note only if this is newer than its own."""


Part = Sequence[Note] | range
"""What a package is put together of: notes to be written, or those at these places, from 1, of the last package."""


@dataclass(frozen=True, slots=True)
class Media:
    """A file that goes along in a package."""

    name: str
    """In Anki's media folder."""
    path: str


@dataclass(frozen=True, slots=True)
class NoteType:
    """A template folder, read and checked."""

    id: int
    name: str
    front: str
    back: str
    css: str
    media: tuple[Media, ...] = ()
    modified: int = 0
    """Seconds since 1970; Anki takes over CSS and HTML only if this is newer than its own."""
