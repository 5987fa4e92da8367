"""Choosing the timestamp that a sentence gets."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from tmscards.domain import Passage, Timestamp


@dataclass(frozen=True, slots=True)
class Position:
    """Where in the recording a sentence belongs."""

    seconds: int | None
    approximate: bool = False
    """Whether it is only the nearest timestamp in the section."""
    url: str | None = None
    """The address of the recording, if the timestamp gives one."""
    end: int | None = None
    """Where the sentence's own timestamp ends, if it is a range; seconds."""


class Positions:
    """The positions of the sentences of one source."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._passages = passages
        self._stamps: dict[int, list[Timestamp]] = {}
        self._nearest = _nearest(passages)

    def of(self, index: int, start: int) -> Position:
        """The position of the sentence of passage `index` that begins at offset `start` of its text.

        The first of these that there is: a timestamp inside the sentence or right after it; the next one in its
        passage, because a time at the end covers the sentences before it; the one in a heading above; the nearest in
        its section, marked as approximate; none. In a passage that begins with a timestamp, each timestamp covers what
        follows it.
        """
        own = self._own(index, start)
        if own:
            return Position(own.seconds, url=own.url, end=own.end)
        seconds, nearest = self._passages[index].section_seconds, self._nearest[index]
        if seconds is not None:
            return Position(seconds)
        return Position(nearest.seconds, approximate=True, url=nearest.url) if nearest else Position(None)

    def _own(self, index: int, start: int) -> Timestamp | None:
        passage = self._passages[index]
        if index not in self._stamps:
            self._stamps[index] = sorted(passage.timestamps, key=_offset)
        stamps = self._stamps[index]
        after = bisect_right(stamps, start, key=_offset)
        if stamps and stamps[0].offset == 0 < len(passage.text):
            # The passage begins with a time, so each time covers what follows it.
            return stamps[after - 1]
        return stamps[after] if after < len(stamps) else None


def _offset(stamp: Timestamp) -> int:
    return stamp.offset


def _nearest(passages: Sequence[Passage]) -> list[Timestamp | None]:
    """For each passage its last timestamp, else that of the nearest passage under the same headings.

    Of two passages that are equally near, the earlier one counts.
    """
    before = _sweep(passages, -1)
    after = _sweep(passages[::-1], 0)[::-1]
    return [min(pair, key=lambda found: found[0])[1] for pair in zip(before, after, strict=True)]


def _sweep(passages: Sequence[Passage], which: int) -> list[tuple[float, Timestamp | None]]:
    """For each passage how far before it the nearest timestamp of its section is, and the one at `which` there."""
    found: list[tuple[float, Timestamp | None]] = []
    section: tuple[str, ...] = ()
    distance, stamp = inf, None
    for passage in passages:
        if passage.timestamps:
            distance, stamp = 0, passage.timestamps[which]
        elif passage.headings == section:
            distance += 1
        else:
            distance, stamp = inf, None
        section = passage.headings
        found.append((distance, stamp))
    return found
