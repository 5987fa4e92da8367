"""Deciding which statements are definitions, by the ranker's likelihood or by clear patterns.

The patterns are those used in research since Hearst (1992), Automatic acquisition of hyponyms from large text corpora,
and Navigli and Velardi (2010), Learning word-class lattices for definition and hypernym extraction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tmscards.domain import StatementKind, TokenSpan
from tmscards.language.words import NAMING

if TYPE_CHECKING:
    from spacy.tokens import Span, Token

LIKELY = 0.25
"""The likelihood from which the ranker's judgement alone is enough."""

_NAMED = NAMING - {"known", "titled"} | {"abbreviated"}
"""Without "known", which `_AS` covers, and "titled", because a title does not say what a thing is."""
_AS = frozenset("known defined described denoted referred".split())
_MEANING = {"refers": "to", "refer": "to", "stands": "for", "stand": "for", "consists": "of", "consist": "of"}
_SAYS = frozenset("means denotes comprises describes involves".split())
_DETERMINERS = frozenset("a an any one the".split())


def kind(sent: Span, likely: float) -> StatementKind:
    """Whether a sentence is a definition, or another fact. `likely` is the ranker's likelihood that it defines."""
    return "definition" if likely >= LIKELY or _defines(sent) else "fact"


def term(sent: Span) -> TokenSpan | None:
    """What a definition defines, if it begins with that: the subject of "X is a Y that …", "X means …", "X refers to".

    Counts tokens from the start of the sentence; includes articles. None if it begins with something else.
    """
    subject = next((t for t in sent if t.dep_.startswith("nsubj") and t.pos_ in ("NOUN", "PROPN")), None)
    if subject is None or subject.left_edge.i != sent.start or subject.head.i < subject.i:
        return None
    verb = subject.head
    begins = verb.lower_ in ("is", "are") or verb.lower_ in _SAYS or verb.lower_ in _MEANING
    return TokenSpan(0, subject.right_edge.i + 1 - sent.start) if begins or verb.tag_ == "VBN" else None


def _defines(sent: Span) -> bool:
    """Whether a verb of the sentence says what something is, is called or means."""
    return any(_is_defining(token) for token in sent)


def _is_defining(token: Token) -> bool:
    word = token.lower_
    if token.tag_ == "VBN" and word in _NAMED:
        return True
    if token.tag_ == "VBN" and word in _AS:
        return _has(token, "as") or _has(token, "to")
    if word in ("is", "are"):
        return _is_a(token)
    means = word in _SAYS and token.dep_ == "ROOT"
    return (means or _has(token, _MEANING.get(word, ""))) and _noun_subject(token)


def _is_a(verb: Token) -> bool:
    """Whether "is" or "are" says what X is, with details: "X is a Y that …", "X is the Y of …"."""
    attribute = next((c for c in verb.children if c.dep_ == "attr"), None)
    if attribute is None or not _noun_subject(verb) or verb.doc[attribute.left_edge.i].lower_ not in _DETERMINERS:
        return False
    return any(c.dep_ in ("relcl", "acl", "prep", "amod", "compound") for c in attribute.children)


def _noun_subject(verb: Token) -> bool:
    return any(c.dep_.startswith("nsubj") and c.pos_ in ("NOUN", "PROPN") and c.i < verb.i for c in verb.children)


def _has(verb: Token, preposition: str) -> bool:
    return any(c.lower_ == preposition for c in verb.children)
