"""Reads notes into rows: sentences as the ranker sees them, with the labels that experts gave them."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from pathlib import Path
from typing import TYPE_CHECKING

from labelled_notes import Ideal, Label, read_ideals, read_labels, read_units, token_f1, tokens

from tmscards.domain import TokenSpan
from tmscards.errors import UserError
from tmscards.language import reading
from tmscards.language.wordpieces import LEAD
from tmscards.notes import sources

if TYPE_CHECKING:
    from spacy.language import Language

ACCEPTED = 0.6
"""A span counts as a labelled gap from this token F1 on."""
FOUND = 0.6
"""So much of an expert's card stands in its sentence; the rest is its lead."""


@dataclass(frozen=True)
class Target:
    """What an expert said about a sentence and its spans, as the ranker learns it."""

    worthy: bool
    important: bool
    vital: bool
    definition: bool
    leans: bool
    gaps: tuple[bool, ...]
    """Whether each span is an accepted gap."""
    first: tuple[bool, ...]
    """Whether each span is the gap that was named first."""
    possible: bool | None = None
    """Whether an expert could make a card worth keeping of it by leaving out words; None if nobody has tried."""
    asked: tuple[bool, ...] = ()
    """Whether each span is what such a card asks, or as good; empty if nobody has tried."""
    cuts: tuple[Cut, ...] = ()
    """What such cards leave out."""


@dataclass(frozen=True)
class Cut:
    """Which words of a sentence a card shows that asks for one of its spans."""

    span: int
    """Which of the spans it asks for."""
    keeps: tuple[bool, ...]
    """Whether it shows each of the words."""


@dataclass(frozen=True)
class Row:
    """A sentence as the ranker sees it, with its label if it has one."""

    note: str
    text: str
    form: str
    words: tuple[str, ...]
    spans: tuple[TokenSpan, ...]
    context: tuple[str, ...]
    features: tuple[bool, ...]
    span_features: tuple[tuple[bool, ...], ...]
    drops: bool
    """Whether card lint drops it."""
    label: Target | None = None
    parts: tuple[TokenSpan, ...] = ()
    """What a card of it may leave out."""


def sentences(nlp: Language, path: Path, root: Path) -> Iterator[tuple[str, Row, list[str]]]:
    """The sentences of a note: the text, the row and the texts of the spans of each."""
    for sentence in reading.sentences(nlp, sources.read(path, root))[1]:
        item, drops = sentence.item, any(finding.drops for finding in sentence.findings)
        row = Row(
            path.stem,
            sentence.text,
            sentence.form,
            item.words,
            item.spans,
            item.context,
            item.features,
            item.span_features,
            drops,
            parts=item.parts,
        )
        if item.spans:
            yield sentence.text, row, [item.context[0] if s == LEAD else sentence.said(s) for s in item.spans]


def labelled(nlp: Language, folder: Path) -> Iterator[Row]:
    """The rows of a folder of labelled notes: NAME.md, NAME.units.json and gold.jsonl."""
    records, ideals = read_labels(folder), read_ideals(folder)
    for path in sorted(folder.glob("*.md")):
        units = read_units(path.with_suffix(".units.json")).units
        bags = [Counter(tokens(unit.text)) for unit in units]
        for text, row, spans in sentences(nlp, path, folder):
            unit = best_match(Counter(tokens(text)), bags)
            record = records.get((path.stem, unit)) if unit is not None else None
            if record is not None:
                ideal = ideals.get((record.slug, record.unit))
                yield replace(row, label=target_of(record, ideal, spans, row.words))


