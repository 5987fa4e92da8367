"""Owns what the parse and card lint tell the ranker of a sentence and its spans: yes or no to each of some questions.

The order is part of the weights: a question added, removed or moved needs a new fit.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import TYPE_CHECKING

from tmscards.domain import Passage
from tmscards.gaps import Pair, after_label

if TYPE_CHECKING:
    from spacy.tokens import Span, Token

OF_SENTENCE = (
    "addresses instruction no-verb about-recording hype hedge anecdote negation list long today callout introduces "
    "question list-item table-cell quote label number name abbreviation reference parenthesis quoted ends-open"
).split()
"""The questions about a sentence: most are rules of card lint."""
OF_SPAN = (
    "conjunct coordination example parenthesis holds-parenthesis label quoted marked abbreviation in-title repeated "
    "subject object attribute of-phrase other-phrase agent root noun name verb adjective number participle "
    "whole-phrase cut-left cut-right holds-of first-third last-third one-word long after-indefinite after-definite "
    "named negated relative clause before-verb"
).split()
"""The questions about a span."""

_EXAMPLE = re.compile(
    r"\b(?:like|such as|e\.g\.,?|for example,?|for instance,?|including|includes?|namely)\s+[^.;:()]*$", re.I
)
_NAMING = frozenset("called termed named known dubbed labeled".split())
_MODIFIERS = frozenset("amod compound nummod nmod poss advmod quantmod".split())
_NEGATIONS = frozenset("not no never without n't neither nor".split())


def of_sentence(
    passage: Passage, sent: Span, rules: Collection[str], introduces: bool, refers: bool
) -> tuple[bool, ...]:
    """The answers to `OF_SENTENCE`. `rules` are the ids of lint's findings."""
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
        "ends-open": not text.endswith((".", "!", ")", '"', "”")),
    }
    return tuple(more.get(name, name in rules) for name in OF_SENTENCE)


def of_spans(
    passage: Passage, sent: Span, spans: Collection[Pair], titles: str, marked: Collection[Pair]
) -> tuple[tuple[bool, ...], ...]:
    """The answers to `OF_SPAN` for each span. `marked` are the characters of abbreviations and their long forms."""
    base, doc = sent.start_char, sent.doc
    title_words = set(re.findall(r"[^\W_]+", titles.lower()))
    emphasis = {(e.start, e.end) for e in passage.emphasis} | {(link.start, link.end) for link in passage.links}
    chunks = {(_without_article(c), c.end) for c in sent.noun_chunks}
    body, words = after_label(sent), [t.lower_ for t in sent]
    depth = _depths(sent, "(", ")")
    quotes = _depths(sent, '"“', '"”')
    answers = []
    for start, end in spans:
        span = doc[start:end]
        head, first, last = span.root, span.start_char, span.end_char
        before = doc[start - 1] if start > sent.start else None
        behind = doc[end] if end < sent.end else None
        own = [t.lower_ for t in span]
        where = (start - sent.start) / max(1, len(sent))
        dep, pos = head.dep_, head.pos_
        joined = any(start <= c.i < end for c in head.conjuncts)
        role = dep if dep != "conj" else head.conjuncts[0].dep_ if head.conjuncts else dep
        holds = {
            "conjunct": bool(head.conjuncts) and not joined,
            "coordination": joined,
            "example": _EXAMPLE.search(sent.text[: first - base]) is not None,
            "parenthesis": depth[start - sent.start] > 0,
            "holds-parenthesis": "(" in own,
            "label": end <= body - 1,
            "quoted": quotes[start - sent.start] > 0,
            "marked": (first, last) in emphasis,
            "abbreviation": (first - base, last - base) in marked,
            "in-title": all(w in title_words for w in own if w.isalnum()),
            "repeated": sum(words[i : i + len(own)] == own for i in range(len(words))) > 1,
            "subject": role in ("nsubj", "nsubjpass"),
            "object": role == "dobj",
            "attribute": role in ("attr", "oprd", "acomp"),
            "of-phrase": role == "pobj" and head.head.lower_ == "of",
            "other-phrase": role == "pobj" and head.head.lower_ != "of",
            "agent": role == "pobj" and head.head.lower_ == "by",
            "root": dep == "ROOT",
            "noun": pos == "NOUN",
            "name": pos == "PROPN",
            "verb": pos == "VERB",
            "adjective": pos == "ADJ",
            "number": any(t.like_num for t in span),
            "participle": head.tag_ in ("VBG", "VBN"),
            "whole-phrase": (start, end) in chunks,
            "cut-left": before is not None and before.dep_ in _MODIFIERS and start <= before.head.i < end,
            "cut-right": behind is not None and _modifies(doc[end - 1], head, end),
            "holds-of": "of" in own,
            "first-third": where < 1 / 3,
            "last-third": where > 2 / 3,
            "one-word": end - start == 1,
            "long": end - start > 4,
            "after-indefinite": before is not None and before.lower_ in ("a", "an"),
            "after-definite": before is not None and before.lower_ == "the",
            "named": any(t.lower_ in _NAMING for t in doc[max(sent.start, start - 3) : start]),
            "negated": any(t.lower_ in _NEGATIONS for t in doc[max(sent.start, start - 3) : start]),
            "relative": any(a.dep_ == "relcl" for a in (head, *head.ancestors)),
            "clause": any(a.dep_ in ("advcl", "ccomp") for a in (head, *head.ancestors)),
            "before-verb": behind is not None and behind.pos_ in ("VERB", "AUX"),
        }
        answers.append(tuple(holds[name] for name in OF_SPAN))
    return tuple(answers)


def _without_article(chunk: Span) -> int:
    start: int = chunk.start
    while start < chunk.end - 1 and chunk.doc[start].pos_ in ("DET", "PRON"):
        start += 1
    return start


def _modifies(last: Token, head: Token, end: int) -> bool:
    """Whether the span's head or last word only qualifies what comes behind it."""
    return any(t.dep_ in _MODIFIERS and t.head.i >= end for t in (last, head))


def _depths(sent: Span, opens: str, closes: str) -> list[int]:
    """Whether each token stands in brackets: 1 or 0. A mark that opens and closes does so by turns."""
    inside, found = 0, []
    for token in sent:
        if inside and token.text in closes:
            inside = 0
            found.append(0)
        else:
            found.append(inside)
            inside = inside or int(token.text in opens)
    return found
