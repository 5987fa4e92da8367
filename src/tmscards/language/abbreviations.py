"""Abbreviations: which short forms a sentence introduces, and the long forms they stand for.

The rule is Schwartz and Hearst's (A simple algorithm for identifying abbreviation definitions in biomedical text,
PSB 2003): the letters of the short form are looked for in the long form from right to left, and the first of them must
begin a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tmscards.domain import Abbreviation

_PARENTHESIS = re.compile(r"[(\[]\s*+([^()\[\]]{1,120}?)\s*+[)\]]")
_SHORT = re.compile(r"[^\W_](?:[\w&/.+-]{0,9})(?:\s[\w&/-]{1,8})?")
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
        if _is_short(inside):
            start = _long_form_start(inside, before)
            if start is not None:
                yield Abbreviation(inside, before[start:]), begins + start, begins + len(before)
                continue
        word = re.search(r"[\w&/.+-]+$", before[-_LONGEST_SHORT - 2 :])
        if word and _is_short(word[0]) and len(inside.split()) > 1:
            at = text.index(inside, match.start())
            start = _long_form_start(word[0], inside)
            if start == 0:
                yield Abbreviation(word[0], inside), at, at + len(inside)


def _is_short(text: str) -> bool:
    return (
        2 <= len(text) <= _LONGEST_SHORT
        and _SHORT.fullmatch(text) is not None
        and len(text.split()) <= 2
        and sum(c.isupper() for c in text) + sum(c.isdigit() for c in text) >= 1
        and any(c.isalpha() for c in text)
        and not (text[:1].isupper() and text[1:].islower() and len(text) > 3)
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
