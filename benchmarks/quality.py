"""Measures how good the cards are on notes labelled by hand: precision against recall, at every density.

    PYTHONPATH=training python benchmarks/quality.py LABELLED_DIR [LABELLED_DIR …] [--picture docs/quality.svg]

docs/quality.md says what labelled notes look like and when a card counts as good. For each folder and density, prints
precision, the recall of the sentences worth a good card, and what is wrong with the bad cards. The picture has a
curve for each folder, with a dot for each density. The training reads labelled notes by the same module, which is why
its folder must be on the path.
"""

from __future__ import annotations

import argparse
import html
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from labelled_notes import Label, Unit, read_labels, read_units, token_f1, tokens

from tmscards.deck import selection
from tmscards.deck.recipes import Density, Limits
from tmscards.domain import Gap, SentenceResult
from tmscards.language import extraction, questions
from tmscards.notes import sources
from tmscards.text import with_edits

STOP = frozenset(
    """a an the of in on at to for and or is are was were be been being by with as that this these those it its
    from""".split()
)
COLOURS = ("#2f6fb0", "#b0562f", "#3c8a4e")


@dataclass(frozen=True)
class Card:
    """A card that a build makes at some density."""

    note: str
    """The name of the Markdown note that it is from."""
    unit: int | None
    worth: float
    """The worth of the first card of its Anki note, as selection computes it."""
    own_worth: float
    is_first: bool
    fault: str | None
    """Why it is not a good card; None if it is."""


@dataclass(frozen=True)
class Figures:
    """How good the cards are at one density, or at any other least worth."""

    cards: int
    precision: float
    recall_2: float
    """Of the important units: the share that has a good card."""
    recall_3: float
    """The same of the vital units."""
    faults: Counter[str]

    def __str__(self) -> str:
        rates = f"precision {self.precision:.3f}, recall_2 {self.recall_2:.3f}, recall_3 {self.recall_3:.3f}"
        return ", ".join((f"cards {self.cards}", rates, *(f"{fault} {n}" for fault, n in self.faults.most_common())))


def unit_of(text: str, units: list[Counter[str]]) -> int | None:
    """The labelled unit that a sentence is; None if it is none of them."""
    words = Counter(w for w in tokens(text) if w not in STOP)
    best, best_score = None, 0.6
    for number, unit in enumerate(units):
        common = (words & unit).total()
        score = common / max(1, words.total()) + 0.25 * common / max(1, unit.total())
        if score >= best_score and common:
            best, best_score = number, score + 1e-9
    return best


def fault_of(result: SentenceResult, gap: Gap, title: str, label: Label | None) -> str | None:
    """Why a card is not good; None if it is: no label, not worth making, the wrong question, unclear or unclean."""
    if label is None:
        return "unmatched"
    if label.label == "skip":
        return "unworthy"
    if not any(token_f1(gap.text, wanted) >= 0.6 for wanted in label.gaps):
        return "gap"
    text = with_edits(result.text, result.edits)
    if any(len(junk) > 2 and junk.lower() in text.lower() for junk in label.junk):
        return "junk"
    if label.anaphora and re.search(rf"\b{re.escape(label.anaphora)}(?!\w)", text, re.I):
        needed = [w for w in tokens(label.context or "") if w not in STOP]
        there = set(tokens(" ".join((text, title, *questions.context_lines(result, (gap,))))))
        if not needed or sum(w in there for w in needed) < 0.5 * len(needed):
            return "dangling"
    return None


def cards_of(engine: extraction.Engine, folder: Path, labels: dict[Unit, Label]) -> list[Card]:
    """Every card that some density makes of the notes of a folder."""
    cards = []
    for path in sorted(folder.glob("*.md")):
        source = sources.read(path, folder)
        units = read_units(path.with_suffix(".units.json")).units
        bags = [Counter(w for w in tokens(unit.text) if w not in STOP) for unit in units]
        for result in extraction.extract(engine, source).results:
            if any(f.drops for f in result.findings) or not result.gaps:
                continue
            unit = unit_of(result.text, bags)
            label = labels.get((path.stem, unit)) if unit is not None else None
            worth = selection.worth(result, result.gaps[0])
            for gap in result.gaps[: Limits().cards_per_note]:
                fault, is_first = fault_of(result, gap, source.title, label), gap is result.gaps[0]
                cards.append(Card(path.stem, unit, worth, selection.worth(result, gap), is_first, fault))
    return cards


