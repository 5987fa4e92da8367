"""Marks, which stand for something in a text while a Markdown parser reads it, and what they stand for.

A mark is a number between two noncharacters, which Unicode keeps for a program's own use: no text has them once it is
`printable`. Timestamps have marks of their own kind.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from tmscards.domain import LeftOut, LeftOutKind, Timestamp

OPEN, STAMP_OPEN, CLOSE = "\ufdd0", "\ufdd2", "\ufdd1"
"""What is around the number of a mark; marks of timestamps begin with STAMP_OPEN."""
MARK = re.compile(f"[{OPEN}{STAMP_OPEN}](\\d+){CLOSE}", re.ASCII)


LeaveOut = Callable[[LeftOutKind, str, int], None]
"""Takes note of a piece of a note that is left out: what it is, its text and its line."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What a mark in a masked text stands for."""

    kind: Literal[
        "dropped",
        "picture",
        "code",
        "math",
        "display math",
        "link",
        "block id",
        "timestamp",
        "waiver",
        "cloze",
        "cloze end",
        "highlight",
        "highlight end",
    ]
    text: str = ""
    """Code, TeX, the words that a link shows, the block id, `keep` or `skip`, or the cloze number as it is written."""
    target: str = ""
    """The target of a link, or the hint of a cloze deletion."""
    bare: bool = False
    timestamps: tuple[Timestamp, ...] = ()
    lines: int = 0
    """How many line breaks of the file it stands for."""


@dataclass(slots=True)
class Masked:
    """A Markdown text with marks in it, what the marks stand for, and what was left out of it."""

    text: str
    marks: list[Mark] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    has_breaks: bool = False
    """Whether a mark stands for line breaks."""

    def put(self, mark: Mark) -> str:
        """Store a mark and return the characters that stand for it in the text."""
        self.marks.append(mark)
        self.has_breaks = self.has_breaks or mark.lines > 0
        return f"{STAMP_OPEN if mark.kind == 'timestamp' else OPEN}{len(self.marks) - 1}{CLOSE}"

    def leave_out(self, kind: LeftOutKind, text: str, line: int) -> None:
        """Take note that a piece of the text is left out: the words in it, and what its marks stand for."""
        words = self.written(text).strip()
        if words:
            self.left_out.append(LeftOut(kind, line, words))

    def written(self, text: str) -> str:
        """A text with what its marks stand for: code and mathematics as they are written, the words of links."""

        def of(found: re.Match[str]) -> str:
            mark = self.marks[int(found[1])]
            match mark.kind:
                case "code" | "math" | "display math":
                    return mark.text
                case "link":
                    return self.written(mark.text)
            return ""

        return MARK.sub(of, text)


class Lines:
    """Which line of the file an offset of a masked text is on; to be asked in the order of the text."""

    def __init__(self, masked: Masked) -> None:
        self._masked = masked
        self._text = masked.text
        self._offset, self._line = 0, 1

    def at(self, offset: int) -> int:
        """The line, counted from 1."""
        start = self._offset
        self._line += self._text.count("\n", start, offset)
        if self._masked.has_breaks:
            found = MARK.finditer(self._text, start, offset)
            self._line += sum(self._masked.marks[int(mark[1])].lines for mark in found)
        self._offset = offset
        return self._line

    def of_each(self) -> list[int]:
        """For each line of the masked text, the line of the file on which it begins."""
        found, at = [], 0
        while at >= 0:
            found.append(self.at(at))
            at = self._text.find("\n", at) + 1 or -1
        return found
