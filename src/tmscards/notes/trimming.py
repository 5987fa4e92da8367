"""What is cut from the beginning of a passage, and what a passage is called by the bold words that begin it."""

from __future__ import annotations

import re
from dataclasses import replace

from tmscards.domain import CharSpan, Passage
from tmscards.notes.inlines import Writer
from tmscards.notes.outline import LONGEST_TITLE

_LONGEST_NAME = 80
TASK = re.compile(r"\[[^\]\n]\]\s+|(?:TODO|DOING|DONE|LATER|NOW|WAITING|CANCELED)\s+")
"""What stands before the text of a task."""
PAGE = re.compile(r"(?:pg|pgs|pp?|page|slide)\.? ?\d+(?:[-–]\d+)?:\s+(?=\S)", re.I)
LISTED = re.compile(r"\(?(?:[a-z]|[ivxlc]{1,5}|\d{1,3})\)\s+(?=\S)|[ivxlc]{1,5}\.\s+(?=\S)")

CALLOUT = re.compile(r"\[!\w[\w-]*\][+-]?\s*")
"""What begins a callout, where no quotation mark does before it."""
BULLET = re.compile(r"[-*+•·‣▪◦]\s+(?=\S)")
ORNAMENT = re.compile(
    "(?:[\u25a0-\u25ff\u2600-\u2604\u2605-\u260f\u2614-\u263c\u2690-\u2704\u2706-\u2712\u2715\u2716\u2719-\u274b"
    "\u274d-\u2775\u2794-\u27bf\u2b00-\u2b54\u2b56-\u2bff\U0001f300-\U0001f44c\U0001f44f-\U0001f6aa"
    "\U0001f6ac-\U0001faff][\ufe0f\u200d]*\\s*)+(?=[\\w\"“'‘(])"
)
"""Pictographs that only adorn a line. Ticks, crosses and other signs that say something about it are none."""


def is_title(passage: Passage) -> bool:
    """Whether a passage is a line in bold alone: some people write headings like that."""
    whole = CharSpan(0, len(passage.text.rstrip(": ")))
    is_bold = any(place.holds(whole) for place in passage.emphasis)
    return is_bold and whole.end <= _LONGEST_NAME and not passage.text.endswith((".", "!", "?", ","))


def cut(passage: Passage, head: int) -> Passage:
    """A passage without its first characters."""
    text = passage.text[head:]
    return passage.remade(text, lambda offset: min(max(offset - head, 0), len(text)))


def label(writer: Writer, text: str) -> str | None:
    """The bold title that begins a paragraph: "**A title** The text …", not "**A term**: …" or "**A term** is …"."""
    if not writer.emphasis or writer.emphasis[0].start != 0:
        return None
    end = writer.emphasis[0].end
    if end > LONGEST_TITLE:
        return None
    is_title = re.fullmatch(r"[^.:!?,]*[\w)\"”]", text[:end]) is not None and " " in text[:end]
    return text[:end] if is_title and re.match(r" [\"“(]?[A-Z][a-z]* [a-z\d]", text[end:]) else None


def labelled(passage: Passage, term: str) -> Passage:
    """A definition from a definition list, as `Term: definition`."""
    shift = len(term) + 2
    moved = passage.remade(f"{term}: {passage.text}", lambda offset: offset + shift)
    place = CharSpan(0, len(term))
    return replace(moved, emphasis=(place, *moved.emphasis), form="term", asks=(place,))
