"""Reads notes into rows: sentences as the ranker sees them, with the labels that experts gave them."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from tmscards.domain import TokenSpan
from tmscards.errors import UserError
from tmscards.language import extraction
from tmscards.notes import sources

if TYPE_CHECKING:
    from spacy.language import Language

ACCEPTED = 0.6
"""A span counts as a labelled gap from this token F1 on."""
PER_NOTE = 18
"""At most this many sentences are taken from an unlabelled note, so that long notes do not outweigh the others."""


@dataclass(frozen=True)
class Label:
    """What an expert said about a sentence."""

    worthy: bool
    important: bool
    vital: bool
    definition: bool
    leans: bool
    gaps: tuple[bool, ...]
    """Whether each span is an accepted gap."""
    first: tuple[bool, ...]
    """Whether each span is the gap that was named first."""


@dataclass(frozen=True)
class Row:
    """A sentence as the ranker sees it, with its label if it has one."""

    note: str
    words: tuple[str, ...]
    spans: tuple[TokenSpan, ...]
    context: tuple[str, ...]
    features: tuple[bool, ...]
    span_features: tuple[tuple[bool, ...], ...]
    drops: bool
    """Whether card lint drops it."""
    label: Label | None = None


@dataclass(frozen=True)
class GoldRecord:
    """A line of gold.jsonl: what an expert said about a unit."""

    slug: str
    unit: int
    label: str
    importance: int
    gaps: tuple[str, ...]
    """The best first."""
    anaphora: str | None = None


@dataclass(frozen=True)
class Text:
    """The words of a unit."""

    text: str


@dataclass(frozen=True)
class Units:
    """NAME.units.json: the sentences of a note that experts were shown."""

    units: tuple[Text, ...]
    videoId: str = ""


GOLD_RECORD, UNITS = TypeAdapter(GoldRecord), TypeAdapter(Units)


def tokens(text: str) -> list[str]:
    """The words by which texts are compared."""
    return re.findall(r"[^\W_]+", text.lower())


def token_f1(a: str, b: str) -> float:
    """How far two answers agree, without their articles (Rajpurkar et al. 2016, SQuAD, section 6.1)."""
    left, right = (Counter(w for w in tokens(x) if w not in ("a", "an", "the")) for x in (a, b))
    common = sum((left & right).values())
    return 2 * common / (sum(left.values()) + sum(right.values())) if common else 0.0


def sentences(nlp: Language, path: Path, root: Path) -> Iterator[tuple[str, Row, list[str]]]:
    """The sentences of a note: the text, the row and the texts of the spans of each."""
    for sentence in extraction.sentences(nlp, sources.read(path, root))[1]:
        item, drops = sentence.item, any(finding.drops for finding in sentence.findings)
        row = Row(path.stem, item.words, item.spans, item.context, item.features, item.span_features, drops)
        if item.spans:
            yield sentence.text, row, [sentence.sent[a:b].text for a, b in item.spans]


def labelled(nlp: Language, folder: Path) -> Iterator[Row]:
    """The rows of a folder of labelled notes: NAME.md, NAME.units.json and gold.jsonl."""
    lines = (folder / "gold.jsonl").read_text(encoding="utf-8").splitlines()
    records = {(record.slug, record.unit): record for record in map(GOLD_RECORD.validate_json, lines)}
    for path in sorted(folder.glob("*.md")):
        units = UNITS.validate_json(path.with_suffix(".units.json").read_bytes()).units
        bags = [Counter(tokens(unit.text)) for unit in units]
        for text, row, spans in sentences(nlp, path, folder):
            unit = best_match(Counter(tokens(text)), bags)
            record = records.get((path.stem, unit)) if unit is not None else None
            if record is not None:
                yield replace(row, label=label_of(record, spans))


def unlabelled(nlp: Language, folder: Path, held_out: list[Path], limit: int) -> Iterator[Row]:
    """Rows of unlabelled notes, without the notes about a recording that a held-out folder has notes about too."""
    held = {UNITS.validate_json(file.read_bytes()).videoId for f in held_out for file in f.glob("*.units.json")}
    paths = sorted(folder.rglob("*.md"))
    random.Random(1).shuffle(paths)
    seen: set[tuple[str, ...]] = set()
    for path in paths:
        if len(seen) >= limit:
            return
        text = path.read_text(encoding="utf-8", errors="replace")
        if any(video in text for video in held - {""}):
            continue
        try:
            rows = [row for _, row, _ in sentences(nlp, path, folder)]
        except UserError:
            continue
        random.Random(path.name).shuffle(rows)
        for row in rows[:PER_NOTE]:
            if row.words not in seen:
                seen.add(row.words)
                yield row


def best_match(words: Counter[str], units: Sequence[Counter[str]]) -> int | None:
    """The labelled unit that shares most words with a sentence; None if none shares enough."""
    scored = [
        (2 * sum((words & unit).values()) / max(1, words.total() + unit.total()), -i) for i, unit in enumerate(units)
    ]
    score, negative = max(scored, default=(0.0, 0))
    return -negative if score >= 0.6 else None


def label_of(record: GoldRecord, spans: list[str]) -> Label:
    """What an expert said, as a label of these spans."""
    gaps = record.gaps
    agree = [max((token_f1(span, gap) for gap in gaps), default=0.0) for span in spans]
    return Label(
        worthy=record.label != "skip",
        important=record.importance >= 2,
        vital=record.importance >= 3,
        definition=record.label == "definition",
        leans=bool(record.anaphora),
        gaps=tuple(f >= ACCEPTED for f in agree),
        first=tuple(bool(gaps) and token_f1(span, gaps[0]) >= ACCEPTED for span in spans),
    )
