"""Owns rows: the sentences of notes as the ranker sees them, with what an expert said of them."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

ACCEPTED = 0.6
"""Token F1 with a labelled gap from which on a span counts as that gap."""
PER_NOTE = 18
"""Sentences taken of a note that nobody labelled, so that long ones do not outweigh the others."""


@dataclass(frozen=True)
class Label:
    """What an expert said of a sentence."""

    worthy: bool
    important: bool
    vital: bool
    definition: bool
    leans: bool
    gaps: tuple[bool, ...]
    """Of each span: whether it is an accepted gap."""
    first: tuple[bool, ...]
    """Of each span: whether it is the gap named first."""


@dataclass(frozen=True)
class Row:
    """A sentence as the ranker sees it, with what an expert said of it."""

    note: str
    words: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    context: tuple[str, ...]
    features: tuple[bool, ...]
    span_features: tuple[tuple[bool, ...], ...]
    drops: bool
    """Whether card lint leaves it out."""
    label: Label | None = None
    """None if nobody labelled it."""


def tokens(text: str) -> list[str]:
    """The words that answers are compared by."""
    return re.findall(r"[^\W_]+", text.lower())


def token_f1(a: str, b: str) -> float:
    """How far two answers agree, articles aside (Rajpurkar et al. 2016, SQuAD, section 6.1)."""
    left, right = (Counter(w for w in tokens(x) if w not in ("a", "an", "the")) for x in (a, b))
    common = sum((left & right).values())
    return 2 * common / (sum(left.values()) + sum(right.values())) if common else 0.0


def sentences(nlp: Any, path: Path, root: Path) -> Iterator[tuple[str, Row, list[str]]]:
    """The sentences of a note: text, row, and the texts of its spans."""
    from tmscards.language import extraction
    from tmscards.notes import sources

    for sentence in extraction.sentences(nlp, sources.read(path, root))[1]:
        item, drops = sentence.item, any(finding.drops for finding in sentence.findings)
        row = Row(path.stem, item.words, item.spans, item.context, item.features, item.span_features, drops)
        if item.spans:
            yield sentence.text, row, [sentence.sent[a:b].text for a, b in item.spans]


def labelled(nlp: Any, folder: Path) -> Iterator[Row]:
    """The rows of a folder of labelled notes: NAME.md, NAME.units.json and gold.jsonl."""
    labels = {}
    for line in (folder / "gold.jsonl").read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        labels[record["slug"], record["unit"]] = record
    for path in sorted(folder.glob("*.md")):
        units = json.loads(path.with_suffix(".units.json").read_text(encoding="utf-8"))["units"]
        bags = [Counter(tokens(unit["text"])) for unit in units]
        for text, row, spans in sentences(nlp, path, folder):
            unit = best_match(Counter(tokens(text)), bags)
            if (path.stem, unit) in labels:
                yield replace(row, label=label_of(labels[path.stem, unit], spans))


def unlabelled(nlp: Any, folder: Path, held_out: list[Path], limit: int) -> Iterator[Row]:
    """Rows of notes that nobody labelled; a note about a recording that a held-out folder has is left out."""
    from tmscards.errors import UserError

    held = {json.loads(f.read_text(encoding="utf-8"))["videoId"] for d in held_out for f in d.glob("*.units.json")}
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
    """The labelled unit that a sentence is, by the words they share."""
    scored = [
        (2 * sum((words & unit).values()) / max(1, words.total() + unit.total()), -i) for i, unit in enumerate(units)
    ]
    score, negative = max(scored, default=(0.0, 0))
    return -negative if score >= 0.6 else None


def label_of(record: dict[str, Any], spans: list[str]) -> Label:
    """A record of gold.jsonl as a label of the spans."""
    gaps = record["gaps"]
    agree = [max((token_f1(span, gap) for gap in gaps), default=0.0) for span in spans]
    return Label(
        worthy=record["label"] != "skip",
        important=record["importance"] >= 2,
        vital=record["importance"] >= 3,
        definition=record["label"] == "definition",
        leans=bool(record["anaphora"]),
        gaps=tuple(f >= ACCEPTED for f in agree),
        first=tuple(bool(gaps) and token_f1(span, gaps[0]) >= ACCEPTED for span in spans),
    )
