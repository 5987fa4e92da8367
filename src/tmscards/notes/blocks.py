"""The shape of a block of lines: hard-wrapped prose, one thought a line, rows of a table that lacks its rule."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

_OPENS = re.compile(r"(?:\ufdd2\d+\ufdd1[ \t]*)*[\"'“‘(\[*_=<]*(?:[^\W\d_]|\d|[-+•→·])")
_LISTED = re.compile(r"[ \t]*\(?(?:[a-zA-Z]|[ivxlc]{1,5}|\d{1,3})[.)][ \t]+\S")
_ONLY_MARKS = re.compile(r"(?:[\ufdd0\ufdd2]\d+\ufdd1[ \t.,;]*)+")
_ROW = re.compile(r"[ \t]*\|.*\|[ \t]*")
_STOPS = (".", "!", "?", ":", ";")
_INNER_END = re.compile(r"[.!?] +[^\W\da-z_]")
_LONG = 60
"""Characters; a writer who breaks lines by hand fills them with more than that."""


def has_one_thought_a_line(block: str) -> bool:
    """Whether each line of a block is a statement of its own, judged by where lines end and how they begin.

    In prose that is broken to fit a width, all lines but the last are nearly as long as the longest, and most go on in
    small letters.
    """
    whole = [line.strip() for line in block.split("\n")]
    # A time alone is no line, and a formula alone is a part of the sentence around it.
    lines = [line for line in whole if line and not _ONLY_MARKS.fullmatch(line)]
    if len(lines) < 2:
        return False
    if sum(_LISTED.match(line) is not None for line in lines) > len(lines) / 2:
        return True
    if _begins(lines) >= 0.5:
        return True
    has_formulas = len(lines) < sum(map(bool, whole))
    return _is_ragged(lines) and not has_formulas and not any(_goes_on(line) for line in lines[:-1])


def _begins(lines: Sequence[str]) -> float:
    """The share of further lines that begin as statements do, or that follow the end of one."""
    begun = 0
    for before, line in pairwise(lines):
        opening = _OPENS.match(line)
        is_capital = opening is not None and not opening[0][-1].islower()
        begun += is_capital or before.endswith(_STOPS)
    return begun / (len(lines) - 1)


def _goes_on(line: str) -> bool:
    """Whether a sentence ends within a line, and the next one does not."""
    return _INNER_END.search(line) is not None and not line.endswith(_STOPS)


def _is_ragged(lines: Sequence[str]) -> bool:
    """Whether lines end long before they are full."""
    longest = max(map(len, lines))
    if longest < _LONG:
        return len(lines) > 2 or len(lines[0]) < _LONG / 2
    short = sum(len(line) < 0.7 * longest for line in lines[:-1])
    return short >= 0.4 * (len(lines) - 1)


def is_table(block: str) -> bool:
    """Whether a block is rows of cells between bars, without the line of dashes that would make it a table."""
    lines = block.split("\n")
    return len(lines) > 1 and all(_ROW.fullmatch(line) for line in lines)
