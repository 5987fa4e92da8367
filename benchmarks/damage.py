"""Damages the cache of a small project at random: each build must give the very deck that one without a cache gives.

    python benchmarks/damage.py COUNT [SEED]

Prints how many of the damaged caches were still used, and every failure with its seed; ends with 1 if there is any.
"""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from pathlib import Path

from tmscards.build import pipeline
from tmscards.build.pipeline import BuildContext
from tmscards.build.project import of_recipe
from tmscards.build.workers import Workers

NOTES = {
    "nerves": "The ==vagus nerve== slows the ==heart== within seconds.\n\nThe ==motor cortex== moves the other hand.\n",
    "coils": "The ==coil== makes a field of ==two tesla==.\n\nThe ==vagus nerve== slows the ==heart== in seconds.\n",
    "bones": "The ==femur== is the longest ==bone== of the body.\n",
}
CACHE = Path(".tmscards", "cache.sqlite")
OUTPUTS = ("decks/a.apkg", "decks/a/*.yaml", "decks/a/.deck.yaml")
EDITS: dict[str, Callable[[Path], object]] = {
    "nothing": lambda _: None,
    "a note": lambda project: append(project / "notes" / "bones.md", "\nThe ==stapes== is the smallest ==bone==.\n"),
    "a note less": lambda project: (project / "notes" / "coils.md").unlink(),
    "the recipe": lambda project: append(project / "decks" / "a.yaml", "tags: [x]\n"),
}
"""What is done to the project between the build that made the cache and the one that finds it damaged."""


def append(path: Path, text: str) -> None:
    """Add a text to a file."""
    path.write_text(path.read_text() + text)


@dataclass(slots=True)
class Report:
    """What came of the damaged caches."""

    kinds: Counter[str] = field(default_factory=Counter)
    """How many of each kind of damage there were."""
    still_used: int = 0
    """How many were still the project's cache after the build."""
    faults: list[str] = field(default_factory=list)


def run(count: int, seed: int, folder: Path) -> Report:
    """Damage a cache so many times, and build each time, in a scratch folder."""
    report = Report()
    start = folder / "start"
    create(start)
    build(start)
    expected = {name: without_cache(start, folder / name, edit) for name, edit in EDITS.items()}
    # The cache knows its own file, so that must not become another one when a build begins it anew.
    project, whole = folder / "project", folder / "whole.sqlite"
    create(project)
    build(project)
    os.link(project / CACHE, whole)
    good = whole.read_bytes()
    for turn in range(seed, seed + count):
        rng = random.Random(turn)
        name, (kind, damage) = rng.choice(list(EDITS)), TURNS[turn % len(TURNS)]
        restore(project, start, whole)
        EDITS[name](project)
        whole.write_bytes(damage(good, rng))
        report.kinds[kind] += 1
        try:
            build(project)
            if content(project) != expected[name]:
                report.faults.append(f"{turn}: {kind}, {name} edited: another deck")
        except Exception:
            report.faults.append(f"{turn}: {kind}, {name} edited: {traceback.format_exc()}")
        report.still_used += (project / CACHE).exists() and os.path.samefile(project / CACHE, whole)
    return report


def create(project: Path) -> None:
    """Create the project."""
    (project / "notes").mkdir(parents=True)
    (project / "decks").mkdir()
    for name, text in NOTES.items():
        (project / "notes" / f"{name}.md").write_text(f"---\nvideoId: X4QE6t-MkYE\n---\n\n# {name}\n\n{text}")
    (project / "decks" / "a.yaml").write_text("deck: A\n")


def build(project: Path) -> None:
    """Build the project in this process, always at the same time."""
    with Workers(1) as alone:
        pipeline.build(BuildContext(of_recipe(project / "decks" / "a.yaml"), alone, clock=lambda: 1_700_000_000.0))


def content(project: Path) -> dict[str, bytes]:
    """The package and the records, by their paths in the project."""
    found = sorted(path for pattern in OUTPUTS for path in project.glob(pattern))
    return {path.relative_to(project).as_posix(): path.read_bytes() for path in found}


def without_cache(start: Path, project: Path, edit: Callable[[Path], object]) -> dict[str, bytes]:
    """What a build without a cache makes of a copy of the project, once it is edited."""
    shutil.copytree(start, project, ignore=shutil.ignore_patterns(".tmscards"))
    edit(project)
    build(project)
    return content(project)


def restore(project: Path, start: Path, whole: Path) -> None:
    """Let the project be as it was after its first build; its cache is the file `whole` again."""
    for part in ("notes", "decks"):
        shutil.rmtree(project / part)
        shutil.copytree(start / part, project / part)
    for path in (project / CACHE.parent).glob(f"{CACHE.name}*"):
        path.unlink()
    os.link(whole, project / CACHE)


