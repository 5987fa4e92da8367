"""Card lint: the rules that say what is wrong with a sentence or a deck.

A rule is one object: an id, a reason, and whether it drops the sentence. An author overrides a drop with
`%% tmscards: keep %%`. To add a rule, add one object to one of the lists below.

Sources of the rules: Wozniak's Twenty rules of formulating knowledge, and Haladyna, Downing and Rodriguez (2002), A
review of multiple-choice item-writing guidelines.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tmscards.domain import Finding, Form, Passage
from tmscards.language import cues
from tmscards.language.cues import LONG, TOO_LONG

if TYPE_CHECKING:
    from spacy.tokens import Span, Token

LONGEST_TEXT = 200
"""Characters of a card's text, without any lead-in; a longer text gets a warning."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, with what the rules need to know about it."""

    passage: Passage
    sent: Span
    form: Form
    text: str
    """The sentence's text without white space around it."""
    words: int
    cues: Collection[str]
    """The names of the sentence's cues."""
    explained: Collection[str]
    """Abbreviations that the source explains."""

    @classmethod
    def of(cls, passage: Passage, sent: Span, form: Form = "sentence", explained: Collection[str] = ()) -> Sentence:
        """Examine a sentence once, for all rules; `explained` are the abbreviations that its source explains."""
        words = sum(token.is_alpha for token in sent)
        return cls(passage, sent, form, sent.text.strip(), words, cues.find(passage, sent), explained)


Check = Callable[[Sentence], bool | str]
"""Whether a rule finds something in a sentence; a non-empty text also says what."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: what it says to the author, and whether it keeps a sentence from becoming a note."""

    id: str
    says: str
    drops: bool
    finds: Check = lambda _: False
    """What it finds in a sentence; nothing for a rule that is not about a sentence by itself."""
    is_final: bool = False
    """Whether the sentence is no longer a statement, so that it cannot keep even a note that is on record."""

    def found(self, detail: str = "") -> Finding:
        """A finding of this rule; `detail`, if any, is added to the reason."""
        return Finding(self.id, f"{self.says}: {detail}" if detail else self.says, self.drops)


def cue(name: str, *more: str) -> Check:
    """A check for sentences that have this cue or match one of the further patterns, in any case of letters."""
    patterns = [re.compile(pattern, re.I) for pattern in more]
    return lambda s: name in s.cues or any(pattern.search(s.text) for pattern in patterns)


_MARKUP_LEFT = re.compile(
    r"\[\[|\]\]|<a\b|data-t\b|\*\*|\]\(|\{\{|\}\}|\b[a-z][a-z0-9+.-]*://|[\ufdd0-\ufdd2]|(?<!\\)\$\$"
)
_MATTERS = re.compile(
    r"""^(?:[\w’'-]+\s){1,8}(?:is|are)\s(?:\w+ly\s)?(?:crucial|important|essential|vital|key|critical|fundamental
    |significant|valuable|beneficial|necessary|complex|unique|interesting)[.!]?$""",
    re.I | re.X,
)
PICTURE = "picture"
_POINTS_AT_PICTURE = re.compile(
    r"\b(?:shown|seen|pictured|drawn|depicted|illustrated|marked|labell?ed)\b.{0,30}\b(?:here|above|below)\b|\b(?:this|the)\s(?:\w+\s)?"
    r"(?:picture|image|figure|diagram|graph|drawing|photo|chart|plot|sketch|screenshot)\b",
    re.I,
)
_BRACKETS = re.compile(r"[()\[\]]")
_FACES = re.compile(r"(?<!\S)[:;]-?[()](?!\S)")
_LISTED = re.compile(r"(?:^|\s)\w{1,3}\Z")
"""What stands before a bracket in the number of a list, such as `a)`."""
_WELL_KNOWN = frozenset("AI CD CEO DNA EU FBI GPS HIV ID IQ IT NASA NATO OK PC PDF RNA TV UK UN US USA USB".split())


def _is_link_list(s: Sentence) -> bool:
    linked = sum(link.end - link.start for link in s.passage.links)
    return bool(s.passage.links) and linked >= 0.8 * len(s.passage.text.strip(" .,;:"))


def _has_doubtful_link(s: Sentence) -> bool:
    return any(see.doubtful for see in s.passage.see_also_in(s.sent.start_char, s.sent.end_char))


def _is_abbreviation(token: Token) -> bool:
    text = token.text
    return text.isalpha() and text.isupper() and 2 <= len(text) <= 6 and text not in _WELL_KNOWN


def _unexplained(s: Sentence) -> str:
    """The abbreviations in a sentence that its source does not explain, as one text."""
    return ", ".join(dict.fromkeys(t.text for t in s.sent if _is_abbreviation(t) and t.text not in s.explained))


def _is_bare_number(token: Token) -> bool:
    """Whether a token is a number that counts nothing: it has no noun and no sign of a unit, and is not a year."""
    if token.pos_ != "NUM" or not token.text.replace(".", "").isdigit() or len(token.text) == 4:
        return False
    beside = [token.nbor(step) for step in (-1, 1) if 0 <= token.i + step < len(token.doc)]
    counts = token.head.pos_ in ("NOUN", "PROPN") or any(t.pos_ in ("NOUN", "PROPN", "SYM") for t in beside)
    return not counts and not any(t.text in "%$€£°/:-–" for t in beside)


def _has_half_a_bracket(s: Sentence) -> bool:
    text, depth = _FACES.sub("", s.text), 0
    for sign in _BRACKETS.finditer(text):
        if depth == 0 and sign[0] == ")" and _LISTED.search(text, max(0, sign.start() - 4), sign.start()):
            continue
        depth += 1 if sign[0] in "([" else -1
        if depth < 0:
            return True
    return depth != 0


