"""The notations for timestamps, one object each: how it is recognised, what it means, what stays in the text.

They were collected from about 22,000 public notes; `tests/data/timestamps.tsv` has an example of each. To add a
notation, add one object to `NOTATIONS` and one row to that file.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from tmscards.notes.clock import parse_offset
from tmscards.notes.stretches import CLOCK, CLOCKS, RANGE, RANGES, Stretch, stretches

_LONGEST = 12 * 3600
"""Seconds: YouTube's own limit for a video. If an attribute says more, the time in the text is believed instead."""

# Words that people and transcribers put before a time, inside the brackets.
_WORDS = (
    r"(?:(?:video|audio|recording|timestamp|time|at|to|from|until|start|end"
    r"|unintelligible|inaudible|crosstalk)\b(?:\s*:)?\s*+)*"
)
# What stands for a player in a link: nothing that a reader needs.
_SIGNS = r"[^\w\s\[\]()]{0,4}+[ \t]*+"
_PLAY = rf"{_SIGNS}(?:(?i:listen|play|play snip|play clip|watch|link|source)[ \t]*+)?{_SIGNS}"
_ADDRESS = r"[^()\s]*+(?:\([^()\s]*+\)[^()\s]*+)?"
_ANCHOR_VALUE = re.compile(r"=\s*\"?\s*(\d{1,3}(?::\d{1,2}){1,5}|\d+(?=\"))")
# What follows a time at the beginning of a line if it is a time of day, not a position in the recording.
TIME_OF_DAY = re.compile(r"[ \t]*(?:[ap]\.?m\b|o'clock|h\b|uhr\b|[A-Z]{3,4}\b(?![ \t]\w)|\()", re.I)


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
    stretches: Callable[[Match], list[Stretch]]
    """What it means, in seconds: several for a list of times, none if it is not a timestamp after all."""
    keep: Callable[[Match], str] = lambda _: ""
    """What stays in the text. A NUL in it shows where the timestamp stood; without a NUL, it stood before this text."""
    url: Callable[[Match], str | None] = lambda _: None
    """The address of the recording, if the notation gives one; else None."""
    is_timestamp: Callable[[Match, Surroundings], bool] | None = None
    """Whether a match is a timestamp in these surroundings; None if it always is."""
    is_markup: bool = False
    """Whether it is removed from the text even if its time cannot be read."""
    is_above: bool = False
    """Whether it stands above the text that it is about, on a line of its own."""


def _clock_in(group: str) -> Callable[[Match], list[Stretch]]:
    """A function that reads the times in a group of a match."""
    return lambda match: list(stretches(match[group]))


def _offset_in(group: str) -> Callable[[Match], list[Stretch]]:
    """A function that reads the time in a group of a match, as URLs write it: `83`, `1m23s`, `1:23` or `83,90`."""

    def read(match: Match) -> list[Stretch]:
        start, end = (parse_offset(part.partition(".")[0]) for part in f"{match[group]},".split(",")[:2])
        return [] if start is None else [(start, end if end and end > start else None)]

    return read


def _of_link(match: Match) -> list[Stretch]:
    """The time in a link's address if it has one, else the times in its words."""
    in_url = re.search(r"(?:[?&#]|&amp;)(?:t|start|time|time_continue)=([\dhms:.]+)|^ytseek://(\d+)", match["url"])
    asked = parse_offset(in_url[1] or in_url[2]) if in_url else None
    in_words = list(stretches(match["times"]))
    if asked is None:
        return in_words
    return [(asked, next((end for _, end in in_words if end and end > asked), None))]


def _of_address(match: Match) -> list[Stretch]:
    in_url = TIME_IN_ADDRESS.search(match.whole)
    asked = parse_offset(in_url[1]) if in_url else None
    return [] if asked is None else [(asked, None)]


def _of_anchor(match: Match) -> list[Stretch]:
    """The time in an anchor's attribute, or that in its text if the first is missing, absurd or 60 times as large."""
    opening, _, shown = match.whole.partition(">")
    value = _ANCHOR_VALUE.search(opening)
    in_attribute = parse_offset(value[1]) if value else None
    in_text = list(stretches(shown.strip(' "[]()')))
    if not in_text:
        lead = CLOCKS.search(shown) or CLOCKS.search(opening)
        in_text = list(stretches(lead[0])) if lead else []
    if in_attribute is None:
        return in_text
    if in_text and (in_attribute > _LONGEST or in_attribute == 60 * in_text[0][0] > 0):
        return in_text
    return [(in_attribute, None)]


