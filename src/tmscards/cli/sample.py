"""Write the small project of `tmscards init`."""

from __future__ import annotations

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
    originals = [*sorted(sample.glob("notes/*.md")), sample / "decks" / "tms.yaml"]
    targets = [folder / file.relative_to(sample) for file in originals]
    for target in targets:
        if target.exists():
            raise UserError(
                "this file already exists",
                location=Location(str(target)),
                hint="name another folder: tmscards init DIR",
            )
    for file, target in zip(originals, targets, strict=True):
        try:
            files.check_real(target, folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("x", encoding="utf-8") as new:
                new.write(file.read_text(encoding="utf-8"))
        except OSError as error:
            raise unwritable(target, error) from error
        yield target
