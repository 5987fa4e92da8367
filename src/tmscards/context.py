"""Owns making a statement stand alone: whether it leans on something outside it, and the context line it then needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tmscards.domain import Passage

if TYPE_CHECKING:
    from spacy.tokens import Span, Token

_DEMONSTRATIVES = frozenset("this that these those such".split())
_PERSONAL = frozenset("it its he she they him her them his hers their theirs".split())
_SAME = frozenset("same former latter other another".split())


def leans(sent: Span) -> bool:
    """Whether a sentence refers to something said before it: "This approach …", "It …", "… his research …".

    A pronoun leans if no noun that it could mean stands before it in the sentence.
    """
    return any(_leans(token, sent) for token in sent)


def line(title: str, passage: Passage) -> str:
    """The context line: title, headings and label above the passage, those that repeat another left out."""
    parts: list[str] = []
    for part in (title, *passage.headings, passage.label):
        if part and all(part.lower() not in other.lower() for other in parts):
            parts.append(part)
    return " › ".join(parts)


def _leans(token: Token, sent: Span) -> bool:
    word = token.lower_
    if word in _DEMONSTRATIVES and token.pos_ in ("DET", "PRON") and token.dep_ not in ("mark",):
        is_relative = token.tag_ in ("WDT", "WP") or (
            word == "that" and token.dep_ in ("nsubj", "nsubjpass") and token.head.dep_ == "relcl"
        )
        such_as = word == "such" and token.i + 1 < sent.end and sent.doc[token.i + 1].lower_ in ("as", "a")
        return not is_relative and not such_as and not (word in ("that", "those") and _has_postmodifier(token))
    if word in _PERSONAL and token.pos_ in ("PRON", "DET"):
        is_expletive = word == "it" and _is_expletive(token)
        return not is_expletive and not _has_antecedent(token, sent)
    return word in _SAME and token.i - sent.start <= 2 and token.pos_ in ("ADJ", "DET")


def _has_postmodifier(token: Token) -> bool:
    return any(c.dep_ in ("relcl", "acl", "prep") for c in token.children)


def _is_expletive(token: Token) -> bool:
    return any(c.dep_ in ("ccomp", "xcomp", "csubj", "advcl") for c in token.head.children) and token.head.lemma_ in (
        "be",
        "seem",
        "appear",
        "take",
        "become",
    )


def _has_antecedent(token: Token, sent: Span) -> bool:
    """Whether a noun before the pronoun agrees with it in person and number, as far as the tags show."""
    personal = token.lower_ in ("he", "she", "him", "her", "his", "hers")
    plural = token.lower_ in ("they", "them", "their", "theirs")
    for other in sent.doc[sent.start : token.i]:
        if other.pos_ not in ("NOUN", "PROPN"):
            continue
        if personal and (other.ent_type_ == "PERSON" or other.pos_ == "PROPN"):
            return True
        if plural and (other.tag_ in ("NNS", "NNPS") or any(c.dep_ == "conj" for c in other.children)):
            return True
        if not personal and not plural and other.tag_ in ("NN", "NNP"):
            return True
    return False