def unlabelled(nlp: Language, folder: Path, held_out: list[Path], per_note: int, limit: int) -> Iterator[Row]:
    """Rows of unlabelled notes, as far as card lint drops none of them, of each note so many at most.

    Left out are notes about a recording that a held-out folder has notes about too, and notes of the same author, whose
    name begins the path.
    """
    units = {file: read_units(file).videoId for f in held_out for file in f.glob("*.units.json")}
    held, authors = set(units.values()) - {""}, {_name(f.name.partition("__")[0]) for f, v in units.items() if not v}
    paths = [path for path in sorted(folder.rglob("*.md")) if _name(path.relative_to(folder).parts[0]) not in authors]
    random.Random(1).shuffle(paths)
    seen: set[tuple[str, ...]] = set()
    for path in paths:
        if len(seen) >= limit:
            return
        text = path.read_text(encoding="utf-8", errors="replace")
        if any(video in text for video in held):
            continue
        try:
            rows = [row for _, row, _ in sentences(nlp, path, folder) if not row.drops]
        except UserError:
            continue
        random.Random(path.name).shuffle(rows)
        for row in rows[:per_note]:
            if row.words not in seen:
                seen.add(row.words)
                yield row


def _name(folder: str) -> str:
    return "".join(filter(str.isalnum, folder.lower()))


def best_match(words: Counter[str], units: Sequence[Counter[str]]) -> int | None:
    """The labelled unit that shares most words with a sentence; None if none shares enough."""
    scored = [
        (2 * sum((words & unit).values()) / max(1, words.total() + unit.total()), -i) for i, unit in enumerate(units)
    ]
    score, negative = max(scored, default=(0.0, 0))
    return -negative if score >= 0.6 else None


def target_of(record: Label, ideal: Ideal | None, spans: list[str], words: Sequence[str]) -> Target:
    """What an expert said, of a sentence of these spans and words."""
    gaps = record.gaps
    answers = [answer for card in ideal.cards for answer in card.answers] if ideal else []
    asked = tuple(any(token_f1(span, answer) >= ACCEPTED for answer in answers) for span in spans)
    agree = [max((token_f1(span, gap) for gap in gaps), default=0.0) for span in spans]
    return Target(
        worthy=record.label != "skip",
        important=record.importance >= 2,
        vital=record.importance >= 3,
        definition=record.label == "definition",
        leans=bool(record.anaphora),
        gaps=tuple(f >= ACCEPTED for f in agree),
        first=tuple(bool(gaps) and token_f1(span, gaps[0]) >= ACCEPTED for span in spans),
        possible=bool(ideal.cards) if ideal else None if record.importance >= 2 else False,
        asked=asked if ideal else () if record.importance >= 2 else (False,) * len(spans),
        cuts=tuple(cuts_of(ideal, spans, words)) if ideal else (),
    )


_PARTS = re.compile(r"\w+|[^\w\s]")
_SAID = re.compile(r"\[[^\]]*\]")


def cuts_of(ideal: Ideal, spans: list[str], words: Sequence[str]) -> Iterator[Cut]:
    """What the cards that an expert made of a sentence leave out, as far as they ask for one of its spans."""
    own = [(part.lower(), i) for i, word in enumerate(words) for part in _PARTS.findall(word)]
    for card in ideal.cards:
        answer = re.findall(r"\{\{(.*?)\}\}", card.text)[0]
        agrees, span = max(((token_f1(said, answer), -i) for i, said in enumerate(spans)), default=(0.0, 0))
        # What is said in brackets stands in place of words of the sentence.
        shown = [p.lower() for p in _PARTS.findall(_SAID.sub("§", re.sub(r"\{\{|\}\}", "", card.text)))]
        keeps, found = [False] * len(words), 0
        matcher = SequenceMatcher(None, [part for part, _ in own], shown, autojunk=False)
        for tag, start, end, shown_start, shown_end in matcher.get_opcodes():
            if tag == "equal" or (tag == "replace" and "§" in shown[shown_start:shown_end]):
                found += shown_end - shown_start
                for _, i in own[start:end]:
                    keeps[i] = True
        if agrees >= ACCEPTED and found >= FOUND * len(shown):
            yield Cut(-span, tuple(keeps))
