r"""Counts the formulas in the notes of a folder, and those that cards show as text, by what is wrong with them.

    python benchmarks/formulas.py FOLDER...

A formula is what a note has between dollar signs, or between \( and \) or \[ and \].
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from tmscards.anki import tex
from tmscards.errors import UserError
from tmscards.notes import markup, sources, vault


def main(folders: list[Path]) -> None:
    """Read, count and print."""
    faults: Counter[str] = Counter()
    count = 0
    for folder in folders:
        for path in vault.find(folder):
            try:
                body = sources.read(path, folder).body
            except UserError:
                continue
            for mark in markup.mask(body).marks:
                if mark.kind in ("math", "display math"):
                    count += 1
                    faults[tex.fault(mark.text)] += 1
    print(f"{faults.pop('', 0)} of {count} formulas are left as they are; shown as text are")
    for fault, times in faults.most_common():
        print(f"{times:5} {fault}")


if __name__ == "__main__":
    main([Path(argument) for argument in sys.argv[1:]])
