"""Finding the words of a sentence that refer to something outside it, and what they certainly mean.

Measured on labelled notes, two cases are certain: a demonstrative whose noun the text before it names in full, and a
pronoun at the start of a sentence that agrees with the subject of the sentence before.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tmscards.language.sentences import as_written, noun_chunks
from tmscards.text import singular

if TYPE_CHECKING:
    from spacy.tokens import Span, Token

_DEMONSTRATIVES = frozenset("this that these those such".split())
_PERSONAL = frozenset("it its he she they him her them his hers their theirs".split())
_PEOPLE = frozenset("he she him her his hers".split())
_MANY = frozenset("they them their theirs these those".split())
_POSSESSIVE = frozenset("its his her their".split())
_SAME = frozenset("same former latter other another".split())
_DIFFERENT = frozenset("former latter other another".split())
"""What one of these refers to is not what was named last."""
_JOINS = frozenset("and or of as in for with to vs vs. versus a an how why what when".split())
_INDEFINITE = frozenset(
    """a an another one some any each every many several most other few both all such that this these those no
    particular certain various different numerous multiple""".split()
)
"""A phrase that begins with one of these names nothing in particular."""
_EMPTY = frozenset("result idea reason problem goal risk point way fact thing key answer example step part".split())
"""Nouns that hardly name anything."""
_NUMBERED = re.compile(r"^[\dIVX]+[.)]\s+")
_LONGEST = 6
"""Tokens of a phrase that may replace a reference; a longer one would make the card hard to read."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Tokens of the Doc, half-open, that refer to something outside their sentence."""

    start: int
    end: int
    noun: int | None = None
    """The noun after a demonstrative: "protocol" in "this protocol"."""


def find(sent: Span) -> list[Reference]:
    """The references of a sentence: "This approach …", "It …", "… his research …".

    A pronoun refers to something outside if no noun that it could mean comes before it in the sentence.
    """
    found = []
    for token in sent:
        if _refers(token, sent):
            noun = token.head if token.dep_ in ("det", "amod", "predet") and token.head.i > token.i else None
            if noun is not None and noun.i < sent.end:
                found.append(Reference(token.i, noun.i + 1, noun.i))
            else:
                found.append(Reference(token.i, token.i + 1))
    return found


def meaning(reference: Reference, sent: Span, before: Sequence[Span], headings: Sequence[str]) -> str | None:
    """The phrase that a reference certainly stands for; None if that is not certain.

    `before` are the sentences before it, the nearest first; `headings` those above it, the nearest first.
    """
    if sent.doc[reference.start].lower_ in _DIFFERENT:
        return None
    if reference.noun is not None:
        # In "these four matrices" and "this bundling tactic", the other words may say what no earlier phrase says.
        behind = sent.doc[reference.end] if reference.end < sent.end else None
        if sent.doc[reference.start].lower_ == "that" and not _is_in_place(sent.doc[reference.start], sent):
            return None
        if reference.noun - reference.start > 1 or (behind is not None and behind.pos_ in ("NOUN", "PROPN")):
            return None
        return _same_noun(sent.doc[reference.noun], before, headings)
    token = sent.doc[reference.start]
    if token.i - sent.start > 1 or not before or (token.dep_ == "poss" and sent[0].dep_ == "prep"):
        # "For its first three years, the firm …" may say only later whose they are.
        return None
    return _subject_before(token, before[0])


def _is_in_place(that: Token, sent: Span) -> bool:
    """Whether "that" can only point at something: "emphasizing that capital is scarce" does not."""
    return that.i == sent.start or that.nbor(-1).pos_ == "ADP"


def _same_noun(noun: Token, before: Sequence[Span], headings: Sequence[str]) -> str | None:
    """An earlier phrase with the same head and more words: "the SAINT protocol" for "this protocol"."""
    wanted = singular(noun.lower_)
    for sent in before:
        named = [
            c for c in noun_chunks(sent) if singular(c.root.lower_) == wanted and _is_plural(c.root) == _is_plural(noun)
        ]
        named = [c for c in named if _is_full(c) and not _refers(c[0], sent)]
        if named:
            return _text(named[-1])
    for heading in headings:
        words = _NUMBERED.sub("", heading).split()
        is_plain = 1 < len(words) <= _LONGEST and not _JOINS.intersection(w.lower() for w in words)
        # "Understanding Rights" is about the rights and does not name them.
        is_name = is_plain and not words[0].lower().endswith("ing")
        if is_name and ":" not in heading and words[-1].lower() == noun.lower_:
            has_owner = any(word.endswith(("'s", "’s")) for word in words[:2])
            name = " ".join(words)
            return name if words[0].lower() == "the" or has_owner else f"the {name}"
    return None


def _subject_before(pronoun: Token, before: Span) -> str | None:
    """What "it" at the start of a sentence means: the subject of the one before, if no other subject there agrees."""
    word = pronoun.lower_
    if pronoun.dep_ not in ("nsubj", "nsubjpass", "poss") or word in _DEMONSTRATIVES or not pronoun.whitespace_:
        return None
    text = _subject(pronoun, before)
    if text and word in _POSSESSIVE and pronoun.dep_ == "poss":
        text += "’" if text.endswith("s") else "’s"
    return text


