"""Times of a recording as people write them: a clock, a range from one to another, a list of ranges."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tmscards.notes.clock import parse_clock

Stretch = tuple[int, int | None]
"""Where something begins in a recording, and where it ends if the text says so, in seconds."""

# The first part has one to three digits, as in `[016:02]`, or more if it begins with 0, as in `[0008:46]`.
# Of four parts, the last is frames; five or six are a range whose dash is missing.
CLOCK = r"(?:0\d)?\d{1,3}(?::\d{1,2}){1,5}(?:[.,]\d{1,3})?(?![\d:])"
_TO = r"\s*(?:-->|-|–|—|to)\s*"
RANGE = rf"{CLOCK}(?:{_TO}\d{{1,3}}(?::\d{{1,2}}){{0,3}}(?:[.,]\d{{1,3}})?(?![\d:]))?"
RANGES = rf"{RANGE}(?:\s*[,;&]\s*{RANGE})*"
CLOCKS = re.compile(CLOCK)
_END = re.compile(rf"{_TO}(\d{{1,3}}(?::\d{{1,2}}){{0,3}})")


def stretches(text: str) -> Iterator[Stretch]:
    """Each time or range in a list of them; those that cannot be read are left out."""
    for item in re.split(r"[,;&]\s*(?=\d)", text) if not re.search(r"\d,\d{3}\b", text) else [text]:
        clock = CLOCKS.match(item.strip())
        start = parse_clock(clock[0]) if clock else None
        if clock and start is not None:
            end = _END.match(item.strip(), clock.end())
            yield start, _end(start, end[1]) if end else None


def _end(start: int, text: str) -> int | None:
    """Where a stretch ends that begins at `start`; a number alone has the minutes of the start, as in 36:28–45."""
    end = parse_clock(text) if ":" in text else start - start % 60 + int(text)
    return end if end is not None and end > start else None
