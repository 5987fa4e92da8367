"""Makes the hostile projects of the fuzzer on the disk, and sees what has changed there."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import socket
import stat
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from fuzz_atoms import OUTSIDE
from fuzz_plants import Plan, Plant

GOOD = """---
title: Nerves
videoId: X4QE6t-MkYE
tags: [nerve]
---

## Heart

The ==vagus nerve== slows the ==heart== within a few seconds [00:01:00].
"""
SAYS = "The vagus nerve slows the heart within a few seconds."
SECRET = "zanzibar"
"""A word that stands outside of the project alone."""
_LARGE = 200_000_000
"""Bytes of a large file."""


def write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def make(plan: Plan, folder: Path, built: dict[str, bytes], template: dict[str, bytes]) -> None:
    """Make the project of a plan, and beside it the folder that nobody may touch."""
    outside, project = folder / "outside", folder / "project"
    secret = f"The ==secret {SECRET}== is what nobody reads.\n".encode()
    for name in ("profile", "sub/profile", "notes/stranger.md", "cache.sqlite", ".gitignore", "d.apkg", "d/evil.yaml"):
        write(outside / name, secret)
    for name in ("d/good.yaml", "d/.deck.yaml"):
        write(outside / name, built[f"decks/{name}"].replace(b"Nerves", SECRET.encode()))
    for name, text in template.items():
        write(outside / "x" / name, text)
    write(outside / "d.yaml", f"deck: {SECRET}\n".encode())
    write(project / "notes/good.md", GOOD.encode())
    for name, raw in built.items() if plan.was_built else ():
        write(project / name, raw)
    for plant in plan.plants:
        # What cannot be planted, as its name is too long or its folder a pipe or a circle, no stranger can plant.
        with contextlib.suppress(OSError, RuntimeError):
            _plant(plant, project, outside)


def _plant(plant: Plant, project: Path, outside: Path) -> None:
    path = project / plant.path
    if path == project / "notes/good.md" or not path.parent.resolve().is_relative_to(project):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir() and not path.is_symlink():
        if plant.kind != "folder":
            shutil.rmtree(path)
    elif os.path.lexists(path):
        # To write into a pipe that stands there would take for ever.
        path.unlink()
    match plant.kind:
        case "file":
            path.write_bytes(plant.content)
        case "link":
            path.symlink_to(plant.target.replace(OUTSIDE, str(outside)) if plant.target != "itself" else path.name)
        case "pipe":
            os.mkfifo(path)
        case "socket":
            with contextlib.chdir(path.parent), contextlib.closing(socket.socket(socket.AF_UNIX)) as server:
                server.bind(path.name)
        case "folder":
            path.mkdir()
        case "large":
            with path.open("wb") as file:
                file.truncate(_LARGE)


def is_input(name: str) -> bool:
    return name.startswith(("notes", "templates")) or re.fullmatch(r"decks/[^/]*\.yaml", name) is not None


def is_record(name: str) -> bool:
    # What was only staged, or waits for the build that began it, does not count as a record.
    return re.match(r"decks/[^/]+/(?!\.(?:staged|committed|lock)\b)", name) is not None


def snapshot(
    folder: Path, wanted: Callable[[str], bool] | None = None, *, outside: bool = False
) -> dict[str, tuple[object, ...]]:
    """Everything in a folder by its path: what it is, when it changed, what it holds; of a trial, what is `outside`."""
    found: dict[str, tuple[object, ...]] = {}
    for base, folders, files in os.walk(folder):
        if outside and base == str(folder):
            folders[:] = [name for name in folders if name != "project"]
        for name in (*folders, *files):
            path = os.path.join(base, name)
            short = os.path.relpath(path, folder)
            if wanted is None or wanted(short):
                found[short] = _state(path)
    return found


def _state(path: str) -> tuple[object, ...]:
    status = os.lstat(path)
    if stat.S_ISLNK(status.st_mode):
        return ("link", os.readlink(path))
    if stat.S_ISDIR(status.st_mode):
        return ("folder",)
    raw = b""
    if stat.S_ISREG(status.st_mode) and status.st_size < _LARGE:
        with open(path, "rb") as file:
            raw = file.read()
    return (stat.S_IFMT(status.st_mode), status.st_mtime_ns, status.st_size, hashlib.sha256(raw).hexdigest()[:12])


def packages(project: Path) -> dict[Path, tuple[int, int]]:
    """The packages of a project, each with what changes when it is written."""
    found: dict[Path, tuple[int, int]] = {}
    with contextlib.suppress(OSError):
        for path in _files(project / "decks", ".apkg"):
            status = path.lstat()
            if stat.S_ISREG(status.st_mode):
                found[path] = (status.st_ino, status.st_mtime_ns)
    return found


def _files(folder: Path, ending: str) -> Iterable[Path]:
    return (path for path in folder.iterdir() if path.name.endswith(ending))


def scratch() -> str:
    """A new folder for trials, in memory where the system has a place for that."""
    return tempfile.mkdtemp(prefix="tmscards-fuzz-", dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None)
