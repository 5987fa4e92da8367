"""Owns gap selection: which spans of a statement are worth recalling, the best first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tmscards.domain import Abbreviation, Gap, Passage
from tmscards.domain import Span as Place
from tmscards.statements import Evidence

if TYPE_CHECKING:
    from spacy.tokens import Span, Token

LONGEST = 5
"""Tokens; what is longer cannot be recalled word for word (Wozniak, Twenty rules of formulating knowledge, rule 4)."""

_NUMBERS = frozenset("PERCENT QUANTITY MONEY DATE TIME CARDINAL".split())
_NAMES = frozenset("PERSON ORG GPE LOC NORP FAC PRODUCT EVENT WORK_OF_ART LAW LANGUAGE".split())
_EMPTY_NOUNS = frozenset(
    """way thing part role aspect factor people person individual someone something lot number variety range example
    case fact time benefit importance ability potential understanding approach process level area result effect impact
    use type kind form idea concept study research change work life world need""".split()
)
_TRIMMED = frozenset("DET PRON PUNCT ADP CCONJ SCONJ PART AUX SPACE".split())


def find(
    passage: Passage, sent: Span, evidence: list[Evidence], abbreviations: list[tuple[Abbreviation, int, int]]
) -> list[Gap]:
    """The spans of a sentence that a note could hide, not overlapping, the best first.

    Offsets are within the sentence's text. None is a pronoun or stop word, longer than `LONGEST` tokens, half of the
    sentence, or said again elsewhere in it.
    """
    scored: dict[tuple[int, int], float] = {}
    for (raw_start, raw_end), score in _candidates(passage, sent, evidence, abbreviations):
        start, end = _trim(sent, raw_start, raw_end)
        if start < end:
            scored[start, end] = max(scored.get((start, end), 0.0), score)
    chosen: list[Gap] = []
    taken: list[tuple[int, int]] = []
    for (start, end), score in sorted(scored.items(), key=lambda kv: (-kv[1], kv[0])):
        if all(end <= a or b <= start for a, b in taken) and _is_fit(sent, start, end):
            taken.append((start, end))
            span = sent.doc[start:end]
            first, last = span.start_char - sent.start_char, span.end_char - sent.start_char
            chosen.append(Gap(first, last, sent.text[first:last], round(score, 3)))
    return [gap for gap in chosen if not _splits_math(passage, sent, gap)]


def leaks(answer: str, context: str) -> bool:
    """Whether a context gives an answer away: all its words of substance stand there."""
    words = re.findall(r"[^\W_]+", answer.lower())
    there = set(re.findall(r"[^\W_]+", context.lower()))
    return bool(words) and all(word in there for word in words)


def _candidates(
    passage: Passage, sent: Span, evidence: list[Evidence], abbreviations: list[tuple[Abbreviation, int, int]]
) -> Iterator[tuple[tuple[int, int], float]]:
    """Spans as token indices, each with a score from 0 to 1."""
    doc, base = sent.doc, sent.start_char
    for found in evidence:
        if found.term:
            yield found.term, 0.55 + 0.4 * found.score if found.kind == "definition" else 0.5
    for short, start, end in abbreviations:
        long_form = doc.char_span(base + start, base + end, alignment_mode="expand")
        short_at = sent.text.find(short.short, 0)
        short_form = doc.char_span(base + short_at, base + short_at + len(short.short), alignment_mode="expand")
        if long_form is not None:
            yield (long_form.start, long_form.end), 0.8
        if short_form is not None:
            yield (short_form.start, short_form.end), 0.75
    for ent in sent.ents:
        if ent.label_ in _NUMBERS and (any(c.isdigit() for c in ent.text) or "-" in ent.text):
            yield _with_unit(ent.start, ent.end, sent), 0.85
        elif ent.label_ in _NAMES:
            yield (ent.start, ent.end), 0.55
    for place in [*passage.emphasis, *(Place(link.start, link.end) for link in passage.links)]:
        span = doc.char_span(place.start, place.end, alignment_mode="expand")
        if span is not None and sent.start <= span.start and span.end <= sent.end and place.start < place.end:
            yield (span.start, span.end), 0.72
    for chunk in sent.noun_chunks:
        yield (chunk.start, chunk.end), _chunk_score(chunk.root)
    for token in sent:
        if token.dep_ == "amod" and re.search(r"\w-\w", token.text):
            yield (token.left_edge.i, token.i + 1), 0.6
        if token.dep_ == "nummod" and token.i + 1 < sent.end:
            yield _with_unit(token.i, token.i + 1, sent), 0.7


def _chunk_score(root: Token) -> float:
    by_role = {"nsubj": 0.5, "nsubjpass": 0.52, "attr": 0.55, "dobj": 0.6, "pobj": 0.52, "conj": 0.5, "appos": 0.55}
    score = by_role.get(root.dep_, 0.4)
    rare = root.pos_ == "PROPN" or any(c.dep_ in ("compound", "amod") for c in root.children)
    return score + (0.08 if rare else -0.1)


def _with_unit(start: int, end: int, sent: Span) -> tuple[int, int]:
    """A number and the noun it counts, if that comes right behind it."""
    if end < sent.end and sent.doc[end].pos_ == "NOUN" and sent.doc[end - 1].head == sent.doc[end]:
        end += 1
    return start, end


def _trim(sent: Span, start: int, end: int) -> tuple[int, int]:
    start, end = max(start, sent.start), min(end, sent.end)
    doc = sent.doc
    while start < end and (doc[start].pos_ in _TRIMMED or doc[start].is_punct):
        start += 1
    while start < end and (doc[end - 1].pos_ in _TRIMMED or doc[end - 1].is_punct or doc[end - 1].tag_ == "POS"):
        end -= 1
    if start < end and doc[start].text == "(" and not any(t.text == ")" for t in doc[start:end]):
        start += 1
    return start, end


def _is_fit(sent: Span, start: int, end: int) -> bool:
    span = sent.doc[start:end]
    words = [t for t in span if not t.is_punct]
    total = sum(not t.is_punct for t in sent)
    if not words or len(words) > LONGEST or 2 * len(words) > total:
        return False
    if all(t.is_stop or t.pos_ in ("PRON", "AUX", "ADV") for t in words):
        return False
    if len(words) == 1 and (
        words[0].lemma_.lower() in _EMPTY_NOUNS or len(words[0].text) < 2 or words[0].pos_ == "VERB"
    ):
        return False
    if span.text.count("(") != span.text.count(")") or span.text.count('"') % 2:
        return False
    return not _is_said_again(sent, start, end)


def _is_said_again(sent: Span, start: int, end: int) -> bool:
    """Whether the same tokens stand elsewhere in the sentence, so that a card would show the answer."""
    answer = [t.lower_ for t in sent.doc[start:end]]
    for part in (sent.doc[sent.start : start], sent.doc[end : sent.end]):
        words = [t.lower_ for t in part]
        if any(words[i : i + len(answer)] == answer for i in range(len(words) - len(answer) + 1)):
            return True
    return False


def _splits_math(passage: Passage, sent: Span, gap: Gap) -> bool:
    start, end = sent.start_char + gap.start, sent.start_char + gap.end
    return any(start < m.end and m.start < end and not (start <= m.start and m.end <= end) for m in passage.math)
