"""Sentences that state two facts, each of which can be understood, and is true, without the other.

Two clauses are joined by "and", "but", "while", "whereas" or a semicolon. Each has a subject of its own that needs
nothing of the other clause to be named, and nothing that stands before or behind them holds for both: no condition, no
"studies show that", no "in 1905,". So of "The anode attracts anions, and cations go to the cathode." a note can be made
of each half.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tmscards.domain import CharSpan, Gap

if TYPE_CHECKING:
    from spacy.tokens import Span

_JOINS = frozenset("and but while whereas".split())
_LEANS = frozenset(
    """it its itself they them their theirs themselves he him his she her hers we us our i you your this that these
    those such both either neither former latter other others another each one ones same so then there here too also
    instead likewise similarly conversely otherwise else thus therefore hence however respectively first second third
    some many most few several all any none more less again still even only just rather real actual true""".split()
)
"""A clause with one of these may need the other one to be understood, or to be true."""
_CONDITIONS = frozenset("if unless until whether when whenever once provided assuming either neither nor both".split())
"""What may hold for both clauses, wherever it stands."""
_MARKS = frozenset(': ? " “ …'.split())
_LINKS = frozenset("cc mark".split())
_FINITE = frozenset("VBZ VBP VBD MD".split())
LEAST = 4
"""Words of a clause; of fewer, hardly anything can be asked."""
MAY_BE_ASKED = 0.5
"""No density asks for an answer that is less likely to be worth keeping."""


def second(sent: Span) -> CharSpan | None:
    """Where the second of the two facts is that a sentence states, in characters of the sentence; None if it does not.

    It begins behind the comma and the word that joins them, and ends with the sentence.
    """
    words = {token.lower_ for token in sent}
    if not words.isdisjoint(_CONDITIONS | _MARKS):
        return None
    found = [
        begins
        for end, begins in _borders(sent)
        if (one := _subject(sent[:end])) and (other := _subject(sent[begins:])) and _is_clear(sent[begins:], one, other)
    ]
    if len(found) != 1:
        return None
    start = sent[found[0]].idx - sent.start_char
    return CharSpan(start, len(sent.text.rstrip()))


def crosses(gap: Gap, second: CharSpan) -> bool:
    """Whether an answer that a card may ask for stands in both facts of a sentence, or across their border."""
    inside = [second.holds(place) for place in gap.places]
    return gap.score >= MAY_BE_ASKED and any(inside) != all(inside)


def _borders(sent: Span) -> Iterator[tuple[int, int]]:
    """Where one clause may end and the next begin, as tokens of the sentence."""
    for i, token in enumerate(sent[:-2]):
        is_joined = sent[i + 1].lower_ in _JOINS
        if token.text == ";" or (token.text == "," and is_joined):
            yield i, i + 1 + is_joined


def _subject(clause: Span) -> Span | None:
    """The subject of words that are a clause which begins with it and hangs together; None if they are none."""
    tops = [t for t in clause if (t.head == t or t.head not in clause) and not t.is_punct and t.dep_ not in _LINKS]
    is_short = sum(token.is_alpha for token in clause) < LEAST
    if is_short or len(tops) != 1 or clause.text.count("(") != clause.text.count(")"):
        return None
    [verb] = tops
    inside = [child for child in verb.children if child in clause]
    is_single = not any(child.dep_ in ("ccomp", "conj") for child in inside)
    is_finite = any(token.tag_ in _FINITE for token in (verb, *inside))
    subject = next((child for child in inside if child.dep_ in ("nsubj", "nsubjpass")), None)
    if not (is_single and is_finite and subject and subject.left_edge == clause[0]):
        return None
    return clause.doc[clause.start : subject.right_edge.i + 1]


def _is_clear(clause: Span, one: Span, other: Span) -> bool:
    """Whether the second clause says what it is about, and needs nothing of the first to be understood.

    "The region" may be the one that was just named, but not beside "the nerve"; "faster" is faster than something.
    """
    is_named = len(other) > 2 or other[0].lower_ != "the" or other.root.pos_ == "PROPN"
    is_apart = one[0].lower_ == "the" and len(one) == len(other) and one.root.pos_ == "NOUN"
    words = {token.lower_ for token in clause if token.tag_ not in ("WDT", "WP")}
    compares = any(token.tag_ in ("JJR", "RBR") for token in clause) and "than" not in words
    return (is_named or is_apart) and not compares and _LEANS.isdisjoint(words)
