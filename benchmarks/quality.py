"""Measures how good the cards are on notes labelled by hand: precision against recall, at every density.

    PYTHONPATH=training python benchmarks/quality.py [NAME=]LABELLED_DIR … [--page docs/quality.md]

docs/quality.md says what labelled notes look like and when a card counts as good. For each folder, tables in Markdown
say how good the cards are by density, by form and by author, how far their likelihoods hold, and what card lint keeps
out. The name says what the notes are. With --page, the tables replace those in that page, and a picture beside it gets
a curve for each folder, with a dot for each density. The training reads labelled notes by the same module, which is
why its folder must be on the path.
"""

from __future__ import annotations

import argparse
import html
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from labelled_notes import Label, Unit, read_ideals, read_labels, read_units, token_f1, tokens

from tmscards.deck import selection
from tmscards.deck.recipes import Density, Limits
from tmscards.domain import Form, Gap, SentenceResult
from tmscards.language import cuts, extraction, questions
from tmscards.notes import sources
from tmscards.text import with_edits

STOP = frozenset(
    """a an the of in on at to for and or is are was were be been being by with as that this these those it its
    from""".split()
)
AGREED = 0.6
"""The token F1 from which an answer is that of a label."""
IMPORTANT, VITAL = 2, 3
"""The importance, as labelled, of statements worth a good card, and of those that a deck must not lack."""
Cells = tuple[str, ...]
"""A row of a table."""
BEGIN, END = "<!-- tables -->", "<!-- end of tables -->"
"""Between these lines of a page, the tables stand."""
FEWEST = 20
"""Cards; figures of fewer say too little to be drawn."""
COLOURS = ("#2f6fb0", "#b0562f", "#3c8a4e")


@dataclass(frozen=True)
class Card:
    """A card that a build could make."""

    note: str
    """The name of the Markdown note that it is from."""
    unit: int | None
    form: Form
    likelihood: float
    """How likely an expert would keep it, by the ranker's estimate."""
    best: float
    """The likelihood of the best card of the same statement."""
    is_term: bool
    """Whether it asks what its statement defines."""
    fault: str | None
    """Why it is not a good card; None if it is."""
    important: bool
    """Whether an expert would call a card of its statement a good one."""
    asks: bool
    """Whether it asks what an expert asks who makes a card of the statement by leaving out words."""
    shown: str
    """Its statement with the answer in square brackets."""
    words: tuple[int, int]
    """How many its text has, and how many stand above it."""

    @property
    def author(self) -> str:
        """Who wrote the note, or whose recordings it is about: the name up to the first two underscores."""
        return self.note.partition("__")[0]

    def is_made(self, lowest: float) -> bool:
        """Whether a build makes it that asks for so high a likelihood, as `selection.gaps` does."""
        return self.best >= lowest and (self.likelihood >= lowest or self.is_term)


@dataclass(frozen=True)
class Figures:
    """How good the cards are at one density, or at any other least likelihood."""

    cards: int
    expected: float
    """The mean of their likelihoods."""
    precision: float
    keep: float
    """The share of cards that are good, and of important statements."""
    asks: float
    recall_2: float
    """Of the important units: the share that has a good card."""
    recall_3: float
    """The same of the vital units."""
    faults: Counter[str]

    def __str__(self) -> str:
        rates = (
            f"{self.cards} cards: expected {self.expected:.3f} precision {self.precision:.3f} keep {self.keep:.3f} "
            f"asks {self.asks:.3f} recall_2 {self.recall_2:.3f} recall_3 {self.recall_3:.3f}"
        )
        return ", ".join((rates, *(f"{fault} {n}" for fault, n in self.faults.most_common())))


def count(text: str) -> int:
    """How many words a text has."""
    return len(text.split())


def bag_of(text: str) -> Counter[str]:
    """The words of a text that say something, with how often it has them."""
    return Counter(word for word in tokens(text) if word not in STOP)


def unit_of(text: str, units: list[Counter[str]]) -> int | None:
    """The labelled unit that a sentence is; None if it is none of them."""
    words = bag_of(text)
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
    if not any(token_f1(gap.text, wanted) >= AGREED for wanted in label.gaps):
        return "gap"
    text = text_of(result, gap)
    if any(len(junk) > 2 and junk.lower() in text.lower() for junk in label.junk):
        return "junk"
    if label.anaphora and re.search(rf"\b{re.escape(label.anaphora)}(?!\w)", text, re.I):
        needed = [w for w in tokens(label.context or "") if w not in STOP]
        there = set(tokens(" ".join((text, title, *questions.context_lines(result, (gap,))))))
        if not needed or sum(w in there for w in needed) < 0.5 * len(needed):
            return "dangling"
    return None


def text_of(result: SentenceResult, gap: Gap) -> str:
    """The text of a card, without what it leaves out."""
    edits = [edit for edit in result.edits if not any(map(edit.overlaps, gap.cuts))]
    return with_edits(result.text, [*edits, *cuts.edits(gap.cuts)])


def cards_of(
    engine: extraction.Engine, folder: Path, labels: dict[Unit, Label]
) -> tuple[list[Card], list[tuple[str, Label]]]:
    """Every card that some density makes of the notes of a folder; and the labels of what card lint drops, by rule."""
    cards, dropped, ideals = list[Card](), list[tuple[str, Label]](), read_ideals(folder)
    for path in sorted(folder.glob("*.md")):
        source = sources.read(path, folder)
        units = read_units(path.with_suffix(".units.json")).units
        bags = [bag_of(unit.text) for unit in units]
        for result in extraction.extract(engine, source).results:
            unit = unit_of(result.text, bags)
            label = labels.get((path.stem, unit)) if unit is not None else None
            ideal = ideals.get((path.stem, unit)) if unit is not None else None
            answers = [answer for card in ideal.cards for answer in card.answers] if ideal else []
            if rule := next((finding.rule for finding in result.findings if finding.drops), None):
                # A heading that has words of a unit is not that unit.
                if label and unit is not None and bag_of(result.text) == bags[unit]:
                    dropped.append((rule, label))
                continue
            left_out = result.gaps[0].cuts if result.gaps else ()
            asked = [gap for gap in result.gaps if not any(map(gap.overlaps, left_out))]
            for gap in asked[: Limits().cards_per_note]:
                card = Card(
                    note=path.stem,
                    unit=unit,
                    form=result.form,
                    likelihood=gap.score,
                    best=max(gap.score for gap in result.gaps),
                    is_term=gap.term,
                    fault=fault_of(result, gap, source.title, label),
                    important=label is not None and label.importance >= IMPORTANT,
                    asks=any(token_f1(gap.text, answer) >= AGREED for answer in answers),
                    shown=f"{result.text[: gap.start]}[{gap.text}]{result.text[gap.end :]}",
                    words=(count(text_of(result, gap)), count(" ".join(questions.context_lines(result, (gap,))))),
                )
                cards.append(card)
    return cards, dropped


def figures(cards: Iterable[Card], labels: dict[Unit, Label], lowest: float) -> Figures:
    """How good the cards are whose likelihood is not below the lowest."""
    made = [card for card in cards if card.is_made(lowest)]
    good = {(card.note, card.unit) for card in made if card.fault is None}

    def recall(importance: int) -> float:
        wanted = [unit for unit, label in labels.items() if label.importance >= importance]
        return sum(unit in good for unit in wanted) / max(1, len(wanted))

    def share(holds: Callable[[Card], bool]) -> float:
        return sum(map(holds, made)) / max(1, len(made))

    return Figures(
        cards=len(made),
        expected=sum(card.likelihood for card in made) / max(1, len(made)),
        precision=share(lambda card: card.fault is None),
        keep=share(lambda card: card.fault is None and card.important),
        asks=share(lambda card: card.asks),
        recall_2=recall(IMPORTANT),
        recall_3=recall(VITAL),
        faults=Counter(card.fault for card in made if card.fault),
    )


def of_normal(cards: Iterable[Card]) -> list[Card]:
    """The cards that a build makes at the density `normal`."""
    return [card for card in cards if card.is_made(selection.LOWEST["normal"])]


def by_group(cards: Sequence[Card], of: Callable[[Card], str]) -> Iterator[Cells]:
    """For each group of cards: its name, their number, how many should be good, and how many are."""
    groups = defaultdict[str, list[Card]](list)
    for card in cards:
        groups[of(card)].append(card)
    for name, made in sorted(groups.items(), key=lambda item: -len(item[1])):
        good, expected = sum(card.fault is None for card in made), sum(card.likelihood for card in made)
        yield name, str(len(made)), f"{expected / len(made):.2f}", f"{good / len(made):.2f}"


def recall_by_form(cards: Sequence[Card], labels: dict[Unit, Label]) -> Iterator[Cells]:
    """For each form that experts name: how many important units have it, and the share that has a good card."""
    good = {(card.note, card.unit) for card in cards if card.fault is None}
    wanted = defaultdict[str, list[Unit]](list)
    for unit, label in labels.items():
        if label.importance >= IMPORTANT:
            wanted[label.form].append(unit)
    for form, units in sorted(wanted.items(), key=lambda item: -len(item[1])):
        yield form, str(len(units)), f"{sum(unit in good for unit in units) / len(units):.2f}"


def reliability(cards: Sequence[Card]) -> Iterator[Cells]:
    """For each tenth of the likelihood: the mean likelihood of its cards, the share of good ones, and their number."""
    for tenth in range(10):
        made = [c for c in cards if tenth <= c.likelihood * 10 < tenth + 1 + (tenth == 9)]
        if made:
            mean, good = sum(c.likelihood for c in made) / len(made), sum(c.fault is None for c in made) / len(made)
            yield f"{tenth / 10:.1f} to {tenth / 10 + 0.1:.1f}", str(len(made)), f"{mean:.2f}", f"{good:.2f}"


def lengths(cards: Sequence[Card]) -> Iterator[Cells]:
    """How many words the text of a card has, and how many stand above it: the median, and the 90th percentile."""
    for name, each in (("text", 0), ("above it", 1)):
        ordered = sorted(card.words[each] for card in cards)
        if ordered:
            yield name, str(ordered[len(ordered) // 2]), str(ordered[len(ordered) * 9 // 10])


def by_rule(dropped: Sequence[tuple[str, Label]]) -> Iterator[Cells]:
    """For each rule of card lint that drops: how many statements, and the shares worth a card and worth a good one."""
    for rule, count in Counter(rule for rule, _ in dropped).most_common():
        labels = [label for by, label in dropped if by == rule]
        worthy, important = sum(x.label != "skip" for x in labels), sum(x.importance >= IMPORTANT for x in labels)
        yield f"`{rule}`", str(count), f"{worthy / count:.2f}", f"{important / count:.2f}"


def tables(
    name: str, cards: Sequence[Card], labels: dict[Unit, Label], dropped: Sequence[tuple[str, Label]]
) -> Iterator[str]:
    """What was measured on notes, as tables in Markdown; the name says what they are."""
    normal = of_normal(cards)
    densities = [
        (
            density,
            str(f.cards),
            *(f"{x:.2f}" for x in (f.expected, f.precision, f.keep, f.asks, f.recall_2, f.recall_3)),
        )
        for density, f in ((d, figures(cards, labels, lowest)) for d, lowest in selection.LOWEST.items())
    ]
    heads = "density", "cards", "expected", "precision", "keep", "asks", "recall", "recall of the most important"
    yield f"### {name}\n"
    yield table("By density", heads, densities)
    yield table("Words on a card at `normal`", ("", "median", "90th percentile"), lengths(normal))
    yield table("By form as read", ("form", "cards", "expected", "good"), by_group(normal, lambda c: c.form))
    yield table("By form as labelled", ("form", "worth a card", "recall"), recall_by_form(normal, labels))
    authors = by_group(normal, lambda card: card.author)
    letters = [(chr(ord("A") + i % 26), *rest) for i, (_, *rest) in enumerate(authors)]
    yield table("By channel or author", ("", "cards", "expected", "good"), letters)
    yield table("Whether likelihoods hold", ("likelihood", "cards", "expected", "good"), reliability(cards))
    of_rules = "rule", "statements", "worth a card", "worth a good one"
    yield table("What card lint keeps out", of_rules, by_rule(dropped))


def table(name: str, heads: Cells, rows: Iterable[Cells]) -> str:
    """A table in Markdown below its name."""
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join([f"{name}:", "", *(f"| {' | '.join(line)} |" for line in lines), ""])


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
    parts.append('<text x="340" y="388" text-anchor="middle">recall of the statements worth a good card</text>')
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
    parser.add_argument("folders", nargs="+", metavar="[NAME=]DIR", help="a folder, and what its notes are")
    parser.add_argument("--page", type=Path, help="the page that has the tables, with a picture of its name beside it")
    parser.add_argument("--failures", type=int, default=0, help="so many cards that are not good, of each kind")
    args = parser.parse_args()
    engine = extraction.load()
    curves: dict[str, list[Figures]] = {}
    dots: dict[str, dict[Density, Figures]] = {}
    found: list[str] = []
    for named in args.folders:
        name, _, path = named.rpartition("=")
        folder = Path(path)
        name = name or folder.name
        labels = read_labels(folder)
        cards, dropped = cards_of(engine, folder, labels)
        at_every = [figures(cards, labels, step / 50) for step in range(10, 49)]
        curves[name] = [f for f in at_every if f.cards >= FEWEST]
        dots[name] = {density: figures(cards, labels, lowest) for density, lowest in selection.LOWEST.items()}
        found += tables(name, cards, labels, dropped)
        bad = [card for card in of_normal(cards) if card.fault]
        for fault in sorted({card.fault or "" for card in bad}):
            for card in [card for card in bad if card.fault == fault][: args.failures]:
                print(f"- {fault} {card.likelihood:.2f} {card.note}: {card.shown}")
    print("\n".join(found))
    if args.page:
        before, rest = args.page.read_text(encoding="utf-8").split(BEGIN)
        page = "".join((before, BEGIN, "\n\n", "\n".join(found), "\n", END, rest.split(END)[1]))
        args.page.write_text(page, encoding="utf-8")
        args.page.with_suffix(".svg").write_text(picture(curves, dots), encoding="utf-8")


if __name__ == "__main__":
    main()
