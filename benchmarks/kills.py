"""Owns the trial of builds that are killed: whatever the moment, the deck is whole, and the next build makes it good.

    python benchmarks/kills.py [--sources 200] [--count 200] [--seed 0]

A project is built, and its notes are edited: a sentence changed, one taken out, one put in, in a third of the sources.
Then, again and again from that state, a build is killed (SIGKILL) at a random moment, what it left is looked at, and it
is built once more; that must give what an undisturbed build gives. Sentences are read once and remembered, so that the
moments fall on what writes.
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
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from tmscards.anki import templates
from tmscards.build import pipeline
from tmscards.build.workers import Workers
from tmscards.deck import records

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
    """By what the killed build left: the old deck or the new one."""
    broken: list[str] = field(default_factory=list)
    """What was not as promised."""


def run(sources: int, count: int, folder: Path, seed: int) -> Report:
    """Kill so many builds of so many sources; the folder is for scratch."""
    report, rng = Report(), random.Random(seed)
    start, after, timed = folder / "start", folder / "after", folder / "timed"
    for number in range(sources):
        path = start / f"notes/{number % 7}/coil_{number}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(TEXT.format(n=number))
    shutil.copytree(templates.packaged() / "default", start / "templates/default")
    (start / "decks").mkdir()
    (start / "decks/coils.yaml").write_text("deck: Coils\n")
    built(start)
    old = content(start)
    edit(start, rng)
    time.sleep(1.1)
    shutil.copytree(start, after)
    shutil.copytree(start, timed)
    built(after)
    new, began = content(after), time.monotonic()
    in_child(lambda: built(timed))
    lasts = time.monotonic() - began
    for turn in range(count):
        trial = folder / "trial"
        shutil.rmtree(trial, ignore_errors=True)
        shutil.copytree(start, trial)
        kill(trial, rng.uniform(0, lasts))
        left = content(trial)
        which = "old" if left == old else "new" if left == new else "neither"
        report.kills[which] += 1
        if which == "neither":
            report.broken.append(f"kill {turn}: a deck or records that are neither the old nor the new")
        in_child(lambda trial=trial: built(trial))  # type: ignore[misc]
        if content(trial) != new:
            report.broken.append(f"kill {turn}: the next build differs from an undisturbed one")
        if [p for p in trial.rglob(".*") if p.name not in (".deck.yaml", ".lock", ".tmscards", ".gitignore")]:
            report.broken.append(f"kill {turn}: something is left lying about")
    return report


def edit(project: Path, rng: random.Random) -> None:
    """Change a third of the sources, and add one."""
    for path in sorted((project / "notes").rglob("*.md")):
        text, choice = path.read_text(), rng.random()
        if choice < 0.1:
            path.write_text(text.replace("by one degree", "by two degrees"))
        elif choice < 0.2:
            path.write_text(text[: text.index("## Field")])
        elif choice < 0.3:
            path.write_text(text + "\nThe ==winding== is made of ==copper== [00:03:00].\n")
    (project / "notes/new.md").write_text(TEXT.format(n="new"))


def built(project: Path) -> None:
    """Build a project."""
    plan = project.plan(project / "decks/coils.yaml", project, None, None)
    pipeline.build(plan, time.time, lambda *_: None, Workers(1))


def in_child(what: Callable[[], None], kill_after: float | None = None) -> None:
    """Do something in a process of its own, which may be killed after so many seconds."""
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


def kill(project: Path, after: float) -> None:
    """Build a project, and kill that after so many seconds."""
    in_child(lambda: built(project), after)


def content(project: Path) -> tuple[object, object]:
    """The notes of a project's deck and its records, all without times, as the next build or `diff` will find them."""
    deck = project / "decks/coils.apkg"
    packed(deck)
    with tempfile.TemporaryDirectory() as scratch:
        # Reading finishes or forgets what was interrupted; here on a copy, so that the next build finds it as it was.
        folder, copy = shutil.copytree(deck.with_suffix(""), Path(scratch, "coils")), Path(scratch, "coils.apkg")
        shutil.copyfile(deck, copy)
        records.recover(folder, copy)
        read = records.read(folder)
        timeless = {
            path: replace(file, notes=tuple(replace(note, modified=0) for note in file.notes))
            for path, file in read.sources.items()
        }
        return packed(copy), timeless


def packed(deck: Path) -> object:
    """The notes and the number of cards of a package."""
    with tempfile.TemporaryDirectory() as scratch:
        with zipfile.ZipFile(deck) as archive:
            archive.extract("collection.anki2", scratch)
        database = sqlite3.connect(Path(scratch, "collection.anki2"))
        rows = database.execute("select guid, flds, tags from notes order by id").fetchall()
        cards = database.execute("select count(*) from cards").fetchone()
        database.close()
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
