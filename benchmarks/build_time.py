"""How long does a build take, against spaCy's full pipeline over the same passages in one process?

    python benchmarks/build_time.py NOTES_DIR [--count 300] [--workers N]

Prints the seconds of both and their ratio, measured one after the other in one run.
"""

from __future__ import annotations

import argparse
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import spacy

from tmscards.errors import UserError
from tmscards.language.nlp import DEFAULT_PIPELINES
from tmscards.notes import passages, sources


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("notes", type=Path)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--workers", default=None)
    args = parser.parse_args()
    read = []
    for path in sorted(args.notes.rglob("*.md")):
        try:
            read.append(sources.read(path, args.notes))
        except UserError:
            continue
        if len(read) == args.count:
            break
    texts = [passage.text for source in read for passage in passages.read(source)]
    name = next(n for n in DEFAULT_PIPELINES if spacy.util.is_package(n))
    nlp = spacy.load(name)
    began = time.perf_counter()
    words = sum(len(doc) for doc in nlp.pipe(texts))
    full = time.perf_counter() - began
    with tempfile.TemporaryDirectory() as folder:
        notes = Path(folder) / "notes"
        for source in read:
            target = notes / source.path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(args.notes / source.path, target)
        command = [sys.executable, "-m", "tmscards", "build", "--notes", str(notes), "--output", f"{folder}/x.apkg"]
        command += ["--workers", args.workers] if args.workers else []
        began = time.perf_counter()
        done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
        if done.returncode:
            sys.exit(done.stderr)
        build = time.perf_counter() - began
    print(
        f"{platform.processor() or platform.machine()}, Python {platform.python_version()}, spaCy {spacy.__version__}"
    )
    print(f"{len(read)} sources, {words} tokens: spaCy {full:.1f} s, build {build:.1f} s, ratio {build / full:.2f}")


if __name__ == "__main__":
    main()
