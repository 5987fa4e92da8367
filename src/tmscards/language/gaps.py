"""Finding the spans of a sentence that could be hidden.

Spans are token indices of the Doc, half-open. `candidates` proposes generously, all runs of a few words that could be
an answer, and the ranker chooses among them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING

from tmscards.domain import CharSpan, Form, Passage, TokenSpan
from tmscards.language import equations

if TYPE_CHECKING:
    from spacy.tokens import Span

LONGEST = 6
"""Words; anything longer cannot be recalled word for word (Wozniak, Twenty rules of formulating knowledge, rule 4)."""

_TRIMMED = frozenset("DET PRON PUNCT ADP CCONJ SCONJ PART AUX SPACE".split())
_MODIFIERS = frozenset("amod compound nmod".split())
_PARTS = frozenset(': ; — – … | · → = , " “ ” „ « »'.split())
"""What parts two things, so that no answer goes across it."""


def candidates(passage: Passage, sent: Span, form: Form) -> list[TokenSpan]:
    """The spans of a sentence that could be hidden, in the order of the text: what its form asks, and runs of words.

    A run may be all of a fragment, as its lead is shown with it, and half of a sentence at most.
    """
    is_led = bool(passage.lead or passage.headings)
    table = _Table(sent, most=0.5 if form == "sentence" else 1.0 if is_led else 0.75)
    here = CharSpan(sent.start_char, sent.end_char)
    math = [formula for formula in passage.math if formula.overlaps(here)]
    steps = [formula for formula in math if equations.derives(passage.text[formula.start : formula.end])]
    runs = {table.trim(run) for run in table.runs()}
    found = {run for run in runs if run.start < run.end and table.is_fit(run) and not _splits_math(math, sent, run)}
    asked = passage.asks
    short = [place for place in asked if len(passage.text[place.start : place.end].split()) <= LONGEST]
    found = {run for run in found if not _is_part(run, short, sent) and not _has(steps, sent, run)}
    if form == "pair" and not asked:
        asked = (CharSpan(here.start, here.start + len(sent.text.rstrip(" .!"))),)
    for place in asked:
        if here.holds(place) and (place != here or form == "pair"):
            span = sent.doc.char_span(place.start, place.end, alignment_mode="expand")
            if span is not None:
                found.add(TokenSpan(span.start, span.end))
    return sorted(found)


def after_label(sent: Span) -> int:
    """The token of the Doc at which a sentence begins after any label ("Bowel function: These muscles …")."""
    colon = next((t.i for t in sent[:9] if t.text == ":"), None)
    return colon + 1 if colon is not None and colon + 1 < sent.end else sent.start


class _Table:
    """What `trim` and `is_fit` need to know about the tokens, read only once because access to a Doc is slow."""

    def __init__(self, sent: Span, most: float) -> None:
        self.most = most
        self.start, self.end = sent.start, sent.end
        self.texts = [t.text for t in sent]
        self.spaced = [bool(t.whitespace_) for t in sent]
        self.is_punct = [t.is_punct for t in sent]
        self.is_edge = [t.pos_ in _TRIMMED or t.is_punct for t in sent]
        self.is_genitive = [t.tag_ == "POS" for t in sent]
        self.is_dull = [t.is_stop or t.pos_ in ("PRON", "AUX", "ADV") for t in sent]
        self.opened = [0, *accumulate(text == "(" for text in self.texts)]
        self.total = sum(not punct for punct in self.is_punct)
        self.modifies_next = [t.dep_ in _MODIFIERS and t.head.i == t.i + 1 for t in sent]

    def runs(self) -> Iterator[TokenSpan]:
        """All runs of as many words as an answer may have, with the punctuation among them."""
        count = len(self.texts)
        for start in range(count):
            words = 0
            for end in range(start, count):
                words += not self.is_punct[end]
                if words > LONGEST or end - start >= 2 * LONGEST:
                    break
                yield TokenSpan(self.start + start, self.start + end + 1)

    def trim(self, span: TokenSpan) -> TokenSpan:
        """The span without articles, prepositions and punctuation at its ends; a bracket closed at its end stays."""
        first, last = max(span.start - self.start, 0), min(span.end, self.end) - self.start
        while first < last and self.is_edge[first] and self.texts[first] != "(":
            first += 1
        while first < last and (self.is_edge[last - 1] or self.is_genitive[last - 1]):
            if self.texts[last - 1] == ")" and self.opened[first] < self.opened[last]:
                break
            last -= 1
        if first < last and self.texts[first] == "(":
            first += 1
        return TokenSpan(first + self.start, last + self.start)

    def is_fit(self, span: TokenSpan) -> bool:
        """Whether a span could be an answer at all: no stop words alone, not too long, no half of a bracket or name."""
        inside = range(span.start - self.start, span.end - self.start)
        words = [i for i in inside if not self.is_punct[i]]
        if not words or len(words) > self.most * self.total or all(self.is_dull[i] for i in words):
            return False
        if any(self.texts[i] in _PARTS for i in inside) or self._cuts_word(inside):
            return False
        if len(words) > 1 and self.modifies_next[inside[-1]]:
            return False
        text = "".join(self.texts[i] for i in inside)
        return text.count("(") == text.count(")") and text.count('"') % 2 == 0

    def _cuts_word(self, inside: range) -> bool:
        """Whether a run begins or ends within a word that has a hyphen."""
        first, last = inside[0], inside[-1]
        return self._joins(first - 1) or self._joins(last + 1)

    def _joins(self, i: int) -> bool:
        """Whether a token is a hyphen within a word."""
        is_inside = 0 < i < len(self.texts) - 1
        return is_inside and self.texts[i] == "-" and not self.spaced[i - 1] and not self.spaced[i]


def _is_part(span: TokenSpan, terms: Sequence[CharSpan], sent: Span) -> bool:
    """Whether a span is only a part of a term or cell."""
    if not terms:
        return False
    place = _place(sent, span)
    return any(term.holds(place) and term != place for term in terms)


def _splits_math(math: Sequence[CharSpan], sent: Span, span: TokenSpan) -> bool:
    if not math:
        return False
    place = _place(sent, span)
    return any(place.overlaps(formula) and not place.holds(formula) for formula in math)


def _has(steps: Sequence[CharSpan], sent: Span, span: TokenSpan) -> bool:
    return bool(steps) and any(map(_place(sent, span).overlaps, steps))


def _place(sent: Span, span: TokenSpan) -> CharSpan:
    first, last = sent.doc[span.start], sent.doc[span.end - 1]
    return CharSpan(first.idx, last.idx + len(last))