def figures(cards: list[Card], labels: dict[Unit, Label], lowest: float) -> Figures:
    """How good the cards are whose worth is not below the lowest."""
    made = [
        card
        for card in cards
        if card.worth >= lowest and (card.is_first or card.own_worth >= lowest + selection.FURTHER)
    ]
    good = {(card.note, card.unit) for card in made if card.fault is None}

    def recall(importance: int) -> float:
        wanted = [unit for unit, label in labels.items() if label.importance >= importance]
        return sum(unit in good for unit in wanted) / max(1, len(wanted))

    faults = Counter(card.fault for card in made if card.fault)
    precision = sum(card.fault is None for card in made) / max(1, len(made))
    return Figures(len(made), precision, recall(2), recall(3), faults)


def picture(curves: dict[str, list[Figures]], dots: dict[str, dict[Density, Figures]]) -> str:
    """An SVG that plots precision against recall."""

    def at(recall: float, precision: float) -> tuple[float, float]:
        return round(60 + recall * 560, 1), round(20 + (1 - (precision - 0.5) / 0.5) * 320, 1)

    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 660 400" font-family="sans-serif" font-size="12">',
        '<rect width="660" height="400" fill="white"/>',
    ]
    for tenth in range(0, 11, 2):
        x, y = at(tenth / 10, 0.5)
        parts.append(f'<line x1="{x}" y1="20" x2="{x}" y2="{y}" stroke="#ddd"/>')
        parts.append(f'<text x="{x}" y="{y + 16}" text-anchor="middle">{tenth / 10:.1f}</text>')
    for tenth in range(5, 11):
        x, y = at(0, tenth / 10)
        parts.append(f'<line x1="{x}" y1="{y}" x2="620" y2="{y}" stroke="#ddd"/>')
        parts.append(f'<text x="{x - 6}" y="{y + 4}" text-anchor="end">{tenth / 10:.1f}</text>')
    parts.append('<text x="340" y="388" text-anchor="middle">recall of the sentences that worth a good card</text>')
    parts.append('<text x="16" y="180" text-anchor="middle" transform="rotate(-90 16 180)">precision of cards</text>')
    for colour, (name, points) in zip(COLOURS, curves.items(), strict=False):
        shown = (at(f.recall_2, f.precision) for f in points if f.precision >= 0.5)
        line = " ".join(f"{x},{y}" for x, y in shown)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for density, f in dots[name].items():
            x, y = at(f.recall_2, f.precision)
            parts.append(f'<circle cx="{x}" cy="{y}" r="5" fill="{colour}"/>')
            parts.append(f'<text x="{x + 8}" y="{y - 6}" fill="{colour}">{density}</text>')
        height = 40 + 18 * list(curves).index(name)
        parts.append(f'<text x="70" y="{height + 260}" fill="{colour}">{html.escape(name)}</text>')
    return "\n".join([*parts, "</svg>", ""])


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--picture", type=Path)
    args = parser.parse_args()
    engine = extraction.load()
    curves: dict[str, list[Figures]] = {}
    dots: dict[str, dict[Density, Figures]] = {}
    for folder in args.folders:
        labels = read_labels(folder)
        cards = cards_of(engine, folder, labels)
        found = [figures(cards, labels, step / 50) for step in range(10, 49)]
        curves[folder.name] = [f for f in found if f.cards >= 20]
        dots[folder.name] = {density: figures(cards, labels, lowest) for density, lowest in selection.LOWEST.items()}
        for density, f in dots[folder.name].items():
            print(f"{folder.name} {density}: {f}")
    if args.picture:
        args.picture.write_text(picture(curves, dots), encoding="utf-8")


if __name__ == "__main__":
    main()
