r"""Finds what Anki would take for a formula or a tag of its own in a field, and makes text of what it must not get.

Anki hands `\(…\)` and `\[…\]` to MathJax, LaTeX to a compiler, `[sound:…]` to a player, and reads `[anki:…]` and
`[[type:…]]` itself; and where a template wants text, it makes an element of `&lt;img…`. It looks for all that in what
it shows: with each cloze deletion opened or hidden, with entities read as the characters that they stand for, and after
some filters with the tags left out. So a field is looked at in all these views. What must not be is parted by a word
joiner, which nobody sees, after the sign that it begins with.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from tmscards.anki import clozes, tex
from tmscards.anki.clozes import Part

JOINER = "\N{WORD JOINER}"
_AMP = r"&(?:(?:amp|\#0*38|\#x0*26);?)*"
_CANDIDATE = re.compile(
    rf"""
    (?P<deletion>\{{\{{c[0-9,]+::)
    | (?P<backslash>\\|{_AMP}(?:\#0*92(?![0-9]);?|\#x0*5c(?![0-9a-f]);?|bsol;))
    | (?P<bracket>\[|{_AMP}(?:\#0*91(?![0-9]);?|\#x0*5b(?![0-9a-f]);?|lsqb;|lbrack;))
    | (?P<less>{_AMP}(?:lt|\#0*60(?![0-9])|\#x0*3c(?![0-9a-f]));?)
    | (?P<hint>::)
    | (?P<private>[\U000f0000-\U0010ffff])
    """,
    re.X | re.I,
)
_MARKUP = re.compile(r"\{\{c[0-9,]+::|\}\}|<[^>]*>")
_POSSIBLE = re.compile(r"\\|&(?:amp;?)*(?:#|bsol|lsqb|lbrack|dollar|colon|lt)|latex|\$|anki:|sound:|type:", re.I)
"""Without this, a field without markup has nothing that is looked for here."""
_FIRST = {"backslash": 0xF0000, "bracket": 0x100000, "hint": 0x108000, "less": 0xF8000}
_BACKSLASH, _LESS = "[\U000f0000-\U000f7fff]", "[\U000f8000-\U000fffff]"
_BRACKET, _HINT = "[\U00100000-\U00107fff]", "[\U00108000-\U0010ffff]"
_PRIVATE = "\U000f0000-\U0010ffff"
_MOST = 0x8000
"""How many of each kind can be told apart; a field with more gets none of them through."""
_MOST_READ = 5_000_000
"""Characters of all views of a field together; one with more gets none of its formulas and tags through."""
_MOST_SEARCHED = 200_000
"""Characters of a view that are read without finding a formula that may stay; what begins later is none."""

_TAG = re.compile(r"<!--.*?-->|<.*?>", re.S)
_DELIMITER = re.compile(rf"({_BACKSLASH})(?:(\()|\[|{_BRACKET})")
_INSIDE = re.compile(rf"({_BACKSLASH})(?:({_BACKSLASH})|(.)|$)|([{{}}])", re.S)
_MEDIA = rf"(?:/?latex\]|/?\$\$?\]|anki:|sound:(?![^\s/\\:<>\"\]{_PRIVATE}][^/\\:<>\"\]{_PRIVATE}]*\]))"
_MEDIA_TAG = re.compile(rf"({_BRACKET})(?={_MEDIA})|\[({_HINT})(?={_MEDIA})", re.I)
_TYPED = re.compile(rf"(?:\[|{_BRACKET}){_HINT}?({_BRACKET})(?=type:)|{_BRACKET}\[({_HINT})(?=type:)", re.I)
_ELEMENT = re.compile(
    rf"({_LESS})(?:(!|/?(?:script|style|title|textarea|template|noscript|noembed|iframe|select|xmp|plaintext|svg|math|object|form)\b)|[a-z])",
    re.I,
)
"""With the elements and comments in which the rest of a card would be lost."""
_OCCLUSION = re.compile(r"(?<=::image-)(?=occlusion:)")
"""What would make Anki write the attributes of an element from a deletion, unescaped; a cloze note has no image."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A formula that is shown as text."""

    formula: str
    """Its TeX, without delimiters."""
    reason: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A field as cards may have it."""

    text: str
    refused: tuple[Refused, ...] = ()


@lru_cache(1 << 12)
def read(text: str, *, alone: bool = True) -> Reading:
    """A field, as HTML, of which MathJax gets formulas with allowed commands only, and Anki no tag of its own.

    Only media with a plain name may be named by `[sound:…]`. What begins like a formula and does not end is left as it
    is if the field is `alone`: if no other field of its note could make a harmful formula of it.
    """
    text = _OCCLUSION.sub(JOINER, text)
    marked = _marked(text)
    if marked is None:
        return Reading(text)
    unwanted, refused = _judged(marked, alone=alone)
    if alone and has_faults(text):
        # A template may show a field twice, and then its own beginning could end what begins in it.
        twice = _marked(f"{text} {text}")
        if twice and len(_judged(twice, alone=True)[1]) > len(refused):
            unwanted, refused = _judged(marked, alone=False)
    parts, end = [], 0
    for at, mark in marked.ends:
        if mark in unwanted:
            parts += [text[end:at], JOINER]
            end = at
    return Reading("".join(parts) + text[end:], refused)


def may_have_some(text: str) -> bool:
    """Whether fields, as HTML, may have anything that is looked for here; tells quickly of most that they have not."""
    return _POSSIBLE.search(_MARKUP.sub("", text)) is not None


def has_backslash(text: str) -> bool:
    """Whether a field, as HTML, has anything that shows as a backslash."""
    return ("\\" in text or "&" in text) and any(m.lastgroup == "backslash" for m in _CANDIDATE.finditer(text))


def has_faults(text: str) -> bool:
    """Whether a field, as HTML, has a command that no formula may have, in a formula or not."""
    marked = _marked(text)
    return marked is not None and any(map(_has_faults, _views(marked.text, clozes.parse(marked.text))))


@dataclass(frozen=True, slots=True)
class _Marked:
    """A field in which each backslash, bracket and pair of colons is followed by or is a character of its own."""

    text: str
    ends: list[tuple[int, str]]
    """Where each ends in the field, and the character by which it is known."""
    too_many: bool


@dataclass(slots=True)
class _Found:
    """What is found in the views of a field; each backslash, bracket and pair of colons by its mark."""

    unwanted: set[str] = field(default_factory=set)
    """What must be parted from what follows it."""
    pairs: dict[str, str] = field(default_factory=dict)
    """The backslashes with which formulas begin, and those with which they end."""
    openings: set[str] = field(default_factory=set)
    """The backslashes with which something begins that nothing ends."""
    refused: dict[Refused, None] = field(default_factory=dict)
    differs: bool = False
    """Whether a formula ends elsewhere in another view."""
    trails: bool = False
    """Whether a view ends in a backslash, so that what follows it on the card could end a formula."""


def _marked(text: str) -> _Marked | None:
    """None if there is nothing to be marked."""
    if not may_have_some(text):
        return None
    counts, ends, parts, end = dict.fromkeys(_FIRST, 0), [], [], 0
    for found in _CANDIDATE.finditer(text):
        kind = found.lastgroup or ""
        if kind == "deletion" or text.startswith(JOINER, found.end()):
            continue
        mark = "\N{REPLACEMENT CHARACTER}"
        if kind in _FIRST:
            mark = chr(_FIRST[kind] + counts[kind] % _MOST)
            counts[kind] += 1
            ends.append((found.end(), mark))
        parts += [text[end : found.start()], "::" if kind == "hint" else "", mark]
        end = found.end()
    if not ends:
        return None
    return _Marked("".join(parts) + text[end:], ends, max(counts.values()) > _MOST)


def _judged(marked: _Marked, *, alone: bool) -> tuple[set[str], tuple[Refused, ...]]:
    """The marks of what must be parted from what follows, and the formulas that are shown as text because of that."""
    parts = clozes.parse(marked.text)
    if marked.too_many or len(marked.text) * (2 + 2 * len(_numbers(parts))) > _MOST_READ:
        reason = "its text has too many backslashes, brackets or cloze numbers"
        return {mark for _, mark in marked.ends}, (Refused(_plain(_read(marked.text))[:60], reason),)
    found = _Found()
    views = list(_views(marked.text, parts))
    for view in views:
        _look(view, found)
    if not alone or found.trails:
        found.unwanted |= found.openings
    live = found.pairs.keys() - found.unwanted
    if live and (found.differs or live & found.openings) and any(map(_has_faults, views)):
        found.unwanted |= live
        reason = "which words belong to it depends on what is hidden"
        found.refused.setdefault(Refused(_plain(_read(clozes.as_html(parts))), reason))
    ends = {end for begin, end in found.pairs.items() if begin not in found.unwanted}
    found.unwanted |= {end for end in found.pairs.values() if end not in ends}
    return found.unwanted, tuple(found.refused)


def _views(text: str, parts: tuple[Part, ...]) -> Iterator[str]:
    """What people or MathJax may get to read of a marked text.

    That is the text as it is, with all its deletions opened, and with those of each number hidden, or alone. Where a
    template wants text and not HTML, Anki and then the browser read entities, so that some count twice.
    """
    versions = [text]
    if parts != (text,):
        versions.append(clozes.as_html(parts))
    for number in _numbers(parts):
        versions.append("".join(_asked(part, number) for part in parts))
        versions.append(", ".join(clozes.as_html(d.parts) for d in clozes.deletions(parts) if number in d.numbers))
    for version in versions:
        once = _read(version)
        yield once
        if "&" in once and (twice := _read(once)) != once:
            yield twice


def _numbers(parts: tuple[Part, ...]) -> list[int]:
    return sorted({number for deletion in clozes.deletions(parts) for number in deletion.numbers})


def _asked(part: Part, number: int) -> str:
    if isinstance(part, str):
        return part
    if number not in part.numbers:
        return "".join(_asked(inner, number) for inner in part.parts)
    return f"[{'...' if part.hint is None else part.hint}]"


def _read(text: str) -> str:
    """A marked HTML text as plain text; colons keep their marks only where a hint stands in brackets."""
    return re.sub(rf"(?<!\[){_HINT}", "", clozes.decoded(_TAG.sub("", text)))


def _look(view: str, found: _Found) -> None:
    """Find the formulas of one view as MathJax does (FindTeX.ts), and Anki's tags."""
    for tag in (*_MEDIA_TAG.finditer(view), *_TYPED.finditer(view)):
        found.unwanted.add(tag[1] or tag[2])
    found.unwanted.update(_elements(view))
    end = searched = 0
    while opened := _DELIMITER.search(view, end):
        begin, end = opened[1], opened.end()
        if searched > _MOST_SEARCHED:
            found.unwanted.add(begin)
            continue
        closed, stop = _closing(view, end, ")" if opened[2] else "]")
        formula = _plain(view[end : stop - 2]).strip()
        if not closed:
            found.openings.add(begin)
            searched += stop - end
            continue
        found.differs |= found.pairs.setdefault(begin, closed) != closed
        if reason := tex.fault(formula):
            found.unwanted.add(begin)
            found.refused.setdefault(Refused(formula, reason))
            searched += stop - end
        else:
            end = stop
    found.trails |= re.search(f"{_BACKSLASH}$", view) is not None


def _elements(view: str) -> Iterator[str]:
    """What begins an element that could do harm where a template wants text: it has attributes, or swallows a card."""
    equals = end = -1
    for found in _ELEMENT.finditer(view):
        if equals < found.end():
            equals = _place(view, "=", found.end())
        if end < found.end():
            end = _place(view, ">", found.end())
        if found[2] or equals < min(end, len(view)):
            yield found[1]


def _place(view: str, sign: str, start: int) -> int:
    """Where a sign is next; the end if it is nowhere."""
    found = view.find(sign, start)
    return len(view) if found < 0 else found


def _closing(view: str, start: int, sign: str) -> tuple[str, int]:
    """The backslash of the delimiter that ends a formula, and where that ends; empty and the text's end if none does.

    As for MathJax, a delimiter within braces does not count.
    """
    braces = 0
    for found in _INSIDE.finditer(view, start):
        if found[3] == sign and not braces:
            return found[1], found.end()
        if found[4] == "{":
            braces += 1
        elif found[4]:
            braces = max(0, braces - 1)
    return "", len(view)


def _has_faults(view: str) -> bool:
    """Whether there is anywhere, in a formula or not, a command that no formula may have."""
    text = _plain(view)
    return any(
        text[found.end() : found.end() + 1] not in ("(", ")", "[", "]", "\\", JOINER)
        and tex.command_fault(text, found.start())
        for found in re.finditer(r"\\", text)
    )


def _plain(view: str) -> str:
    """A view without marks."""
    return re.sub(_HINT, "", re.sub(_LESS, "<", re.sub(_BRACKET, "[", re.sub(_BACKSLASH, r"\\", view))))
