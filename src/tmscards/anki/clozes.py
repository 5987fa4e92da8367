"""Owns Anki's cloze syntax: a text with its gaps as cloze deletions, and the answers of such a text."""

from __future__ import annotations

import html
import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from tmscards.domain import Edit, Gap, Span

_INNERMOST = re.compile(r"\{\{c(\d+)::((?:(?!\{\{c\d+::|\}\}).)*)\}\}", re.S)
"""A cloze deletion that holds no other; Anki lets them be nested."""
_TAG = re.compile(r"<[^>]*>")
_MEDIA_TAG = re.compile(r"\[(?=sound:|latex\]|/latex\]|\$\$?\]|/\$\$?\]|anki:)", re.I)
_TOKEN = re.compile(
    r"\{\{c(?P<number>\d+)::|(?P<close>\}\})|(?P<hint>::)|(?P<tag><[^>]+>)|(?P<entity>&(?:#\w+|\w+);)|.", re.S
)


@dataclass(frozen=True, slots=True)
class Deletion:
    """A cloze deletion of a text that was taken apart."""

    start: int
    end: int
    """Pieces, half-open."""
    number: int
    hint: str = ""
    """As HTML."""


@dataclass(frozen=True, slots=True)
class Unfolded:
    """A text of Anki's with its cloze deletions taken out of it."""

    pieces: tuple[str, ...]
    """Each a character, an entity or a tag."""
    deletions: tuple[Deletion, ...]
    """In the order of their beginnings, the outermost first."""

    @property
    def places(self) -> list[int]:
        """Which piece each character is that people read."""
        return [i for i, piece in enumerate(self.pieces) if len(piece) == 1 or piece.startswith("&")]

    @property
    def shown(self) -> str:
        """What people read, one character for each of `places`."""
        return "".join(html.unescape(self.pieces[i])[0] for i in self.places)

    def span(self, deletion: Deletion) -> Span:
        """A deletion by the characters that people read."""
        places = self.places
        return Span(bisect_left(places, deletion.start), bisect_left(places, deletion.end))


def unfold(text: str) -> Unfolded:
    """Take a text apart. Braces that begin or end no cloze deletion are text."""
    pieces: list[str] = []
    found: list[Deletion] = []
    opened: list[tuple[int, int, str]] = []
    at = 0
    while token := _TOKEN.match(text, at):
        at = token.end()
        if token["number"]:
            opened.append((len(pieces), int(token["number"]), ""))
        elif token["close"] and opened:
            start, number, hint = opened.pop()
            if start < len(pieces):
                found.append(Deletion(start, len(pieces), number, hint))
        elif token["hint"] and opened:
            end = text.find("}}", at)
            end = len(text) if end < 0 else end
            opened[-1], at = (*opened[-1][:2], text[at:end]), end
        elif token["tag"] or token["entity"]:
            pieces.append(token[0])
        else:
            pieces += token[0]
    return Unfolded(tuple(pieces), tuple(sorted(found, key=lambda d: (d.start, -d.end))))


def fold(pieces: Sequence[str], deletions: Iterable[Deletion]) -> str:
    """The text again, with these cloze deletions, none of which overlaps another without holding it."""
    parts, open_ones = list[str](), list[Deletion]()
    waiting = sorted(deletions, key=lambda d: (d.start, -d.end), reverse=True)
    for index in range(len(pieces) + 1):
        while open_ones and open_ones[-1].end == index:
            hint = open_ones.pop().hint
            parts.append(f"::{hint}}}}}" if hint else "}}")
        while waiting and waiting[-1].start == index:
            parts.append(f"{{{{c{waiting[-1].number}::")
            open_ones.append(waiting.pop())
        parts += pieces[index : index + 1]
    return "".join(parts)


def write(text: str, gaps: Iterable[Gap], edits: Iterable[Edit] = ()) -> str:
    """A text with its edits made and its numbered gaps as cloze deletions, as HTML. A gap's repeats share its number.

    What Anki would read as its own syntax inside is written as entities: `{{`, `}}`, and in a deletion `::`, which
    would begin a hint. Offsets are characters of `text`, and nothing overlaps.
    """
    changes = [(edit.start, edit.end, escape(edit.text)) for edit in edits]
    for gap in gaps:
        for place in (Span(gap.start, gap.end), *gap.repeats):
            changes.append((place.start, place.end, _deletion(gap, text[place.start : place.end])))
    parts, end = [], 0
    for start, stop, shown in sorted(changes):
        parts += [escape(text[end:start]), shown]
        end = stop
    return "".join(parts) + escape(text[end:])


@lru_cache(1 << 14)
def answers(text: str) -> Mapping[int, str]:
    """The first answer of each cloze number of an HTML text, markup and hints removed, by number."""
    found: dict[int, str] = {}
    while True:
        for deletion in _INNERMOST.finditer(text):
            found.setdefault(int(deletion[1]), plain(_answer(deletion)))
        text, count = _INNERMOST.subn(_answer, text)
        if not count:
            return MappingProxyType(dict(sorted(found.items())))


def plain(text: str) -> str:
    """What is read of an HTML text with cloze deletions: answers shown, hints and markup removed."""
    count = 1
    while count:
        text, count = _INNERMOST.subn(_answer, text)
    return " ".join(html.unescape(_TAG.sub(" ", text)).split())


def escape(text: str) -> str:
    """A text as HTML in which Anki sees neither cloze deletions nor media of its own."""
    text = html.escape(text, quote=False).replace("{{", "&#123;&#123;").replace("}}", "&#125;&#125;")
    return _MEDIA_TAG.sub("&#91;", text)


def _answer(deletion: re.Match[str]) -> str:
    return deletion[2].partition("::")[0]


def _deletion(gap: Gap, answer: str) -> str:
    answer = escape(answer).replace("::", "&#58;&#58;")
    # A brace or colon that ends the answer would otherwise join those that close the deletion.
    answer = re.sub(r"[{}:]$", lambda m: f"&#{ord(m[0])};", answer)
    return f"{{{{c{gap.number}::{answer}{'::' + escape(gap.hint) if gap.hint else ''}}}}}"
