"""Write the small project of `tmscards init`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from tmscards.domain import Location
from tmscards.errors import UserError, unwritable
from tmscards.storage import bundled, files


def create(folder: Path) -> Iterator[Path]:
    """Write sample notes and their recipe into a folder, and yield the path of each file once it is written.

    Raises UserError before anything is written if one of the files exists already, and if one cannot be written.
    """
    sample = bundled.folder("sample")
    samples = [*sorted(sample.glob("notes/*.md")), sample / "decks" / "tms.yaml"]
    targets = [folder / file.relative_to(sample) for file in samples]
    for target in targets:
        if os.path.lexists(target):
            raise UserError(
                "this file already exists",
                location=Location(str(target)),
                hint="name another folder: tmscards init DIR",
            )
    for file, target in zip(samples, targets, strict=True):
        try:
            files.replace(target, file.read_bytes(), folder)
        except OSError as error:
            raise unwritable(target, error) from error
        yield target
