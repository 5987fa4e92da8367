"""Read and write files in folders that may come from strangers: regular files only, and never through a link.

A project can hold a link that leads out of it, a pipe that never ends, or a file that fills the memory. What is read
here is a regular file of a limited size; what is written goes to folders of which none is a link, first to a neighbour
with a name of its own, which then takes the file's place.
"""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from pathlib import Path

LARGEST = 50_000_000
"""Bytes that a file may have if nobody says otherwise."""


class Refused(OSError):
    """A file or folder that is not used, because of what it is; `strerror` says why."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(errno.EINVAL, reason, str(path))


def read(path: Path, most: int = LARGEST) -> bytes:
    """The bytes of a regular file, which may be reached through links.

    Raises Refused if it is something else or has more than `most` bytes, and OSError if it cannot be read.
    """
    # Without O_NONBLOCK, opening a pipe waits for somebody to write to it.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with open(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise Refused(path, "it is not a file but a folder, device or pipe")
        raw = file.read(most + 1)
    if len(raw) > most:
        raise Refused(path, f"it has more than {most / 1e6:.0f} MB")
    return raw


def check_real(path: Path, base: Path) -> None:
    """Raise Refused if `path`, or a folder between it and `base`, is a link. `base` itself may be one.

    Parts that do not exist yet are no links. Raises ValueError if `path` is not in `base`.
    """
    here = base
    for part in path.relative_to(base).parts:
        here /= part
        if here.is_symlink():
            raise Refused(here, f"{here} is a link, and tmscards writes through none")


def replace(path: Path, raw: bytes, base: Path) -> None:
    """Replace a file with these bytes, whole or not at all, even if the power fails. Folders are made if necessary.

    Raises Refused if the file, or a folder between it and `base`, is a link, and OSError if it cannot be written.
    """
    check_real(path, base)
    path.parent.mkdir(parents=True, exist_ok=True)
    # A name made from the file's own could be too long for the file system.
    descriptor, new = tempfile.mkstemp(prefix=".new-", dir=path.parent)
    try:
        with open(descriptor, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(descriptor)
        os.chmod(new, _mode(path))
        os.replace(new, path)
    except BaseException:
        os.unlink(new)
        raise


def _mode(path: Path) -> int:
    """The permissions of a file; of one that is not there, those that a new file gets."""
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask
