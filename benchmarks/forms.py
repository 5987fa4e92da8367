"""Whether the statements that people have written are read as they are written, by notes that were labelled by hand.

    python benchmarks/forms.py LABELLED_FOLDER [LABELLED_FOLDER …] [--show COUNT]

Each folder has notes (`NAME.md`), the units they were cut into (`NAME.units.json`) and one label for each unit
(`gold.jsonl`). Prints, of the units worth a good card: how many are one statement of their own, neither joined with
another nor cut; for how many the form agrees with the label; and for how many the lead or the titles above have what
the label says that a card needs. With `--show`, some of the others are printed.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tmscards.language import nlp
from tmscards.language.reading import Sentence, sentences
from tmscards.notes import sources

GOOD = 2
"""The importance from which a unit is worth a good card."""
FORMS = {
    "prose": {"sentence"},
    "fragment": {"item"},
    "parent": {"item"},
    "list": {"item", "sentence", "term"},
    "term": {"term"},
    "row": {"row"},
    "qa": {"pair"},
    "step": {"step"},
}
"""By the form of a label: the forms of a passage that agree with it."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of a note, with its label."""

    note: str
    line: int
    text: str
    around: str
    """What stands above it, which its statement may have too."""
    junk: str
    """What of it no card should show."""
    form: str
    needs: tuple[str, ...]
    is_cut: bool
    """Whether a line break in the middle of a sentence has cut it from others, so that its form is not its own."""


def words(text: str) -> Counter[str]:
    """The words of a text, each with how often it has it."""
    text = re.sub(r"\$+|\\[()\[\]]|</?[a-z][^<>]*>|!?\[\[|\]\]|https?://\S+", " ", text)
    return Counter(re.findall(r"[^\W_]+", text.lower()))


def units(folder: Path) -> Iterator[Unit]:
    """The units of a folder that are worth a good card."""
    labels = [json.loads(line) for line in (folder / "gold.jsonl").read_text(encoding="utf-8").splitlines()]
    notes: dict[str, Any] = {}
    for label in labels:
        if label["importance"] < GOOD:
            continue
        slug = label["slug"]
        if slug not in notes:
            notes[slug] = json.loads((folder / f"{slug}.units.json").read_text(encoding="utf-8"))
        unit = notes[slug]["units"][label["unit"]]
        beside = list(_continued(notes[slug]["units"], label["unit"]))
        around = " ".join([*beside, *unit["parents"], *unit["columns"], *(label.get("needs") or ())])
        form, needs = label.get("form") or "prose", tuple(label.get("needs") or ())
        junk = " ".join(label.get("junk") or ())
        yield Unit(slug, unit["line"], unit["text"], around, junk, form, needs, bool(beside))


def _continued(all_units: list[Any], index: int) -> Iterator[str]:
    """The units before and after one which a line break in the middle of a sentence has cut from it."""
    for first in (index - 1, index):
        if 0 <= first < len(all_units) - 1:
            one, other = all_units[first], all_units[first + 1]
            goes_on = not one["text"].endswith((".", "!", "?", ":")) and other["text"][:1].islower()
            if goes_on and other["line"] == one["line"] + 1:
                yield other["text"] if first == index else one["text"]


def is_one(unit: Unit, sentence: Sentence) -> bool:
    """Whether a statement is a unit: its words, but for a few, and hardly any others."""
    own, read = words(unit.text), words(sentence.text)
    size = own.total()
    missing = (own - read - words(unit.junk) - words(" ".join(sentence.passage.lead))).total()
    term = sentence.passage.asks[0] if sentence.passage.form == "term" and sentence.passage.asks else None
    named = sentence.passage.text[term.start : term.end] if term else ""
    more = (read - own - words(f"{unit.around} {named}")).total()
    return missing <= max(1, size // 8) and more <= max(1, size // 8)


def above(title: str, sentence: Sentence) -> str:
    """Everything that a card of a statement could show of what stands above it, and the statement."""
    passage = sentence.passage
    return " ".join((title, *passage.headings, *sentence.lead, passage.label or "", sentence.text))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--show", type=int, default=0)
    asked = parser.parse_args()
    pipeline = nlp.load()
    for folder in asked.folders:
        found: dict[str, list[Unit]] = defaultdict(list)
        for unit in units(folder):
            found[unit.note].append(unit)
        total = one = whole = agree = needing = having = 0
        forms: Counter[tuple[str, str]] = Counter()
        odd: dict[str, list[str]] = defaultdict(list)
        for name, theirs in found.items():
            source = sources.read(folder / f"{name}.md", folder)
            _, read = sentences(pipeline, source)
            for unit in theirs:
                total += 1
                same = [s for s in read if is_one(unit, s)]
                best = min(same, key=lambda s: abs(s.passage.line_at(s.chars.start) - unit.line), default=None)
                if best is None:
                    odd["no statement"].append(f"{name}:{unit.line}: {unit.form}: {unit.text[:150]}")
                    continue
                one += 1
                if unit.needs:
                    needing += 1
                    shown = words(above(source.title, best))
                    lacks = [need for need in unit.needs if words(need) - shown]
                    having += not lacks
                    if lacks:
                        odd["needs"].append(f"{name}:{unit.line}: needs {lacks}: {unit.text[:90]}")
                if unit.is_cut:
                    continue
                whole += 1
                forms[unit.form, best.form] += 1
                if best.form in FORMS[unit.form]:
                    agree += 1
                else:
                    odd["form"].append(f"{name}:{unit.line}: {unit.form} read as {best.form}: {unit.text[:110]}")
        print(f"{folder.name}: {total} units; one statement each {one / total:.3f};", end=" ")
        print(f"form agrees {agree / whole:.3f} of {whole};", end=" ")
        print(f"has what it needs {having / max(1, needing):.3f} of {needing}")
        print("  " + ", ".join(f"{a} as {b} {n}" for (a, b), n in forms.most_common()))
        for kind, texts in odd.items():
            for text in texts[:: max(1, len(texts) // asked.show)] if asked.show else ():
                print(f"  {kind}: {text}")


if __name__ == "__main__":
    main()
