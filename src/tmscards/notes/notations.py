"""The notations for timestamps, one object each: how it is recognised, what it means, what stays in the text.

They were collected from about 22,000 public notes; `tests/data/timestamps.tsv` has an example of each. To add a
notation, add one object to `NOTATIONS` and one row to that file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tmscards.notes.clock import parse_clock, parse_offset

_LONGEST = 12 * 3600
"""Seconds: YouTube's own limit for a video. If an attribute says more, the time in the text is believed instead."""

# The first part has one to three digits, as in `[016:02]`, or more if it begins with 0, as in `[0008:46]`.
# Of four parts, the last is frames; five or six are a range whose dash is missing.
_CLOCK = r"(?:0\d)?\d{1,3}(?::\d{1,2}){1,5}(?:[.,]\d{1,3})?(?![\d:])"
_TO = r"\s*(?:-->|-|–|—|to)\s*"
_RANGE = rf"{_CLOCK}(?:{_TO}\d{{1,3}}(?::\d{{1,2}}){{0,3}}(?:[.,]\d{{1,3}})?(?![\d:]))?"
_RANGES = rf"{_RANGE}(?:\s*[,;&]\s*{_RANGE})*"
# Words that people and transcribers put before a time, inside the brackets.
_WORDS = (
    r"(?:(?:video|audio|recording|timestamp|time|at|to|from|until|start|end"
    r"|unintelligible|inaudible|crosstalk)\b(?:\s*:)?\s*+)*"
)
_ADDRESS = r"[^()\s]*+(?:\([^()\s]*+\)[^()\s]*+)?"
_ANCHOR_VALUE = re.compile(r"=\s*\"?\s*(\d{1,3}(?::\d{1,2}){1,5}|\d+(?=\"))")
_CLOCKS = re.compile(_CLOCK)
# What follows a time at the beginning of a line if it is a time of day, not a position in the recording.
_TIME_OF_DAY = re.compile(r"[ \t]*(?:[ap]\.?m\b|o'clock|h\b|uhr\b|[A-Z]{3,4}\b(?![ \t]\w)|\()", re.I)