def flip(raw: bytes, rng: random.Random) -> bytes:
    """Some bytes changed, up to one in a thousand."""
    data = bytearray(raw)
    for _ in range(rng.choice((1, 3, 10, len(data) // 1000))):
        data[rng.randrange(len(data))] ^= rng.randrange(1, 256)
    return bytes(data)


def flip_at_head(raw: bytes, rng: random.Random) -> bytes:
    """Some bytes changed in the schema and the headers of pages, where SQLite is told what is where."""
    data, page = bytearray(raw), int.from_bytes(raw[16:18], "big")
    for _ in range(rng.choice((1, 3, 10))):
        # Not the mark at 68, with which a cache is not looked at any more.
        at = rng.choice((rng.randrange(16, 68), rng.randrange(72, 200), rng.randrange(page - 300, page)))
        data[rng.choice((at, page * rng.randrange(1, len(data) // page) + rng.randrange(100)))] ^= rng.randrange(1, 256)
    return bytes(data)


def cut(raw: bytes, rng: random.Random) -> bytes:
    """The end missing."""
    return raw[: rng.randrange(len(raw))]


def insert(raw: bytes, rng: random.Random) -> bytes:
    """Bytes too many somewhere."""
    at = rng.randrange(100, len(raw))
    return raw[:at] + rng.randbytes(rng.choice((1, 7, 512))) + raw[at:]


def zero(raw: bytes, rng: random.Random) -> bytes:
    """A page or a sector of zeros, as a power cut leaves it."""
    size = rng.choice((512, 4096))
    at = size * rng.randrange(1, len(raw) // size)
    return raw[:at] + bytes(size) + raw[at + size :]


def swap(raw: bytes, rng: random.Random) -> bytes:
    """Two pages in each other's place."""
    page = int.from_bytes(raw[16:18], "big")
    one, two = sorted(rng.sample(range(1, len(raw) // page), 2))
    cuts = (0, one * page, (one + 1) * page, two * page, (two + 1) * page, len(raw))
    head, a, between, b, tail = (raw[start:end] for start, end in pairwise(cuts))
    return head + b + between + a + tail


def by_sql(command: str, raw: bytes, _: random.Random) -> bytes:
    """What an SQL command makes of the database."""
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch, "cache.sqlite")
        path.write_bytes(raw)
        database = sqlite3.connect(path)
        database.executescript(command)
        database.close()
        return path.read_bytes()


SQL = {
    "values exchanged": "update kept set value = (select value from kept as k where k.key != kept.key limit 1)",
    "values that are texts": "update kept set value = 'text'",
    "values that are numbers": "update kept set value = 7",
    "texts that are not UTF-8": "update kept set value = cast(x'ff00fe' as text)",
    "empty values": "update kept set value = x''",
    "days that are texts": "update kept set day = 'today'",
    "days long ago": "update kept set day = -9223372036854775808",
    "a day of the file that is negative": "pragma user_version = -2147483648",
    "other columns": "alter table kept rename column value to valve",
    "a column more": "alter table kept add column more text",
    "a view": "alter table kept rename to was; create view kept as select key, value, day from was",
    "a trigger": "create trigger t before update on kept begin select raise(abort, 'no'); end",
    "an index of its own": "create unique index i on kept (day, length(value))",
    "WAL": "pragma journal_mode = wal",
    "no table": "drop table kept",
}
Damage = Callable[[bytes, random.Random], bytes]
AT_RANDOM: dict[str, Damage] = {
    "bytes changed": flip,
    "bytes changed at the head": flip_at_head,
    "cut": cut,
    "bytes inserted": insert,
    "zeros": zero,
    "pages swapped": swap,
}
BY_SQL: dict[str, Damage] = {name: partial(by_sql, command) for name, command in SQL.items()}
TURNS = [*BY_SQL.items(), *AT_RANDOM.items(), *AT_RANDOM.items(), *AT_RANDOM.items()]
"""What is done in each turn; then it begins again."""


def main(count: int, seed: int = 0) -> int:
    """Print what came of it, and return 1 if anything failed."""
    with tempfile.TemporaryDirectory() as folder:
        report = run(count, seed, Path(folder))
    for kind, times in sorted(report.kinds.items()):
        print(f"{times:6}  {kind}")
    print(f"{count} damaged caches, of which {report.still_used} were still used, {len(report.faults)} failed")
    print("\n".join(report.faults))
    return bool(report.faults)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
