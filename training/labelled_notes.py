"""Read notes that experts have labelled: NAME.md, NAME.units.json and gold.jsonl in a folder."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

Unit = tuple[str, int]
"""A labelled sentence: the name of its note, and its number there."""


@dataclass(frozen=True)
class Label:
    """What an expert said about a unit: a line of gold.jsonl."""

    slug: str
    unit: int
    label: str
    importance: int
    gaps: tuple[str, ...]
    """The best first."""
    junk: tuple[str, ...]
    anaphora: str | None = None
    context: str | None = None
    form: str = "prose"
    """How it is written, as the expert sees it."""


@dataclass(frozen=True)
class Card:
    """A card that an expert made of a unit by leaving out words."""

    text: str
    """With its answer in double braces."""
    keep: int
    """How good it is, from 0 to 10."""
    alt: tuple[str, ...] = ()
    """Other answers, as good."""

    @property
    def answers(self) -> tuple[str, ...]:
        """What may be asked of the unit."""
        return (*re.findall(r"\{\{(.*?)\}\}", self.text), *self.alt)


@dataclass(frozen=True)
class Ideal:
    """What an expert made of a unit: a line of ideal.jsonl."""

    slug: str
    unit: int
    cards: tuple[Card, ...]
    """The best first; none if no card is worth keeping."""


@dataclass(frozen=True)
class Text:
    """The words of a unit."""

    text: str


@dataclass(frozen=True)
class Units:
    """NAME.units.json: the sentences of a note that experts were shown."""

    units: tuple[Text, ...]
    videoId: str = ""


_LABEL, _UNITS, _IDEAL = TypeAdapter(Label), TypeAdapter(Units), TypeAdapter(Ideal)


def read_labels(folder: Path) -> dict[Unit, Label]:
    """The labels of a folder of labelled notes."""
    lines = (folder / "gold.jsonl").read_text(encoding="utf-8").splitlines()
    return {(label.slug, label.unit): label for label in map(_LABEL.validate_json, lines)}


def read_ideals(folder: Path) -> dict[Unit, Ideal]:
    """What experts made of the units of a folder that are worth a card; empty if the folder does not say."""
    path = folder / "ideal.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return {(ideal.slug, ideal.unit): ideal for ideal in map(_IDEAL.validate_json, lines)}


def read_units(path: Path) -> Units:
    """The units in a file NAME.units.json."""
    return _UNITS.validate_json(path.read_bytes())


def tokens(text: str) -> list[str]:
    """The words by which texts are compared."""
    return re.findall(r"[^\W_]+", text.lower())


def token_f1(a: str, b: str) -> float:
    """How far two answers agree, without their articles (Rajpurkar et al. 2016, SQuAD, section 6.1)."""
    left, right = (Counter(w for w in tokens(x) if w not in ("a", "an", "the")) for x in (a, b))
    common = (left & right).total()
    return 2 * common / (left.total() + right.total()) if common else 0.0
