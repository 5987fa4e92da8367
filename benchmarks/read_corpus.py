"""Reads every Markdown file of a folder, counts its timestamps by notation, and lists the files that are refused.

    python benchmarks/read_corpus.py NOTES_DIR

If the folder has a TIMESTAMP_SYNTAXES.tsv or an ANCHOR_SHAPES.tsv, with an example in the second or the first column,
those examples are read too, and each one without a timestamp is printed.
"""

from __future__ import annotations

import csv
import re
import sys
import time
from collections import Counter
from pathlib import Path

from tmscards.errors import UserError
from tmscards.notes import passages, sources, timestamps, vault

_MARKUP_LEFT = re.compile(r"yt-timestamp|data-t=|[\ufdd0-\ufdd2]")
"""What is left of a timestamp that was not read as one."""


def main(folder: Path) -> None:
    """Read, count and print."""
    began = time.monotonic()
    stamps: Counter[str] = Counter()
    files: Counter[str] = Counter()
    refused: list[UserError] = []
    read = prose = leftovers = 0
    for path in vault.find(folder):
        try:
            source = sources.read(path, folder)
        except UserError as error:
            refused.append(error)
            continue
        read += 1
        texts = passages.read(source)
        found = [stamp.syntax for passage in texts for stamp in passage.timestamps]
        stamps.update(found)
        files.update(set(found))
        prose += len(texts)
        leftovers += sum(bool(_MARKUP_LEFT.search(passage.text)) for passage in texts)
    print("| notation | timestamps | files |\n| --- | ---: | ---: |")
    for syntax, count in stamps.most_common():
        print(f"| {syntax} | {count} | {files[syntax]} |")
    print(f"\n{read} files, {prose} passages, {leftovers} with timestamp markup left, {time.monotonic() - began:.1f} s")
    for refusal in refused:
        print(f"refused: {refusal}")
    for name, column in (("TIMESTAMP_SYNTAXES.tsv", 1), ("ANCHOR_SHAPES.tsv", 0)):
        for path in folder.rglob(name):
            check_examples(path, column)


def check_examples(path: Path, column: int) -> None:
    """Print each example in a column of a table in which no timestamp is found."""
    with path.open(encoding="utf-8", newline="") as file:
        examples = [
            row[column] for row in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if len(row) > column
        ]
    silent = [e for e in examples if not any(f.stamps for f in timestamps.find(e.replace("\\n", "\n")))]
    print(f"\n{path.name}: {len(examples) - len(silent)} of {len(examples)} rows have a timestamp. Those without:")
    for example in silent:
        print(f"    {example[:150]}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
