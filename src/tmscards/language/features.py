"""What the parse and the cues tell the ranker about a sentence and its spans: answers to yes-or-no questions.

The questions, their order and the word lists that answer them belong to the weights: any change needs a new fit.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from tmscards.domain import CharSpan, Form, Passage, TokenSpan
from tmscards.language.gaps import LONGEST, after_label
from tmscards.language.sentences import Coordinations
from tmscards.language.wordpieces import LEAD

if TYPE_CHECKING:
    from spacy.tokens import Span

OF_SENTENCE = (
    "addresses instruction no-verb about-recording hype hedge anecdote negation list long today callout introduces "
    "question list-item table-cell quote label number name abbreviation reference parenthesis quoted ends-open "
    "item term row pair step parent numbered led"
).split()
"""The questions about a sentence; most ask whether it has a cue."""
OF_SPAN = (
    "lead asked whole conjunct coordination example parenthesis holds-parenthesis label quoted marked abbreviation "
    "in-title repeated subject object attribute of-phrase other-phrase agent root noun name verb adjective number "
    "participle whole-phrase cut-left cut-right holds-of first-third last-third one-word long after-indefinite "
    "after-definite named negated relative clause before-verb"
).split()
"""The questions about a span."""

_OF_LEAD = tuple(name == "lead" for name in OF_SPAN)
_EXAMPLE = re.compile(
    r"\b((?:like|such as|e\.g\.,?|for example,?|for instance,?|including|includes?|namely)\s+)[^.;:()]*", re.I
)
_NAMING = frozenset("called termed named known dubbed labeled".split())
_MODIFIERS = frozenset("amod compound nummod nmod poss advmod quantmod".split())
_NEGATIONS = frozenset("not no never without n't neither nor".split())


def of_sentence(
    passage: Passage, sent: Span, form: Form, cues: Collection[str], introduces: bool, refers: bool
) -> tuple[bool, ...]:
    """The answers to `OF_SENTENCE`. `cues` are the names of the sentence's cues.

    `introduces` says whether it introduces an abbreviation, `refers` whether it refers to something outside it.
    """
    text = sent.text.rstrip()
    more = {
        "list-item": passage.kind == "list item",
        "table-cell": passage.kind == "table cell",
        "quote": passage.kind == "quote",
        "label": after_label(sent) > sent.start,
        "number": any(t.like_num for t in sent),
        "name": any(t.pos_ == "PROPN" for t in sent[1:]),
        "abbreviation": introduces,
        "reference": refers,
        "parenthesis": "(" in text,
        "quoted": '"' in text or "“" in text,
        "parent": passage.is_parent,
        "numbered": passage.place is not None,
        "led": bool(passage.lead),
        **{name: form == name for name in ("item", "term", "row", "pair", "step")},
        "ends-open": not text.endswith((".", "!", ")", '"', "”")),
    }
    return tuple(more.get(name, name in cues) for name in OF_SENTENCE)


def of_spans(
    passage: Passage,
    sent: Span,
    chunks: Iterable[Span],
    spans: Collection[TokenSpan],
    *,
    titles: str,
    marked: Collection[CharSpan],
) -> tuple[tuple[bool, ...], ...]:
    """The answers to `OF_SPAN` for each of the spans, which are tokens of the Doc.

    `chunks` are the noun chunks of the sentence, `titles` the titles above it joined into one text, and `marked` the
    places of abbreviations and long forms, in characters of the sentence.
    """
    sentence = _Sentence(passage, sent, chunks, titles, marked)
    return tuple(_OF_LEAD if span == LEAD else sentence.answers(span) for span in spans)


class _Sentence:
    """What the questions need to know about a sentence, read only once because access to a Doc is slow."""

    def __init__(
        self, passage: Passage, sent: Span, chunks: Iterable[Span], titles: str, marked: Collection[CharSpan]
    ) -> None:
        tokens = list(sent)
        self.sent, self.start, self.base, self.marked = sent, sent.start, sent.start_char, set(marked)
        self.title_words = set(re.findall(r"[^\W_]+", titles.lower()))
        self.emphasis = {(e.start, e.end) for e in passage.emphasis} | {(k.start, k.end) for k in passage.links}
        self.asked = {(a.start, a.end) for a in passage.asks}
        self.body = after_label(sent) - sent.start
        self.words = [t.lower_ for t in tokens]
        self.deps, self.tags, self.pos = [t.dep_ for t in tokens], [t.tag_ for t in tokens], [t.pos_ for t in tokens]
        self.heads = [t.head.i - sent.start for t in tokens]
        self.chunks = {self._without_article(c.start - sent.start, c.end - sent.start) for c in chunks}
        self.numbers = [t.like_num for t in tokens]
        self.tokens, self.coordinated = tokens, Coordinations()
        self.places = [(t.idx, t.idx + len(t)) for t in tokens]
        self.in_brackets, self.in_quotes = _inside(self.words, "(", ")"), _inside(self.words, '"“', '"”')
        # An example lasts until the next stop or bracket; every span that begins there belongs to it.
        self.examples = [(m.end(1), m.end()) for m in _EXAMPLE.finditer(sent.text)]
        self.above: dict[int, frozenset[str]] = {}
        self.grams = Counter(
            tuple(self.words[i : i + size]) for size in range(1, LONGEST + 1) for i in range(len(self.words))
        )

    def answers(self, span: TokenSpan) -> tuple[bool, ...]:
        """The answers to `OF_SPAN` for one span, in tokens of the Doc."""
        start, end = span.start - self.start, span.end - self.start
        holds = {"lead": False} | self._by_place(start, end) | self._by_parse(start, end)
        return tuple(holds[name] for name in OF_SPAN)

    def _by_place(self, start: int, end: int) -> dict[str, bool]:
        """The answers that the words of a span, their places and their neighbours give."""
        first, last = self.places[start][0], self.places[end - 1][1]
        own, before = self.words[start:end], self.words[start - 1] if start else ""
        where = start / max(1, len(self.words))
        lead = self.words[max(0, start - 3) : start]
        return {
            "example": any(a <= first - self.base <= b for a, b in self.examples),
            "parenthesis": self.in_brackets[start],
            "holds-parenthesis": "(" in own,
            "label": end <= self.body - 1,
            "quoted": self.in_quotes[start],
            "marked": (first, last) in self.emphasis,
            "asked": (first, last) in self.asked,
            "whole": end - start >= 0.8 * len(self.words),
            "abbreviation": CharSpan(first - self.base, last - self.base) in self.marked,
            "in-title": all(w in self.title_words for w in own if w.isalnum()),
            "repeated": self.grams[tuple(own)] > 1,
            "number": any(self.numbers[start:end]),
            "holds-of": "of" in own,
            "first-third": where < 1 / 3,
            "last-third": where > 2 / 3,
            "one-word": end - start == 1,
            "long": end - start > 4,
            "after-indefinite": before in ("a", "an"),
            "after-definite": before == "the",
            "named": any(w in _NAMING for w in lead),
            "negated": any(w in _NEGATIONS for w in lead),
            "before-verb": end < len(self.words) and self.pos[end] in ("VERB", "AUX"),
        }

    def _by_parse(self, start: int, end: int) -> dict[str, bool]:
        """The answers that the parse gives about a span and the token in it that governs the others."""
        head = self._root(start, end)
        dep, pos, token = self.deps[head], self.pos[head], self.tokens[head]
        other = next((i - self.start for i in self.coordinated.of(token) if i != token.i), None)
        joined = self.coordinated.within(token, start + self.start, end + self.start)
        role = self.deps[other] if dep == "conj" and other is not None else dep
        governor, above = self.words[self.heads[head]], self._above(head)
        is_after_modifier = start > 0 and self.deps[start - 1] in _MODIFIERS
        return {
            "conjunct": other is not None and not joined,
            "coordination": joined,
            "subject": role in ("nsubj", "nsubjpass"),
            "object": role == "dobj",
            "attribute": role in ("attr", "oprd", "acomp"),
            "of-phrase": role == "pobj" and governor == "of",
            "other-phrase": role == "pobj" and governor != "of",
            "agent": role == "pobj" and governor == "by",
            "root": dep == "ROOT",
            "noun": pos == "NOUN",
            "name": pos == "PROPN",
            "verb": pos == "VERB",
            "adjective": pos == "ADJ",
            "participle": self.tags[head] in ("VBG", "VBN"),
            "whole-phrase": (start, end) in self.chunks,
            "cut-left": is_after_modifier and start <= self.heads[start - 1] < end,
            "cut-right": end < len(self.words) and self._qualifies(end - 1, head, end),
            "relative": "relcl" in above,
            "clause": not above.isdisjoint(("advcl", "ccomp")),
        }

    def _without_article(self, start: int, end: int) -> tuple[int, int]:
        while start < end - 1 and self.pos[start] in ("DET", "PRON"):
            start += 1
        return start, end

    def _root(self, start: int, end: int) -> int:
        """The token of a span that governs the others; if several are governed from outside, spaCy chooses one."""
        outside = [i for i in range(start, end) if not start <= self.heads[i] < end or self.heads[i] == i]
        if len(outside) == 1:
            return outside[0]
        root: int = self.sent[start:end].root.i - self.start
        return root

    def _above(self, token: int) -> frozenset[str]:
        """The dependency labels of a token and of all tokens above it in the parse."""
        chain = [token]
        while token not in self.above and self.heads[token] != token and 0 <= self.heads[token] < len(self.words):
            token = self.heads[token]
            chain.append(token)
        found = self.above.get(token, frozenset())
        for below in reversed(chain):
            self.above[below] = found = found if self.deps[below] in found else found | {self.deps[below]}
        return found

    def _qualifies(self, last: int, head: int, end: int) -> bool:
        """Whether the span's head or last word only qualifies something after the span."""
        return any(self.deps[i] in _MODIFIERS and self.heads[i] >= end for i in (last, head))


def _inside(words: list[str], opens: str, closes: str) -> list[bool]:
    """Whether each word is between marks, such as brackets; a mark that both opens and closes alternates."""
    inside, found = False, []
    for word in words:
        if inside and word in closes:
            inside = False
            found.append(False)
        else:
            found.append(inside)
            inside = inside or word in opens
    return found
