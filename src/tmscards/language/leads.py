"""What a card shows before a fragment, so that it has a subject, and what the form of a statement lets a card ask."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from tmscards.domain import CharSpan, Edit, Form, Gap, Passage
from tmscards.language import hints
from tmscards.text import normalised

if TYPE_CHECKING:
    from spacy.tokens import Span, Token

_WORD = re.compile(r"[^\W_]")
_FINITE = frozenset("VBZ VBP VBD MD".split())
BY_FORM = 0.9
"""How likely a term, a cell or an answer is a good one: of such lines in people's notes, experts ask nine in ten."""
LONGEST_TERM = 6
"""Words; a longer lead is no term."""
LONGEST_LEAD = 120
"""Characters; a longer lead is shown above the card alone."""
MOST_ABOVE = 16
"""Words; whoever has to read more than that before the question has read a page by the time the card comes back."""


def form(passage: Passage, sent: Span) -> Form:
    """The form of a sentence of a passage: a fragment with a subject and a verb is a sentence, and the reverse."""
    if _begins_with_verb(sent):
        is_full = _is_order(sent) and sent.text.rstrip().endswith((".", "!"))
    else:
        is_full = has_subject(sent)
    if passage.place and passage.form in ("sentence", "item", "step") and (is_full or _is_order(sent)):
        return "step"
    if passage.form == "step" and (passage.place or not is_full):
        return "step"
    is_term = passage.form == "term" and not sent.start and not (is_full and _goes_on(passage))
    if is_term or passage.form == "row" or (passage.form == "pair" and (passage.asks or not is_full or _asks(passage))):
        return passage.form
    return "sentence" if is_full else "item"


def _asks(passage: Passage) -> bool:
    return bool(passage.lead) and "?" in passage.lead[-1]


def _begins_with_verb(sent: Span) -> bool:
    """Whether the subject of a sentence is missing: "Modifies proteins and …", "Says that it is …"."""
    first = next((token for token in sent if token.is_alpha), None)
    is_verb = first is not None and first.tag_ in ("VB", "VBZ", "VBD", "VBP") and first.dep_ in ("ROOT", "ccomp")
    return is_verb and first is not None and not any(child.dep_.startswith("nsubj") for child in first.children)


def _goes_on(passage: Passage) -> bool:
    """Whether a term stands in its sentence like any other word, only that it is in bold."""
    end = passage.asks[0].end if passage.asks else 0
    return passage.text[end : end + 1] == " " and passage.text[end + 1 : end + 2].isalpha()


def lead(passage: Passage, sent: Span) -> tuple[str, ...]:
    """What leads to a sentence of a passage: below a term, further sentences are about it too."""
    if passage.form == "term" and sent.start and passage.asks:
        place = passage.asks[0]
        return (*passage.lead, passage.text[place.start : place.end])
    return passage.lead


def _is_order(sent: Span) -> bool:
    """Whether a sentence says what to do: it begins with a bare verb that has no subject."""
    first = sent[0]
    return first.tag_ == "VB" and not any(child.dep_.startswith("nsubj") for child in first.children)


def has_subject(words: Span) -> bool:
    """Whether words of a sentence have a subject and a verb that says when."""
    return any(map(_is_subject, words))


def _is_subject(token: Token) -> bool:
    """Whether a token is the subject of a verb that says when."""
    if token.dep_ not in ("nsubj", "nsubjpass", "expl", "csubj") or token.i > token.head.i:
        return False
    verb = token.head
    if verb.dep_ in ("relcl", "acl", "advcl", "pcomp", "csubj", "csubjpass"):
        return False
    return verb.tag_ in _FINITE or any(child.tag_ in _FINITE for child in verb.children if child.dep_.startswith("aux"))


def edit(passage: Passage, form: Form, above: Sequence[str], text: str) -> Edit | None:
    """What is shown before a fragment: `lead: `, or `lead, step 2 of 4: `; None if it needs nothing."""
    if form not in ("item", "step", "pair") or (form == "pair" and (not above or passage.asks)):
        return None
    if form == "item" and not ends_openly(passage) and not text[:1].islower():
        return None
    lead = subject(passage, above)
    if lead and (len(lead) > LONGEST_LEAD or normalised(lead) in normalised(text)):
        lead = ""
    if form == "step" and passage.form != "step":
        # A numbered sentence is a step only of what calls itself a process.
        return None
    if form == "step" and passage.place:
        number, count = passage.place
        return Edit(0, 0, f"{lead}, step {number} of {count}: " if lead else f"Step {number} of {count}: ")
    return Edit(0, 0, f"{lead}{' ' if lead.endswith('?') else ': '}") if lead else None


def above(passage: Passage, form: Form, stands: Sequence[str], text: str) -> str:
    """The lead that a card shows above its text, that of a list item which is a full sentence; else empty."""
    is_shown = passage.kind == "list item" and edit(passage, form, stands, text) is None
    return subject(passage, stands) if is_shown and stands else ""


def is_cut_off(passage: Passage, form: Form, stands: Sequence[str], text: str) -> bool:
    """Whether a fragment cannot be understood, as its lead is too long to be shown before it or above it."""
    if form not in ("item", "step") or edit(passage, form, stands, text) is not None:
        return False
    lead = subject(passage, stands) if stands else ""
    return len(lead.split()) > MOST_ABOVE and normalised(lead) not in normalised(text)


def subject(passage: Passage, above: Sequence[str]) -> str:
    """The lead of a fragment: the nearest that stands above it and is no sentence of its own, or the heading."""
    found = [lead for lead in (*passage.headings[-1:], *above) if not lead.endswith((".", "!"))]
    return found[-1].rstrip(": ") if found else ""


def term(passage: Passage, form: Form) -> str:
    """The lead of a list item or fragment that may say what the lead is, so that a card may ask for it; else empty."""
    is_led = form == "item" or (form == "sentence" and passage.form == "item")
    lead = subject(passage, passage.lead) if is_led else ""
    words = len(lead.split())
    return lead if words <= LONGEST_TERM and not lead.endswith("?") else ""


def gaps(passage: Passage, sentence: CharSpan) -> Iterator[Gap]:
    """The gaps that the form of a passage gives to one of its sentences by itself, with offsets in the sentence.

    They are for languages that the ranker does not know.
    """
    found: dict[str, Gap] = {}
    for place in passage.asks:
        text = passage.text[place.start : place.end]
        if not sentence.holds(place) or place == sentence or not _WORD.search(text):
            continue
        start = place.start - sentence.start
        gap = Gap(start, start + len(text), text, BY_FORM, hint=hints.of(passage.text, place))
        # What several cells say is hidden in all of them.
        same = found.get(text.lower())
        repeats = (*same.repeats, CharSpan(gap.start, gap.end)) if same else ()
        found[text.lower()] = replace(same, repeats=repeats) if same else gap
    yield from found.values()


def ends_openly(passage: Passage) -> bool:
    """Whether nothing ends a passage as a sentence is ended."""
    return not passage.text.rstrip().endswith((".", "!", "?", ":", "…"))
