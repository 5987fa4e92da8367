"""Times a build against spaCy's full pipeline over the same passages in one process.

    python benchmarks/build_time.py NOTES_DIR [--count 300] [--workers N]

The two are timed one after the other in the same run. Prints the seconds each took, and their ratio.
"""

from __future__ import annotations

import argparse
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import spacy

from tmscards.domain import Source
from tmscards.errors import UserError
from tmscards.language import pipelines
from tmscards.notes import passages, sources


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("notes", type=Path)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--workers", default=None)
    args = parser.parse_args()
    read = read_notes(args.notes, args.count)
    tokens, full = time_spacy(read)
    build = time_build(args.notes, read, args.workers)
    processor = platform.processor() or platform.machine()
    print(f"{processor}, Python {platform.python_version()}, spaCy {version('spacy')}")
    print(f"{len(read)} sources, {tokens} tokens: spaCy {full:.1f} s, build {build:.1f} s, ratio {build / full:.2f}")


def read_notes(folder: Path, count: int) -> list[Source]:
    """The first notes of a folder that can be read, at most `count`."""
    read: list[Source] = []
    for path in sorted(folder.rglob("*.md")):
        try:
            read.append(sources.read(path, folder))
        except UserError:
            continue
        if len(read) == count:
            break
    return read


def time_spacy(read: Sequence[Source]) -> tuple[int, float]:
    """How many tokens spaCy finds in all passages, and the seconds that takes without loading the pipeline."""
    texts = [passage.text for source in read for passage in passages.read(source)]
    nlp = spacy.load(next(name for name in pipelines.DEFAULT if spacy.util.is_package(name)))
    began = time.perf_counter()
    tokens = sum(len(doc) for doc in nlp.pipe(texts))
    return tokens, time.perf_counter() - began


def time_build(folder: Path, read: Sequence[Source], workers: str | None) -> float:
    """The seconds of a first build of these notes, by the real command in a new folder."""
    with tempfile.TemporaryDirectory() as name:
        notes = Path(name) / "notes"
        for source in read:
            target = notes / source.path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(folder / source.path, target)
        command = [sys.executable, "-m", "tmscards", "build", "--notes", str(notes), "--output", f"{name}/x.apkg"]
        command += ["--workers", workers] if workers else []
        began = time.perf_counter()
        done = subprocess.run(command, cwd=name, check=False, capture_output=True, text=True)
        if done.returncode:
            sys.exit(done.stderr)
        return time.perf_counter() - began


if __name__ == "__main__":
    main()
