"""Finding the timestamps in a Markdown text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tmscards.domain import Timestamp
from tmscards.notes.clock import parse_clock
from tmscards.notes.notations import (
    ADDRESS,
    BLOCK,
    CHAPTER,
    END_OF_ADDRESS,
    NOTATIONS,
    TIME_IN_ADDRESS,
    TIME_OF_DAY,
    TRANSCRIPT,
    Match,
    Notation,
    Surroundings,
)
from tmscards.notes.scanning import Next


@dataclass(frozen=True, slots=True)
class Found:
    """A notation found in a text: `text[start:end]` means `stamps`.

    When it is removed, `keep` stays in the text. A NUL in `keep` shows where the timestamp stood; without a NUL, it
    stood before `keep`. If the time cannot be read, there are no stamps, but the markup is still to be removed.
    """

    start: int
    end: int
    stamps: tuple[Timestamp, ...]
    keep: str = ""


def find(text: str) -> list[Found]:
    """Every timestamp in a Markdown text, in order; times of day, verses, ratios and slices are left alone.

    In a link, the time in the address counts if there is one, else that in the words.
    """
    read = list(_matches(text))
    around = Surroundings(
        has_sure=any(notation.is_timestamp is None for notation, _ in read),
        chapters=_chapters(text, read),
    )
    return [
        Found(
            match.start,
            match.end,
            tuple(Timestamp(start, notation.name, url=notation.url(match), end=end) for start, end in stretches),
            notation.keep(match),
        )
        for notation, match in read
        if notation.is_timestamp is None or notation.is_timestamp(match, around)
        if (stretches := notation.stretches(match)) or notation.is_markup
    ]


def is_block(fence: str) -> bool:
    """Whether a fenced code block, with its fences, is a timestamp."""
    return _BLOCK.fullmatch(fence) is not None


_FAR, _NEAR = 30, 3
"""Lines between the paragraphs of a transcript, and between two chapters, at most."""


def _chapters(text: str, matches: Sequence[tuple[Notation, Match]]) -> frozenset[int]:
    """The offsets of those times at the beginnings of lines that mark chapters or paragraphs of a recording.

    A list of chapters begins at 0:00 (YouTube's rule) or with a time that has hours; a transcript, with times in bold,
    in its first minute; either may go on from a timestamp that cannot be mistaken. It continues as long as the times do
    not decrease, and are at most three lines apart; in a transcript, thirty.
    """
    found: set[int] = set()
    if not any(notation in (CHAPTER, TRANSCRIPT) for notation, _ in matches):
        return frozenset()
    last_line, last_seconds = -_FAR - 1, -1
    line = counted = 0
    for notation, match in matches:
        # Counting from the beginning of the text each time would take too long for a list of many chapters.
        line += text.count("\n", counted, match.start + 1)
        counted = match.start + 1
        if notation.is_timestamp is None:
            if stamps := notation.stretches(match):
                last_line, last_seconds = line + text.count("\n", counted, match.end), stamps[0][0]
            continue
        if notation not in (CHAPTER, TRANSCRIPT):
            continue
        seconds = parse_clock(match["times"].partition(" ")[0])
        is_time = re.search(r":\d\d(?:[.,]\d+)?$", match["times"]) is not None
        if seconds is None or not is_time or TIME_OF_DAY.match(text, match.found.end(match.prefix + "times")):
            continue
        apart, first = (_FAR, 60) if notation is TRANSCRIPT else (_NEAR, 1)
        if (line - last_line <= apart and seconds >= last_seconds) or seconds < first or match["times"].count(":") == 2:
            found.add(match.start)
            last_line, last_seconds = line, seconds
    return frozenset(found)


def _matches(text: str) -> Iterator[tuple[Notation, Match]]:
    ends, times, at = Next(END_OF_ADDRESS, text), Next(TIME_IN_ADDRESS, text), 0
    while found := _FINDER.search(text, at):
        notation, end = _BY_GROUP[found.lastgroup or ""], found.end()
        at = end
        if notation is ADDRESS:
            end = min(ends.after(at), len(text))
            if times.after(at + 1) >= end:
                continue
        yield notation, Match(found, f"{found.lastgroup}_", end)
        at = end


def _in_group(name: str, notation: Notation) -> str:
    """The pattern of a notation as a group of this name, with the name put in front of the names of its own groups."""
    pattern = re.sub(r"\(\?P[<=]|\(\?\((?=\w)", lambda opening: f"{opening[0]}{name}_", notation.pattern)
    return f"(?P<{name}>{pattern})"


_BY_GROUP = {f"n{i}": notation for i, notation in enumerate(NOTATIONS)}
ABOVE = frozenset(notation.name for notation in NOTATIONS if notation.is_above)
"""The names of the notations that stand above the text that they are about."""
_BLOCK = re.compile(BLOCK.pattern, re.M)
_LINES = ("^", "(?:^|")
"""How the patterns of notations begin that stand at the beginning of a line."""
_OF_LINES = "|".join(_in_group(name, each) for name, each in _BY_GROUP.items() if each.pattern.startswith(_LINES))
_OTHERS = "|".join(_in_group(name, each) for name, each in _BY_GROUP.items() if not each.pattern.startswith(_LINES))
# The signs with which a notation begins are told first, as most of a text has none of them.
_FINDER = re.compile(rf"(?=[\[(<{{!\\h])(?:{_OTHERS})|^(?:{_OF_LINES})", re.M)
