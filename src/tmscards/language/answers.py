"""Owns what makes a gap a fair question: repeats that are hidden with it, leaks, articles that tell, and hints."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tmscards.domain import Edit, Gap
from tmscards.domain import Span as Place

if TYPE_CHECKING:
    from spacy.tokens import Span

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
_NAMING = frozenset("called known named termed".split())
_UNITS = {
    "how long": frozenset(
        "second seconds minute minutes hour hours day days week weeks month months year years".split()
    ),
    "how much": frozenset("% percent dollars dollar euros pounds grams gram mg milligrams kilograms kg liters".split()),
}
_NUMBER_WORDS = frozenset(
    "two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty sixty hundred".split()
)
_YEAR = re.compile(r"(?:1[5-9]|20)\d\d")
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Answer:
    """A span of a sentence as an answer: where it repeats, and whether it may be asked."""

    repeats: tuple[Place, ...] = ()
    fault: str | None = None
    """Why it is not asked; None if it may be."""


class Words:
    """The words of a sentence as answers are judged by, read once."""

    def __init__(self, sent: Span) -> None:
        self._tokens = list(sent)
        self._stems = [_singular(t.lower_) for t in self._tokens]
        self._base = sent.start_char

    def look(self, start: int, end: int) -> Answer:
        """What becomes of the rest of the sentence when its words from `start` to `end` are hidden."""
        words = [t for t in self._tokens[start:end] if not t.is_punct]
        if len(words) == 1 and words[0].lower_ in _TWO_VALUED:
            return Answer(fault="one of two: easily guessed")
        if len(words) == 1 and words[0].lower_ in _EMPTY:
            return Answer(fault="says nothing by itself")
        if len(words) == 1 and words[0].pos_ == "ADV":
            return Answer(fault="an adverb: many would fit")
        if words and words[0].lower_ in _NAMING:
            return Answer(fault="the name behind it is what is asked")
        repeats = list(self._repeats(start, end))
        hidden = {i for a, b in [(start, end), *repeats] for i in range(a, b)}
        wanted = {_singular(t.lower_) for t in words if not t.is_stop}
        if wanted and wanted <= {stem for i, stem in enumerate(self._stems) if i not in hidden}:
            return Answer(fault="stands elsewhere in the sentence")
        return Answer(tuple(self._place(a, b) for a, b in repeats))

    def _repeats(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        answer, size, i = self._stems[start:end], end - start, 0
        while i + size <= len(self._stems):
            if (i + size <= start or i >= end) and self._stems[i : i + size] == answer:
                yield i, i + size
                i += size
            else:
                i += 1

    def _place(self, start: int, end: int) -> Place:
        last = self._tokens[end - 1]
        return Place(self._tokens[start].idx - self._base, last.idx + len(last) - self._base)


def leaks(answer: str, context: str) -> bool:
    """Whether a context gives an answer away: all its words of substance stand there."""
    words, context = [_singular(w) for w in _WORD.findall(answer.lower())], context.lower()
    # Most words are nowhere in it, and then it need not be cut into its own.
    if not words or not all(word in context for word in words):
        return False
    there = {_singular(w) for w in _WORD.findall(context)}
    return all(word in there for word in words)


def articles(sent_text: str, gaps: Iterable[Gap]) -> list[Edit]:
    """Edits that make "a" or "an" before a gap "a(n)", so that it does not tell how the answer begins."""
    edits = []
    for gap in gaps:
        article = re.search(r"\b(an?) $", sent_text[: gap.start], re.I)
        if article:
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
    return "how many" if len(words) < 3 and answer.replace(" ", "").isalnum() else ""


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