def _without_player(match: Match) -> str:
    """What stays of a link to a place in a media file: its words, unless they are a sign or a word for playing it."""
    words = match["alias"].strip()
    if re.fullmatch(_PLAY, words) or CLOCKS.fullmatch(words):
        return ""
    return f"[[{match['target']}|{words}]]\0"


def _rest_of_bold(match: Match) -> str:
    """What follows a time at the beginning of bold text: `**5:10 – Title**` leaves `**Title**`."""
    mark = match["mark"]
    rest = re.sub(r"^\s*[-–—:|·•]*\s*", "", match["rest"])
    rest = rest[len(mark) :].lstrip() if rest.startswith(mark) else f"{mark}{rest}"
    return f"{match['indent']}\0{rest}"


def _is_parenthesised_time(match: Match, around: Surroundings) -> bool:
    """Whether a time in parentheses is a timestamp, and not, say, a Bible verse.

    It is if it has three parts or begins with a zero. Two parts of two digits each are enough if the text also has
    timestamps that are certain, and if no capitalised word, such as the name of a book, stands right before. Nothing
    after "chapter", "verse" or "epoch", or after a digit and two spaces, is a timestamp.
    """
    times, found = match["times"], match.found
    before, after = found.string[max(0, found.start() - 30) : found.start()], found.string[match.end : match.end + 9]
    if re.search(r"\d[ \t]{2,}$|\b(?:chapter|verse|epoch)\s*$", before, re.I):
        return False
    if times.count(":") >= 2 or re.match(r"0\d:", times):
        return True
    if not around.has_sure or re.search(r"\b[A-Z][a-z]+\.?\s*$", before):
        return False
    ends_line = re.match(r"[ \t]*[.!?]?[ \t]*(?:\n|\Z)", after) is not None
    return re.match(r"\d\d:\d\d", times) is not None or (ends_line and re.match(r"\d:\d\d\b", times) is not None)


TIME_IN_ADDRESS = re.compile(r"[?&#](?:t|start|time_continue)=([\dhms:.]+)")
END_OF_ADDRESS = re.compile(r"[\s()<>\]]")
ADDRESS = Notation(
    "url",
    # It goes on to END_OF_ADDRESS, and is one only if it has TIME_IN_ADDRESS: to look for that here would take the
    # square of the time for many addresses without a space between them.
    r"(?<![(\"'=\w])https?://(?=[^\s()<>\]])",
    _of_address,
    url=lambda match: match.whole,
)
CHAPTER = Notation(
    "chapter",
    rf"(?:^|(?<=\n))(?P<lead>[ \t]*(?:[-*+][ \t]+)?)(?P<times>{CLOCK})(?=[ \t]+\S)(?:[ \t]+[·•|–—-](?=[ \t]))?",
    _clock_in("times"),
    keep=lambda match: f"{match['lead']}\0",
    is_timestamp=lambda match, around: match.start in around.chapters,
)
TRANSCRIPT = Notation(
    "transcript",
    rf"(?:^|(?<=\n))(?P<lead>[ \t]*)(?P<mark>\*\*|__)(?P<times>{RANGE})(?P=mark)(?:[ \t]*[·•:|–—-])?(?=[ \t]+\S)",
    _clock_in("times"),
    keep=lambda match: f"{match['lead']}\0",
    is_timestamp=lambda match, around: match.start in around.chapters,
)
BLOCK = Notation(
    "block",
    rf"^(?P<ticks>`{{3,}})timestamp[ \t]*\n[ \t]*(?P<times>{CLOCK})[ \t]*\n[ \t]*(?P=ticks)[ \t]*$",
    _clock_in("times"),
    keep=lambda _: "\0\n\n",
    is_above=True,
)

