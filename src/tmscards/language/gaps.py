"""Finding the spans of a sentence that could be hidden.

Spans are token indices of the Doc, half-open. `candidates` is a grammar over spaCy's parse: it proposes generously,
about twenty spans per sentence, and the ranker chooses among them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING

from tmscards.domain import CharSpan, Passage, TokenSpan
from tmscards.language.sentences import Coordinations

if TYPE_CHECKING:
    from spacy.tokens import Span, Token

LONGEST = 6
"""Tokens; anything longer cannot be recalled word for word (Wozniak, Twenty rules of formulating knowledge, rule 4)."""

_ARGUMENTS = frozenset("nsubj nsubjpass dobj pobj attr conj appos".split())
_COMPLEMENTS = frozenset("dobj attr oprd acomp prt prep xcomp advmod".split())
_RANGE = frozenset("- – — to $ £ € % / ° × ±".split())
_TRIMMED = frozenset("DET PRON PUNCT ADP CCONJ SCONJ PART AUX SPACE".split())
_QUOTED = re.compile(r'["“]([^"”]{2,60})["”]')


def candidates(passage: Passage, sent: Span, chunks: Iterable[Span], marked: Iterable[CharSpan]) -> list[TokenSpan]:
    """The spans of a sentence that could be hidden, in the order of the text; `chunks` are its noun chunks.

    `marked` are characters of the sentence that stand out for another reason, such as abbreviations.
    """
    table = _Table(sent)
    here = CharSpan(sent.start_char, sent.end_char)
    math = [formula for formula in passage.math if formula.overlaps(here)]
    trimmed = {table.trim(span) for span in set(_proposed(passage, sent, chunks, marked, table))}
    return sorted(
        span
        for span in trimmed
        if span.start < span.end <= span.start + LONGEST and table.is_fit(span) and not _splits_math(math, sent, span)
    )


def _proposed(
    passage: Passage, sent: Span, chunks: Iterable[Span], marked: Iterable[CharSpan], table: _Table
) -> Iterator[TokenSpan]:
    yield from _noun_phrases(chunks, table)
    runs = _Runs(sent)
    for token in sent:
        if token.dep_ in _ARGUMENTS:
            yield TokenSpan(token.left_edge.i, token.i + 1)
            yield TokenSpan(token.left_edge.i, token.right_edge.i + 1)
        if token.pos_ == "VERB":
            yield from _predicates(token)
        elif token.pos_ == "ADJ":
            yield from _qualities(token)
        if token.pos_ == "NUM" or token.like_num:
            yield from _amounts(token, sent, runs)
    yield from _names(sent)
    yield from _marked(passage, sent, marked)


def _noun_phrases(chunks: Iterable[Span], table: _Table) -> Iterator[TokenSpan]:
    """For "the superior temporal gyrus": the whole, each tail, the head; also with an "of …" or "and …" after it."""
    coordinated = Coordinations()
    for chunk in chunks:
        head = chunk.root
        for start in range(chunk.start, chunk.end):
            yield TokenSpan(start, chunk.end)
        yield TokenSpan(head.i, head.i + 1)
        for prep in head.children:
            if prep.dep_ == "prep" and prep.i >= chunk.end:
                for noun in prep.children:
                    if noun.dep_ in ("pobj", "pcomp"):
                        yield TokenSpan(chunk.start, noun.i + 1)
                        yield TokenSpan(chunk.start, noun.right_edge.i + 1)
                        yield TokenSpan(prep.i, noun.i + 1)
        for other in coordinated.after(head):
            span = table.trim(TokenSpan(chunk.start, other + 1))
            if span.end > span.start + LONGEST:
                # With the next one it would be no shorter.
                break
            yield TokenSpan(chunk.start, other + 1)


def _predicates(verb: Token) -> Iterator[TokenSpan]:
    """For "slows the heart": the verb alone, with its object or the noun of a preposition; and the complement alone."""
    yield TokenSpan(verb.i, verb.i + 1)
    for child in verb.children:
        if child.dep_ in _COMPLEMENTS and child.i > verb.i:
            yield TokenSpan(verb.i, child.i + 1)
            yield TokenSpan(verb.i, child.right_edge.i + 1)
            yield TokenSpan(child.left_edge.i, child.right_edge.i + 1)
            for noun in child.children:
                if noun.dep_ == "pobj":
                    yield TokenSpan(verb.i, noun.i + 1)
                    yield TokenSpan(noun.left_edge.i, noun.i + 1)


def _qualities(adjective: Token) -> Iterator[TokenSpan]:
    """Adjectives alone and with what belongs to them: "deeper", "deeper and slower", "more sensitive to light"."""
    yield TokenSpan(adjective.i, adjective.i + 1)
    if adjective.dep_ == "acomp" or any(c.dep_ == "conj" for c in adjective.children):
        yield TokenSpan(adjective.left_edge.i, adjective.right_edge.i + 1)


def _amounts(number: Token, sent: Span, runs: _Runs) -> Iterator[TokenSpan]:
    """For "10 to 20 Hz": the number alone, the run of numbers it is in, and that with one or two words of unit."""
    yield TokenSpan(number.i, number.i + 1)
    yield TokenSpan(number.i, min(number.i + 2, sent.end))
    start, end = runs.around(number.i)
    for more in range(3):
        yield TokenSpan(start, min(end + more, sent.end))


class _Runs:
    """The runs of numbers, and of what joins them, in a sentence."""

    def __init__(self, sent: Span) -> None:
        self._sent, self._last = sent, TokenSpan(sent.start, sent.start)

    def around(self, number: int) -> TokenSpan:
        """The run that a token is in, which may be the only one of its kind; to be asked for in the text's order."""
        start, end = number, number + 1
        joins = self._joins(number)
        if joins and self._last.start <= number < self._last.end:
            return self._last
        while start > self._sent.start and self._joins(start - 1):
            start -= 1
        while end < self._sent.end and self._joins(end):
            end += 1
        if joins:
            self._last = TokenSpan(start, end)
        return TokenSpan(start, end)

    def _joins(self, token: int) -> bool:
        doc = self._sent.doc
        return doc[token].pos_ in ("NUM", "SYM") or doc[token].text in _RANGE


