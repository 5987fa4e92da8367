"""How the time to read a note grows with its length, for notes that are meant to make it grow faster than that.

    python benchmarks/growth.py [--from BYTES] [--steps COUNT] [--only WORDS] [--worst RATIO]

Prints, for each pattern in `patterns.py`, the seconds at each size, each size twice the one before, and how much longer
the last size took than the one before it. With `--worst`, only patterns that grew by more than that are printed.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

from patterns import PATTERNS
from tmscards.errors import UserError
from tmscards.notes import passages, sources


def read(note: str) -> None:
    """From a file's bytes to passages."""
    try:
        source = sources.parse(note.encode(), Path("note.md"), Path())
        sources.stamps(source)
        passages.read(source)
    except UserError:
        pass


def seconds(work: Callable[[str], None], note: str) -> float:
    """The time that the work takes with this note: the shorter of two, where that does not take long."""
    times = []
    for _ in range(2):
        began = time.process_time()
        work(note)
        times.append(time.process_time() - began)
        if times[0] > 2:
            break
    return min(times)


def table(work: Callable[[str], None], sizes: list[int], only: str, worst: float) -> None:
    """Print a row for each pattern that has these words in its name."""
    print(f"| pattern | {' | '.join(f'{size / 1000:.0f} kB' for size in sizes)} | ratio |")
    print(f"| --- |{' ---: |' * (len(sizes) + 1)}")
    for name, pattern in PATTERNS.items():
        if only not in name:
            continue
        times = [seconds(work, pattern(size)) for size in sizes]
        ratio = times[-1] / max(times[-2], 1e-6)
        if ratio >= worst:
            shown = name.replace("|", "\\|")
            print(f"| {shown} | {' | '.join(f'{t:.3f}' for t in times)} | {ratio:.2f} |", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--from", type=int, default=50_000, dest="first", help="the smallest size")
    parser.add_argument("--steps", type=int, default=3, help="how many sizes")
    parser.add_argument("--only", default="", help="patterns with these words in their names")
    parser.add_argument("--worst", type=float, default=0, help="the least ratio that is printed")
    asked = parser.parse_args()
    table(read, [asked.first << step for step in range(asked.steps)], asked.only, asked.worst)
