"""Abbreviations: which short forms a sentence introduces, and the long forms they stand for.

The rule is Schwartz and Hearst's (A simple algorithm for identifying abbreviation definitions in biomedical text,
PSB 2003): the letters of the short form are looked for in the long form from right to left, and the first of them must
begin a word. Words that begin with those letters, one for each, come first: their rule would find the "Index of
Erectile Function" of the IIEF. Of a single letter or one without a capital nothing else counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tmscards.domain import Abbreviation

_PARENTHESIS = re.compile(r"[(\[]\s*+([^()\[\]]{1,120}?)\s*+[)\]]")
_SHORT = re.compile(r"[^\W_](?:[\w&/.+-]{0,9})(?:\s[\w&/-]{1,8})?")
_INITIALS = re.compile(r"[A-Z]|[a-z]{2,6}")
"""A short form whose letters have to begin words."""
_SPECIES = re.compile(r"([A-Z])\. ([a-z]{3,})")
_LINKING = frozenset("a an and by for from in of on or per the to with".split())
"""Words whose letters a short form may leave out."""
_WORD = re.compile(r"[^\W_]+")
_FURTHEST = 200
"""So many characters before the brackets may belong to the long form."""
_LONGEST_SHORT = 12
"""Characters of a short form, at most."""


def find(text: str) -> Iterator[tuple[Abbreviation, int, int]]:
    """The abbreviations that a text introduces as "long form (SF)" or "SF (long form)".

    Yields each with the offsets (characters) at which its long form begins and ends in `text`.
    """
    base = 0
    for match in _PARENTHESIS.finditer(text):
        inside = re.split(r"[;,]\s", match[1])[0].strip("\"'“”‘’ ")
        # A long form has no brackets in it, so what comes before the last ones need not be looked at again.
        before, begins = text[base : match.start()].rstrip(), base
        base = match.end()
        start = _start(inside, before)
        if start is not None:
            yield Abbreviation(inside, before[start:]), begins + start, begins + len(before)
            continue
        word = re.search(r"[\w&/.+-]+$", before[-_LONGEST_SHORT - 2 :])
        if word and _is_short(word[0]) and len(inside.split()) > 1:
            at = text.index(inside, match.start())
            start = _long_form_start(word[0], inside)
            if start == 0:
                yield Abbreviation(word[0], inside), at, at + len(inside)


def _start(short: str, before: str) -> int | None:
    """Where the long form of what stands in brackets begins in the text before them; None if it is no short form."""
    if species := _SPECIES.fullmatch(short):
        name = re.search(rf"\b{species[1]}\w+ {species[2]}\Z", before, re.I)
        return name.start() if name else None
    is_short = _is_short(short)
    start = _by_initials(short, before) if is_short or _INITIALS.fullmatch(short) else None
    return start if start is not None or not is_short else _long_form_start(short, before)


def _by_initials(short: str, before: str) -> int | None:
    """Where the words begin that end a text and begin with the letters of a short form, one for each; None if none do.

    They may have linking words among them, and the short form the "s" of a plural.
    """
    letters = [c for c in short.lower() if c.isalnum()]
    if short.endswith("s") and short[-2:-1].isupper() and before.endswith("s"):
        letters.pop()
    words = [*_WORD.finditer(before, max(0, len(before) - _FURTHEST))]
    start = len(before)
    for letter in reversed(letters):
        while words and start < len(before) and words[-1][0] in _LINKING and words[-1][0][0] != letter:
            start = words.pop().start()
        if not words or words[-1][0][0].lower() != letter or before[words[-1].end() : start] not in ("", " ", "-"):
            return None
        start = words.pop().start()
    long = before[start:]
    is_longer = len(long) > len(short) + 1 and short.lower() not in long.lower().split()
    return start if letters and is_longer else None


def _is_short(text: str) -> bool:
    return (
        2 <= len(text) <= _LONGEST_SHORT
        and _SHORT.fullmatch(text) is not None
        and len(text.split()) <= 2
        and sum(c.isupper() for c in text) + sum(c.isdigit() for c in text) >= 1
        and any(c.isalpha() for c in text)
        and not (text.isalpha() and text[:1].isupper() and text[1:].islower() and len(text) > 3)
    )


def _long_form_start(short: str, before: str) -> int | None:
    """Where the long form of `short` begins in `before`, which has to end with it; None if there is none."""
    letters = [c for c in short.lower() if c.isalnum()]
    limit = min(len(letters) + 5, len(letters) * 2)
    at = len(before) - 1
    for i in range(len(letters) - 1, -1, -1):
        while at >= 0 and not (before[at].lower() == letters[i] and (i > 0 or at == 0 or not before[at - 1].isalnum())):
            at -= 1
        if at < 0:
            return None
        at -= 1
    start = _whole_word(at + 1, before)
    long = before[start:]
    words = re.findall(r"[\w'-]+", long)
    too_long = len(words) > limit or re.search(r"[.!?:;]\s|[()\[\]]", long) is not None
    if too_long or len(long) <= len(short) or short.lower() in (w.lower() for w in words):
        return None
    return start


def _whole_word(start: int, before: str) -> int:
    """The start of the long form, or that of its word if it begins after a hyphen: 4,4'-di…, alpha-amino…."""
    if before[start - 1 : start] not in ("-", "‐"):
        return start
    # From the hyphen back to the white space or bracket before it.
    word = re.match(r"[^\s()\[\]]+", before[:start][::-1])
    return start - len(word[0]) if word and len(word[0]) > 1 else start
