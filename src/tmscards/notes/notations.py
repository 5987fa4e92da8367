"""The notations of a timestamp, one object each: how it is recognised, what it means, what of it stays in the text.

They were collected from about 22,000 public notes, and `tests/data/timestamps.tsv` shows each. A new notation is one
object in `NOTATIONS`, and a row there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tmscards.notes.clock import parse_clock, parse_offset

_LONGEST = 12 * 3600
"""YouTube's own limit for a video; an attribute that says more is not believed where the text says less."""

# One to three digits lead, as in `[016:02]`; four only with zeros before them, as in `[0008:46]`.
# Four parts end in frames; five and six are a range whose dash is missing.
_CLOCK = r"(?:0\d)?\d{1,3}(?::\d{1,2}){1,5}(?:[.,]\d{1,3})?(?![\d:])"
_TO = r"\s*(?:-->|-|–|—|to)\s*"
_RANGE = rf"{_CLOCK}(?:{_TO}\d{{1,3}}(?::\d{{1,2}}){{0,3}}(?:[.,]\d{{1,3}})?(?![\d:]))?"
_RANGES = rf"{_RANGE}(?:\s*[,;&]\s*{_RANGE})*"
# The words that people and transcribers put before a time inside the brackets.
_WORDS = (
    r"(?:(?:video|audio|recording|timestamp|time|at|to|from|until|start|end"
    r"|unintelligible|inaudible|crosstalk)\b\s*:?\s*)*"
)
_ADDRESS = r"[^()\s]*(?:\([^()\s]*\))?[^()\s]*"
_ANCHOR_VALUE = re.compile(r"=\s*\"?\s*(\d{1,3}(?::\d{1,2}){1,5}|\d+(?=\"))")
_CLOCKS = re.compile(_CLOCK)
# What makes a time at the beginning of a line a time of day, and not of the recording.
_TIME_OF_DAY = re.compile(r"[ \t]*(?:[ap]\.?m\b|o'clock|h\b|uhr\b|[A-Z]{3,4}\b(?![ \t]\w)|\()", re.I)


@dataclass(frozen=True, slots=True)
class Match:
    """A place at which a notation's pattern matches."""

    found: re.Match[str]
    prefix: str
    """What the names of the notation's groups begin with in the expression that finds all notations."""

    def __getitem__(self, group: str) -> str:
        return self.found[self.prefix + group] or ""

    @property
    def whole(self) -> str:
        """All that matched."""
        return self.found[0]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a whole text tells about the doubtful notations in it."""

    has_sure: bool
    """Whether notations stand in it that nobody can take for something else."""
    chapters: frozenset[int]
    """Offsets of the times that begin a line and are chapters of a recording."""


@dataclass(frozen=True, slots=True)
class Notation:
    """One way in which people write a timestamp."""

    name: str
    pattern: str
    """A regular expression, in which `^` is the beginning of a line; its groups are its own."""
    seconds: Callable[[Match], list[int]]
    """The positions that it means; several in a list of times, none if it is no timestamp after all."""
    keep: Callable[[Match], str] = lambda _: ""
    """What stays in the text; a NUL shows where the timestamp stood in it, which is otherwise before it."""
    url: Callable[[Match], str | None] = lambda _: None
    """The recording's address, where the notation names one."""
    is_timestamp: Callable[[Match, Surroundings], bool] | None = None
    """Whether it is one in these surroundings; None if it always is."""
    is_markup: bool = False
    """Whether it is taken out of the text even if its time cannot be read."""


def starts(text: str) -> Iterator[int]:
    """The starts of a list of times and ranges, in seconds."""
    for item in re.split(r"[,;&]\s*(?=\d)", text) if not re.search(r"\d,\d{3}\b", text) else [text]:
        clock = _CLOCKS.match(item.strip())
        seconds = parse_clock(clock[0]) if clock else None
        if seconds is not None:
            yield seconds


def _clock_in(group: str) -> Callable[[Match], list[int]]:
    """Reads the times in a group."""
    return lambda match: list(starts(match[group]))


