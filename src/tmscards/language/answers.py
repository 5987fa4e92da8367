"""Judging from the parse whether a span of a sentence is a fair answer: where it repeats, and what rules it out."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from tmscards.domain import CharSpan, TokenSpan
from tmscards.language.words import NAMING
from tmscards.text import singular, stem

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


_SIGN_BEFORE = re.compile(r"[$€£±≈~−]\Z")
_UNIT_BEHIND = re.compile(r"\s?(?:%|‰|°\s?[CFK]?)(?!\w)")
_CONVERTED = re.compile(r"\s?\((?:about |approx\.? |ca\.? |or |[≈~=] ?)?[$€£−-]?\d[^()]*\)")
_SHORT = re.compile(r"(?=.[A-Za-z]*[A-Z0-9])[A-Z][A-Za-z0-9-]{1,9}")
_BRACKET = re.compile(r"\s?[(\[]([^()\[\]]*)[)\]]")
LONGEST_CONVERSION = 30
"""Characters of a number in brackets behind another one, which says the same in another unit."""


def whole(text: str, place: CharSpan, introduced: Mapping[CharSpan, str] = MappingProxyType({})) -> CharSpan:
    """The place of an answer with all that belongs to it, in characters of the text.

    That is the sign and the unit of a number, a number's conversion in brackets and, behind an abbreviation or its long
    form, the other of them in brackets. `introduced` has the short forms by the places of their long forms.
    """
    start, end = place.start, place.end
    if behind := _BRACKET.match(text, end):
        is_long = place in introduced or (_SHORT.fullmatch(behind[1]) and behind[1][0] == text[start].upper())
        is_short = any(at.start == behind.start(1) and text[start:end] == short for at, short in introduced.items())
        if is_long or is_short:
            return CharSpan(start, behind.end())
    if text[start].isdigit() and _SIGN_BEFORE.search(text, max(0, start - 1), start):
        start -= 1
    if text[end - 1].isdigit() and (unit := _UNIT_BEHIND.match(text, end)):
        end = unit.end()
    has_number = any(c.isdigit() for c in text[start:end])
    if has_number and (again := _CONVERTED.match(text, end)) and len(again[0]) <= LONGEST_CONVERSION:
        end = again.end()
    return CharSpan(start, end)


@dataclass(frozen=True, slots=True)
class Answer:
    """A span of a sentence as an answer: where it repeats in the sentence, and whether it may be asked for."""

    repeats: tuple[CharSpan, ...] = ()
    fault: str | None = None
    """Why it may not be asked for; None if it may be."""


class SentenceWords:
    """The words of a sentence, read once to judge any of its spans as an answer."""

    def __init__(self, sent: Span) -> None:
        self._tokens = list(sent)
        self._stems = [singular(t.lower_) for t in self._tokens]
        self._at, self._like = defaultdict[str, list[int]](list), defaultdict[str, list[int]](list)
        for i, token in enumerate(self._tokens):
            self._at[self._stems[i]].append(i)
            self._like[stem(token.lower_)].append(i)
        self._base = sent.start_char

    def look(self, span: TokenSpan) -> Answer:
        """Judge a span of the sentence as an answer: its repeats, or why it may not be asked for.

        `span` counts tokens from the start of the sentence, the repeats count characters from there.
        """
        start, end = span
        words = [t for t in self._tokens[start:end] if not t.is_punct]
        if len(words) == 1 and words[0].lower_ in _TWO_VALUED:
            return Answer(fault="one of two: easily guessed")
        if len(words) == 1 and words[0].lower_ in _EMPTY:
            return Answer(fault="says nothing by itself")
        if len(words) == 1 and words[0].pos_ == "ADV":
            return Answer(fault="an adverb: many would fit")
        if words and words[0].lower_ in NAMING:
            return Answer(fault="the name behind it is what is asked")
        repeats = list(self._repeats(start, end))
        hidden = {i for a, b in [(start, end), *repeats] for i in range(a, b)}
        wanted = {stem(t.lower_) for t in words if not t.is_stop}
        if wanted and all(any(i not in hidden for i in self._like[each]) for each in wanted):
            return Answer(fault="stands elsewhere in the sentence")
        return Answer(tuple(self._place(a, b) for a, b in repeats))

    def _repeats(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        answer, size, free = self._stems[start:end], end - start, 0
        for i in self._at[answer[0]]:
            if i >= free and (i + size <= start or i >= end) and self._stems[i : i + size] == answer:
                yield i, i + size
                free = i + size

    def _place(self, start: int, end: int) -> CharSpan:
        last = self._tokens[end - 1]
        return CharSpan(self._tokens[start].idx - self._base, last.idx + len(last) - self._base)
