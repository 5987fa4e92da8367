"""Reads and writes Anki's cloze syntax: gaps become cloze deletions, which are read as Anki reads them.

There is one parser, `parse`, modelled on Anki's own (rslib/src/cloze.rs); tests compare it with the `anki` package.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from tmscards.domain import LAST_CLOZE_NUMBER, Edit, Gap

_LARGEST = 65_535
"""To Anki, a higher number is not a cloze number."""
_DEEPEST = 10
"""How many deletions may be open at once; a further one loses its opening braces."""
_OCCLUSION = "image-occlusion:"
_TOKEN = re.compile(r"\{\{c([0-9,]+)::|\}\}")
_NUMBER = re.compile(r"(?<![0-9])0*([0-9]{1,5})(?![0-9])")
_TAG = re.compile(r"<[^>]*>")
_MEDIA_TAG = re.compile(r"\[(?=sound:|latex\]|/latex\]|\$\$?\]|/\$\$?\]|anki:)", re.I)
_NUMERIC = re.compile(r"&#0*([0-9]+)")
_SEEN = re.compile(r"<(?:img|video|audio|svg|math)\b|\[sound:", re.I)


@dataclass(frozen=True, slots=True)
class Deletion:
    """A cloze deletion, as Anki reads it."""

    numbers: tuple[int, ...]
    """In order; just one, except for `{{c1,3::…}}`."""
    parts: tuple[Part, ...]
    """Its answer: HTML, and the deletions inside it."""
    hint: str | None = None
    """As HTML; None if it has none."""

    @property
    def is_occlusion(self) -> bool:
        """Whether it hides a part of an image."""
        return bool(self.parts) and isinstance(self.parts[0], str) and self.parts[0].startswith(_OCCLUSION)


Part = str | Deletion
"""HTML without deletions, or a deletion."""


class _Open:
    """A deletion whose end is still to be found."""

    def __init__(self, numbers: tuple[int, ...]) -> None:
        self.numbers, self.parts = numbers, list[Part]()
        self.hint: str | None = None

    def add(self, text: str) -> None:
        """Add HTML. What follows `::` is a hint, and the last hint counts."""
        if not text.startswith(_OCCLUSION):
            text, colons, hint = text.partition("::")
            self.hint = hint if colons else self.hint
        if text:
            self.parts.append(text)


def parse(text: str) -> tuple[Part, ...]:
    """An HTML text as its deletions and what is between them.

    As in Anki, braces that open or close nothing are text, and what follows a deletion's opening braces is lost if they
    are never closed.
    """
    return _parse(text)[0]


def _parse(text: str) -> tuple[tuple[Part, ...], int]:
    """The parts of a text, and how many deletions in it are never closed."""
    parts, opened, start = list[Part](), list[_Open](), 0

    def add(html: str) -> None:
        if opened:
            opened[-1].add(html)
        elif html:
            parts.append(html)

    for token in _TOKEN.finditer(text):
        numbers = tuple(sorted({n for n in map(int, _NUMBER.findall(token[1] or "")) if n <= _LARGEST}))
        if token[1] and not numbers:
            continue
        add(text[start : token.start()])
        start = token.end()
        if numbers:
            if len(opened) < _DEEPEST:
                opened.append(_Open(numbers))
        elif opened:
            closed = opened.pop()
            deletion = Deletion(closed.numbers, tuple(closed.parts), closed.hint)
            (opened[-1].parts if opened else parts).append(deletion)
        else:
            parts.append(token[0])
    add(text[start:])
    return tuple(parts), len(opened)


def deletions(parts: Iterable[Part]) -> Iterator[Deletion]:
    """All deletions among these parts, each before those inside it."""
    for part in parts:
        if isinstance(part, Deletion):
            yield part
            yield from deletions(part.parts)


def numbers(text: str) -> list[int]:
    """The cloze numbers that an HTML text asks for, in order. To Anki, 0 is not a cloze number."""
    return sorted({number for deletion in deletions(parse(text)) for number in deletion.numbers if number})


def as_html(parts: Iterable[Part]) -> str:
    """The HTML of parts with all answers shown, hints left out."""
    return "".join(part if isinstance(part, str) else as_html(part.parts) for part in parts)


@lru_cache(1 << 14)
def answers(text: str) -> Mapping[int, str]:
    """The first answer of each cloze number of an HTML text, markup and hints removed, by number."""
    found: dict[int, str] = {}
    for deletion in deletions(parse(text)):
        for number in deletion.numbers:
            if number and number not in found:
                found[number] = _words(as_html(deletion.parts))
    return MappingProxyType(dict(sorted(found.items())))


@lru_cache(1 << 14)
def plain(text: str) -> str:
    """An HTML text with cloze deletions as plain text: answers shown, hints and markup removed."""
    return _words(as_html(parse(text)))


def faults(text: str) -> Iterator[str]:
    """Messages about what is wrong with an HTML text: why Anki would make no card of it, or an empty one."""
    parts, unclosed = _parse(text)
    found = list(deletions(parts))
    if unclosed:
        yield "a cloze deletion is not closed by }}, so Anki would not show the rest of the text"
    for deletion in found:
        written = f"{{{{c{','.join(map(str, deletion.numbers))}::…}}}}"
        if len(deletion.numbers) > 1:
            yield f"{written} has several numbers, which not every version of Anki understands; give it one"
        elif deletion.numbers[0] == 0:
            yield f"{written} makes no card: cloze numbers begin at 1"
        elif deletion.numbers[0] > LAST_CLOZE_NUMBER:
            yield f"{written} would be an empty card in Anki: cloze numbers end at {LAST_CLOZE_NUMBER}"
        answer = as_html(deletion.parts)
        if not _words(answer) and not _SEEN.search(answer):
            yield f"{written} hides nothing"
    if not found:
        yield "this text has no cloze deletion, such as {{c1::answer}}: nothing is asked"


def write(text: str, gaps: Iterable[Gap], edits: Iterable[Edit] = ()) -> str:
    """The HTML of a text, with its edits made and its numbered gaps as cloze deletions.

    The repeats of a gap share its number. What Anki would read as its own syntax is written as entities: `{{`, `}}`
    and, inside a deletion, `::`, which would begin a hint. Offsets are characters of `text`. A gap may lie within
    another; otherwise no two gaps or edits may overlap.
    """
    changes: list[_Change] = [(edit.start, edit.end, edit) for edit in edits]
    changes += [(place.start, place.end, gap) for gap in gaps for place in gap.places]
    return _written(text, (0, len(text)), sorted(changes, key=_order), escape)


_Change = tuple[int, int, Edit | Gap]


def _order(change: _Change) -> tuple[int, bool, bool, int]:
    """What is put in before a place comes first, the lead before what follows it, and a gap before those within it."""
    start, end, what = change
    return start, end > start, isinstance(what, Edit), -end


def _written(text: str, part: tuple[int, int], changes: Sequence[_Change], escaped: Callable[[str], str]) -> str:
    """A part of a text with the changes in it, which are in the order of the text, outer ones first."""
    parts, (end, last), i = list[str](), part, 0
    while i < len(changes):
        start, stop, change = changes[i]
        inside = i + 1
        while inside < len(changes) and changes[inside][0] < stop and isinstance(change, Gap):
            inside += 1
        parts.append(escaped(text[end:start]))
        if isinstance(change, Gap):
            answer = _written(text, (start, stop), changes[i + 1 : inside], _escape_answer)
            parts.append(_deletion(change, _escape_answer(change.text) if change.is_lead else answer))
        else:
            parts.append(escape(change.text))
        end, i = stop, inside
    return "".join(parts) + escaped(text[end:last])


def escape(text: str) -> str:
    """A plain text as HTML in which Anki sees neither cloze deletions nor its own media tags."""
    text = html.escape(text, quote=False).replace("{{", "&#123;&#123;").replace("}}", "&#125;&#125;")
    return _MEDIA_TAG.sub("&#91;", text)


def escape_hint(text: str) -> str:
    """A plain text as the hint of a deletion, in HTML.

    Anki ends a hint at braces, and shows an answer after another `::`; so these are written as entities.
    """
    return escape(" ".join(text.split())).replace("::", "&#58;&#58;").replace("}", "&#125;")


def decoded(text: str) -> str:
    """A text with its entities read as browsers do, however many digits they have."""
    # Python refuses to read a number of some thousand digits; one of eight is none of Unicode's either.
    return html.unescape(_NUMERIC.sub(lambda found: f"&#{found[1][:8]}", text))


def _words(text: str) -> str:
    # Behind the last `>` there is no tag, and each `<` there would be followed to the end.
    end = text.rfind(">") + 1
    return " ".join(decoded(_TAG.sub(" ", text[:end]) + text[end:]).split())


def _escape_answer(text: str) -> str:
    return escape(text).replace("::", "&#58;&#58;")


def _deletion(gap: Gap, answer: str) -> str:
    # A brace or colon at the end of the answer would otherwise join those that follow it in the deletion.
    if not answer.endswith("}}"):
        answer = re.sub(r"[{}:]$", lambda m: f"&#{ord(m[0])};", answer)
    return f"{{{{c{gap.number}::{answer}{'::' + escape(gap.hint) if gap.hint else ''}}}}}"
