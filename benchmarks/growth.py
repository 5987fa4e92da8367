"""How the time to read a note grows with its length, for notes that are meant to make it grow faster than that.

    python benchmarks/growth.py [--whole] [--from BYTES] [--steps COUNT] [--only WORDS] [--main] [--worst RATIO]

Prints, for each pattern in `patterns.py` and `patterns_language.py`, the seconds at each size, each size twice the one
before, and how much longer each size took than the one before it. With `--whole`, notes are not only read: from the
file's bytes, sentences, cards and fields are made of them. With `--main`, the patterns are a choice of them; with
`--worst`, those are printed that grew by more than that in any step.
"""

from __future__ import annotations

import argparse
import gc
import time
from collections.abc import Callable, Iterable
from functools import partial
from itertools import pairwise
from pathlib import Path

import patterns
import patterns_language
from tmscards.anki import package_contents
from tmscards.build import drafting
from tmscards.deck.matching import match
from tmscards.deck.recipes import Recipe
from tmscards.deck.reconciliation import Rules, reconcile
from tmscards.errors import UserError
from tmscards.language import extraction
from tmscards.language.extraction import Engine
from tmscards.notes import passages, sources

PATTERNS = patterns.PATTERNS | patterns_language.PATTERNS
MAIN = (
    "one word of letters",
    "one word of base64",
    "' A.'",
    "a, and many !",
    "'{{c1::'",
    "'a\\\\['",
    "'<!--'",
    "'{/*'",
    "'![['",
    "'(A) '",
    "'[[a|b] '",
    "'[a](b) '",
    "headings",
    "a paragraph of sentences",
)
RECIPE = Recipe(deck="Deck", density="full")


def read(note: str) -> None:
    """From a file's bytes to passages."""
    try:
        source = sources.parse(note.encode(), Path("note.md"), Path())
        sources.stamps(source)
        passages.read(source)
    except UserError:
        pass


def whole(engine: Engine, note: str) -> None:
    """From a file's bytes to the fields of its notes."""
    try:
        source = sources.parse(note.encode(), Path("note.md"), Path())
    except UserError:
        return
    candidates = list(drafting.candidates(RECIPE, source, extraction.extract(engine, source)))
    made = reconcile(candidates, match(candidates, {}), {}, Rules("Deck", 2, chosen_anew=False, now=1_700_000_000))
    for file in made.values():
        package_contents.shipped(file, 1_700_000_000)


def seconds(work: Callable[[str], None], note: str) -> float:
    """The time that the work takes with this note, of the processor: the shortest of three."""
    times = []
    for _ in range(3):
        began = time.process_time()
        work(note)
        times.append(time.process_time() - began)
    return min(times)


def table(work: Callable[[str], None], names: Iterable[str], sizes: list[int], worst: float) -> None:
    """Print a row for each of these patterns."""
    print(f"| pattern | {' | '.join(f'{size / 1000:.0f} kB' for size in sizes)} | ratios |")
    print(f"| --- |{' ---: |' * (len(sizes) + 1)}")
    for name in names:
        times = [seconds(work, PATTERNS[name](size)) for size in sizes]
        ratios = [long / max(short, 1e-6) for short, long in pairwise(times)]
        if max(ratios) >= worst:
            shown = name.replace("|", "\\|")
            figures = [f"{t:.2f}" for t in times]
            print(f"| {shown} | {' | '.join(figures)} | {', '.join(f'{r:.2f}' for r in ratios)} |", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--whole", action="store_true", help="make cards, and not only passages")
    parser.add_argument("--from", type=int, default=50_000, dest="first", help="the smallest size")
    parser.add_argument("--steps", type=int, default=3, help="how many sizes")
    parser.add_argument("--only", default="", help="patterns with these words in their names")
    parser.add_argument("--main", action="store_true", help="a choice of patterns")
    parser.add_argument("--worst", type=float, default=0, help="the least ratio that is printed")
    asked = parser.parse_args()
    # As the command does (cli/commands.py).
    gc.set_threshold(100_000, 50, 1000)
    chosen = [name for name in (MAIN if asked.main else PATTERNS) if asked.only in name]
    job = partial(whole, extraction.load()) if asked.whole else read
    table(job, chosen, [asked.first << step for step in range(asked.steps)], asked.worst)
