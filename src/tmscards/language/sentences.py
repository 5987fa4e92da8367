"""Finding where sentences begin."""

from __future__ import annotations

import re

_END = re.compile(r"[.!?…]+[\"'”’)\]]*\s+(?=[\"'“‘(\[]*[^\Wa-z_]|[\"'“‘(\[]*\\\()")
_ABBREVIATION = re.compile(
    r"(?:\b(?:Dr|Mr|Mrs|Ms|Prof|St|Jr|Sr|vs|e\.g|i\.e|cf|al|approx|ca|Fig|Figs|Eq|No|Vol|Ch|pp?|Inc|Ltd|Co|Corp|Gen"
    r"|Col|Lt|Sgt|Rev|Hon|Gov|Sen|Rep|Pres|Dept|Univ|viz|resp|Mt|Ft)|\b(?:[A-Za-z]\.)+[A-Za-z]|(?<![A-Za-z])[A-Z])\.$"
)


def starts(text: str) -> list[int]:
    """The offsets (characters) at which the sentences of a text begin.

    A sentence ends with `.`, `!`, `?` or `…` before a capital letter, a digit or a formula. A full stop that belongs to
    an abbreviation or an initial does not count.
    """
    found = [0]
    for end in _END.finditer(text):
        head = text[found[-1] : end.start() + 1]
        if not (end[0].startswith(".") and _ABBREVIATION.search(head)):
            found.append(end.end())
    return found
