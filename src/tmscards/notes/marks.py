"""The characters of marks, which stand for something in a text while a Markdown parser reads it."""

from __future__ import annotations

import re

from tmscards.text import printable

OPEN, STAMP_OPEN, CLOSE = "\ue000", "\ue002", "\ue001"
"""What is around the number of a mark; marks of timestamps begin with STAMP_OPEN."""
MARK = re.compile(f"[{OPEN}{STAMP_OPEN}](\\d+){CLOSE}", re.ASCII)
_CHARACTERS = re.compile(f"[{OPEN}{STAMP_OPEN}{CLOSE}]")


def unmarked(text: str) -> str:
    """A text without the characters that marks are made of."""
    return _CHARACTERS.sub("", text)


def visible(text: str) -> str:
    """What a reader may see of a text that was written in another way, such as `&#57344;`: it may hold no marks."""
    return printable(unmarked(text))
