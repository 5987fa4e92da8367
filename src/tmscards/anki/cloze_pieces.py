"""Lays out a text with cloze deletions flat, so that gaps can be moved in what people read, and writes it again."""

from __future__ import annotations

import html
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from tmscards.anki import clozes
from tmscards.domain import CharSpan

_PIECE = re.compile(r"<[^>]+>|&(?:#\w+|\w+);|.", re.S)
_OTHER_PIECE = re.compile(r"&(?:#\w+|\w+);|.", re.S)


@dataclass(frozen=True, slots=True)
class FlatDeletion:
    """A cloze deletion, by the pieces that it contains: `start` to `end`, half-open."""

    start: int
    end: int
    number: int
    hint: str | None = None
    """As HTML; None if it has none."""


@dataclass(frozen=True)
class FlatText:
    """An HTML text without its cloze deletions, which are listed separately."""

    pieces: tuple[str, ...]
    """Each is a character, an entity or a tag."""
    deletions: tuple[FlatDeletion, ...]
    """In the order of their starts, the outermost first."""

    @cached_property
    def places(self) -> list[int]:
        """For each character that people read, the index of its piece."""
        return [i for i, piece in enumerate(self.pieces) if len(piece) == 1 or piece.startswith("&")]

    @property
    def shown(self) -> str:
        """What people read, one character for each of `places`."""
        return "".join(html.unescape(self.pieces[i])[0] for i in self.places)

    def span(self, deletion: FlatDeletion) -> CharSpan:
        """Where a deletion is in `shown`: offsets in characters, half-open."""
        places = self.places
        return CharSpan(bisect_left(places, deletion.start), bisect_left(places, deletion.end))


def flatten(text: str) -> FlatText:
    """Lay out an HTML text flat. It must be one in which `clozes.faults` finds nothing."""
    pieces: list[str] = []
    found = list(_flatten(clozes.parse(text), pieces))
    return FlatText(tuple(pieces), tuple(sorted(found, key=lambda d: (d.start, -d.end))))


def _flatten(parts: Iterable[clozes.Part], pieces: list[str]) -> Iterator[FlatDeletion]:
    for part in parts:
        if isinstance(part, str):
            # Behind the last `>` there is no tag, and each `<` there would be followed to the end.
            end = part.rfind(">") + 1
            pieces += [*_PIECE.findall(part[:end]), *_OTHER_PIECE.findall(part[end:])]
            continue
        start = len(pieces)
        yield from _flatten(part.parts, pieces)
        if start < len(pieces):
            yield FlatDeletion(start, len(pieces), part.numbers[0], part.hint)


def render(pieces: Sequence[str], deletions: Iterable[FlatDeletion]) -> str:
    """The HTML text of these pieces and cloze deletions. Deletions that overlap must be one inside the other."""
    parts, open_ones = list[str](), list[FlatDeletion]()
    waiting = sorted(deletions, key=lambda d: (d.start, -d.end), reverse=True)
    for index in range(len(pieces) + 1):
        while open_ones and open_ones[-1].end == index:
            hint = open_ones.pop().hint
            parts.append("}}" if hint is None else f"::{hint}}}}}")
        while waiting and waiting[-1].start == index:
            parts.append(f"{{{{c{waiting[-1].number}::")
            open_ones.append(waiting.pop())
        parts += pieces[index : index + 1]
    return "".join(parts)
