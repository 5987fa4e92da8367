"""Making a statement stand alone: cutting lead-ins, explaining references in brackets, choosing what is shown above."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tmscards.domain import Edit, Passage
from tmscards.language import cuts, leads, references
from tmscards.language.references import Reference
from tmscards.language.sentences import STAND_IN, as_written
from tmscards.text import singular

if TYPE_CHECKING:
    from spacy.tokens import Span, Token

LONGEST_BEFORE = 20
"""Words; a longer sentence is not shown before another one."""

_CONNECTIVE = re.compile(
    r"""(?:however|additionally|moreover|furthermore|therefore|thus|hence|also|consequently|interestingly|notably
    |importantly|fortunately|unfortunately|luckily|sadly|thankfully|admittedly|unsurprisingly|curiously|oddly
    |ironically|obviously|similarly|meanwhile|overall|ultimately|indeed|finally|nevertheless|nonetheless|specifically
    |conversely|likewise|essentially|basically|accordingly|crucially|remarkably|surprisingly
    |in\ (?:addition|fact|essence|contrast|summary|short|turn|other\ words|particular)
    |in\ this\ (?:context|way|regard|case)|for\ (?:example|instance)
    |as\ (?:a\ result|such)|on\ the\ other\ hand|that\ is|first|firstly|second|secondly|lastly),\s+
    |(?:(?:(?:very\ )?important|key|side|quick|fun|pro|useful|final)\ )?
    (?:note|point|reminder|tip|fact|takeaway|remark):\s+
    |(?:remember|nb|n\.b\.|important|warning|caution|attention|keep\ in\ mind|please\ note|note\ that):\s+
    |(?:here|where|now)\s+(?=xxx+\b)
    |we(?:['’]ve|\ have)\ (?:earlier|already|previously|just)\ (?:found|seen|shown|proved|derived)\ that\s+""",
    re.I | re.X,
)
"""What a sentence begins with that says nothing. A formula is to spaCy a word of several x (`nlp.annotate`)."""
_SAYING = frozenset(
    """highlights highlighted emphasizes emphasized stresses stressed notes noted mentions mentioned explains explained
    argues argued says said adds added states stated underscores underscored observes observed remarks remarked points
    pointed shares shared discusses discussed elaborates elaborated clarifies clarified suggests suggested""".split()
)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a sentence needs to be understood outside its source."""

    edits: tuple[Edit, ...] = ()
    """In the order of the text, not overlapping; their offsets are characters of the sentence."""
    before: str = ""
    """The sentence before it, if a card has to show it; else empty."""
    refers_to: str | None = None
    """The words whose meaning no part of the card can show; None if there are none."""


def stand_alone(passage: Passage, sent: Span, refers: Sequence[Reference], before: Sequence[Span]) -> Standing:
    """What a sentence needs: its lead-in cut, its first reference explained in brackets, the sentence before it shown.

    `refers` are its references, `before` the sentences before it in its section, the nearest first.
    """
    base = sent.start_char
    cut = _behind_label(passage, sent) or lead_in(sent)
    rest = sent.doc[cut : sent.end]
    edits = [Edit(0, rest.start_char - base, "")] if cut > sent.start else []
    found = [r for r in refers if r.start >= cut]
    open_references = []
    for reference in found:
        above = tuple(reversed(passage.headings))
        meaning = references.meaning(reference, sent, before, above) if reference is found[0] else None
        if meaning is None:
            open_references.append(reference)
        else:
            span = sent.doc[reference.start : reference.end]
            words = meaning[0].upper() + meaning[1:] if reference.start == cut else meaning
            edits.append(Edit(span.start_char - base, span.end_char - base, f"[{words}]"))
    if not open_references:
        return Standing(_capitalised(edits, rest, base))
    shown = _shown_before(before[0]) if before else ""
    has_titles = bool(passage.headings) or passage.label is not None
    if not shown and (before or not has_titles):
        words = as_written(sent.doc[open_references[0].start : open_references[0].end])
        return Standing(_capitalised(edits, rest, base), refers_to=words)
    return Standing(_capitalised(edits, rest, base), before=shown)


def _shown_before(sent: Span) -> str:
    """A sentence as it is shown before another one, if need be without its asides; empty if it is too long for that."""
    text = as_written(sent).strip()
    if len(text.split()) > LONGEST_BEFORE:
        text = cuts.without_asides(sent, text)
    return "" if text == STAND_IN or len(text.split()) > LONGEST_BEFORE else text


def lead_in(sent: Span) -> int:
    """The token of the Doc at which a sentence really begins, after "However," or "Dr. Lee highlights that"."""
    start = sent.start
    connective = _CONNECTIVE.match(sent.text)
    if connective:
        behind = sent.doc.char_span(sent.start_char + connective.end(), sent.end_char, alignment_mode="expand")
        start = behind.start if behind is not None else start
    said = _what_is_said(sent)
    return said if said is not None and said >= start else start


def _behind_label(passage: Passage, sent: Span) -> int | None:
    """The token behind the label that begins a sentence, if the sentence says all words of the label once more."""
    place = passage.asks[0] if passage.form == "term" and passage.asks and not sent.start else None
    behind = next((token for token in sent if place and token.idx > place.end and token.is_alpha), None)
    if place is None or behind is None or not leads.has_subject(sent.doc[behind.i : sent.end]):
        return None
    said = {singular(token.lower_) for token in sent.doc[behind.i : sent.end]}
    label = [token for token in sent if token.idx < place.end and token.is_alpha and not token.is_stop]
    return behind.i if label and all(singular(token.lower_) in said for token in label) else None


def titles(title: str, passage: Passage, lead: str = "") -> tuple[str, ...]:
    """The title, headings, label and lead above a passage, without those that an earlier one contains."""
    parts: list[str] = []
    for part in (title, *passage.headings, passage.label, lead):
        if part and all(part.lower() not in other.lower() for other in parts):
            parts.append(part)
    return tuple(parts)


def _what_is_said(sent: Span) -> int | None:
    """The first token of X in "somebody says that X is Y"; None if what is left would not be a sentence."""
    root = sent.root
    if root.lower_ not in _SAYING or root.i - sent.start > 7:
        return None
    says_that = next((t for t in sent.doc[root.i + 1 : min(root.i + 4, sent.end)] if t.lower_ == "that"), None)
    clause = next((c for c in root.children if c.dep_ == "ccomp" and c.i > root.i), None)
    if says_that is None or clause is None or says_that.i + 1 >= sent.end or _is_determiner(says_that, sent):
        return None
    subject = next((c for c in clause.children if c.dep_.startswith("nsubj")), None)
    if subject is None or subject.i < says_that.i or any(c.dep_ == "conj" for c in root.children):
        return None
    return says_that.i + 1


def _is_determiner(that: Token, sent: Span) -> bool:
    """Whether "that" belongs to a noun: "says that idea is old"."""
    return that.dep_ == "det" and that.i + 1 < sent.end


def _capitalised(edits: list[Edit], rest: Span, base: int) -> tuple[Edit, ...]:
    """The edits, changed to begin what is left after a lead-in with a capital letter."""
    start = rest.start_char - base
    if edits and not edits[0].text and edits[0].end == start and all(e.start != start for e in edits[1:]):
        first = rest.text[:1]
        if first.islower():
            return (Edit(0, start + 1, first.upper()), *edits[1:])
    return tuple(edits)
