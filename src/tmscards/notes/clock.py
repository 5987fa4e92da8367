"""Converting positions in a recording between whole seconds and the forms in which people and URLs write them."""

from __future__ import annotations

import re

_DAY = 24 * 3600
# More than nine digits, apart from zeros before them, are no time, and could be more than Python converts.
_NUMBER = r"0*(\d{1,9})"
_CLOCK = re.compile(r"\d{1,9}(?::\d{1,9}){1,5}")
_UNITS = re.compile(rf"(?:{_NUMBER}h)?(?:{_NUMBER}m)?(?:{_NUMBER}(?:\.\d+)?s?)?")


def parse_clock(text: str) -> int | None:
    """The seconds that `M:SS`, `H:MM:SS` or `H:MM:SS:FF` (with frames) means; None for anything else.

    If two such times are run together, the first counts. Every part after the first must be below 60; fractions of a
    second are cut off. A time of a day or more was written on the wrong scale: `39:03:00` is 39 minutes and 3 seconds.
    """
    clock = re.split(r"[.,]", text.strip(), maxsplit=1)[0]
    if not _CLOCK.fullmatch(clock) or ":" in text.replace(clock, "", 1):
        return None
    parts = [int(part) for part in clock.split(":")]
    if any(part >= 60 for part in parts[1:]):
        return None
    if len(parts) == 2:
        total = parts[0] * 60 + parts[1]
    else:
        total = (parts[0] * 60 + parts[1]) * 60 + parts[2]
        if total >= _DAY:
            total = parts[0] * 60 + parts[1]
    return total if total < _DAY else None


def parse_offset(text: str) -> int | None:
    """The seconds of the time in a URL: `212`, `217s`, `12m28s`, `1h2m3s` or `12:28`; None for anything else."""
    text = text.strip().lower()
    if ":" in text:
        return parse_clock(text)
    units = _UNITS.fullmatch(text)
    if not text or not units:
        return None
    hours, minutes, seconds = units.groups()
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0)


def show(seconds: int) -> str:
    """A position as people write it: `17:12`, or `2:30:00` if it is an hour or more."""
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"
