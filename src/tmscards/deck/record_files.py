"""The folder of a deck's records: which file has the records of which source, and who may change them meanwhile."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from tmscards.domain import Diagnostic, Location, SourcePath
from tmscards.errors import UserError, unwritable
from tmscards.storage import files
from tmscards.storage.cache import digest

OF_DECK = ".deck.yaml"
COMMITTED, STAGED = ".committed", ".staged"
UNDER_WAY = frozenset((COMMITTED, STAGED))
"""Folders of files that a build is still writing or moving; they are not read as records."""
ENDING = ".yaml"
_LOCK = ".lock"
_MARKDOWN = (".md", ".markdown", ".mdx")
_ODD = ".other"
"""The folder for sources of whose names no file can be named; no source is in a hidden folder."""
_LONGEST = 255
"""Bytes that the name of a file may have, on nearly every file system."""

Signature = tuple[int, int, int]
"""Time of the last change in nanoseconds, size in bytes, and inode: every way of saving a file changes one of them."""


@contextmanager
def locked(folder: Path, patience: float = 0) -> Iterator[None]:
    """Keep other processes from building the same deck meanwhile. The folder is made if necessary.

    Raises UserError if another one is building it and has not finished after `patience` seconds, if the folder cannot
    be written, or if it or anything in it is a link.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(folder / _LOCK, timeout=patience)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        list(_entries(folder))
        lock.acquire()
    except Timeout as error:
        raise UserError(
            "another tmscards process is building this deck",
            location=Location(str(folder)),
            hint="wait for it to finish, or stop it",
        ) from error
    except OSError as error:
        raise unwritable(folder, error, "this deck's records") from error
    try:
        yield
    finally:
        lock.release()


def load(folder: Path) -> dict[Path, bytes]:
    """The bytes of a deck's record files, sorted by path.

    Raises UserError naming those that cannot be read, and every link in the folder.
    """
    errors: list[Diagnostic] = []
    loaded: dict[Path, bytes] = {}
    for path in sorted(signatures(folder)):
        try:
            loaded[path] = files.read(path)
        except OSError as error:
            message = f"this record cannot be read: {error.strerror}"
            errors.append(Diagnostic("error", message, Location(str(path))))
    if errors:
        raise UserError.of(errors)
    return loaded


def signatures(folder: Path) -> dict[Path, Signature]:
    """The signature of each record file of a deck, by its path; empty if there is no folder.

    Raises UserError naming every link in the folder.
    """
    found = {}
    for entry in _entries(folder):
        if entry.name.endswith(ENDING) and not entry.is_dir(follow_symlinks=False):
            found[Path(entry.path)] = signature(Path(entry.path))
    return found


def signature(path: Path) -> Signature:
    """The signature of one file; zeros if there is none."""
    try:
        status = path.stat()
    except OSError:
        return (0, 0, 0)
    return status.st_mtime_ns, status.st_size, status.st_ino


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    """Everything in the folder of the records and below, but what is under way.

    Raises UserError naming every link, of which tmscards writes none; somebody else's could lead anywhere.
    """
    links = [folder] if folder.is_symlink() else []
    waiting = [folder]
    while waiting and not links:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    if entry.is_symlink():
                        links.append(Path(entry.path))
                    elif entry.is_dir(follow_symlinks=False) and entry.name not in UNDER_WAY:
                        waiting.append(Path(entry.path))
                    yield entry
        except (FileNotFoundError, NotADirectoryError):
            # There are no records yet, or a folder has just been removed.
            continue
    if links:
        raise UserError.of(
            Diagnostic(
                "error",
                "this is a link, and records are neither read nor written through one",
                Location(str(link)),
                "put the file or folder that it leads to in its place, or delete it",
            )
            for link in sorted(links)
        )


def paths_of(folder: Path, sources: Iterable[SourcePath]) -> dict[SourcePath, Path]:
    """Where the records of each of a deck's sources are, no two in the same file.

    A record is called like its source, without the ending `.md` as long as that leaves no name of another source.
    """
    together = frozenset(sources)
    return {source: folder / _name(source, _is_short(source, together)) for source in together}


def could_be_of(folder: Path, path: Path, source: SourcePath) -> bool:
    """Whether a record file may have the records of this source, depending on the deck's other sources."""
    return path in {folder / _name(source, is_short) for is_short in (True, False)}


def _is_short(source: SourcePath, together: frozenset[SourcePath]) -> bool:
    return source.removesuffix(".md") not in together


def _name(source: SourcePath, is_short: bool) -> str:
    stem = source.removesuffix(".md")
    is_short = is_short and not stem.endswith(_MARKDOWN)
    name = PurePosixPath(f"{stem if is_short else source}{ENDING}")
    *above, _ = name.parts
    is_odd = any(len(os.fsencode(part)) > _LONGEST for part in name.parts) or any(p.endswith(ENDING) for p in above)
    # A folder of that ending would stand in the way of a record.
    return f"{_ODD}/{_readable(name)}-{digest(source)}{ENDING}" if is_odd else str(name)


def _readable(name: PurePosixPath) -> str:
    return re.sub(r"\W+", "-", name.name, flags=re.ASCII)[:40].strip("-")
