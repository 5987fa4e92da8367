"""Owns what makes a gap a fair question: repeats that are hidden with it, leaks, articles that tell, and hints."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tmscards.domain import Edit, Gap
from tmscards.domain import Span as Place

if TYPE_CHECKING:
    from spacy.tokens import Span, Token

_TWO_VALUED = frozenset(
    """increase increases increased decrease decreases decreased reduce reduces reduced rise rises fall falls higher
    lower more less true false yes no positive negative left right before after up down inside outside first second
    former latter both one two""".split()
)
_EMPTY = frozenset(
    """way thing things part parts role aspect aspects factor factors people person individual individuals someone
    something lot number variety range example case fact benefit benefits importance ability potential use type kind
    form idea concept life world need needs""".split()
)
_UNITS = {
    "how long": frozenset(
        "second seconds minute minutes hour hours day days week weeks month months year years".split()
    ),
    "how much": frozenset("% percent dollars dollar euros pounds grams gram mg milligrams kilograms kg liters".split()),
}
_NUMBER_WORDS = frozenset(
    "two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty sixty hundred several".split()
)
_YEAR = re.compile(r"(?:1[5-9]|20)\d\d")
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Answer:
    """A span of a sentence as an answer: where it repeats, and whether it may be asked."""

    repeats: tuple[Place, ...] = ()
    fault: str | None = None
    """Why it is not asked; None if it may be."""


def look(sent: Span, start: int, end: int) -> Answer:
    """What becomes of the rest of a sentence when the tokens from `start` to `end` are hidden."""
    words = [t for t in sent.doc[start:end] if not t.is_punct]
    if len(words) == 1 and words[0].lower_ in _TWO_VALUED:
        return Answer(fault="one of two: easily guessed")
    if len(words) == 1 and words[0].lower_ in _EMPTY:
        return Answer(fault="says nothing by itself")
    if len(words) == 1 and words[0].pos_ == "ADV":
        return Answer(fault="an adverb: many would fit")
    repeats = list(_repeats(sent, start, end))
    hidden = {i for a, b in [(start, end), *repeats] for i in range(a, b)}
    wanted = {_stem(t) for t in words if not t.is_stop}
    there = {_stem(t) for t in sent if t.i not in hidden}
    if wanted and wanted <= there:
        return Answer(fault="stands elsewhere in the sentence")
    base = sent.start_char
    places = (sent.doc[a:b] for a, b in repeats)
    return Answer(tuple(Place(p.start_char - base, p.end_char - base) for p in places))


def leaks(answer: str, context: str) -> bool:
    """Whether a context gives an answer away: all its words of substance stand there."""
    words = [_singular(w) for w in _WORD.findall(answer.lower())]
    there = {_singular(w) for w in _WORD.findall(context.lower())}
    return bool(words) and all(word in there for word in words)


def articles(sent_text: str, gaps: Iterable[Gap]) -> list[Edit]:
    """Edits that make "a" or "an" before a gap "a(n)", so that it does not tell how the answer begins."""
    edits = []
    for gap in gaps:
        article = re.search(r"\b(an?) $", sent_text[: gap.start], re.I)
        if article and gap.number is None:
            edits.append(Edit(article.start(1), article.end(1), article[1][0] + "(n)"))
    return edits


def hint(answer: str) -> str:
    """The kind of thing that is asked for, where a gap alone would leave it open; empty if it need not be said."""
    words = answer.lower().replace("-", " ").split()
    if not words or not (answer[0].isdigit() or words[0] in _NUMBER_WORDS):
        return ""
    if _YEAR.fullmatch(answer):
        return "year"
    for asks, units in _UNITS.items():
        if words[-1] in units or (asks == "how much" and answer[-1] == "%"):
            return asks
    return "how many" if len(words) < 3 else ""


def _repeats(sent: Span, start: int, end: int) -> Iterator[tuple[int, int]]:
    answer = [_stem(t) for t in sent.doc[start:end]]
    i = sent.start
    while i + len(answer) <= sent.end:
        if (i + len(answer) <= start or i >= end) and [_stem(t) for t in sent.doc[i : i + len(answer)]] == answer:
            yield i, i + len(answer)
            i += len(answer)
        else:
            i += 1


def _stem(token: Token) -> str:
    return _singular(token.lower_)


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