def _is_short(s: Sentence) -> bool:
    """Whether there are too few words for a sentence; a fragment has its subject in its lead or its form."""
    if s.passage.asks or (s.form in ("item", "step", "pair") and (s.passage.lead or s.passage.headings)):
        return not any(token.text.isalnum() for token in s.sent)
    return s.words < (6 if s.passage.kind == "table cell" else 4)


def _needs_picture(s: Sentence) -> bool:
    """Whether a sentence has a picture in it, or one beside it that it speaks of."""
    start, end = s.sent.start_char, s.sent.start_char + len(s.text)
    if any(start < offset < end for offset in s.passage.pictures):
        return True
    return bool(s.passage.pictures) and _POINTS_AT_PICTURE.search(s.text) is not None


ENDLESS = Rule("endless", "too long to be read as one sentence", True)
"""What is not even parsed (`portions`)."""
OF_STRUCTURE = (
    Rule("heading", "a heading", True, lambda s: s.passage.kind == "heading", is_final=True),
    Rule("task", "a to-do", True, lambda s: s.passage.kind == "task", is_final=True),
    Rule("only-links", "only links", True, _is_link_list, is_final=True),
    Rule(
        "markup",
        "markup or math that could not be read",
        True,
        lambda s: _MARKUP_LEFT.search(s.text) is not None,
        is_final=True,
    ),
    Rule("question", "a question", True, lambda s: s.text.endswith("?"), is_final=True),
    Rule("bracket", "a bracket in it is opened or closed elsewhere", True, _has_half_a_bracket),
    Rule("short", "too short", True, _is_short),
    Rule(PICTURE, "needs a picture, which cards do not have", True, _needs_picture, is_final=True),
)
"""What is not a sentence of prose at all, whatever its words; only the first rule that holds is reported."""

OF_SENTENCES = (
    Rule("callout", "in a callout that speaks to the reader", False, cue("callout")),
    Rule("doubtful-link", "a link at its end makes it unclear where it stops", True, _has_doubtful_link),
    Rule("too-long", f"longer than {TOO_LONG} words: more than one fact", True, lambda s: s.words > TOO_LONG),
    Rule("introduces", "only introduces what follows", True, cue("introduces")),
    Rule("no-verb", "not a sentence: it has no finite verb", False, cue("no-verb")),
    Rule("instruction", "an instruction", False, cue("instruction")),
    Rule("about-recording", "about the recording or the speaker, not the subject", False, cue("about-recording")),
    Rule("addresses", "speaks to the reader", False, cue("addresses")),
    Rule("empty", "says only that something matters", True, lambda s: _MATTERS.match(s.text) is not None),
    Rule("long", f"longer than {LONG} words: can it be two sentences?", False, cue("long")),
    Rule("list", "lists three or more things: a list is hard to recall", False, cue("list")),
    Rule("today", "refers to a moving time, such as today or last year", False, cue("today")),
    Rule("hedge", "hedged: is it known?", False, cue("hedge")),
    Rule("hype", "praises rather than explains", False, cue("hype")),
    Rule("anecdote", "tells what happened to somebody", False, cue("anecdote")),
    Rule("negation", "says what is not the case", False, cue("negation")),
    Rule("bare-number", "has a number without a unit", False, lambda s: any(map(_is_bare_number, s.sent))),
    Rule("abbreviation", "has an abbreviation that its source does not explain", False, _unexplained),
)
"""What can be wrong with a sentence of prose, in the order in which it is reported."""

SKIP = Rule("skip", "skipped by its author", True, is_final=True)
UNRESOLVED = Rule("unresolved", "refers to something that its source does not explain", True)
LONG_LEAD = Rule("long-lead", "what it is about is too long to stand above its card", True)
LONG_TEXT = Rule("long-text", f"longer than {LONGEST_TEXT} characters", False)
SAME = Rule("same", "says the same as an earlier sentence", True)
NEAR_DUPLICATE = Rule("near-duplicate", "says nearly the same as an earlier sentence", True)
SAME_PROMPT = Rule("same-prompt", "asks the same as an earlier card, with another answer", True)
SHOWN_BY_OTHER = Rule("shown-by-other", "the note of the rest of its sentence shows it", True)
OF_DECKS = (SAME, NEAR_DUPLICATE, SAME_PROMPT, SHOWN_BY_OTHER)
"""The rules that look at a deck as a whole."""

UNREADABLE = frozenset(("markup", "bracket", "only-links"))
"""The rules that find what no card shows, not even above another sentence."""
_FINAL = frozenset(rule.id for rule in (*OF_STRUCTURE, SKIP) if rule.is_final)
_DECK = frozenset(rule.id for rule in OF_DECKS)


def structural(sentence: Sentence) -> Finding | None:
    """Why this is not a sentence of prose at all; None if it is one."""
    return next((rule.found() for rule in OF_STRUCTURE if rule.finds(sentence)), None)


def check(sentence: Sentence) -> Iterator[Finding]:
    """What is wrong with a sentence of prose, in the order of the rules."""
    for rule in OF_SENTENCES:
        found = rule.finds(sentence)
        if found:
            yield rule.found(found if isinstance(found, str) else "")


def shown(text: str) -> Iterator[Finding]:
    """What is wrong with a text as a card shows it."""
    if len(text) > LONGEST_TEXT:
        yield LONG_TEXT.found()


def is_final(findings: Collection[Finding]) -> bool:
    """Whether a sentence with these findings is no longer a statement, even if it has a note on record."""
    return any(finding.rule in _FINAL for finding in findings)


def repeats(findings: Collection[Finding]) -> bool:
    """Whether a sentence with these findings repeats or contradicts another one in its deck."""
    return any(finding.rule in _DECK for finding in findings)
