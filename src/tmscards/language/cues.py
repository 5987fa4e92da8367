"""Cues: signs in the words of a sentence that tell the ranker more than their meaning, such as hedges or negations.

The ranker's weights were fit on exactly these lists, so a word added here changes the ratings and needs a new fit. A
rule of card lint that needs more words has its own (`lint.cue`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tmscards.domain import Passage
from tmscards.language.gaps import after_label

if TYPE_CHECKING:
    from spacy.tokens import Span

LONG, TOO_LONG = 25, 40
"""A sentence with more than `LONG` and at most `TOO_LONG` words is long."""

# The callouts of Obsidian that hold prose; the others (info, tip, example, question, …) speak to the reader.
_PROSE_CALLOUTS = frozenset(
    """note definition def abstract summary tldr important warning caution attention danger quote cite theorem
    lemma""".split()
)
_PATTERNS = {
    "about-recording": re.compile(
        r"""\b(?:(?:this|the|our|today's)\s(?:video|podcast|episode|discussion|conversation|article|lecture|talk|section
        |chapter|series|interview|host|speaker|guest)s?
        |discuss(?:es|ed|ion)|delves?\sinto|touche[sd]\son|as\s(?:mentioned|noted|discussed)|we(?:'ll|\swill)|let's
        |stay\stuned|subscribe|sponsor)\b""",
        re.I | re.X,
    ),
    "hype": re.compile(
        r"""\b(?:pivotal|groundbreaking|game.?changer|fascinating|intriguing|revolutionary|exciting|remarkable
        |powerful\stool|crucial\srole|significant\sstep|in\sconclusion|in\ssummary|journey|forefront
        |paves?\sthe\sway|promising|testament|landscape|realm|tapestry)\b""",
        re.I | re.X,
    ),
    "hedge": re.compile(r"\b(?:may|might|could|perhaps|possibly|potentially|seems?|appears?\sto|likely)\b", re.I),
    "today": re.compile(
        r"""\b(?:today|yesterday|tomorrow|nowadays|currently|recently
        |(?:last|next|this)\s(?:year|month|week|summer|winter))\b""",
        re.I | re.X,
    ),
    "anecdote": re.compile(
        r"\b(?:recall(?:s|ed)|shared\s(?:a|his|her)|story|anecdote|remembers?|jok(?:es|ed))\b", re.I
    ),
    "negation": re.compile(r"\b(?:not|no|never|none|neither|nor|cannot|without)\b|n['’]t\b", re.I),
}
_ADDRESSES = frozenset("you your yours i we our us my me".split())
_FINITE = ("VBD", "VBP", "VBZ", "MD")


def find(passage: Passage, sent: Span) -> frozenset[str]:
    """The names of the cues that a sentence has."""
    text = sent.text.strip()
    body = after_label(sent)
    words = sum(token.is_alpha for token in sent)
    holds = {
        "callout": passage.kind == "callout" and passage.callout not in _PROSE_CALLOUTS,
        "introduces": text.endswith(":"),
        "no-verb": body == sent.start and not any(token.tag_ in _FINITE for token in sent),
        "instruction": _is_instruction(sent, body),
        "addresses": any(token.lower_ in _ADDRESSES for token in sent),
        "long": LONG < words <= TOO_LONG,
        "list": any(token.dep_ != "conj" and len(token.conjuncts) >= 2 for token in sent),
        **{name: pattern.search(text) is not None for name, pattern in _PATTERNS.items()},
    }
    return frozenset(name for name, it_holds in holds.items() if it_holds)


def _is_instruction(sent: Span, body: int) -> bool:
    """Whether the sentence, after any label, begins with a bare verb that has no subject: "Keep the room dark." """
    first = sent.doc[body]
    has_subject = any(c.dep_.startswith("nsubj") for c in first.children)
    return first.tag_ == "VB" and first.dep_ in ("ROOT", "ccomp") and not has_subject
