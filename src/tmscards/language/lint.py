"""Owns the rules of card lint: what is wrong with a sentence or a gap, each with an id, a reason, and whether it drops.

Sources of the rules: Wozniak's Twenty rules of formulating knowledge, and Haladyna, Downing and Rodriguez (2002), A
review of multiple-choice item-writing guidelines. An author overrides a drop with `%% tmscards: keep %%`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tmscards.domain import Finding, Passage
from tmscards.language.gaps import after_label

if TYPE_CHECKING:
    from spacy.tokens import Span, Token

LONG, TOO_LONG = 25, 40
"""Words of a sentence from which on it warns, and is dropped: it holds more than one fact."""
LONGEST_TEXT = 200
"""Characters, lead-in cut, from which on a card warns."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: what it says to the author, and whether it keeps a sentence from becoming a note."""

    says: str
    drops: bool


RULES = {
    "heading": Rule("a heading", drops=True),
    "task": Rule("a to-do", drops=True),
    "callout": Rule("in a callout that speaks to the reader", drops=False),
    "only-links": Rule("only links", drops=True),
    "markup": Rule("markup or math that could not be read", drops=True),
    "doubtful-link": Rule("a link at its end makes it doubtful what belongs to it", drops=True),
    "question": Rule("a question", drops=True),
    "instruction": Rule("an instruction", drops=False),
    "short": Rule("too short", drops=True),
    "too-long": Rule(f"longer than {TOO_LONG} words: more than one fact", drops=True),
    "introduces": Rule("only introduces what follows", drops=True),
    "no-verb": Rule("no sentence: it has no finite verb", drops=False),
    "about-recording": Rule("about the recording or the speaker, not the subject", drops=True),
    "addresses": Rule("speaks to the reader", drops=False),
    "empty": Rule("says only that something matters", drops=True),
    "unresolved": Rule("refers to something that its source does not say", drops=True),
    "same": Rule("says the same as an earlier sentence", drops=True),
    "near-duplicate": Rule("says nearly the same as an earlier sentence", drops=True),
    "same-prompt": Rule("asks the same as an earlier card, with another answer", drops=True),
    "skip": Rule("skipped by its author", drops=True),
    "long": Rule(f"longer than {LONG} words: can it be two sentences?", drops=False),
    "long-text": Rule(f"longer than {LONGEST_TEXT} characters", drops=False),
    "list": Rule("lists three or more things: a list is hard to recall", drops=False),
    "today": Rule("speaks of a time that moves, such as today or last year", drops=False),
    "hedge": Rule("hedged: is it known?", drops=False),
    "hype": Rule("praises rather than says", drops=False),
    "anecdote": Rule("tells what happened to somebody", drops=False),
    "negation": Rule("says what is not so", drops=False),
    "abbreviation": Rule("has an abbreviation that its source does not explain", drops=False),
    "bare-number": Rule("has a number without a unit", drops=False),
}

OUT = frozenset(("heading", "task", "only-links", "markup", "question", "skip"))
"""The rules that even a sentence with a note on record gives way to: it is no statement any more."""
OF_A_DECK = frozenset(("same", "near-duplicate", "same-prompt"))
"""The rules that look at a deck as a whole."""

# Obsidian's callouts; the others (info, tip, example, question, …) speak to the reader.
_PROSE_CALLOUTS = frozenset(
    """note definition def abstract summary tldr important warning caution attention danger quote cite theorem
    lemma""".split()
)
_MARKUP_LEFT = re.compile(r"\[\[|\]\]|<a\b|data-t\b|\*\*|\]\(|\{\{|\}\}|https?://|[\ue000-\ue00f]|(?<!\\)\$\$")
_ABOUT_RECORDING = re.compile(
    r"""\b(?:(?:this|the|our|today's)\s(?:video|podcast|episode|discussion|conversation|article|lecture|talk|section
    |chapter|series|interview|host|speaker|guest)s?
    |discuss(?:es|ed|ion)|delves?\sinto|touche[sd]\son|as\s(?:mentioned|noted|discussed)|we(?:'ll|\swill)|let's
    |stay\stuned|subscribe|sponsor)\b""",
    re.I | re.X,
)
_HYPE = re.compile(
    r"""\b(?:pivotal|groundbreaking|game.?changer|fascinating|intriguing|revolutionary|exciting|remarkable
    |powerful\stool|crucial\srole|significant\sstep|in\sconclusion|in\ssummary|journey|forefront
    |paves?\sthe\sway|promising|testament|landscape|realm|tapestry)\b""",
    re.I | re.X,
)
_HEDGE = re.compile(r"\b(?:may|might|could|perhaps|possibly|potentially|seems?|appears?\sto|likely)\b", re.I)
_TODAY = re.compile(
    r"\b(?:today|yesterday|tomorrow|nowadays|currently|recently|(?:last|next|this)\s(?:year|month|week|summer|winter))\b",
    re.I,
)
_ANECDOTE = re.compile(r"\b(?:recall(?:s|ed)|shared\s(?:a|his|her)|story|anecdote|remembers?|jok(?:es|ed))\b", re.I)
_NEGATION = re.compile(r"\b(?:not|no|never|none|neither|nor|cannot|without)\b|n['’]t\b", re.I)
_MATTERS = re.compile(
    r"""^(?:[\w’'-]+\s){1,8}(?:is|are)\s(?:\w+ly\s)?(?:crucial|important|essential|vital|key|critical|fundamental
    |significant|valuable|beneficial|necessary|complex|unique|interesting)[.!]?$""",
    re.I | re.X,
)
_ADDRESSES = frozenset("you your yours i we our us my me".split())
_WELL_KNOWN = frozenset("AI CD CEO DNA EU FBI GPS HIV ID IQ IT NASA NATO OK PC PDF RNA TV UK UN US USA USB".split())
_FINITE = ("VBD", "VBP", "VBZ", "MD")


