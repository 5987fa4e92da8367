"""The form of a passage: how its author has written the statement. Recognised by structure, never by subject."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain

from tmscards.domain import CharSpan, Form, Passage
from tmscards.notes.marks import LeaveOut
from tmscards.notes.outline import title
from tmscards.notes.rows import ANSWER, QUESTION, deletions_of, joined, pair
from tmscards.notes.trimming import cut

_LONGEST_TERM = 80
"""Characters; the longest term that people explain on one line."""
_SHORT_TERM = 5
"""Words; the longest term that is explained in brackets."""
_TERM = re.compile(
    r"""
    (?P<term>[^\s:=–—>][^:=–—\n]{0,78}?)
    (?P<sign>[ \t]*::?:?(?=[ \t])[ \t]*+ | :::(?=\S) | (?<=[?!)])::(?=\S) | ::(?=[^\W\da-z_]|\d)(?!\w+::)
      | [ \t]++(?:[–—=~]|--?|[-=]+>|→|⇒)[ \t]++)
    (?P<rest>\S.*)
    """,
    re.S | re.X,
)
_NO_TERM = re.compile(
    r"""https?|note|nb|n\.b\.|e\.?g\.?|i\.?e\.?|examples?|for\ example|see|source|fig(?:ure|\.)?\ ?\d*
    |table\ ?\d*|warning|tip|hint|issue|problem|solution|answer|question|results?|conclusion|reason|goal|idea
    |(?:dis)?advantages?|pros?|cons?|remember|important|key|summary|so|but|also|because|one\ (?:big\ )?\w+
    |the\ (?:point|idea|problem|question)|author|date|url|link|time|tags?|created|updated
    |from|to|by|via|published|duration|channel
    |[qa]?\d[\d.,]*""",
    re.I | re.X,
)
_VERB = re.compile(
    r"\b(?:is|are|was|were|be|been|has|have|had|can|could|will|would|should|may|might|must|does|do|did|that|which)\b",
    re.I,
)
_GLOSSED = re.compile(r"(?P<term>[^\s(),.:;–—][^(),.:;–—\n]{1,60}?),? (?:\()?i\.e\.,? [^()\n]*\)?", re.S)
"""`X (i.e. what it is)` and `X, i.e. what it is`, with nothing behind it."""
_WORD = re.compile(r"[^\W_]")
_BEHIND_SYMBOL = re.compile(r" [^\W\dA-Z_]")
_BEHIND_BOLD = re.compile(r"(?P<stop>\.)?\s+(?=(?(stop)\S|[^\W\dA-Z_]))")
_RELATES = re.compile(r"[=:<>≤≥≈≡]|\\(?:equiv|approx|leq?|geq?|propto|in)\b")
_ARROW = re.compile(r"[-=]+>|→|⇒")
_PART_OF_SPEECH = re.compile(r"\s*\((?:n|v|adj|adv|pl|f|m|noun|verb)\.?\)$")
_ALONE = re.compile(r"(?:Answer|Solution|Ans|Antwort|Lösung)\s?\d*\s*:\s*(?=\S)", re.I)
_ASKS = re.compile(r"[^.?!]{3,200}\?\s+(?=\S)")
_SENTENCE_ENDS = re.compile(r"[.!?](?=\s+[^\W\da-z_])")
_PROCESS = re.compile(
    r"\b(?:steps?|stages?|phases?|procedures?|process(?:es)?|algorithms?|pipeline|workflow|recipe|how (?:to|do)"
    r"|in order|sequence|lifecycle)\b",
    re.I,
)
_SHORT_ANSWER = 12
"""Words below a heading that are its answer."""
_SHORT = 300
"""Characters; what is longer is no question with its answer."""
_MOST_LINES = 20
"""Lines of an answer; so many nobody learns by heart."""
_SEPARATOR = re.compile(r"\?\??")
_ENDS = (".", "!", "?", "…", ".)", '."', ".”")


def recognised(passages: Iterable[Passage], leave_out: LeaveOut) -> Iterator[Passage]:
    """The passages with their forms; a question and its answer become one passage, without `Q:` and `A:`."""
    window: tuple[Passage | None, Passage | None] = (None, None)
    for passage in chain(_paired(passages, leave_out), [None]):
        before, here = window
        if here is not None:
            yield _beside(here, before, passage)
        window = (here, passage)


def _beside(passage: Passage, before: Passage | None, after: Passage | None) -> Passage:
    """A passage as those before and after it show it."""
    if after is not None and _leads(passage, after):
        return replace(passage, is_parent=True)
    is_alone = before is not None and before.kind == "heading" and (after is None or after.kind == "heading")
    is_short = passage.form == "item" and passage.kind == "paragraph" and len(passage.text.split()) <= _SHORT_ANSWER
    if before is not None and is_alone and is_short:
        # A heading with nothing but a few words below it is the front of a flashcard.
        return replace(passage, form="pair", lead=(title(before.text),))
    return passage


def _leads(passage: Passage, other: Passage) -> bool:
    return bool(other.lead) and other.lead[-1] == title(passage.text) and passage.kind != "heading"


def _paired(passages: Iterable[Passage], leave_out: LeaveOut) -> Iterator[Passage]:
    def formed(passage: Passage) -> Passage:
        alone = _ALONE.match(passage.text)
        if alone and not passage.clozes:
            # What it answers stands further above.
            leave_out("label", alone[0], passage.line)
            passage = cut(passage, alone.end())
        return _with_form(passage)

    waiting: list[Passage] = []
    for passage in passages:
        if _is_answered(waiting) and (len(waiting) > _MOST_LINES or not _goes_on(waiting[-1], passage)):
            yield _answered(waiting)
            waiting = []
        found = _joined_pair([*waiting, passage], leave_out)
        if found is None:
            yield from map(formed, waiting[:-1] if _may_follow(waiting, passage) else waiting)
            waiting = [*waiting[-1:], passage] if _may_follow(waiting, passage) else [passage]
        elif found:
            yield from found
            waiting = []
        else:
            waiting.append(passage)
    yield from [_answered(waiting)] if _is_answered(waiting) else map(formed, waiting)


def _is_answered(waiting: Sequence[Passage]) -> bool:
    """Whether these are a question, a line that parts it from its answer, and lines of the answer."""
    return len(waiting) > 2 and _SEPARATOR.fullmatch(waiting[1].text) is not None


def _answered(waiting: Sequence[Passage]) -> Passage:
    question, separator, *lines = waiting
    return pair(question, joined(lines, [" "] * (len(lines) - 1)), both=separator.text == "??")


def _goes_on(answer: Passage, passage: Passage) -> bool:
    """Whether a passage is the next line of an answer of several lines."""
    is_next = passage.line == answer.line + len(answer.line_starts) + 1
    return is_next and passage.kind == answer.kind == "paragraph" and passage.headings == answer.headings


def _may_follow(waiting: Sequence[Passage], passage: Passage) -> bool:
    return bool(waiting) and _SEPARATOR.fullmatch(passage.text) is not None and _are_together(waiting[-1], passage)


def _are_together(one: Passage, other: Passage) -> bool:
    """Whether two passages stand on lines that follow each other, or as items of one list."""
    last = one.line + len(one.line_starts)
    return one.headings == other.headings and last <= other.line <= last + 2


def _joined_pair(passages: Sequence[Passage], leave_out: LeaveOut) -> list[Passage] | None:
    """What becomes of these passages if they are a question and its answer: nothing yet if the answer is to come.

    None if they are none.
    """
    *above, last = passages
    if not above:
        asks = QUESTION.match(last.text) or last.text.endswith("?")
        return [] if asks and not last.clozes and last.kind != "heading" else None
    if not _are_together(above[-1], last):
        return None
    asked = QUESTION.match(above[0].text)
    answered = ANSWER.match(last.text)
    if answered and len(above) == 1 and (asked or "?" in above[0].text):
        leave_out("label", f"{asked[0] if asked else ''} {answered[0]}", above[0].line)
        question, answer = cut(above[0], asked.end() if asked else 0), cut(last, answered.end())
        if asked or not _SENTENCE_ENDS.search(answer.text):
            return [pair(question, answer)]
        # A long answer has several statements, to each of which the question leads.
        return [_with_form(question), replace(answer, form="pair", lead=(*answer.lead, title(question.text)))]
    return [] if _is_answered(passages) else None


def _with_form(passage: Passage) -> Passage:
    if passage.form != "sentence" or passage.kind == "heading":
        return passage
    term = _as_term(passage)
    if term is not None:
        return term
    is_item = passage.kind in ("list item", "task")
    if _is_step(passage):
        return replace(passage, form="step")
    question = _ASKS.match(passage.text) if is_item or len(passage.text) < _SHORT else None
    if question and not passage.clozes and not _SENTENCE_ENDS.search(passage.text, question.end()):
        return replace(passage, form="pair", asks=(CharSpan(question.end(), len(passage.text.rstrip("."))),))
    if passage.lead and passage.lead[-1].endswith("?") and len(passage.lead[-1]) < _SHORT:
        return replace(passage, form="pair")
    if not passage.text.endswith(_ENDS) or passage.text[:1].islower():
        return replace(passage, form="item")
    return passage


def _is_step(passage: Passage) -> bool:
    """Whether a list item is a step of a process, as far as what stands above it says."""
    if passage.kind not in ("list item", "task"):
        return False
    above = " ".join((*passage.headings[-1:], *passage.lead[-1:]))
    return _PROCESS.search(above) is not None


def _is_formula(passage: Passage) -> bool:
    """Whether a passage is hardly more than formulas."""
    return len(passage.text) - sum(formula.end - formula.start for formula in passage.math) <= len(passage.text) / 10


def _as_term(passage: Passage) -> Passage | None:
    """The passage as a term and its meaning; None if it is none."""
    text = passage.text
    bold = passage.emphasis[0] if passage.emphasis and passage.emphasis[0].start == 0 else None
    if bold and (behind := _BEHIND_BOLD.match(text, bold.end)) and bold.end <= _LONGEST_TERM:
        # `**X** y` or `**X**. y`
        is_term = behind["stop"] or (not text.endswith(_ENDS) and not _VERB.match(text, behind.end()))
        if is_term and len(text[: bold.end].split()) <= 7:
            return replace(passage, form="term", asks=(CharSpan(0, len(text[: bold.end].rstrip(" .:"))),))
    glossed = _GLOSSED.fullmatch(text) if passage.kind == "list item" else None
    if glossed and len(glossed["term"].split()) <= _SHORT_TERM and not _VERB.search(glossed["term"]):
        return replace(passage, form="term", asks=(CharSpan(0, glossed.end("term")),))
    if passage.math and passage.kind == "list item" and _RELATES.search(text) and _is_formula(passage):
        return replace(passage, form="term")
    symbol = passage.math[0] if passage.math and passage.math[0].start == 0 else None
    is_named = symbol is not None and _BEHIND_SYMBOL.match(text, symbol.end) is not None
    if symbol and is_named and not text.endswith(_ENDS) and not _VERB.match(text, symbol.end + 1):
        # `$m$ the mass of the body`
        return replace(passage, form="term", asks=(CharSpan(0, symbol.end),))
    found = _TERM.match(text)
    if found is None or _NO_TERM.fullmatch(found["term"]) or not _WORD.search(found["rest"]):
        return None
    if _ARROW.fullmatch(found["sign"].strip()) and _ARROW.search(found["rest"]):
        # A way through menus or stages: `Backup -> Find -> Restore`.
        return None
    if any(formula.start < found.start("rest") and found.start("sign") < formula.end for formula in passage.math):
        return None
    term, sign = found["term"], found["sign"].strip()
    is_marked = bold is not None and bold.end >= len(term) - 1
    if not is_marked and (len(term.split()) > 7 or _VERB.search(re.sub(r"\(.*?\)", "", term))) and "::" not in sign:
        return None
    place = CharSpan(0, len(_PART_OF_SPEECH.sub("", term)))
    if "::" not in sign:
        return replace(passage, form="term", asks=(place,))
    # In two apps' syntax for flashcards, `::` asks for what follows it, and `:::` for either.
    rest, is_question = len(text) - len(found["rest"]), term.endswith("?")
    new = f"{term}{' ' if is_question else ': '}{found['rest']}"
    shift = len(new) - len(text)
    moved = passage.remade(new, lambda offset: offset + shift if offset >= rest else min(offset, len(term)))
    meaning = CharSpan(rest + shift, len(new.rstrip(".")))
    if moved.clozes or moved.highlights:
        return replace(moved, form="pair" if is_question else "term", asks=(place,))
    asked = (place, meaning) if sign == ":::" else (meaning,) if is_question else (place,)
    form: Form = "pair" if is_question or sign == ":::" else "term"
    return replace(moved, form=form, asks=asked, clozes=deletions_of(asked))
