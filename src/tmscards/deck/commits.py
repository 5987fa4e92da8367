"""Replaces the record files and the package of a deck as one: whenever a build is stopped, all are old or all are new.

New files are staged in a folder inside that of the records. Renaming that folder is the moment from which the new files
count; whoever comes next finishes moving them into place. A list in the folder says which files these are, what they
replace, and which folder of which file system it is in. So a folder that comes from another computer is never
finished, and neither is anything in it that is not on the list.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tmscards.deck.record_files import COMMITTED, ENDING, STAGED, UNDER_WAY
from tmscards.domain import Diagnostic, Digest, Location
from tmscards.errors import unwritable
from tmscards.storage import files
from tmscards.storage.cache import digest

_LIST = ".list.json"


class Changed(Exception):
    """Somebody has changed a record file since the build read it."""


@dataclass(frozen=True, slots=True)
class _Move:
    """A file that a commit puts in place or removes."""

    old: Digest | None
    """A digest of the file that it replaces; None if there is none."""
    new: Digest | None
    """A digest of the new file; None if the old one is to be removed."""


def stage(folder: Path, old: Mapping[Path, bytes], new: Mapping[Path, bytes | None]) -> Path:
    """Write the `new` record files to a folder inside `folder`, the folder of the records, and return that folder.

    Both are by the path that they have, or will have; None stands for a file that is to be removed, and `old` are those
    that are there now. Nothing counts until `commit`. A package may be put into the new folder too. Raises OSError.
    """
    staged = folder / STAGED
    _remove(staged)
    staged.mkdir(parents=True)
    moves = {}
    for path, raw in new.items():
        name = path.relative_to(folder)
        moves[name.as_posix()] = (_digest(old.get(path)), _digest(raw))
        if raw is not None:
            (staged / name).parent.mkdir(parents=True, exist_ok=True)
            (staged / name).write_bytes(raw)
    (staged / _LIST).write_text(json.dumps({"folder": _identity(staged), "moves": moves}), encoding="utf-8")
    return staged


def commit(folder: Path, package: Path) -> None:
    """Replace the old records and the package with those that are staged: from now on, the new ones count.

    Raises Changed, with all as it was, if one of the record files is not as it was when it was read; and OSError.
    """
    for name, move in _moves(folder / STAGED).items():
        if _digest_of(folder / name) != move.old:
            raise Changed
    os.rename(folder / STAGED, folder / COMMITTED)
    finish(folder, package)


def is_pending(folder: Path) -> bool:
    """Whether an interrupted build has left anything that `recover` would clean up."""
    return any(os.path.lexists(folder / name) for name in UNDER_WAY)


def recover(folder: Path, package: Path) -> list[Diagnostic]:
    """Clean up after an interrupted build: finish what it had committed, and delete what it had only staged.

    What was committed on another computer is deleted too, and a warning says so.
    Raises UserError if that is impossible.
    """
    committed = folder / COMMITTED
    try:
        _remove(folder / STAGED)
        if not committed.is_dir():
            _remove(committed)
            return []
        if _is_ours(committed):
            finish(folder, package)
            return []
        _remove(committed)
    except OSError as error:
        raise unwritable(folder, error, "this deck's records") from error
    message = "a build on another computer was interrupted and left this; it was deleted, and not moved into place"
    return [Diagnostic("warning", message, Location(str(committed)))]


def finish(folder: Path, package: Path) -> None:
    """Move what was committed into place, wherever it was committed. Raises OSError.

    A record file that somebody has changed since the build was interrupted stays as it is.
    """
    committed = folder / COMMITTED
    for name, move in _moves(committed).items():
        path = folder / name
        if move.new is None:
            if _digest_of(path) == move.old:
                path.unlink(missing_ok=True)
        elif _digest_of(committed / name) == move.new and _digest_of(path) in (move.old, move.new):
            path.parent.mkdir(parents=True, exist_ok=True)
            os.replace(committed / name, path)
    new = committed / package.name
    if new.is_file() and not new.is_symlink():
        os.replace(new, package)
    # If this is stopped halfway, what is left must look staged, and not like something committed without a list.
    os.rename(committed, folder / STAGED)
    _remove(folder / STAGED)


def _remove(path: Path) -> None:
    """Remove a folder with all that is in it, or whatever stands in its place."""
    # Python's rmtree would wait at a pipe for somebody to write to it.
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _moves(folder: Path) -> Mapping[str, _Move]:
    """What is to be done, by the names of the record files relative to the folder of the records."""
    return {
        name: _Move(*move)
        for name, move in _listed(folder)["moves"].items()
        if name.endswith(ENDING) and ".." not in Path(name).parts and not Path(name).is_absolute()
    }


def _listed(folder: Path) -> dict[str, Any]:
    """The list in a folder. Raises OSError or ValueError if there is none."""
    return dict(json.loads(files.read(folder / _LIST)))


def _is_ours(folder: Path) -> bool:
    """Whether a folder was committed on this computer."""
    try:
        return bool(_listed(folder)["folder"] == _identity(folder))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return False


def _identity(folder: Path) -> str:
    """What tells a folder from all others on this computer, also after it is renamed: its file system and number."""
    status = folder.stat()
    return f"{status.st_dev}:{status.st_ino}"


def _digest(raw: bytes | None) -> Digest | None:
    return None if raw is None else digest(raw)


def _digest_of(path: Path) -> Digest | None:
    """A digest of a file; None if there is none. Raises OSError if it cannot be read."""
    try:
        return digest(files.read(path))
    except FileNotFoundError:
        return None