NOTATIONS = (
    Notation(
        "anchor",
        # The opening tag may have lost its quotes, its name or its end; what is in it is examined later.
        # The text may have lost its bracket or been garbled, and the closing tag may be a different one or missing.
        r"""(?P<wrapped>\[:?[\d:]+\]\()?"""
        r"""<\s?a\s(?:[^<>]{0,40}?\s)?class(?:\s+class)?="?yt(?:-?>timestamp"[^>\n]{0,40}>|[^>]{0,60}?>)"""
        rf"""(?:{CLOCK}">)?[ ]?\[{{0,2}}(?:{RANGES}|[/:]?[\d:]+)?[ ]?\]{{0,2}}"""
        r"""(?:">\[?[\d:]+\]?|\(https?://[^()\s]*\)|Link|N/A\])?(?:</a>|</sup>|>)?(?(wrapped)\)?)""",
        _of_anchor,
        is_markup=True,
    ),
    Notation(
        "link in brackets",
        rf"\[\[(?P<times>{RANGES})\]\((?P<url>{_ADDRESS})\)\]",
        _of_link,
        url=lambda match: match["url"],
    ),
    Notation(
        "link",
        rf"\[\[?{_SIGNS}(?i:{_WORDS})(?P<times>{RANGES})\]?\]\((?P<url>{_ADDRESS})\)",
        _of_link,
        url=lambda match: match["url"],
    ),
    Notation(
        "player",
        rf"\[(?=[^\]]){_PLAY}\]\((?P<url>{_ADDRESS})\)",
        _of_address,
        url=lambda match: match["url"],
    ),
    Notation(
        "snip",
        rf"^[ \t]*(?:🎧[ \t]*)?(?P<times>{RANGE})[^\n\[]{{0,20}}\[Play snip\]\({_ADDRESS}\)[ \t]*$",
        _clock_in("times"),
        is_above=True,
    ),
    Notation(
        "component",
        rf"<TimeStamp\s[^<>\n]{{0,80}}?start=\"?(?P<start>{CLOCK})\"?(?:[^<>\n]{{0,80}}?end=\"?(?P<end>{CLOCK}))?[^<>\n]*>",
        lambda match: list(stretches(f"{match['start']}-{match['end']}")),
        is_markup=True,
        is_above=True,
    ),
    BLOCK,
    Notation(
        "alias",
        rf"\[\[(?P<target>[^\[\]|]*)\|\s*[(\[]?(?P<times>{RANGES})[)\]]?\s*\]\]",
        _clock_in("times"),
        keep=lambda match: f"[[{match['target'].strip()}]]",
    ),
    Notation(
        "media fragment",
        r"!?\[\[(?P<target>[^\[\]|\n#]*)#t=(?P<time>[\d:.,hms]+)(?:\\?\|(?P<alias>[^\[\]\n]*))?\]\]",
        _offset_in("time"),
        keep=_without_player,
    ),
    Notation("double bracket", rf"\[\[\s*(?P<times>{RANGES})\s*\]\]", _clock_in("times")),
    Notation("fragment", r"\(#t=(?P<times>[\d:]+)\)", _clock_in("times")),
    Notation("logseq", r"\{\{youtube-timestamp\s+(?P<time>[\d:]+)\s*\}\}", _offset_in("time")),
    Notation("cue", rf"^(?P<times>{CLOCK}\s*-->\s*{CLOCK})[^\n]*$", _clock_in("times")),
    # Such as 1:64:20. What people write behind a name, such as a[1:64:20], is no time.
    Notation("no time", r"(?<![\w\])])\[\d{1,3}:(?:[6-9]\d|\d{3})(?::\d{1,3}){1,2}\]", lambda _: [], is_markup=True),
    Notation("bracket", rf"\\?\[\s*(?i:{_WORDS})(?P<times>{RANGES})\s*\\?\]", _clock_in("times")),
    Notation(
        "parenthesis",
        rf"\(\s*(?P<times>{RANGES})\s*\)",
        _clock_in("times"),
        is_timestamp=_is_parenthesised_time,
    ),
    Notation(
        "bold lead",
        rf"(?:^|(?<=\n))(?P<indent>[ \t]*(?:[-*+]|\d+\.)[ \t]+)(?P<mark>\*\*|__)(?P<times>{RANGE})(?P<rest>[^\n]*)",
        _clock_in("times"),
        keep=_rest_of_bold,
    ),
    ADDRESS,
    TRANSCRIPT,
    CHAPTER,
)
"""If several match at the same place in a text, the first of them counts."""
