"""Finding the timestamps in a Markdown text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tmscards.domain import Timestamp
from tmscards.notes.notations import (
    ADDRESS,
    CHAPTER,
    END_OF_ADDRESS,
    NOTATIONS,
    TIME_IN_ADDRESS,
    Match,
    Notation,
    Surroundings,
    chapters,
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

    Of a range, the start counts. In a link, the time in the address counts if there is one, else that in the words.
    """
    read = list(_matches(text))
    around = Surroundings(
        has_sure=any(notation.is_timestamp is None for notation, _ in read),
        chapters=chapters(text, [match for notation, match in read if notation is CHAPTER]),
    )
    return [
        Found(
            match.start,
            match.end,
            tuple(Timestamp(each, notation.name, url=notation.url(match)) for each in seconds),
            notation.keep(match),
        )
        for notation, match in read
        if notation.is_timestamp is None or notation.is_timestamp(match, around)
        if (seconds := notation.seconds(match)) or notation.is_markup
    ]


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
    pattern = re.sub(r"\(\?P<|\(\?\((?=\w)", lambda opening: f"{opening[0]}{name}_", notation.pattern)
    return f"(?P<{name}>{pattern})"


_BY_GROUP = {f"n{i}": notation for i, notation in enumerate(NOTATIONS)}
_FINDER = re.compile("|".join(_in_group(name, notation) for name, notation in _BY_GROUP.items()), re.M)
