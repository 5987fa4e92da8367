"""Finding where sentences begin, and noun chunks and coordinations in them without going through the whole text."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spacy.tokens import Span, Token

# It neither begins within a run of marks nor goes back over one, so that time does not grow with the run's square.
_END = re.compile(r"(?<![.!?…])[.!?…]++[\"'”’)\]]*+\s++(?=[\"'“‘(\[]*[^\Wa-z_]|[\"'“‘(\[]*\\\()")
_ABBREVIATION = re.compile(
    r"(?:\b(?:Dr|Mr|Mrs|Ms|Prof|St|Jr|Sr|vs|e\.g|i\.e|cf|al|approx|ca|Fig|Figs|Eq|No|Vol|Ch|pp?|Inc|Ltd|Co|Corp|Gen"
    r"|Col|Lt|Sgt|Rev|Hon|Gov|Sen|Rep|Pres|Dept|Univ|viz|resp|Mt|Ft)|\b(?:[A-Za-z]\.)+[A-Za-z]|(?<![A-Za-z])[A-Z])\.$"
)
AS_WRITTEN = "as written"
"""The key of the text of a Doc as people read it, in its `user_data`."""
STAND_IN = "…"
"""What stands for a sentence that is too long to be parsed."""
_LONGEST_ABBREVIATION = 200
"""Characters; no abbreviation is as long."""


def starts(text: str) -> list[int]:
    """The offsets (characters) at which the sentences of a text begin.

    A sentence ends with `.`, `!`, `?` or `…` before a capital letter, a digit or a formula. A full stop that belongs to
    an abbreviation or an initial does not count, nor does one in brackets.
    """
    found = [0]
    for end in _END.finditer(text):
        head = text[max(found[-1], end.start() - _LONGEST_ABBREVIATION) : end.start() + 1]
        is_abbreviated = end[0].startswith(".") and _ABBREVIATION.search(head)
        if not is_abbreviated and not _is_in_brackets(head, text[end.end() : end.end() + _LONGEST_ABBREVIATION]):
            found.append(end.end())
    return found


def _is_in_brackets(before: str, after: str) -> bool:
    """Whether a bracket that is open before a place is closed behind it, before another one opens."""
    opened = before.rfind("(")
    if opened < 0 or ")" in before[opened:]:
        return False
    closed = after.find(")")
    return closed >= 0 and "(" not in after[:closed]


def as_written(span: Span) -> str:
    """A span as people read it: what was parsed has unknown words in place of formulas."""
    text = str(span.doc.user_data.get(AS_WRITTEN, span.doc.text))
    return text[span.start_char : span.end_char]


def noun_chunks(sent: Span) -> list[Span]:
    """The noun chunks of a sentence. (spaCy's own way to them looks at the whole Doc for each sentence.)"""
    find: Callable[[Span], Iterable[tuple[int, int, int]]] | None = sent.doc.noun_chunks_iterator  # type: ignore[attr-defined]
    if find is None:
        # spaCy says which language has no noun chunks.
        return list(sent.noun_chunks)
    return [sent.doc[start:end] for start, end, _ in find(sent)]


class Coordinations:
    """What is joined by "and", "or" or commas in a sentence: spaCy's `Token.conjuncts`, found once for all of them."""

    def __init__(self) -> None:
        self._firsts: dict[int, int] = {}
        self._joined: dict[int, tuple[list[int], list[int]]] = {}

    def of(self, token: Token) -> list[int]:
        """The tokens of the Doc that are coordinated with one, and it itself, in the order of the parse."""
        return self._of(token)[0]

    def after(self, token: Token) -> list[int]:
        """Those of them that come after it, in the order of the text."""
        joined = self._of(token)[1]
        return joined[bisect_right(joined, token.i) :]

    def within(self, token: Token, start: int, end: int) -> bool:
        """Whether one of them, but not it itself, is between two places of the Doc, half-open."""
        joined = self._of(token)[1]
        found = joined[bisect_left(joined, start) : bisect_left(joined, end)][:2]
        return any(i != token.i for i in found)

    def _of(self, token: Token) -> tuple[list[int], list[int]]:
        passed, first = [], token
        while first.i not in self._firsts and first.dep_ == "conj" and first.head.i != first.i:
            passed.append(first.i)
            first = first.head
        begins = self._firsts.get(first.i, first.i)
        self._firsts |= dict.fromkeys((first.i, *passed), begins)
        if begins not in self._joined:
            found = [first]
            for word in found:
                found += [child for child in word.rights if child.dep_ == "conj"]
            order = [word.i for word in found]
            self._joined[begins] = order, sorted(order)
        return self._joined[begins]
