"""Replacing what note apps add to Markdown with marks, so that a CommonMark parser can read the rest.

A mark is a number between two noncharacters. Timestamps have marks of their own kind, and what writers put
around them (brackets, commas between two) is removed with them. Line breaks stay, so line numbers stay correct.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from tmscards.domain import Timestamp
from tmscards.notes import opaque, timestamps
from tmscards.notes.marks import CLOSE, OPEN, STAMP_OPEN
from tmscards.notes.scanning import NOWHERE, Next, replaced
from tmscards.text import printable

_STAMP = f"{STAMP_OPEN}[0-9]++{CLOSE}"
_STAMPS = f"(?:{_STAMP}[ \\t]*+)++"

_END_OF_DRAWER = re.compile(r":END:[ \t]*+$", re.M)
_DROPPED = re.compile(
    r"""
    (?P<embed>!\[\[)                                        # Obsidian
    | (?P<attributes>\{:)                                   # kramdown, Logseq
    | \(\([0-9a-f]{8}-[0-9a-f-]{27}\)\)                     # Logseq: block reference
    | \{\{(?!c\d++::)[^{}\n]*+\}\}                          # Logseq, Hugo: macro
    | ^[ \t]*+(?:[-*][ \t]++)?[\w-]+::[ \t][^\n]*+$         # Logseq: property
    | (?P<drawer>^[ \t]*+:(?:LOGBOOK|PROPERTIES):)          # Logseq, Org
    | ^import\s[^\n]*\sfrom\s["'][^\n]*$ | ^export\s(?:const|default|function|let)\s[^\n]*$   # MDX
    | ^[ \t]*+\{[^{}\n]*+\}[ \t]*+$                         # MDX: expression
    """,
    re.M | re.X,
)
_DROPPED_CLOSINGS = {
    "embed": (re.compile(r"[\]\n]"), re.compile(r"\]\]")),
    "attributes": (re.compile(r"[}\n]"), re.compile(r"\}")),
    "drawer": (_END_OF_DRAWER, _END_OF_DRAWER),
}
"""What ends the inside of a construct, and what must stand there to close it."""
_WIKILINK = re.compile(r"\[\[(?P<target>[^\[\]|\n]*?)(?:\\?\|(?P<alias>(?:[^\[\]\n]|\[[^\[\]\n]*\])*))?\]\]")
_CLOZE = re.compile(r"\{\{c(\d{1,3})::")
_END_OF_ANSWER = re.compile(r"\}\}|::|\n\s*+\n")
_WAIVER = re.compile(r"tmscards:\s*(keep|skip)\b")
_HIGHLIGHT = re.compile(r"(?<![=\w])==(?=[^\s=])")
_END_OF_HIGHLIGHT = re.compile(r"(?<=[^\s=])==(?![=\w])")
_BLANK_LINE = re.compile(r"\n[ \t]*+\n")
_BLOCK_ID = re.compile(r"(?<![ \t])[ \t]++\^([A-Za-z0-9-]++)[ \t]*+$", re.M)


@dataclass(frozen=True, slots=True)
class Mark:
    """What a mark in a masked text stands for."""

    kind: Literal[
        "dropped", "code", "math", "display math", "link", "block id", "timestamp", "waiver", "cloze", "cloze end"
    ]
    text: str = ""
    """Code, TeX, the words that a link shows, the block id, `keep` or `skip`, or the cloze number as it is written."""
    target: str = ""
    """The target of a link, or the hint of a cloze deletion."""
    bare: bool = False
    timestamps: tuple[Timestamp, ...] = ()


@dataclass(slots=True)
class Masked:
    """A Markdown text with marks in it, and what the marks stand for."""

    text: str
    marks: list[Mark] = field(default_factory=list)

    def put(self, mark: Mark) -> str:
        """Store a mark and return the characters that stand for it in the text."""
        self.marks.append(mark)
        return f"{STAMP_OPEN if mark.kind == 'timestamp' else OPEN}{len(self.marks) - 1}{CLOSE}"


def mask(markdown: str) -> Masked:
    """Replace timestamps and the constructs of note apps with marks. The result has as many lines as `markdown`."""
    # The time that a search for "white space, then …" takes grows with the square of the length of a run of spaces;
    # one real note has 900,000 spaces in a row.
    masked = Masked(re.sub(r"[ \t]{100,}", " " * 100, printable(markdown)))
    masked.text = _without_opaque(masked)
    masked.text = _mask_timestamps(masked)
    masked.text = _without_dropped(masked)
    masked.text = _with_clozes(masked)
    masked.text = _WIKILINK.sub(lambda m: _mask_wikilink(masked, m), masked.text)
    masked.text = _with_highlights(masked.text)
    masked.text = _BLOCK_ID.sub(lambda m: masked.put(Mark("block id", m[1])), masked.text)
    return masked


def _without_opaque(masked: Masked) -> str:
    constructs = opaque.Constructs(masked.text)

    def closed(opening: re.Match[str]) -> tuple[int, str] | None:
        found = constructs.at(opening)
        if not found:
            return None
        lines = "\n" * masked.text.count("\n", opening.start(), found.end)
        match found.kind:
            case "fence" if timestamps.is_block(masked.text[opening.start() : found.end]):
                return found.end, masked.text[opening.start() : found.end]
            case "fence":
                return found.end, lines
            case "comment":
                waiver = _WAIVER.search(found.inside)
                mark = Mark("waiver", waiver[1]) if waiver else Mark("dropped")
            case kind:
                mark = Mark(kind, " ".join(found.inside.split()))
        return found.end, masked.put(mark) + lines

    return replaced(masked.text, opaque.OPENING, closed)


def _without_dropped(masked: Masked) -> str:
    stops = {name: Next(stop, masked.text) for name, (stop, _) in _DROPPED_CLOSINGS.items()}

    def closed(opening: re.Match[str]) -> tuple[int, str] | None:
        end, kind = opening.end(), opening.lastgroup
        if kind:
            end = stops[kind].after(end)
            closing = _DROPPED_CLOSINGS[kind][1].match(masked.text, end) if end != NOWHERE else None
            if not closing:
                return None
            end = closing.end()
        return end, masked.put(Mark("dropped")) + "\n" * masked.text.count("\n", opening.start(), end)

    return replaced(masked.text, _DROPPED, closed)


def _with_clozes(masked: Masked) -> str:
    """The text with marks for the cloze deletions `{{c1::answer}}` and `{{c1::answer::hint}}` around their answers."""
    text = masked.text
    ends, closings = Next(_END_OF_ANSWER, text), Next(re.compile(r"\}\}"), text)

    def closed(opening: re.Match[str]) -> tuple[int, str] | None:
        start = opening.end()
        end = closing = ends.after(start)
        if text.startswith("::", end):
            closing = closings.after(end + 2)
        if end == start or not text.startswith("}}", closing):
            return None
        hint = text[end + 2 : closing]
        opened = masked.put(Mark("cloze", opening[1], target=" ".join(hint.split())))
        return closing + 2, opened + text[start:end] + masked.put(Mark("cloze end"))

    return replaced(text, _CLOZE, closed)


def _with_highlights(text: str) -> str:
    ends, blank_lines = Next(_END_OF_HIGHLIGHT, text), Next(_BLANK_LINE, text)

    def closed(opening: re.Match[str]) -> tuple[int, str] | None:
        start = opening.end()
        end = ends.after(start + 1)
        if end == NOWHERE or blank_lines.after(start) < end:
            return None
        return end + 2, f"<mark>{text[start:end]}</mark>"

    return replaced(text, _HIGHLIGHT, closed)


def _mask_timestamps(masked: Masked) -> str:
    parts, end = [], 0
    for found in timestamps.find(masked.text):
        mark = masked.put(Mark("timestamp", timestamps=found.stamps))
        before, nul, after = found.keep.partition("\0")
        kept = before + mark + after if nul else f"{mark} {found.keep}" if found.keep else mark
        parts += [masked.text[end : found.start], kept]
        end = found.end
    return _tidy("".join(parts) + masked.text[end:])


def _tidy(text: str) -> str:
    """Remove what only held timestamps together: brackets around, commas and dashes between, a second full stop."""
    text = re.sub(rf"({_STAMP})[ \t]*(?:[,;&–—-]|and|to)?[ \t]*(?={_STAMP})", r"\1", text)
    for _ in range(3):
        text = re.sub(rf"[(\[][ \t,;]*({_STAMPS})[,;]?[)\]]", r"\1", text)
    text = re.sub(rf"[,;][ \t]*({_STAMPS})(?=[)\].!?])", r"\1", text)
    return re.sub(rf"([.!?])[ \t]*({_STAMPS})\.(?!\.)", r"\2\1", text)


def _mask_wikilink(masked: Masked, match: re.Match[str]) -> str:
    target = match["target"].strip()
    alias = (match["alias"] or "").strip()
    # A bare link shows its target, which note apps often made from a title, with _ for spaces.
    words = alias or re.sub(r"[#^/_|]+", " ", re.sub(r"\.(?:md|pdf)$", "", target)).strip()
    return masked.put(Mark("link", words, target=target, bare=not alias)) if words else ""
