"""What stands above the part of a source that is being read: headings, and the lists that it is in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from markdown_it.token import Token

_LONGEST_LEAD = 400
"""Characters; a longer text is not what the list below it is about."""
LONGEST_TITLE = 2_000
"""Characters of a heading, a label or a term that every sentence below it gets: longer ones would fill the disk."""


@dataclass(slots=True)
class Section:
    """The headings above the part of the source that is being read."""

    titles: list[tuple[int, str, int | None]] = field(default_factory=list)

    def enter(self, level: int, title: str, seconds: int | None) -> None:
        self.titles = [t for t in self.titles if 0 < t[0] < level] + [(level, title, seconds)]

    def cover(self, seconds: int) -> None:
        """Take note of a timestamp that stands above the text that it is about."""
        level, title, _ = self.titles.pop() if self.titles else (0, "", None)
        self.titles = [*self.titles, (level, title, seconds)]

    @property
    def headings(self) -> tuple[str, ...]:
        return tuple(title for _, title, _ in self.titles if title)

    @property
    def seconds(self) -> int | None:
        return next((s for _, _, s in reversed(self.titles) if s is not None), None)


@dataclass(slots=True)
class List:
    """A list that is being read."""

    lead: str
    """The text right above it; empty if there is none, or a long one."""
    steps: int
    """How many items it has, if they are numbered; else 0."""
    item: int = 0
    """How many of its items have begun."""
    parent: str = ""
    """The first text of the item that is being read."""


@dataclass(slots=True)
class Outline:
    """Headings and lists, and the text that the next block follows."""

    section: Section = field(default_factory=Section)
    lists: list[List] = field(default_factory=list)
    above: str = ""
    """Empty if there is something between."""

    def open_list(self, items: int, *, numbered: bool) -> None:
        """Enter a list of so many items; the text right above leads to it."""
        lead = title(self.above) if len(self.above) <= _LONGEST_LEAD else ""
        self.lists.append(List(lead, items if numbered and items > 1 else 0))

    def close_list(self) -> None:
        """Leave a list: its last item does not lead to what follows it."""
        self.lists.pop()
        self.above = ""

    def open_item(self) -> None:
        """Enter the next item of the list."""
        self.lists[-1].item += 1
        self.lists[-1].parent = ""

    def add(self, text: str) -> None:
        """Take note of a text: it is above what comes next."""
        self.above = text
        if self.lists and not self.lists[-1].parent:
            self.lists[-1].parent = title(text)

    def lead(self) -> tuple[str, ...]:
        """What leads to the text that is being read: lead-ins, and the items that it is below."""
        found: list[str] = []
        for each in self.lists:
            found += [text for text in (each.lead, each.parent) if text and text not in found[-1:]]
        return tuple(found)

    def place(self) -> tuple[int, int] | None:
        """The number of the item that begins here, and of how many; None if none begins, or it has no number."""
        here = self.lists[-1] if self.lists else None
        return (here.item, here.steps) if here and here.steps and not here.parent else None


def title(text: str) -> str:
    """A text as what leads to another: without the colon at its end, and not too long."""
    return re.sub(r"[ \t]*::+", ":", text[:LONGEST_TITLE]).rstrip(": ")


def item_counts(tokens: Sequence[Token]) -> dict[int, int]:
    """How many items each list has, by the index of the token that opens it."""
    counts: dict[int, int] = {}
    opened: list[int] = []
    for i, token in enumerate(tokens):
        if token.type in ("bullet_list_open", "ordered_list_open"):
            opened.append(i)
            counts[i] = 0
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            opened.pop()
        elif token.type == "list_item_open":
            counts[opened[-1]] += 1
    return counts