@dataclass(frozen=True, slots=True)
class Match:
    """A place where the pattern of a notation matches."""

    found: re.Match[str]
    prefix: str
    """What the names of the notation's groups begin with, in the regular expression that finds all notations."""
    end: int
    """Where what matches ends in the text."""

    def __getitem__(self, group: str) -> str:
        return self.found[self.prefix + group] or ""

    @property
    def start(self) -> int:
        """Where what matches begins in the text."""
        return self.found.start()

    @property
    def whole(self) -> str:
        """The whole text that matches."""
        return self.found.string[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the whole text says about the doubtful notations in it."""

    has_sure: bool
    """Whether the text contains notations that cannot be mistaken for anything else."""
    chapters: frozenset[int]
    """Offsets (characters) of the times at the beginning of a line that mark chapters of a recording."""


@dataclass(frozen=True, slots=True)
class Notation:
    """One way in which people write a timestamp."""

    name: str
    pattern: str
    """A regular expression, in which `^` is the beginning of a line; other notations may use the same group names."""
    seconds: Callable[[Match], list[int]]
    """The positions that it means, in seconds: several for a list of times, none if it is not a timestamp after all."""
    keep: Callable[[Match], str] = lambda _: ""
    """What stays in the text. A NUL in it shows where the timestamp stood; without a NUL, it stood before this text."""
    url: Callable[[Match], str | None] = lambda _: None
    """The address of the recording, if the notation gives one; else None."""
    is_timestamp: Callable[[Match, Surroundings], bool] | None = None
    """Whether a match is a timestamp in these surroundings; None if it always is."""
    is_markup: bool = False
    """Whether it is removed from the text even if its time cannot be read."""


def starts(text: str) -> Iterator[int]:
    """The start of each time or range in a list of them, in seconds; those that cannot be read are left out."""
    for item in re.split(r"[,;&]\s*(?=\d)", text) if not re.search(r"\d,\d{3}\b", text) else [text]:
        clock = _CLOCKS.match(item.strip())
        seconds = parse_clock(clock[0]) if clock else None
        if seconds is not None:
            yield seconds


def _clock_in(group: str) -> Callable[[Match], list[int]]:
    """A function that reads the times in a group of a match."""
    return lambda match: list(starts(match[group]))


def _offset_in(group: str) -> Callable[[Match], list[int]]:
    """A function that reads the time in a group of a match, as URLs write it."""

    def seconds(match: Match) -> list[int]:
        offset = parse_offset(match[group])
        return [] if offset is None else [offset]

    return seconds


def _seconds_of_link(match: Match) -> list[int]:
    """The time in a link's address if it has one, else the times in its words."""
    in_url = re.search(r"(?:[?&#]|&amp;)(?:t|start|time|time_continue)=([\dhms:.]+)|^ytseek://(\d+)", match["url"])
    asked = parse_offset(in_url[1] or in_url[2]) if in_url else None
    return [asked] if asked is not None else list(starts(match["times"]))


def _seconds_of_url(match: Match) -> list[int]:
    in_url = TIME_IN_ADDRESS.search(match.whole)
    asked = parse_offset(in_url[1]) if in_url else None
    return [] if asked is None else [asked]


def _seconds_of_anchor(match: Match) -> list[int]:
    """The time in an anchor's attribute, or that in its text if the first is missing, absurd or 60 times as large."""
    opening, _, shown = match.whole.partition(">")
    value = _ANCHOR_VALUE.search(opening)
    in_attribute = parse_offset(value[1]) if value else None
    in_text = list(starts(shown.strip(' "[]()')))
    if not in_text:
        lead = _CLOCKS.search(shown) or _CLOCKS.search(opening)
        in_text = list(starts(lead[0])) if lead else []
    if in_attribute is None:
        return in_text
    if in_text and (in_attribute > _LONGEST or in_attribute == 60 * in_text[0] > 0):
        return in_text
    return [in_attribute]


def _rest_of_bold(match: Match) -> str:
    """What follows a time at the beginning of bold text: `**5:10 – Title**` leaves `**Title**`."""
    mark = match["mark"]
    rest = re.sub(r"^\s*[-–—:|]*\s*", "", match["rest"])
    rest = rest[len(mark) :].lstrip() if rest.startswith(mark) else f"{mark}{rest}"
    return f"{match['indent']}\0{rest}"


def _is_parenthesised_time(match: Match, around: Surroundings) -> bool:
    """Whether a time in parentheses is a timestamp, and not, say, a Bible verse.

    It is if it has three parts or begins with a zero. Two parts of two digits each are enough if the text also has
    timestamps that are certain, and if no capitalised word, such as the name of a book, stands right before. Nothing
    after "chapter", "verse" or "epoch", or after a digit and two spaces, is a timestamp.
    """
    times, found = match["times"], match.found
    before = found.string[max(0, found.start() - 30) : found.start()]
    if re.search(r"\d[ \t]{2,}$|\b(?:chapter|verse|epoch)\s*$", before, re.I):
        return False
    if times.count(":") >= 2 or re.match(r"0\d:", times):
        return True
    has_book = re.search(r"\b[A-Z][a-z]+\.?\s*$", before) is not None
    return around.has_sure and re.match(r"\d\d:\d\d", times) is not None and not has_book


def chapters(text: str, matches: list[Match]) -> frozenset[int]:
    """The offsets of those times at the beginnings of lines that are chapters of a recording.

    A list of chapters begins at 0:00 (YouTube's rule) or with a time that has hours. It continues as long as the times
    do not decrease and are at most three lines apart.
    """
    found: set[int] = set()
    run_is_open, last_line, last_seconds = False, -2, -1
    line = counted = 0
    for match in matches:
        start, end = match.found.span(match.prefix + "times")
        seconds = parse_clock(match["times"])
        if seconds is None or _TIME_OF_DAY.match(text, end):
            continue
        # Counting from the beginning of the text each time would take too long for a list of many chapters.
        line += text.count("\n", counted, start)
        counted = start
        follows = run_is_open and line - last_line <= 3 and seconds >= last_seconds
        run_is_open = follows or seconds == 0 or match["times"].count(":") == 2
        if run_is_open:
            found.add(match.start)
        last_line, last_seconds = line, seconds
    return frozenset(found)


TIME_IN_ADDRESS = re.compile(r"[?&#](?:t|start|time_continue)=([\dhms:.]+)")
END_OF_ADDRESS = re.compile(r"[\s()<>\]]")
ADDRESS = Notation(
    "url",
    # It goes on to END_OF_ADDRESS, and is one only if it has TIME_IN_ADDRESS: to look for that here would take the
    # square of the time for many addresses without a space between them.
    r"(?<![(\"'=\w])https?://(?=[^\s()<>\]])",
    _seconds_of_url,
    url=lambda match: match.whole,
)
CHAPTER = Notation(
    "chapter",
    rf"(?:^|(?<=\n))(?P<lead>[ \t]*(?:[-*+][ \t]+)?)(?P<times>{_CLOCK})(?=[ \t]+\S)",
    _clock_in("times"),
    keep=lambda match: f"{match['lead']}\0",
    is_timestamp=lambda match, around: match.start in around.chapters,
)

NOTATIONS = (
    Notation(
        "anchor",
        # The opening tag may have lost its quotes, its name or its end; what is in it is examined later.
        # The text may have lost its bracket or been garbled, and the closing tag may be a different one or missing.
        r"""(?P<wrapped>\[:?[\d:]+\]\()?"""
        r"""<a\s(?:[^<>]{0,40}?\s)?class(?:\s+class)?="?yt(?:-?>timestamp"[^>\n]{0,40}>|[^>]{0,60}?>)"""
        rf"""(?:{_CLOCK}">)?[ ]?\[{{0,2}}(?:{_RANGES}|[/:]?[\d:]+)?[ ]?\]{{0,2}}"""
        r"""(?:">\[?[\d:]+\]?|\(https?://[^()\s]*\)|Link|N/A\])?(?:</a>|</sup>|>)?(?(wrapped)\)?)""",
        _seconds_of_anchor,
        is_markup=True,
    ),
    Notation(
        "link in brackets",
        rf"\[\[(?P<times>{_RANGES})\]\((?P<url>{_ADDRESS})\)\]",
        _seconds_of_link,
        url=lambda match: match["url"],
    ),
    Notation(
        "link",
        rf"\[\[?(?P<times>{_RANGES})\]?\]\((?P<url>{_ADDRESS})\)",
        _seconds_of_link,
        url=lambda match: match["url"],
    ),
    Notation(
        "alias",
        rf"\[\[(?P<target>[^\[\]|]*)\|\s*[(\[]?(?P<times>{_RANGES})[)\]]?\s*\]\]",
        _clock_in("times"),
        keep=lambda match: f"[[{match['target'].strip()}]]",
    ),
    Notation("double bracket", rf"\[\[\s*(?P<times>{_RANGES})\s*\]\]", _clock_in("times")),
    Notation("fragment", r"\(#t=(?P<times>[\d:]+)\)", _clock_in("times")),
    Notation("logseq", r"\{\{youtube-timestamp\s+(?P<time>[\d:]+)\s*\}\}", _offset_in("time")),
    Notation("cue", rf"^(?P<times>{_CLOCK}\s*-->\s*{_CLOCK})[^\n]*$", _clock_in("times")),
    Notation("bracket", rf"\\?\[\s*(?i:{_WORDS})(?P<times>{_RANGES})\s*\\?\]", _clock_in("times")),
    Notation(
        "parenthesis",
        rf"\(\s*(?P<times>{_RANGES})\s*\)",
        _clock_in("times"),
        is_timestamp=_is_parenthesised_time,
    ),
    Notation(
        "bold lead",
        rf"(?:^|(?<=\n))(?P<indent>[ \t]*(?:[-*+]|\d+\.)[ \t]+)(?P<mark>\*\*|__)(?P<times>{_RANGE})(?P<rest>[^\n]*)",
        _clock_in("times"),
        keep=_rest_of_bold,
    ),
    ADDRESS,
    CHAPTER,
)
"""If several match at the same place in a text, the first of them counts."""
