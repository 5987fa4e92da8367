"""A source, and what is found in it on the way from Markdown to passages. Times in a recording are whole seconds."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeVar

from tmscards.domain.places import CharSpan, Diagnostic, SourcePath

PassageKind = Literal["paragraph", "list item", "table cell", "quote", "callout", "task", "heading"]
Form = Literal["sentence", "term", "item", "row", "pair", "step"]
"""How a statement is written: full prose; `X: y`; a fragment below what it is about; a table's row; a question with its
answer; an item of an ordered list."""
LeftOutKind = Literal[
    "front matter",
    "code",
    "comment",
    "embed",
    "picture",
    "property",
    "macro",
    "template",
    "log",
    "attribute",
    "reference",
    "block id",
    "timestamp",
    "link target",
    "HTML",
    "column head",
    "cell",
    "label",
    "checkbox",
    "list number",
    "callout",
    "tag",
    "footnote",
    "deletion",
    "hint",
    "drawing",
    "links",
    "bibliography",
]
"""What a piece of a note is that is not read as prose."""
LAST_CLOZE_NUMBER = 499
"""Anki makes card 500 for every higher number, and then finds nothing to ask on it (rslib/src/cloze.rs)."""
_Place = TypeVar("_Place", bound=CharSpan)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A piece of a note that is not read as prose."""

    kind: LeftOutKind
    line: int
    """The line of the file on which it begins, counted from 1."""
    text: str
    """Its words, as they are written."""


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
    """The name of the notation that it was written in."""
    offset: int = 0
    """Where it was in the passage's text, from which it has been removed."""
    url: str | None = None
    """The address of the recording, if the notation itself names one."""
    end: int | None = None
    """Where in the recording it ends, if the notation is a range; seconds."""


@dataclass(frozen=True, slots=True)
class Link(CharSpan):
    """A link whose visible words are part of a passage's text."""

    target: str
    bare: bool = False
    """Whether it was written without words of its own, as in `[[target]]`."""


@dataclass(frozen=True, slots=True)
class SeeAlso:
    """A link that was not part of a sentence, and has been taken out of the passage's text."""

    offset: int
    """Where it was in the text."""
    words: str
    doubtful: bool = False
    """Whether nobody can say where its sentence ends, as it repeats words of it or is a title behind a verb."""


Waived = Literal["keep", "skip", "whole"]
"""To make a card of a sentence whatever the rules say, to make none, or to leave nothing out of its card."""


@dataclass(frozen=True, slots=True)
class Waiver:
    """A comment by which the author decides about a sentence."""

    offset: int
    says: Waived


@dataclass(frozen=True, slots=True)
class HandCloze(CharSpan):
    """A cloze deletion that the author wrote."""

    number: int | None
    """None for a number that Anki would not accept."""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph, list item or table cell of prose, with the markup removed."""

    path: SourcePath
    kind: PassageKind
    text: str
    line: int
    """The line of its first character, counted from 1."""
    line_starts: tuple[int, ...] = ()
    """The offsets in the text at which its second and further lines in the file begin."""
    headings: tuple[str, ...] = ()
    """The headings above it, from the outermost to the innermost."""
    label: str | None = None
    """The title in bold before it, or the first cell of its table row."""
    section_seconds: int | None = None
    """The timestamp of the innermost of those headings that has one."""
    callout: str | None = None
    timestamps: tuple[Timestamp, ...] = ()
    links: tuple[Link, ...] = ()
    emphasis: tuple[CharSpan, ...] = ()
    highlights: tuple[CharSpan, ...] = ()
    """What the author marked to be learnt."""
    clozes: tuple[HandCloze, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    math: tuple[CharSpan, ...] = ()
    see_also: tuple[SeeAlso, ...] = ()
    block_id: str | None = None
    form: Form = "sentence"
    lead: tuple[str, ...] = ()
    """What stands above it and is its subject, the outermost first: a lead-in, parent items, the question."""
    is_parent: bool = False
    """Whether other passages have it as their lead."""
    place: tuple[int, int] | None = None
    """Of a step, its number, counted from 1, and how many there are."""
    asks: tuple[CharSpan, ...] = ()
    """What its form lets a card ask: the term, the answer, the label and cells of a row."""
    pictures: tuple[int, ...] = ()
    """Where in the text pictures and other embeds were, which cards do not have."""

    def remade(self, text: str, at: Callable[[int], int]) -> Passage:
        """The passage with another text; `at` maps old offsets to new ones. Spans that become empty are left out."""

        def moved(places: tuple[_Place, ...]) -> tuple[_Place, ...]:
            ends = ((p, at(p.start), at(p.end)) for p in places)
            return tuple(replace(p, start=start, end=end) for p, start, end in ends if start < end)

        return replace(
            self,
            text=text,
            line_starts=tuple(map(at, self.line_starts)),
            timestamps=tuple(replace(s, offset=at(s.offset)) for s in self.timestamps),
            waivers=tuple(replace(w, offset=at(w.offset)) for w in self.waivers),
            pictures=tuple(map(at, self.pictures)),
            asks=moved(self.asks),
            links=moved(self.links),
            emphasis=moved(self.emphasis),
            highlights=moved(self.highlights),
            clozes=moved(self.clozes),
            math=moved(self.math),
        )

    def line_at(self, offset: int) -> int:
        """The line of the file that has the character at `offset`."""
        return self.line + bisect_right(self.line_starts, offset)

    def see_also_in(self, start: int, end: int) -> list[SeeAlso]:
        """The see-also links of the sentence `text[start:end]`: those that were in it or right behind it."""
        return [link for link in self.see_also if start < link.offset <= end]


@dataclass(frozen=True, slots=True)
class Source:
    """A Markdown file that has been read, with its front matter interpreted and blanked out."""

    path: SourcePath
    shown: str
    """The path as the user would type it, for messages."""
    title: str
    body: str
    """The Markdown, with one empty line for each line of front matter."""
    recording: Recording | None = None
    tags: tuple[str, ...] = ()
    lang: str = ""
    """The language that the front matter names, or else the text is in (BCP 47), such as `ar`; empty for English."""
    front_matter: str = ""
    """The head of the file that `body` has empty lines for, as it is written."""
    faults: tuple[Diagnostic, ...] = ()
    """What in the front matter could not be read."""
    address: str = ""
    """What opens it in the app that it is kept in; empty if there is none."""
    properties: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """All that the front matter says, as it is written, by its keys in small letters."""