def _subject(reference: Token, before: Span) -> str | None:
    """The subject of a sentence, if it agrees with a reference after it and no other subject there does."""
    subject = next((c for c in before.root.children if c.dep_ in ("nsubj", "nsubjpass")), None)
    if subject is None or subject.pos_ not in ("NOUN", "PROPN") or not _agrees(reference, subject):
        return None
    # Of "The year 2022" or "Coils and magnets", the first words say too little; and "Stanford invited him" has two.
    goes_on = any(
        c.dep_ in ("conj", "nummod", "acl")
        or (c.dep_ == "prep" and subject.pos_ == "NOUN")
        or (c.dep_ == "relcl" and c.left_edge.nbor(-1).text != ",")
        for c in subject.rights
    )
    somebody = any(t.lower_ in _PEOPLE and t.tag_ == "PRP" for t in before)
    if goes_on or (reference.lower_ in _PEOPLE and somebody):
        return None
    chunks = noun_chunks(before)
    chunk = next((c for c in chunks if c.root.i == subject.i), None)
    if chunk is None or len(chunk) > _LONGEST or _refers(chunk[0], before) or not _is_closed(chunk):
        return None
    is_cut = chunk.start != subject.left_edge.i or chunk[0].tag_ == "PRP$"
    if is_cut or (reference.lower_ in _POSSESSIVE and any(token.tag_ == "POS" for token in chunk)):
        return None
    if chunk.end < before.end and before.doc[chunk.end].pos_ in ("NUM", "NOUN", "PROPN"):
        return None
    # "A solenoid is a coil" is about all of them; "A coil heats the cortex" may be about any.
    is_defined = before.root.lower_ in ("is", "are") and any(c.dep_ == "attr" for c in before.root.children)
    if singular(subject.lower_) in _EMPTY or (chunk[0].lower_ in _INDEFINITE and not is_defined):
        return None
    others = [c.root for c in chunks if c.root.i != subject.i]
    objects = [o for o in others if o.dep_ in ("dobj", "oprd") and o.head.i == before.root.i]
    rivals = (
        o
        for o in (*objects, *(o for o in others if o.dep_.startswith("nsubj")))
        if o.pos_ in ("NOUN", "PROPN") and _agrees(reference, o)
    )
    return None if any(rivals) else _text(chunk)


def _agrees(reference: Token, noun: Token) -> bool:
    """Whether a pronoun agrees with a noun in person and number."""
    if reference.lower_ in _PEOPLE:
        return noun.pos_ == "PROPN" and noun.tag_ == "NNP"
    many = _is_plural(noun) or any(c.dep_ == "conj" for c in noun.children)
    return many == (reference.lower_ in _MANY or _is_plural(reference))


def _is_full(chunk: Span) -> bool:
    words = [t for t in chunk if t.pos_ not in ("DET", "PRON")]
    # In "denial of service attacks", the chunk behind "of" is half of a name.
    is_half = chunk.root.dep_ == "pobj" and chunk.root.head.lower_ == "of" and chunk[0].pos_ != "DET"
    # "Their model" needs to be explained itself, and "two videos" may be any two.
    is_open = chunk[0].tag_ in ("PRP$", "CD") or not _INDEFINITE.isdisjoint(token.lower_ for token in chunk)
    # "Refines models" is what somebody does: a noun before another one is hardly ever in the plural.
    is_clause = any(token.tag_ in ("NNS", "VBZ") for token in chunk[:-1])
    is_named = not is_open and not is_half and not is_clause
    return is_named and len(words) > 1 and len(chunk) <= _LONGEST and _is_closed(chunk)


def _is_closed(chunk: Span) -> bool:
    """Whether each bracket and quotation in a phrase is opened and closed in it, and there is no formula in it."""
    if "\\" in chunk.text or "xxx" in chunk.text:
        # A formula names nothing that a pronoun could stand for.
        return False
    pairs = all(chunk.text.count(opens) == chunk.text.count(closes) for opens, closes in ("()", "[]", "“”"))
    return pairs and chunk.text.count('"') % 2 == 0


def _text(chunk: Span) -> str:
    first = chunk[0]
    text = as_written(chunk)
    return text if first.pos_ == "PROPN" or not first.is_title else text[0].lower() + text[1:]


def _is_plural(noun: Token) -> bool:
    return noun.tag_ in ("NNS", "NNPS")


def _refers(token: Token, sent: Span) -> bool:
    word = token.lower_
    if word in _DEMONSTRATIVES and token.pos_ in ("DET", "PRON", "ADJ") and token.dep_ != "mark":
        is_relative = token.tag_ in ("WDT", "WP") or (
            word == "that" and token.dep_ in ("nsubj", "nsubjpass") and token.head.dep_ == "relcl"
        )
        such_as = (
            word == "such" and token.i + 1 < sent.end and sent.doc[token.i + 1].lower_ in ("as", "a", "an", "that")
        )
        return not is_relative and not such_as and not (word in ("that", "those") and _has_postmodifier(token))
    if word in _PERSONAL and token.pos_ in ("PRON", "DET"):
        is_expletive = word == "it" and _is_expletive(token)
        return not is_expletive and not _has_antecedent(token, sent)
    return word in _SAME and token.i - sent.start <= 2 and token.pos_ in ("ADJ", "DET")


def _has_postmodifier(token: Token) -> bool:
    return any(c.dep_ in ("relcl", "acl", "prep") for c in token.children)


def _is_expletive(token: Token) -> bool:
    deps = ("ccomp", "xcomp", "csubj", "advcl")
    forms = "is was be been 's seems seem appears takes became becomes".split()
    is_said = token.dep_ == "nsubjpass" and any(c.dep_ in ("ccomp", "xcomp") for c in token.head.children)
    return is_said or (token.head.lower_ in forms and any(c.dep_ in deps for c in token.head.children))


def _has_antecedent(token: Token, sent: Span) -> bool:
    """Whether a noun before the pronoun agrees with it in person and number, as far as the tags show."""
    return any(other.pos_ in ("NOUN", "PROPN") and _agrees(token, other) for other in sent.doc[sent.start : token.i])
