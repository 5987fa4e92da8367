"""Names of files, notes and contents, places in files and texts, and messages to people about a place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple, NewType

SourcePath = NewType("SourcePath", str)
"""A source's path relative to the notes folder, with `/`: the name that guids are made from."""
Guid = NewType("Guid", str)
"""The id by which Anki recognises a note, on every machine."""
Digest = NewType("Digest", str)
"""A short text that stands for some content: a different content has a different digest."""

Severity = Literal["error", "warning"]


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
class Diagnostic:
    """A message to people about a file or a setting."""

    severity: Severity
    """An error means that what it is about cannot be used; a warning, that it can."""
    message: str
    """What is wrong."""
    location: Location | None = None
    hint: str = ""
    """What to do about it."""
    trace: str = ""
    """Of a fault of tmscards itself: Python's traceback, which is shown on request."""

    def __str__(self) -> str:
        where = f"{self.location}: " if self.location else ""
        then = f" ({self.hint})" if self.hint else ""
        return f"{where}{self.message}{then}"


@dataclass(frozen=True, slots=True)
class CharSpan:
    """A stretch of a text: offsets in characters, half-open."""

    start: int
    end: int

    def overlaps(self, other: CharSpan) -> bool:
        """Whether both have a character in common."""
        return self.start < other.end and other.start < self.end

    def holds(self, other: CharSpan) -> bool:
        """Whether all of the other lies within this one."""
        return self.start <= other.start and other.end <= self.end


class TokenSpan(NamedTuple):
    """A stretch of a parsed text: offsets in tokens, half-open."""

    start: int
    end: int
