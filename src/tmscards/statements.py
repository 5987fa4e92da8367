"""Owns which sentences are statements: definitions and key facts, found by small generators over spaCy's parse.

Each generator yields what it found and how sure it is (0 to 1); `leave_out` says why a sentence is not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tmscards.domain import Abbreviation, Passage, StatementKind

if TYPE_CHECKING:
    from spacy.tokens import Span, Token

LONGEST = 40
"""Words; a longer sentence holds more than one fact."""

# Obsidian's callouts; the others (info, tip, example, question, …) speak to the reader.
_PROSE_CALLOUTS = frozenset(
    """note definition def abstract summary tldr important warning caution attention danger quote cite theorem
    lemma""".split()
)
_MARKUP_LEFT = re.compile(r"\[\[|\]\]|<a\b|data-t\b|\*\*|\]\(|\{\{|\}\}|https?://|[\ue000-\ue00f]")
_META = re.compile(
    r"""\b(?:(?:this|the|our|today's)\s(?:video|podcast|episode|discussion|conversation|article|lecture|talk|section
    |chapter|series|interview|host|speaker|guest)s?
    |discuss(?:es|ed|ion)|delves?\sinto|touche[sd]\son|as\s(?:mentioned|noted|discussed)|we(?:'ll|\swill)|let's
    |stay\stuned|subscribe|sponsor)\b""",
    re.I | re.X,
)
_SAYING = frozenset(
    "highlight emphasize stress note mention explain suggest argue say discuss explore describe".split()
)
_HYPE = re.compile(
    r"""\b(?:pivotal|groundbreaking|game.?changer|fascinating|intriguing|revolutionary|exciting|remarkable
    |powerful\stool|crucial\srole|significant\sstep|in\sconclusion|in\ssummary|overall|ultimately|journey|forefront
    |paves?\sthe\sway|promising|testament|landscape|realm|tapestry)\b""",
    re.I | re.X,
)
_HEDGES = frozenset("may might could perhaps possibly potentially suggest suggests seem seems likely".split())
_CAUSES = frozenset(
    """cause lead increase decrease reduce raise lower induce trigger produce inhibit activate block enhance impair
    improve prevent promote stimulate suppress release regulate require allow enable convert bind contain consist form
    use employ target carry control destroy create generate accelerate slow modulate condense replace measure observe
    indicate reveal show predict correlate associate link depend determine influence affect result find invent discover
    develop introduce publish launch win lose own cost weigh decelerate
    apply act engage place surround protect transmit store encode connect support separate""".split()
)
_DURATION = re.compile(
    r"(?:\w+-|\b(?:several|two|three|four|five|six|seven|eight|nine|ten|\w+ty) )"
    r"(?:second|minute|hour|day|week|month|year)"
)
_NAMING_VERBS = frozenset("call name term define know refer denote describe label dub abbreviate".split())
_CLASS_WORDS = frozenset(
    """type kind form class technique method process term protocol hormone neurotransmitter enzyme protein structure
    region concept theory condition disorder disease system set group measure unit number function model branch field
    study part""".split()
)
_KEY_ENTITIES = frozenset("PERCENT QUANTITY MONEY DATE TIME CARDINAL ORDINAL".split())
_NAME_ENTITIES = frozenset("PERSON ORG GPE LOC NORP FAC PRODUCT EVENT WORK_OF_ART LAW LANGUAGE".split())


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one generator found in a sentence."""

    kind: StatementKind
    score: float
    term: tuple[int, int] | None = None
    """The definiendum, as token indices of the Doc."""


def leave_out(passage: Passage, sent: Span) -> str | None:
    """Why no statement is looked for in a sentence, in words for the user; None if there is no such reason."""
    text = sent.text.strip()
    words = sum(token.is_alpha for token in sent)
    if passage.kind == "heading":
        return "a heading"
    if passage.kind == "task":
        return "a to-do"
    if passage.kind == "callout" and passage.callout not in _PROSE_CALLOUTS:
        return f"in a callout of the kind {passage.callout!r}"
    if _is_link_list(passage):
        return "only links"
    if _MARKUP_LEFT.search(text):
        return "markup that could not be read"
    if any(link.doubtful for link in passage.see_also_in(sent.start_char, sent.end_char)):
        return "a link at its end makes it doubtful what belongs to it"
    if text.endswith("?"):
        return "a question"
    if words < 4:
        return "too short"
    if words > LONGEST:
        return f"longer than {LONGEST} words"
    if text.endswith(":"):
        return "only introduces what follows"
    if passage.kind == "table cell" and words < 6:
        return "too short"
    if not any(token.tag_ in ("VBD", "VBP", "VBZ", "MD") for token in sent) and _after_label(sent) == sent.start:
        return "no sentence: it has no finite verb"
    if _is_imperative(sent):
        return "an instruction"
    if _META.search(text):
        return "about the recording or the speaker, not the subject"
    if any(token.lower_ in ("you", "your", "i", "we", "our", "us", "my") for token in sent):
        return "speaks to the reader"
    return None


def find(sent: Span, abbreviations: list[tuple[Abbreviation, int, int]]) -> Iterator[Evidence]:
    """What makes a sentence a statement. `abbreviations` are those it introduces, with offsets in its text."""
    yield from _labels(sent)
    yield from _copulas(sent)
    yield from _namings(sent)
    yield from _introductions(sent, abbreviations)
    yield from _numbers(sent)
    yield from _names(sent)
    yield from _effects(sent)


def weigh(sent: Span, evidence: list[Evidence]) -> tuple[StatementKind | None, float]:
    """The kind and score (0 to 1) of a sentence on all its evidence; None and a low score if it does not hold."""
    if not evidence:
        return None, 0.0
    best = max(evidence, key=lambda e: e.score)
    miss = 1.0
    for score in sorted((e.score for e in evidence), reverse=True)[:3]:
        miss *= 1 - 0.8 * score
    score = 1 - miss
    if _HYPE.search(sent.text):
        score *= 0.6
    if any(token.lower_ in _HEDGES for token in sent):
        score *= 0.85
    if sent.root.lemma_.lower() in _SAYING and any(c.dep_ == "nsubj" and _is_person(c) for c in sent.root.children):
        score *= 0.8
    definitions = [e.score for e in evidence if e.kind == "definition"]
    kind: StatementKind = "definition" if definitions and max(definitions) >= 0.6 else best.kind
    return kind, round(score, 3)


def _is_link_list(passage: Passage) -> bool:
    linked = sum(link.end - link.start for link in passage.links)
    return bool(passage.links) and linked >= 0.8 * len(passage.text.strip(" .,;:"))


def _is_imperative(sent: Span) -> bool:
    """Whether the sentence, after any label, begins with a bare verb that has no subject: "Keep the room dark." """
    start = _after_label(sent)
    first = sent.doc[start]
    return (
        first.tag_ == "VB"
        and first.dep_ in ("ROOT", "ccomp")
        and not any(c.dep_.startswith("nsubj") for c in first.children)
    )


def _after_label(sent: Span) -> int:
    """The token at which a list item's text begins behind a label ("Bowel function: These muscles …")."""
    colon = next((t.i for t in sent if t.text == ":" and t.i - sent.start <= 8), None)
    return colon + 1 if colon is not None and colon + 1 < sent.end else sent.start


def _labels(sent: Span) -> Iterator[Evidence]:
    """Term: a gloss that begins with a noun phrase or a participle."""
    start = _after_label(sent)
    if start == sent.start or sent.start != 0:
        return
    body = sent.doc[start : sent.end]
    term = (sent.start, start - 1)
    if body[0].tag_ in ("DT", "NN", "NNS", "JJ") and not any(t.dep_.startswith("nsubj") for t in body[:6]):
        yield Evidence("definition", 0.7, term)
    else:
        yield Evidence("fact", 0.3, term)


def _copulas(sent: Span) -> Iterator[Evidence]:
    """X is a Y: nominal subject, a form of be in the present, and an attribute that begins with a/an/the/one of."""
    for verb in sent:
        if verb.lemma_ != "be" or verb.tag_ not in ("VBZ", "VBP"):
            continue
        subject = _child(verb, "nsubj")
        attribute = _child(verb, "attr")
        if subject is None or attribute is None or subject.pos_ in ("PRON", "DET") or subject.i > verb.i:
            continue
        opens = sent.doc[attribute.left_edge.i]
        indefinite = opens.lower_ in ("a", "an", "any", "one")
        has_more = any(c.dep_ in ("relcl", "acl", "prep") for c in attribute.children)
        class_word = attribute.lemma_.lower() in _CLASS_WORDS
        is_main = verb.dep_ == "ROOT"
        score = 0.25 + 0.25 * indefinite + 0.15 * has_more + 0.15 * class_word + 0.1 * is_main
        yield Evidence("definition" if score >= 0.6 else "fact", score, _phrase(subject))


def _namings(sent: Span) -> Iterator[Evidence]:
    """X is called/known as/defined as/referred to as Y; X refers to, means, stands for, consists of Y."""
    for verb in sent:
        lemma = verb.lemma_.lower()
        subject = _child(verb, "nsubj", "nsubjpass")
        passive = any(c.dep_ == "auxpass" for c in verb.children) or verb.tag_ == "VBN"
        if lemma in _NAMING_VERBS and passive:
            preps = {c.lower_ for c in verb.children if c.dep_ == "prep"}
            if lemma in ("define", "describe") and "as" in preps and subject is not None and subject.pos_ != "PRON":
                yield Evidence("definition", 0.85 if lemma == "define" else 0.6, _phrase(subject))
            elif lemma in ("call", "name", "term", "dub", "label", "abbreviate") or "as" in preps or "to" in preps:
                named = _child(verb, "oprd", "attr", "dobj") or next(
                    (g for c in verb.children if c.lower_ == "as" for g in c.children if g.dep_ == "pobj"), None
                )
                if named is not None and named.pos_ in ("NOUN", "PROPN"):
                    yield Evidence("definition", 0.8, _phrase(named))
        elif lemma in ("refer", "stand", "consist") and subject is not None and verb.tag_ in ("VBZ", "VBP"):
            wanted = {"refer": "to", "stand": "for", "consist": "of"}[lemma]
            if any(c.lower_ == wanted for c in verb.children) and subject.pos_ in ("NOUN", "PROPN"):
                yield Evidence("definition", 0.85, _phrase(subject))
        elif (
            lemma in ("mean", "denote", "comprise", "involve")
            and (verb.tag_, verb.dep_) == ("VBZ", "ROOT")
            and subject is not None
            and subject.pos_ in ("NOUN", "PROPN")
        ):
            yield Evidence("definition", 0.6, _phrase(subject))


def _introductions(sent: Span, abbreviations: list[tuple[Abbreviation, int, int]]) -> Iterator[Evidence]:
    """A long form with its short form in brackets."""
    for _, start, end in abbreviations:
        span = sent.doc.char_span(sent.start_char + start, sent.start_char + end, alignment_mode="expand")
        if span is not None:
            yield Evidence("fact", 0.5, (span.start, span.end))


def _numbers(sent: Span) -> Iterator[Evidence]:
    """A number with a unit, a share, an amount or a date."""
    for ent in sent.ents:
        if ent.label_ in _KEY_ENTITIES and any(c.isdigit() for c in ent.text):
            yield Evidence("fact", 0.6 if ent.label_ in ("PERCENT", "QUANTITY", "MONEY", "TIME") else 0.5)
        elif ent.label_ in ("DATE", "TIME", "QUANTITY") and _DURATION.search(ent.text):
            yield Evidence("fact", 0.5)
    for token in sent:
        if token.dep_ == "nummod" and token.head.pos_ in ("NOUN", "PROPN") and token.lower_ not in ("one", "two"):
            yield Evidence("fact", 0.4)


def _names(sent: Span) -> Iterator[Evidence]:
    """Somebody or something named, as subject or object of the main verb."""
    for ent in sent.ents:
        if ent.label_ in _NAME_ENTITIES and ent.root.dep_ not in ("poss", "compound"):
            yield Evidence("fact", 0.3)


def _effects(sent: Span) -> Iterator[Evidence]:
    """Cause and effect, or what something does to something, between nouns."""
    for verb in sent:
        if verb.pos_ != "VERB" or verb.lemma_.lower() not in _CAUSES:
            continue
        agent = _child(verb, "nsubj", "nsubjpass")
        if agent is None and verb.dep_ in ("relcl", "acl"):
            agent = verb.head
        elif agent is None and verb.dep_ in ("advcl", "conj", "xcomp"):
            agent = _child(verb.head, "nsubj", "nsubjpass")
        patient = _child(verb, "dobj", "prep", "agent")
        if agent is not None and patient is not None:
            yield Evidence("fact", 0.45 if agent.pos_ in ("NOUN", "PROPN") else 0.35)


def _is_person(token: Token) -> bool:
    return token.ent_type_ == "PERSON" or token.lower_ in ("he", "she", "they", "researchers", "scientists")


def _child(token: Token, *deps: str) -> Token | None:
    return next((c for c in token.children if c.dep_ in deps), None)


def _phrase(head: Token) -> tuple[int, int]:
    """A noun with its modifiers to the left, without article or possessive: the tokens of a term."""
    start = head.left_edge.i
    while start < head.i and head.doc[start].pos_ in ("DET", "PRON", "PUNCT", "ADP", "SCONJ", "ADV", "CCONJ"):
        start += 1
    return start, head.i + 1
