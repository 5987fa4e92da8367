"""Cutting what is too long to be handled at once, so that time grows with the length of a text, and no faster.

A paragraph of hundreds of sentences becomes several passages. A sentence that is longer than anybody writes is a
passage of its own, which is never parsed. The limits are above anything found in 2,660 real notes.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import TypeVar

from tmscards.domain import CharSpan, Passage, Timestamp, Waiver
from tmscards.language import sentences

LONGEST_PASSAGE = 10_000
"""Characters; a longer passage is cut at the ends of sentences. The longest in real notes has 7,400."""
LONGEST_SENTENCE = 5_000
"""Characters; the longest sentence in real notes has 3,898, the second longest 1,260."""
MOST_WORDS = 1_000
"""Words and marks of a sentence; the longest in real notes has 783, the second longest 254."""
LONGEST_WORD = 1_000
"""Characters without white space; the longest in real notes, a sentence in Chinese, has 494."""
LONGEST_RUN = 200
"""Signs in a row, neither letters nor digits; the longest run in real notes has 21."""
LONGEST_TITLE = 1_000
"""Characters of a heading or label; the longest in real notes has 995."""

_ODD = re.compile(rf"\S{{{LONGEST_WORD + 1}}}|(?:[^\w\s]|_){{{LONGEST_RUN + 1}}}")
_WORD = re.compile(r"\w+|[^\w\s]")

_Place = TypeVar("_Place", bound=CharSpan)
_Bounds = Sequence[tuple[int, int, bool]]
"""Where each portion of a passage begins and ends, and whether it is too long to be parsed."""


@dataclass(frozen=True, slots=True)
class Portion:
    """A passage of a size that can be handled."""

    passage: Passage
    is_endless: bool = False
    """Whether it is one sentence, and too long to be parsed."""


def cut(passages: Iterable[Passage]) -> Iterator[Portion]:
    """The same passages, each that is too long cut into several; headings and labels that are too long are shortened.

    The passages must not have see-also links yet. A timestamp covers the same sentences as before.
    """
    for whole in passages:
        passage = _with_short_titles(whole)
        bounds = _bounds(passage)
        if len(bounds) == 1:
            yield Portion(passage, bounds[0][2])
        else:
            yield from (Portion(part, bound[2]) for part, bound in zip(_parts(passage, bounds), bounds, strict=True))


def as_parsed(passage: Passage) -> str:
    """The text of a passage as the parser gets it: each formula as one unknown word of the same length.

    So the parser sees a noun, and offsets stay the same.
    """
    pieces, end = [], 0
    for span in sorted(passage.math, key=lambda span: span.start):
        if span.end > end:
            start = max(span.start, end)
            pieces += [passage.text[end:start], "x" * (span.end - start)]
            end = span.end
    return "".join(pieces) + passage.text[end:]


def _with_short_titles(passage: Passage) -> Passage:
    label = passage.label and _short(passage.label)
    headings = tuple(map(_short, passage.headings))
    if label == passage.label and headings == passage.headings:
        return passage
    return replace(passage, label=label, headings=headings)


@lru_cache(1 << 8)
def _short(title: str) -> str:
    return title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1] + "…"


def _bounds(passage: Passage) -> _Bounds:
    size = len(passage.text)
    if size <= LONGEST_RUN or (size <= MOST_WORDS and not _ODD.search(passage.text)):
        return [(0, size, False)]
    text = as_parsed(passage)
    found: list[tuple[int, int, bool]] = []
    for start, end in pairwise([*sentences.starts(text), size]):
        is_endless = _is_endless(text, start, end)
        if found and not is_endless and not found[-1][2] and end - found[-1][0] <= LONGEST_PASSAGE:
            found[-1] = (found[-1][0], end, False)
        else:
            found.append((start, end, is_endless))
    return found


def _is_endless(text: str, start: int, end: int) -> bool:
    if end - start > LONGEST_SENTENCE or _ODD.search(text, start, end):
        return True
    return end - start > MOST_WORDS and sum(1 for _ in _WORD.finditer(text, start, end)) > MOST_WORDS


def _parts(passage: Passage, bounds: _Bounds) -> Iterator[Passage]:
    """A passage cut at these bounds. What crosses a bound belongs to no sentence, and is left out."""
    begins = [start for start, *_ in bounds]
    links, clozes = _spread(passage.links, bounds, begins), _spread(passage.clozes, bounds, begins)
    emphasis, highlights, math = (
        _spread(places, bounds, begins) for places in (passage.emphasis, passage.highlights, passage.math)
    )
    stamps, waivers, lines = _stamps(passage, bounds), _waivers(passage, begins), sorted(passage.line_starts)
    for i, (start, end, _) in enumerate(bounds):
        above, below = bisect_right(lines, start), bisect_left(lines, end)
        yield replace(
            passage,
            text=passage.text[start:end],
            line=passage.line + above,
            line_starts=tuple(line - start for line in lines[above:below]),
            timestamps=stamps[i],
            links=links[i],
            emphasis=emphasis[i],
            highlights=highlights[i],
            clozes=clozes[i],
            waivers=waivers[i],
            math=math[i],
        )


def _spread(places: Sequence[_Place], bounds: _Bounds, begins: Sequence[int]) -> list[tuple[_Place, ...]]:
    """The places within each portion, with their offsets in it."""
    found: list[list[_Place]] = [[] for _ in bounds]
    for place in places:
        i = bisect_right(begins, place.start) - 1
        start, end, _ = bounds[i]
        if place.end <= end:
            found[i].append(replace(place, start=place.start - start, end=place.end - start))
    return list(map(tuple, found))


def _waivers(passage: Passage, begins: Sequence[int]) -> list[tuple[Waiver, ...]]:
    """The waivers within each portion or right behind it."""
    found: list[list[Waiver]] = [[] for _ in begins]
    for waiver in passage.waivers:
        i = max(bisect_left(begins, waiver.offset) - 1, 0)
        found[i].append(replace(waiver, offset=waiver.offset - begins[i]))
    return list(map(tuple, found))


def _stamps(passage: Passage, bounds: _Bounds) -> list[tuple[Timestamp, ...]]:
    """The timestamps of each portion, with the one from another portion that covers sentences of it.

    That is the next one; or the one before, in a passage that begins with a timestamp.
    """
    stamps = sorted(passage.timestamps, key=lambda stamp: stamp.offset)
    offsets = [stamp.offset for stamp in stamps]
    leads, found = bool(offsets) and offsets[0] == 0, []
    for start, end, _ in bounds:
        if leads:
            first, last = bisect_right(offsets, start) - 1, bisect_left(offsets, end)
        else:
            first, last = bisect_right(offsets, start), bisect_right(offsets, end) + 1
        own = stamps[first:last]
        found.append(tuple(replace(s, offset=min(max(s.offset, start), end) - start) for s in own))
    return found
