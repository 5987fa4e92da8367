"""Kills builds at random moments, and checks that the deck is always whole and the next build completes it.

    python benchmarks/kills.py [--sources 200] [--count 200] [--seed 0]

Builds a project, then edits the notes of a third of its sources: a sentence changed, removed or added. From that state,
again and again, a build is killed (SIGKILL) at a random moment, what it left is checked, and the project is built once
more, which must give the same as an undisturbed build. The models are loaded only once and unchanged sources are not
extracted again, so that many kills happen while files are being written.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import sqlite3
import tempfile
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from tmscards.build import pipeline, project
from tmscards.build.pipeline import BuildContext
from tmscards.build.workers import Workers
from tmscards.deck import commits, record_files, records
from tmscards.domain import SourcePath, SourceRecords
from tmscards.storage import bundled, cache

RECIPE = "decks/coils.yaml"
TEXT = """---
title: Coil {n}
videoId: X4QE6t-MkYE
---

## Heat

The ==coil {n}== warms the ==cortex {n}== by one degree [00:01:00].

## Field

The ==field {n}== reaches a depth of ==three centimetres== [00:02:00].
"""


@dataclass
class Report:
    """What came of the kills."""

    kills: Counter[str] = field(default_factory=Counter)
    """How many builds left which deck: the old one or the new one."""
    broken: list[str] = field(default_factory=list)
    """Each promise that was broken."""


Packed = tuple[list[tuple[str, str, str]], int]
"""The notes of a package, each with its guid, fields and tags, and the number of cards."""


@dataclass(frozen=True)
class Content:
    """What a project has of a deck, without times."""

    packed: Packed
    records: Mapping[SourcePath, SourceRecords]


def run(sources: int, count: int, folder: Path, seed: int) -> Report:
    """Kill `count` builds of a project with `sources` sources, in a scratch folder."""
    report, rng = Report(), random.Random(seed)
    start, after, timed = folder / "start", folder / "after", folder / "timed"
    create(start, sources)
    build(start)
    old = content(start)
    edit(start, rng)
    time.sleep(1.1)
    copy(start, after)
    copy(start, timed)
    build(after)
    new, began = content(after), time.monotonic()
    in_child(partial(build, timed))
    lasts = time.monotonic() - began
    for turn in range(count):
        trial = folder / "trial"
        shutil.rmtree(trial, ignore_errors=True)
        copy(start, trial)
        in_child(partial(build, trial), kill_after=rng.uniform(0, lasts))
        left = content(trial)
        which = "old" if left == old else "new" if left == new else "neither"
        report.kills[which] += 1
        if which == "neither":
            report.broken.append(f"kill {turn}: the deck or the records are neither the old nor the new ones")
        in_child(partial(build, trial))
        if content(trial) != new:
            report.broken.append(f"kill {turn}: the next build differs from an undisturbed one")
        if [p for p in trial.rglob(".*") if p.name not in (".deck.yaml", ".lock", ".tmscards", ".gitignore")]:
            report.broken.append(f"kill {turn}: temporary files are left")
    return report


def copy(project: Path, to: Path) -> None:
    """Copy a project with its cache, which counts in the copy too, so that builds are killed that use it."""
    shutil.copytree(project, to)
    path = to / cache.FOLDER / "cache.sqlite"
    with path.open("r+b") as file:
        file.seek(cache.MARK.start)
        file.write(cache.mark(path))


def create(folder: Path, sources: int) -> None:
    """Create a project with that many sources."""
    for number in range(sources):
        path = folder / f"notes/{number % 7}/coil_{number}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(TEXT.format(n=number))
    shutil.copytree(bundled.folder("templates") / "default", folder / "templates/default")
    (folder / "decks").mkdir()
    (folder / RECIPE).write_text("deck: Coils\n")


def edit(folder: Path, rng: random.Random) -> None:
    """Change a third of a project's sources, and add one."""
    for path in sorted((folder / "notes").rglob("*.md")):
        text, choice = path.read_text(), rng.random()
        if choice < 0.1:
            path.write_text(text.replace("by one degree", "by two degrees"))
        elif choice < 0.2:
            path.write_text(text[: text.index("## Field")])
        elif choice < 0.3:
            path.write_text(text + "\nThe ==winding== is made of ==copper== [00:03:00].\n")
    (folder / "notes/new.md").write_text(TEXT.format(n="new"))


def build(folder: Path) -> None:
    """Build a project in this process."""
    pipeline.build(BuildContext(project.of_recipe(folder / RECIPE), Workers(1)))


def in_child(what: Callable[[], None], kill_after: float | None = None) -> None:
    """Do something in a process of its own, which is killed after that many seconds if they are given."""
    child = os.fork()
    if child == 0:
        try:
            what()
            os._exit(0)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(1)
    if kill_after is not None:
        time.sleep(kill_after)
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def content(folder: Path) -> Content:
    """What the next build, or `diff`, will find of a project's deck."""
    deck = folder / "decks/coils.apkg"
    # The deck must be readable before anything is recovered.
    packed(deck)
    with tempfile.TemporaryDirectory() as scratch:
        # Reading completes or discards what was interrupted, so it is done on a copy.
        kept, copy = shutil.copytree(deck.with_suffix(""), Path(scratch, "coils")), Path(scratch, "coils.apkg")
        shutil.copyfile(deck, copy)
        if (kept / record_files.COMMITTED).is_dir():
            # A copy has another number than the folder that was committed, so recovering would not finish it.
            commits.finish(kept, copy)
        timeless = {
            path: replace(file, notes=tuple(replace(note, modified=0) for note in file.notes))
            for path, file in records.read(kept).sources.items()
        }
        return Content(packed(copy), timeless)


def packed(deck: Path) -> Packed:
    """What is in a package."""
    with tempfile.TemporaryDirectory() as scratch:
        with zipfile.ZipFile(deck) as archive:
            archive.extract("collection.anki2", scratch)
        with closing(sqlite3.connect(Path(scratch, "collection.anki2"))) as database:
            rows = database.execute("select guid, flds, tags from notes order by id").fetchall()
            [cards] = database.execute("select count(*) from cards").fetchone()
    return rows, cards


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sources", type=int, default=200)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report = run(args.sources, args.count, Path(folder), args.seed)
    left = ", ".join(f"{count} left the {what} deck" for what, count in report.kills.items())
    print(f"{args.count} kills of builds of {args.sources} sources: {left}; {len(report.broken)} broke a promise")
    print("\n".join(report.broken))


if __name__ == "__main__":
    main()
