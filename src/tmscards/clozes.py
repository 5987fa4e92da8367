"""Owns Anki's cloze syntax: a text with its gaps as cloze deletions, and the answers of such a text."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

from tmscards.domain import Edit, Gap, Span

_INNERMOST = re.compile(r"\{\{c(\d+)::((?:(?!\{\{c\d+::|\}\}).)*)\}\}", re.S)
"""A cloze deletion that holds no other; Anki lets them be nested."""
_TAG = re.compile(r"<[^>]*>")
_MEDIA_TAG = re.compile(r"\[(?=sound:|latex\]|/latex\]|\$\$?\]|/\$\$?\]|anki:)", re.I)


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


def answers(text: str) -> dict[int, str]:
    """The first answer of each cloze number of an HTML text, markup and hints removed, by number."""
    found: dict[int, str] = {}
    while True:
        for deletion in _INNERMOST.finditer(text):
            found.setdefault(int(deletion[1]), plain(_answer(deletion)))
        text, count = _INNERMOST.subn(_answer, text)
        if not count:
            return dict(sorted(found.items()))


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
