"""Owns every notation of a timestamp: finding them in Markdown, reading them, and writing them for people.

The notations were collected from about 22,000 public notes; `tests/data/timestamps.tsv` shows each of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tmscards.domain import Timestamp

_DAY = 24 * 3600
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

_NOTATIONS: tuple[tuple[str, str], ...] = (
    # The opening tag may have lost its quotes, its name or its end; whatever stands in it is looked at later.
    # The text may have lost its bracket or been garbled, and the closing tag may be another one or none.
    (
        "anchor",
        r"""(?P<wrapped>\[:?[\d:]+\]\()?"""
        r"""<a\s(?:[^<>]{0,40}?\s)?class(?:\s+class)?="?yt(?:-?>timestamp"[^>\n]{0,40}>|[^>]{0,60}?>)"""
        rf"""(?:{_CLOCK}">)?[ ]?\[{{0,2}}(?:{_RANGES}|[/:]?[\d:]+)?[ ]?\]{{0,2}}"""
        r"""(?:">\[?[\d:]+\]?|\(https?://[^()\s]*\)|Link|N/A\])?(?:</a>|</sup>|>)?(?(wrapped)\)?)""",
    ),
    ("link in brackets", rf"\[\[(?P<lb>{_RANGES})\]\((?P<lbu>[^()\s]*(?:\([^()\s]*\))?[^()\s]*)\)\]"),
    ("link", rf"\[\[?(?P<l>{_RANGES})\]?\]\((?P<lu>[^()\s]*(?:\([^()\s]*\))?[^()\s]*)\)"),
    ("alias", rf"\[\[(?P<target>[^\[\]|]*)\|\s*[(\[]?(?P<alias>{_RANGES})[)\]]?\s*\]\]"),
    ("double bracket", rf"\[\[\s*(?P<dd>{_RANGES})\s*\]\]"),
    ("fragment", r"\(#t=(?P<f>[\d:]+)\)"),
    ("logseq", r"\{\{youtube-timestamp\s+(?P<y>[\d:]+)\s*\}\}"),
    ("cue", rf"^(?P<cue>{_CLOCK}\s*-->\s*{_CLOCK})[^\n]*$"),
    ("bracket", rf"\\?\[\s*(?i:{_WORDS})(?P<b>{_RANGES})\s*\\?\]"),
    ("parenthesis", rf"\(\s*(?P<p>{_RANGES})\s*\)"),
    (
        "bold lead",
        rf"(?:^|(?<=\n))(?P<indent>[ \t]*(?:[-*+]|\d+\.)[ \t]+)(?P<mark>\*\*|__)(?P<bl>{_RANGE})(?P<rest>[^\n]*)",
    ),
    ("url", r"(?<![(\"'=\w])https?://[^\s()<>\]]+[?&#](?:t|start|time_continue)=[\dhms:.]+[^\s()<>\]]*"),
    ("chapter", rf"(?:^|(?<=\n))(?P<lead>[ \t]*(?:[-*+][ \t]+)?)(?P<c>{_CLOCK})(?=[ \t]+\S)"),
)
_FINDER = re.compile("|".join(f"(?P<n{i}>{pattern})" for i, (_, pattern) in enumerate(_NOTATIONS)), re.M)
_ANCHOR_VALUE = re.compile(r"=\s*\"?\s*(\d{1,3}(?::\d{1,2}){1,5}|\d+(?=\"))")
_CLOCKS = re.compile(_CLOCK)
_UNITS = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s?)?")
# What makes a time at the beginning of a line a time of day, and not of the recording.
_TIME_OF_DAY = re.compile(r"[ \t]*(?:[ap]\.?m\b|o'clock|h\b|uhr\b|[A-Z]{3,4}\b(?![ \t]\w)|\()", re.I)


@dataclass(frozen=True, slots=True)
class Found:
    """A notation found in a text: `text[start:end]` means `stamps`.

    Taken out, it leaves `keep`, in which a NUL shows where the timestamp stood; without one, before `keep`. An anchor
    whose time cannot be read has no stamps, and is still markup to be taken out.
    """

    start: int
    end: int
    stamps: tuple[Timestamp, ...]
    keep: str = ""


def parse_clock(text: str) -> int | None:
    """Seconds of `M:SS`, `H:MM:SS`, `H:MM:SS:FF` (frames) or two such times run together, of which the first counts.

    Minutes and seconds after the first part must be below 60; fractions of a second are cut off. What would be over a
    day was written on the wrong scale: `39:03:00` is 39 minutes and 3 seconds. None for anything else.
    """
    parts = [int(p) for p in re.split(r"[.,]", text.strip())[0].split(":") if p.isdigit()]
    if len(parts) != text.count(":") + 1 or not 2 <= len(parts) <= 6:
        return None
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
    """Seconds of a URL's time: `212`, `217s`, `12m28s`, `1h2m3s` or a clock; None for anything else."""
    text = text.strip().lower()
    if ":" in text:
        return parse_clock(text)
    units = _UNITS.fullmatch(text)
    if not text or not units:
        return None
    hours, minutes, seconds = units.groups()
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(float(seconds or 0))


