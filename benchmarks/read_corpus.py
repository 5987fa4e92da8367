"""Owns the measure of reading: every Markdown file below a folder, its timestamps by notation, and what is refused.

Run it as `python benchmarks/read_corpus.py FOLDER`. A folder that holds TIMESTAMP_SYNTAXES.tsv or ANCHOR_SHAPES.tsv
(first or second column an example) has those read too, and each example without a timestamp is printed.
"""

from __future__ import annotations

import csv
import re
import sys
import time
from collections import Counter
from pathlib import Path

from tmscards.errors import UserError
from tmscards.notes import passages, sources, timestamps


def main(folder: Path) -> None:
    """Read, count and print."""
    began = time.monotonic()
    stamps: Counter[str] = Counter()
    files: Counter[str] = Counter()
    refused: list[UserError] = []
    read = prose = leftovers = 0
    for path in sources.find(folder):
        try:
            source = sources.read(path, folder)
        except UserError as error:
            refused.append(error)
            continue
        read += 1
        found = [stamp.syntax for passage in passages.read(source) for stamp in passage.timestamps]
        stamps.update(found)
        files.update(set(found))
        for passage in passages.read(source):
            prose += 1
            leftovers += bool(re.search(r"yt-timestamp|data-t=|[\ue000-\ue002]", passage.text))
    print("| notation | timestamps | files |\n| --- | ---: | ---: |")
    for syntax, count in stamps.most_common():
        print(f"| {syntax} | {count} | {files[syntax]} |")
    print(f"\n{read} files, {prose} passages, {leftovers} with timestamp markup left, {time.monotonic() - began:.1f} s")
    for error in refused:
        print(f"refused: {error}")
    for name, column in (("TIMESTAMP_SYNTAXES.tsv", 1), ("ANCHOR_SHAPES.tsv", 0)):
        for path in folder.rglob(name):
            check_examples(path, column)


def check_examples(path: Path, column: int) -> None:
    """Print each example of a table in which no timestamp is found."""
    with path.open(encoding="utf-8", newline="") as file:
        examples = [
            row[column] for row in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if len(row) > column
        ]
    silent = [e for e in examples if not any(f.stamps for f in timestamps.find(e.replace("\\n", "\n")))]
    print(f"\n{path.name}: {len(examples) - len(silent)} of {len(examples)} rows have a timestamp; those without:")
    for example in silent:
        print(f"    {example[:150]}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
