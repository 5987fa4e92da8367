"""Times `tmscards watch` from saving a note to the new deck.

    python benchmarks/watching.py NOTES_DIR [--count 100] [--words 700]

Saves the note whose length is nearest to that many words several times, and prints the median and each time.
"""

from __future__ import annotations

import argparse
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SAVES = 7


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("notes", type=Path)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--words", type=int, default=700)
    args = parser.parse_args()
    paths = sorted(args.notes.rglob("*.md"))
    random.Random(0).shuffle(paths)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "notes").mkdir()
        for number, path in enumerate(paths[: args.count]):
            shutil.copyfile(path, folder / "notes" / f"{number}.md")
        lengths = {path: len(path.read_text().split()) for path in (folder / "notes").iterdir()}
        note = min(lengths, key=lambda path: abs(lengths[path] - args.words))
        took = watched(note, folder)
    print(f"{args.count} sources, a note of {lengths[note]} words: {statistics.median(took):.2f} s from save to deck")
    print("  each: " + " ".join(f"{seconds:.2f}" for seconds in took))


def watched(note: Path, folder: Path) -> list[float]:
    """Watch a project, save one of its notes several times, and return how long each save took to reach the deck."""
    watch = subprocess.Popen(
        [sys.executable, "-u", "-m", "tmscards", "watch", "--output", "deck.apkg"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert watch.stdout
        if not any("Waiting" in line for line in watch.stdout):
            sys.exit("tmscards watch ended before it waited for a save")
        return [save(note, folder / "deck.apkg", number) for number in range(SAVES)]
    finally:
        watch.kill()
        watch.wait()


def save(note: Path, deck: Path, number: int) -> float:
    """The seconds from saving a note until the deck has been replaced."""
    before = deck.stat().st_ino
    time.sleep(1.5)
    text = note.read_text() + f"\nA magnetic coil of copper makes a field of about {number} tesla.\n"
    began = time.perf_counter()
    note.write_text(text)
    while deck.stat().st_ino == before:
        time.sleep(0.002)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