def _names(sent: Span) -> Iterator[TokenSpan]:
    """Runs of proper nouns, with the hyphens in them."""
    doc, start = sent.doc, sent.start
    while start < sent.end:
        end = start
        while end < sent.end and (doc[end].pos_ == "PROPN" or (end > start and doc[end].text == "-")):
            end += 1
        if end > start:
            yield TokenSpan(start, end)
        start = max(end, start + 1)


def _marked(passage: Passage, sent: Span, marked: Iterable[CharSpan]) -> Iterator[TokenSpan]:
    """What stands out: emphasis, links, text in quotation marks, `marked`, and a label before a colon."""
    base = sent.start_char
    places = [(span.start, span.end) for span in passage.emphasis]
    places += [(link.start, link.end) for link in passage.links]
    places += [(base + span.start, base + span.end) for span in marked]
    places += [(base + m.start(1), base + m.end(1)) for m in _QUOTED.finditer(sent.text)]
    for first, last in places:
        if sent.start_char <= first < last <= sent.end_char:
            span = sent.doc.char_span(first, last, alignment_mode="expand")
            if span is not None:
                yield TokenSpan(span.start, span.end)
    body = after_label(sent)
    if body > sent.start:
        yield TokenSpan(sent.start, body - 1)


def after_label(sent: Span) -> int:
    """The token of the Doc at which a sentence begins after any label ("Bowel function: These muscles …")."""
    colon = next((t.i for t in sent[:9] if t.text == ":"), None)
    return colon + 1 if colon is not None and colon + 1 < sent.end else sent.start


class _Table:
    """What `trim` and `is_fit` need to know about the tokens, read only once because access to a Doc is slow."""

    def __init__(self, sent: Span) -> None:
        self.start, self.end = sent.start, sent.end
        self.texts = [t.text for t in sent]
        self.is_punct = [t.is_punct for t in sent]
        self.is_edge = [t.pos_ in _TRIMMED or t.is_punct for t in sent]
        self.is_genitive = [t.tag_ == "POS" for t in sent]
        self.is_dull = [t.is_stop or t.pos_ in ("PRON", "AUX", "ADV") for t in sent]
        self.opened = [0, *accumulate(text == "(" for text in self.texts)]
        self.total = sum(not punct for punct in self.is_punct)

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
        """Whether a span could be an answer at all: not just stop words, at most half the sentence, brackets closed."""
        inside = range(span.start - self.start, span.end - self.start)
        words = [i for i in inside if not self.is_punct[i]]
        if not words or 2 * len(words) > self.total or all(self.is_dull[i] for i in words):
            return False
        text = "".join(self.texts[i] for i in inside)
        return text.count("(") == text.count(")") and text.count('"') % 2 == 0


def _splits_math(math: Sequence[CharSpan], sent: Span, span: TokenSpan) -> bool:
    if not math:
        return False
    first, last = sent.doc[span.start], sent.doc[span.end - 1]
    place = CharSpan(first.idx, last.idx + len(last))
    return any(place.overlaps(formula) and not place.holds(formula) for formula in math)
