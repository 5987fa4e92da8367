"""Where sentences begin."""

from __future__ import annotations

import re

_END = re.compile(r"[.!?…]+[\"'”’)\]]*\s+(?=[\"'“‘(\[]*[^\Wa-z_]|[\"'“‘(\[]*\\\()")
_ABBREVIATION = re.compile(
    r"(?:\b(?:Dr|Mr|Mrs|Ms|Prof|St|Jr|Sr|vs|e\.g|i\.e|cf|al|approx|ca|Fig|Figs|Eq|No|Vol|Ch|pp?|Inc|Ltd|Co|Corp|Gen"
    r"|Col|Lt|Sgt|Rev|Hon|Gov|Sen|Rep|Pres|Dept|Univ|viz|resp|Mt|Ft)|\b(?:[A-Za-z]\.)+[A-Za-z]|(?<![A-Za-z])[A-Z])\.$"
)


def starts(text: str) -> list[int]:
    """The offsets at which sentences begin: after a full stop that ends neither an abbreviation nor an initial."""
    found = [0]
    for end in _END.finditer(text):
        head = text[found[-1] : end.start() + 1]
        if not (end[0].startswith(".") and _ABBREVIATION.search(head)):
            found.append(end.end())
    return found
