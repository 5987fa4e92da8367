"""Write the small project of `tmscards init`, or the recipe for a vault that is there already."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

from tmscards.anki import note_types
from tmscards.build import project
from tmscards.domain import Location
from tmscards.errors import UserError, unwritable
from tmscards.storage import bundled, files

_RECIPE = """\
# What this deck is made of; every key is explained in README.md.
deck: {deck}
# The folder of the notes, seen from the folder that decks/ is in. Nothing in it is changed.
notes: {notes}
# Which of them are read, and which are not: sources: ["**/*.md", "!Private"]
density: normal
"""


def create(folder: Path) -> Iterator[Path]:
    """Write sample notes and their recipe into a folder, and yield the path of each file once it is written.

    Raises UserError before anything is written if one of the files exists already, and if one cannot be written.
    """
    sample = bundled.folder("sample")
    samples = [*sorted(sample.glob("notes/*.md")), sample / "decks" / "tms.yaml"]
    targets = [folder / file.relative_to(sample) for file in samples]
    for target in targets:
        _check_free(target)
    for file, target in zip(samples, targets, strict=True):
        _write(target, file.read_bytes(), folder)
        yield target


def create_for_vault(folder: Path, vault: Path) -> Path:
    """Write the recipe of a project whose notes are in a vault, and return its path; the vault is left as it is.

    Raises UserError if the vault is no folder, if there is such a recipe already, and if it cannot be written.
    """
    if not vault.is_dir():
        raise UserError("this folder does not exist", location=Location(str(vault)), hint="name the folder of a vault")
    real = Path(os.path.realpath(vault))
    name = real.name if note_types.is_plain(real.name) and real.name.strip() else "Vault"
    target = folder / "decks" / f"{project.slug(name)}.yaml"
    _check_free(target)
    try:
        notes = Path(os.path.relpath(real, os.path.realpath(folder))).as_posix()
    except ValueError:
        # No relative path leads from one Windows drive to another.
        notes = real.as_posix()
    _write(target, _RECIPE.format(deck=json.dumps(name), notes=json.dumps(notes)).encode(), folder)
    return target


def _check_free(target: Path) -> None:
    if os.path.lexists(target):
        raise UserError(
            "this file already exists", location=Location(str(target)), hint="name another folder: tmscards init DIR"
        )


def _write(target: Path, text: bytes, folder: Path) -> None:
    try:
        files.replace(target, text, folder)
    except OSError as error:
        raise unwritable(target, error) from error
