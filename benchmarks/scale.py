"""Measures how builds grow with the number of sources: cold, with nothing changed, with one source
changed, and with another density.

    python benchmarks/scale.py NOTES_DIR [--counts 250 500 2000] [--picture docs/performance.svg]

For each number of sources, prints the seconds of a cold build and of the builds after it, the milliseconds per source,
and the most memory that any one process had (Linux). A build with one source changed should take no longer than a
build with nothing changed, loading the models and extracting one source together; all four are printed. A changed
density needs no extraction. Every figure comes from whole runs of the command; those after the cold build are medians
of five, and that of a changed density of three.
"""

from __future__ import annotations

import argparse
import math
import os
import platform
import random
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

REPEATS = 5
LOAD = "from tmscards.build import workers; workers.engine(None)"
"""Loads the models, as each process does before it extracts."""
ALONE = 250
"""Up to this many sources, one worker builds the same deck again, and the bytes are compared."""
BUILD = ("build", "--notes", "notes", "--output", "deck.apkg")
COLOURS = {"cold": "#0b5cad", "one source changed": "#b3541e", "nothing changed": "#3f7d20"}


def python(*arguments: str) -> tuple[float, float]:
    """Run Python, and return the seconds it took and the most memory it used, in MB."""
    began = time.perf_counter()
    silent = [(os.POSIX_SPAWN_OPEN, descriptor, os.devnull, os.O_WRONLY, 0) for descriptor in (1, 2)]
    child = os.posix_spawn(sys.executable, [sys.executable, *arguments], os.environ, file_actions=silent)
    _, status, usage = os.wait4(child, 0)
    if status:
        sys.exit(f"{' '.join(arguments)} failed")
    return time.perf_counter() - began, usage.ru_maxrss / 1024


def run(*arguments: str) -> tuple[float, float]:
    """Run the tmscards command, and return the same."""
    return python("-m", "tmscards", *arguments)


def median(*arguments: str) -> float:
    """The median seconds of a few runs of the tmscards command."""
    return statistics.median(run(*arguments)[0] for _ in range(REPEATS))


def measure(notes: list[Path], root: Path, count: int) -> dict[str, float]:
    """Build the first `count` notes in each way, print the figures, and return the seconds of each kind of build."""
    with tempfile.TemporaryDirectory() as name:
        folder, used = Path(name), [path.relative_to(root) for path in notes[:count]]
        for path in used:
            (folder / "notes" / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(root / path, folder / "notes" / path)
        os.chdir(folder)
        cold, memory = run(*BUILD)
        before = Path("deck.apkg").read_bytes()
        same, version = median(*BUILD), median("--version")
        load = statistics.median(python("-c", LOAD)[0] for _ in range(REPEATS))
        one = one_changed(used[:REPEATS])
        density = density_changed(folder.name)
        alone = f"; one worker: {bytes_of_one_worker(root, used[:REPEATS], before)} bytes" if count <= ALONE else ""
        os.chdir("/")
    times = f"cold {cold:.1f} s, {1000 * cold / count:.0f} ms per source; nothing changed {same:.2f} s"
    ratios = f"1/{cold / same:.0f} of cold, {same / version:.1f} times --version"
    parts = f"nothing changed {same:.2f} s, models {load:.2f} s, one source {cold / count:.2f} s"
    print(f"{count:6} sources: {times} ({ratios}); {memory:.0f} MB{alone}")
    print(f"       one changed {one:.2f} s, target {same + load + cold / count:.2f} s: {parts}")
    print(f"       density changed {density:.2f} s, 1/{cold / density:.0f} of cold", flush=True)
    return {"cold": cold, "one source changed": one, "nothing changed": same}


def one_changed(notes: list[Path]) -> float:
    """Change these notes one after the other, and return the median seconds of the builds after each change."""
    took = []
    for number, path in enumerate(notes):
        with Path("notes", path).open("a", encoding="utf-8") as note:
            note.write(f"\nThe ==coil number {number}== of this laboratory makes a field of ==two tesla==.\n")
        took.append(run(*BUILD)[0])
    return statistics.median(took)


def density_changed(deck: str) -> float:
    """Build the deck with one density after another, and return the median seconds of the builds."""
    took = []
    for density in ("full", "sparse", "normal"):
        Path("density.yaml").write_text(f'deck: "{deck}"\ndensity: {density}\n', encoding="utf-8")
        took.append(run(BUILD[0], "density.yaml", *BUILD[1:])[0])
    return statistics.median(took)


def bytes_of_one_worker(root: Path, changed: list[Path], before: bytes) -> str:
    """Restore the changed notes, build from nothing with one worker, and say whether the deck is `before` again."""
    for path in changed:
        shutil.copyfile(root / path, Path("notes", path))
    for kept in ("deck", ".tmscards"):
        shutil.rmtree(kept)
    run(*BUILD, "--workers", "1")
    return "the same" if Path("deck.apkg").read_bytes() == before else "OTHER"


def picture(found: dict[int, dict[str, float]]) -> str:
    """An SVG that plots seconds against the number of sources, both on logarithmic axes."""

    def at(count: float, seconds: float) -> tuple[float, float]:
        return round(80 + (math.log10(count) - 2) * 380, 1), round(20 + (3 - math.log10(seconds)) * 80, 1)

    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 780 400" font-family="sans-serif" font-size="12">',
        '<rect width="780" height="400" fill="white"/>',
        '<text x="330" y="388" text-anchor="middle">sources</text>',
        '<text x="20" y="180" text-anchor="middle" transform="rotate(-90 20 180)">seconds</text>',
    ]
    for seconds in (0.1, 1, 10, 100, 1000):
        x, y = at(100, seconds)
        parts.append(f'<line x1="{x}" y1="{y}" x2="600" y2="{y}" stroke="#ddd"/>')
        parts.append(f'<text x="{x - 6}" y="{y + 4}" text-anchor="end">{seconds:g}</text>')
    for count in found:
        x, y = at(count, 0.1)
        parts.append(f'<line x1="{x}" y1="20" x2="{x}" y2="{y}" stroke="#ddd"/>')
        parts.append(f'<text x="{x}" y="{y + 16}" text-anchor="middle">{count}</text>')
    for name, colour in COLOURS.items():
        points = [at(count, seconds[name]) for count, seconds in found.items()]
        line = " ".join(f"{x},{y}" for x, y in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x}" cy="{y}" r="4" fill="{colour}"/>' for x, y in points]
        parts.append(f'<text x="{points[-1][0] + 10}" y="{points[-1][1] + 4}" fill="{colour}">{name}</text>')
    return "\n".join([*parts, "</svg>", ""])


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("notes", type=Path)
    parser.add_argument("--counts", type=int, nargs="+", default=[250, 500, 2000])
    parser.add_argument("--picture", type=Path)
    args = parser.parse_args()
    root, target = args.notes.resolve(), args.picture.resolve() if args.picture else None
    notes = sorted(root.rglob("*.md"))
    # Channels differ in the length of their notes, so each number of sources needs some of every channel.
    random.Random(0).shuffle(notes)
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    found = {count: measure(notes, root, count) for count in args.counts}
    if target:
        target.write_text(picture(found), encoding="utf-8")


if __name__ == "__main__":
    main()
