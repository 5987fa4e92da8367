"""Search a text in a time that grows no faster than its length, whatever somebody has written into it.

A regular expression such as `<!--.*?-->` reads on to the end of the text at each opening that nothing closes. Here,
openings are found by one expression and closings by another, of which it is remembered where the next one is.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable

NOWHERE = sys.maxsize


class Next:
    """Where a pattern occurs next in a text. Quick as long as the offsets that are asked about do not go back."""

    def __init__(self, pattern: re.Pattern[str], text: str) -> None:
        self._pattern = pattern
        self._text = text
        self._asked, self._found = NOWHERE, NOWHERE

    def after(self, offset: int) -> int:
        """The offset of the first match that begins at `offset` or later; NOWHERE if there is none."""
        if not self._asked <= offset <= self._found:
            match = self._pattern.search(self._text, offset)
            self._asked, self._found = offset, match.start() if match else NOWHERE
        return self._found


def replaced(text: str, opening: re.Pattern[str], closed: Callable[[re.Match[str]], tuple[int, str] | None]) -> str:
    """A text in which each construct that begins with a match of `opening` is replaced.

    `closed` gets the match and returns where the construct ends and what takes its place; None if it is none after all.
    """
    parts, end, at = [], 0, 0
    while found := opening.search(text, at):
        construct = closed(found)
        if construct is None:
            at = found.start() + 1
        else:
            parts += [text[end : found.start()], construct[1]]
            end = at = construct[0]
    return "".join(parts) + text[end:]