def show(seconds: int) -> str:
    """A position as people write it: `17:12`, or `2:30:00` from an hour on."""
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def find(text: str) -> list[Found]:
    """Every timestamp in a Markdown text, in order; times of day, verses, ratios and slices are left alone.

    A range gives its start. In a link the address's time counts where it has one, else the words'.
    """
    matches = [m for m in _FINDER.finditer(text) if m.lastgroup]
    chapters = _chapter_starts(text, matches)
    sure = any(m.lastgroup not in (f"n{_CHAPTER}", f"n{_PARENTHESIS}") for m in matches)
    found = []
    for match in matches:
        name = _name(match)
        if name == "chapter" and match.start() not in chapters:
            continue
        if name == "parenthesis" and not _is_parenthesised_stamp(match, sure):
            continue
        reading = _read(match, name)
        if reading is not None:
            found.append(reading)
    return found


_NAMES = [name for name, _ in _NOTATIONS]
_CHAPTER = _NAMES.index("chapter")
_PARENTHESIS = _NAMES.index("parenthesis")


def _name(match: re.Match[str]) -> str:
    return next(name for i, name in enumerate(_NAMES) if match[f"n{i}"] is not None)


def _starts(text: str) -> Iterator[int]:
    """The starts of a list of times and ranges."""
    for item in re.split(r"[,;&]\s*(?=\d)", text) if not re.search(r"\d,\d{3}\b", text) else [text]:
        clock = _CLOCKS.match(item.strip())
        seconds = parse_clock(clock[0]) if clock else None
        if seconds is not None:
            yield seconds


def _read(match: re.Match[str], name: str) -> Found | None:
    keep, url = "", None
    if name == "anchor":
        times = _read_anchor(match[0])
    elif name in ("link", "link in brackets"):
        words, url = (match["l"], match["lu"]) if name == "link" else (match["lb"], match["lbu"])
        in_url = re.search(r"(?:[?&#]|&amp;)(?:t|start|time|time_continue)=([\dhms:.]+)|^ytseek://(\d+)", url)
        asked = parse_offset(in_url[1] or in_url[2]) if in_url else None
        times = [asked] if asked is not None else list(_starts(words))
    elif name == "url":
        url = match[0]
        in_url = re.search(r"[?&#](?:t|start|time_continue)=([\dhms:.]+)", url)
        asked = parse_offset(in_url[1]) if in_url else None
        times = [] if asked is None else [asked]
    elif name == "logseq":
        asked = parse_offset(match["y"])
        times = [] if asked is None else [asked]
    elif name == "bold lead":
        times = list(_starts(match["bl"]))
        keep = match["indent"] + "\0" + _rest_of_bold(match["mark"], match["rest"])
    elif name == "chapter":
        times = list(_starts(match["c"]))
        keep = match["lead"] + "\0"
    else:
        group = {
            "alias": "alias",
            "double bracket": "dd",
            "fragment": "f",
            "cue": "cue",
            "bracket": "b",
            "parenthesis": "p",
        }
        times = list(_starts(match[group[name]]))
        if name == "alias":
            keep = f"[[{match['target'].strip()}]]"
    if not times and name != "anchor":
        return None
    stamps = tuple(Timestamp(seconds, name, url=url) for seconds in times)
    return Found(match.start(), match.end(), stamps, keep)


def _rest_of_bold(mark: str, rest: str) -> str:
    """What follows a time at the head of a bold run: `**5:10 – Title**` leaves `**Title**`."""
    rest = re.sub(r"^\s*[-–—:|]*\s*", "", rest)
    return rest[len(mark) :].lstrip() if rest.startswith(mark) else f"{mark}{rest}"


def _read_anchor(tag: str) -> list[int]:
    """The time of an anchor: of its attribute, unless that is missing, absurd, or 60 times what the text says."""
    opening, _, shown = tag.partition(">")
    value = _ANCHOR_VALUE.search(opening)
    in_attribute = parse_offset(value[1]) if value else None
    in_text = list(_starts(shown.strip(' "[]()')))
    if not in_text:
        lead = _CLOCKS.search(shown) or _CLOCKS.search(opening)
        in_text = list(_starts(lead[0])) if lead else []
    if in_attribute is None:
        return in_text
    if in_text and (in_attribute > _LONGEST or in_attribute == 60 * in_text[0] > 0):
        return in_text
    return [in_attribute]


def _is_parenthesised_stamp(match: re.Match[str], sure: bool) -> bool:
    """Three parts are a time; two only if zero-led, or beside surer timestamps; a verse after a book never is."""
    text = match["p"]
    before = match.string[max(0, match.start() - 30) : match.start()]
    if re.search(r"\d[ \t]{2,}$|\b(?:chapter|verse|epoch)\s*$", before, re.I):
        return False
    if text.count(":") >= 2 or re.match(r"0\d:", text):
        return True
    return sure and re.match(r"\d\d:\d\d", text) is not None and not re.search(r"\b[A-Z][a-z]+\.?\s*$", before)


def _chapter_starts(text: str, matches: list[re.Match[str]]) -> set[int]:
    """Which of the line-leading times are chapters: a run that begins at 0:00 (YouTube's own rule), or with hours."""
    starts: set[int] = set()
    run_is_open, last_line, last_seconds = False, -2, -1
    for match in matches:
        if match[f"n{_CHAPTER}"] is None:
            continue
        seconds = parse_clock(match["c"])
        if seconds is None or _TIME_OF_DAY.match(text, match.end("c")):
            continue
        line = text.count("\n", 0, match.start("c"))
        follows = run_is_open and line - last_line <= 3 and seconds >= last_seconds
        run_is_open = follows or seconds == 0 or match["c"].count(":") == 2
        if run_is_open:
            starts.add(match.start())
        last_line, last_seconds = line, seconds
    return starts
