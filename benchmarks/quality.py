"""How good are the cards? Precision against recall over the density setting, on notes labelled by hand.

    python benchmarks/quality.py LABELLED_DIR [LABELLED_DIR …] [--picture docs/quality.svg]

docs/quality.md says what labelled notes look like and when a card counts as good. For each folder, prints precision,
recall of the sentences worth a good card, and what is wrong with the others; a curve for each folder goes into the
picture, with a dot for each density.
"""

from __future__ import annotations

import argparse
import html
import json
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tmscards.deck import selection
from tmscards.deck.recipes import Limits
from tmscards.domain import Gap, SentenceResult
from tmscards.language import context, extraction
from tmscards.notes import sources

STOP = frozenset(
    """a an the of in on at to for and or is are was were be been being by with as that this these those it its
    from""".split()
)
COLOURS = ("#2f6fb0", "#b0562f", "#3c8a4e")


@dataclass(frozen=True)
class Card:
    """A card that a build would make at some density."""

    unit: int | None
    worth: float
    """Of its note's first card, as selection reckons it."""
    own_worth: float
    is_first: bool
    fault: str | None
    """Why it is no good card; None if it is."""


def tokens(text: str) -> list[str]:
    """Words to compare by."""
    return re.findall(r"[^\W_]+", text.lower())


def token_f1(a: str, b: str) -> float:
    """How far two answers agree, articles aside (Rajpurkar et al. 2016, SQuAD, section 6.1)."""
    left, right = (Counter(w for w in tokens(x) if w not in ("a", "an", "the")) for x in (a, b))
    common = (left & right).total()
    return 2 * common / (left.total() + right.total()) if common else 0.0


def unit_of(text: str, units: list[Counter[str]]) -> int | None:
    """The labelled unit that a sentence is."""
    words = Counter(w for w in tokens(text) if w not in STOP)
    best, best_score = None, 0.6
    for number, unit in enumerate(units):
        common = (words & unit).total()
        score = common / max(1, words.total()) + 0.25 * common / max(1, unit.total())
        if score >= best_score and common:
            best, best_score = number, score + 1e-9
    return best


def fault_of(result: SentenceResult, gap: Gap, title: str, label: dict[str, object] | None) -> str | None:
    """Why a card is no good one: it has no label, is not worth it, asks for the wrong thing, is unclear or unclean."""
    if label is None:
        return "unmatched"
    if label["label"] == "skip":
        return "unworthy"
    if not any(token_f1(gap.text, wanted) >= 0.6 for wanted in label["gaps"]):  # type: ignore[attr-defined]
        return "gap"
    text = context.shown(result.text, result.edits)
    if any(len(junk) > 2 and junk.lower() in text.lower() for junk in label["junk"]):  # type: ignore[attr-defined]
        return "junk"
    anaphora = label.get("anaphora")
    if anaphora and re.search(rf"\b{re.escape(str(anaphora))}(?!\w)", text, re.I):
        needed = [w for w in tokens(str(label.get("context") or "")) if w not in STOP]
        there = set(tokens(" ".join((text, title, *context.lines(result, (gap,))))))
        if not needed or sum(w in there for w in needed) < 0.5 * len(needed):
            return "dangling"
    return None


def cards_of(engine: extraction.Engine, folder: Path) -> tuple[list[tuple[str, Card]], dict[tuple[str, int], int]]:
    """Every card that some density would make, with its note; and how important each labelled unit is."""
    labels = {}
    for line in (folder / "gold.jsonl").read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        labels[record["slug"], record["unit"]] = record
    cards = []
    for path in sorted(folder.glob("*.md")):
        source = sources.read(path, folder)
        units = json.loads(path.with_suffix(".units.json").read_text(encoding="utf-8"))["units"]
        bags = [Counter(w for w in tokens(unit["text"]) if w not in STOP) for unit in units]
        for result in extraction.explain(engine, source, "full"):
            if any(f.drops for f in result.findings) or not result.gaps:
                continue
            unit = unit_of(result.text, bags)
            label = labels.get((path.stem, unit)) if unit is not None else None
            worth = selection.worth(result, result.gaps[0])
            for gap in result.gaps[: Limits().cards_per_note]:
                fault = fault_of(result, gap, source.title, label)
                is_first = gap is result.gaps[0]
                cards.append((path.stem, Card(unit, worth, selection.worth(result, gap), is_first, fault)))
    return cards, {key: record["importance"] for key, record in labels.items()}


def figures(cards: list[tuple[str, Card]], importance: dict[tuple[str, int], int], floor: float) -> dict[str, float]:
    """Precision, recalls and faults at a floor."""
    made = [
        (note, card)
        for note, card in cards
        if card.worth >= floor and (card.is_first or card.own_worth >= floor + selection.FURTHER)
    ]
    good = {(note, card.unit) for note, card in made if card.fault is None}
    result: dict[str, float] = {"cards": len(made)}
    result["precision"] = sum(card.fault is None for _, card in made) / max(1, len(made))
    for level in (2, 3):
        wanted = [key for key, value in importance.items() if value >= level]
        result[f"recall_{level}"] = sum(key in good for key in wanted) / max(1, len(wanted))
    for fault, count in Counter(card.fault for _, card in made if card.fault).most_common():
        result[str(fault)] = count
    return result


def picture(curves: dict[str, list[tuple[float, float]]], dots: dict[str, list[tuple[str, float, float]]]) -> str:
    """An SVG of precision over recall."""

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
    parts.append('<text x="340" y="388" text-anchor="middle">recall of the sentences worth a good card</text>')
    parts.append('<text x="16" y="180" text-anchor="middle" transform="rotate(-90 16 180)">precision of cards</text>')
    for colour, (name, points) in zip(COLOURS, curves.items(), strict=False):
        line = " ".join(f"{x},{y}" for x, y in (at(*p) for p in points if p[1] >= 0.5))
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for density, recall, precision in dots[name]:
            x, y = at(recall, precision)
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
    curves, dots = {}, {}
    for folder in args.folders:
        cards, importance = cards_of(engine, folder)
        floors = [step / 50 for step in range(10, 49)]
        found = [figures(cards, importance, floor) for floor in floors]
        curves[folder.name] = [(f["recall_2"], f["precision"]) for f in found if f["cards"] >= 20]
        dots[folder.name] = []
        for density, floor in selection.LOWEST.items():
            f = figures(cards, importance, floor)
            dots[folder.name].append((density, f["recall_2"], f["precision"]))
            told = ", ".join(f"{k} {v:.3f}" if isinstance(v, float) else f"{k} {v}" for k, v in f.items())
            print(f"{folder.name} {density}: {told}")
    if args.picture:
        args.picture.write_text(picture(curves, dots), encoding="utf-8")


if __name__ == "__main__":
    main()