def _offset_in(group: str) -> Callable[[Match], list[int]]:
    """Reads a time in a group as addresses write it."""

    def seconds(match: Match) -> list[int]:
        offset = parse_offset(match[group])
        return [] if offset is None else [offset]

    return seconds


def _seconds_of_link(match: Match) -> list[int]:
    """The time in a link's address where it has one, else that in its words."""
    in_url = re.search(r"(?:[?&#]|&amp;)(?:t|start|time|time_continue)=([\dhms:.]+)|^ytseek://(\d+)", match["url"])
    asked = parse_offset(in_url[1] or in_url[2]) if in_url else None
    return [asked] if asked is not None else list(starts(match["times"]))


def _seconds_of_url(match: Match) -> list[int]:
    in_url = re.search(r"[?&#](?:t|start|time_continue)=([\dhms:.]+)", match.whole)
    asked = parse_offset(in_url[1]) if in_url else None
    return [] if asked is None else [asked]


def _seconds_of_anchor(match: Match) -> list[int]:
    """The time of an anchor: of its attribute, unless that is missing, absurd, or 60 times what the text says."""
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
    """What follows a time at the head of a bold run: `**5:10 – Title**` leaves `**Title**`."""
    mark = match["mark"]
    rest = re.sub(r"^\s*[-–—:|]*\s*", "", match["rest"])
    rest = rest[len(mark) :].lstrip() if rest.startswith(mark) else f"{mark}{rest}"
    return f"{match['indent']}\0{rest}"


def _is_parenthesised_time(match: Match, around: Surroundings) -> bool:
    """Three parts are a time; two only if zero-led, or beside surer timestamps; a verse after a book never is."""
    times, found = match["times"], match.found
    before = found.string[max(0, found.start() - 30) : found.start()]
    if re.search(r"\d[ \t]{2,}$|\b(?:chapter|verse|epoch)\s*$", before, re.I):
        return False
    if times.count(":") >= 2 or re.match(r"0\d:", times):
        return True
    has_book = re.search(r"\b[A-Z][a-z]+\.?\s*$", before) is not None
    return around.has_sure and re.match(r"\d\d:\d\d", times) is not None and not has_book


def chapters(text: str, matches: list[Match]) -> frozenset[int]:
    """Which of these times at the beginnings of lines are chapters: a run from 0:00 (YouTube's rule) or with hours."""
    found: set[int] = set()
    run_is_open, last_line, last_seconds = False, -2, -1
    for match in matches:
        start, end = match.found.span(match.prefix + "times")
        seconds = parse_clock(match["times"])
        if seconds is None or _TIME_OF_DAY.match(text, end):
            continue
        line = text.count("\n", 0, start)
        follows = run_is_open and line - last_line <= 3 and seconds >= last_seconds
        run_is_open = follows or seconds == 0 or match["times"].count(":") == 2
        if run_is_open:
            found.add(match.found.start())
        last_line, last_seconds = line, seconds
    return frozenset(found)


CHAPTER = Notation(
    "chapter",
    rf"(?:^|(?<=\n))(?P<lead>[ \t]*(?:[-*+][ \t]+)?)(?P<times>{_CLOCK})(?=[ \t]+\S)",
    _clock_in("times"),
    keep=lambda match: f"{match['lead']}\0",
    is_timestamp=lambda match, around: match.found.start() in around.chapters,
)

NOTATIONS = (
    Notation(
        "anchor",
        # The opening tag may have lost its quotes, its name or its end; whatever stands in it is looked at later.
        # The text may have lost its bracket or been garbled, and the closing tag may be another one or none.
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
    Notation(
        "url",
        r"(?<![(\"'=\w])https?://[^\s()<>\]]+[?&#](?:t|start|time_continue)=[\dhms:.]+[^\s()<>\]]*",
        _seconds_of_url,
        url=lambda match: match.whole,
    ),
    CHAPTER,
)
"""Where several match at one place of a text, the first of them counts."""
