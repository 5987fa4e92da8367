"""Choosing the timestamp that a sentence gets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tmscards.domain import Passage, Timestamp


@dataclass(frozen=True, slots=True)
class Position:
    """Where in the recording a sentence belongs."""

    seconds: int | None
    approximate: bool = False
    """Whether it is only the nearest timestamp in the section."""
    url: str | None = None
    """The address of the recording, if the timestamp gives one."""


def position(passages: Sequence[Passage], index: int, start: int, end: int) -> Position:
    """The position of the sentence `passages[index].text[start:end]`.

    The first of these that there is: a timestamp inside the sentence or right after it; the next one in its passage,
    because a time at the end covers the sentences before it; the one in a heading above; the nearest in its section,
    marked as approximate; none. In a passage that begins with a timestamp, each timestamp covers what follows it.
    """
    passage = passages[index]
    own = _own(passage, start, end)
    if own:
        return Position(own.seconds, url=own.url)
    if passage.section_seconds is not None:
        return Position(passage.section_seconds)
    nearest = _nearest(passages, index)
    return Position(nearest.seconds, approximate=True, url=nearest.url) if nearest else Position(None)


def _own(passage: Passage, start: int, end: int) -> Timestamp | None:
    stamps = sorted(passage.timestamps, key=lambda s: s.offset)
    if stamps and stamps[0].offset == 0 < len(passage.text):
        # The passage begins with a time, so each time covers what follows it.
        return [s for s in stamps if s.offset <= start][-1]
    inside = [s for s in stamps if start < s.offset <= end]
    right_behind = [s for s in stamps if s.offset >= end and not passage.text[end : s.offset].strip()]
    after = [s for s in stamps if s.offset > end]
    return next(iter(inside or right_behind or after), None)


def _nearest(passages: Sequence[Passage], index: int) -> Timestamp | None:
    """The last timestamp of the passage itself, else that of the nearest passage under the same headings.

    Of two passages that are equally near, the earlier one counts.
    """
    if passages[index].timestamps:
        return passages[index].timestamps[-1]
    section = passages[index].headings
    before, after = index - 1, index + 1
    while True:
        before_is_in = before >= 0 and passages[before].headings == section
        after_is_in = after < len(passages) and passages[after].headings == section
        if before_is_in and passages[before].timestamps:
            return passages[before].timestamps[-1]
        if after_is_in and passages[after].timestamps:
            return passages[after].timestamps[0]
        if not before_is_in and not after_is_in:
            return None
        before, after = before - before_is_in, after + after_is_in