def structural(passage: Passage, sent: Span) -> str | None:
    """The id of the rule for what is no sentence of prose at all, whatever its words; None if it is one."""
    text = sent.text.strip()
    if passage.kind in ("heading", "task"):
        return passage.kind
    if _is_link_list(passage):
        return "only-links"
    if _MARKUP_LEFT.search(text):
        return "markup"
    if text.endswith("?"):
        return "question"
    words = sum(token.is_alpha for token in sent)
    return "short" if words < (6 if passage.kind == "table cell" else 4) else None


def sentence(passage: Passage, sent: Span, explained: Collection[str] = ()) -> Iterator[Finding]:
    """What is wrong with a sentence, what drops it first. `explained` are abbreviations that its source explains."""
    text = sent.text.strip()
    broken = structural(passage, sent)
    if broken:
        yield finding(broken)
        return
    words = sum(token.is_alpha for token in sent)
    checks = {
        "callout": passage.kind == "callout" and passage.callout not in _PROSE_CALLOUTS,
        "doubtful-link": any(see.doubtful for see in passage.see_also_in(sent.start_char, sent.end_char)),
        "too-long": words > TOO_LONG,
        "introduces": text.endswith(":"),
        "no-verb": after_label(sent) == sent.start and not any(token.tag_ in _FINITE for token in sent),
        "instruction": _is_instruction(sent),
        "about-recording": _ABOUT_RECORDING.search(text) is not None,
        "addresses": any(token.lower_ in _ADDRESSES for token in sent),
        "empty": _MATTERS.match(text) is not None,
        "long": LONG < words <= TOO_LONG,
        "list": any(len(chunk.conjuncts) >= 2 and chunk.dep_ != "conj" for chunk in sent),
        "today": _TODAY.search(text) is not None,
        "hedge": _HEDGE.search(text) is not None,
        "hype": _HYPE.search(text) is not None,
        "anecdote": _ANECDOTE.search(text) is not None,
        "negation": _NEGATION.search(text) is not None,
        "bare-number": any(_is_bare_number(token) for token in sent),
    }
    yield from (finding(rule) for rule, holds in checks.items() if holds)
    unexplained = dict.fromkeys(t.text for t in sent if _is_abbreviation(t) and t.text not in explained)
    if unexplained:
        yield finding("abbreviation", ", ".join(unexplained))


def shown(text: str) -> Iterator[Finding]:
    """What is wrong with a text as a card shows it."""
    if len(text) > LONGEST_TEXT:
        yield finding("long-text")


def finding(rule: str, detail: str = "") -> Finding:
    """A finding of the rule with that id, its reason completed by what it was found in."""
    says = RULES[rule].says
    return Finding(rule, f"{says}: {detail}" if detail else says, RULES[rule].drops)


def _is_link_list(passage: Passage) -> bool:
    linked = sum(link.end - link.start for link in passage.links)
    return bool(passage.links) and linked >= 0.8 * len(passage.text.strip(" .,;:"))


def _is_instruction(sent: Span) -> bool:
    """Whether the sentence, after any label, begins with a bare verb that has no subject: "Keep the room dark." """
    first = sent.doc[after_label(sent)]
    has_subject = any(c.dep_.startswith("nsubj") for c in first.children)
    return first.tag_ == "VB" and first.dep_ in ("ROOT", "ccomp") and not has_subject


def _is_abbreviation(token: Token) -> bool:
    text = token.text
    return text.isalpha() and text.isupper() and 2 <= len(text) <= 6 and text not in _WELL_KNOWN


def _is_bare_number(token: Token) -> bool:
    """Whether a number counts nothing: no noun that it belongs to, no sign of a unit beside it, and no year."""
    if token.pos_ != "NUM" or not token.text.replace(".", "").isdigit() or len(token.text) == 4:
        return False
    beside = [token.nbor(step) for step in (-1, 1) if 0 <= token.i + step < len(token.doc)]
    counts = token.head.pos_ in ("NOUN", "PROPN") or any(t.pos_ in ("NOUN", "PROPN", "SYM") for t in beside)
    return not counts and not any(t.text in "%$€£°/:-–" for t in beside)
