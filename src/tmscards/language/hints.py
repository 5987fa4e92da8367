"""What a card shows in place of an answer that is a number: the kind of thing that is asked.

A hint that is wrong is worse than none, so there is one only where the words around the number leave no doubt.
"""

from __future__ import annotations

import re

from tmscards.domain import CharSpan

BESIDE = 40
"""Characters on either side of a number that are looked at: a long text may have thousands of marked numbers."""
_NUMBER_WORDS = frozenset(
    "two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty sixty hundred".split()
)
_TIMES = frozenset(
    """second seconds minute minutes hour hours day days week weeks month months year years decade decades century
    centuries millisecond milliseconds ms""".split()
)
_AMOUNTS = frozenset(
    """% percent dollars dollar euros euro pounds g mg kg grams gram milligrams kilograms l ml liters litres""".split()
)
_LABELS = frozenset(
    """type types phase stage step level chapter section figure table page version class grade rule number no port layer
    part unit day week year block line row column form group factor question model series season episode volume
    article act""".split()
)
"""What has a number for a name."""
_IN_A_YEAR = re.compile(
    r"(?:\b(?:in|since|from|by|until|till|around|circa|before|after|of|between|and|to)|[–(-])\s*\Z", re.I
)
_YEAR_ENDS = re.compile(
    r"\s*(?:\Z|[.,;:)\]–—-]|\s(?:and|or|to|the|a|an|by|in|at|on|with|when|as|it|he|she|they|was|is|were|after|for)\b)"
)
_COUNTED = re.compile(r"\s(?:[a-z]+(?:\s|-))?[a-z]{2,}s\b|\s(?:people|men|women|children|cells|times)\b")
_NUMBER = re.compile(r"[$€£≈~±]?\s?(?:about |around )?(\d[\d,.]*|[a-z]+)")


def of(text: str, place: CharSpan) -> str:
    """A hint for the answer at a place of a text, such as "year" or "how long"; empty if it needs none."""
    answer = text[place.start : place.end]
    before, behind = text[max(0, place.start - BESIDE) : place.start], text[place.end : place.end + BESIDE]
    number = _NUMBER.match(answer.lower())
    if number is None or not (number[1][0].isdigit() or number[1].partition("-")[0] in _NUMBER_WORDS):
        return ""
    if _has_label(before):
        return ""
    if re.fullmatch(r"1\d{3}|20\d\d", answer):
        is_sure = answer >= "1500" or _IN_A_YEAR.search(before)
        return "year" if is_sure and _YEAR_ENDS.match(behind) else ""
    last = answer.lower().split()[-1]
    first, _, rest = last.partition("-")
    # Of `five-day`, the unit is `day`; of `kilowatt-hours`, it is no time.
    unit = rest if first in _NUMBER_WORDS or first.isdigit() else last
    if unit in _TIMES:
        return "how often" if before.lower().rstrip().endswith("every") else "how long"
    if unit in _AMOUNTS or answer[-1] == "%" or answer[0] in "$€£":
        return "how much"
    is_bare = re.fullmatch(r"\d{1,3}(?:,?\d{3})*|[a-z]+", number[1]) is not None and number[0] == answer.lower()
    return "how many" if is_bare and _COUNTED.match(behind) else ""


def _has_label(before: str) -> bool:
    """Whether the number is the name of something: type 2, RFC 791."""
    last = re.search(r"([^\W\d_][\w.]*)\W{0,2}\Z", before)
    if last is None:
        return False
    word = last[1].rstrip(".")
    is_first = not before[: last.start()].strip()
    return word.lower() in _LABELS or (word[:1].isupper() and not is_first) or word.isupper()
