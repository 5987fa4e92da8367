"""Wait until somebody saves a file that decks are made from."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tmscards.deck import record_files

if TYPE_CHECKING:
    from watchfiles import Change

    from tmscards.build.project import DeckPaths


_PAUSE = 0.5
"""Seconds until watching begins again after it has failed."""


def saves(decks: Iterable[DeckPaths], begun: Callable[[], None]) -> Iterator[None]:
    """Yield whenever notes, templates, recipes or records of these decks have been saved, until Ctrl+C.

    `begun` is called once, as soon as every later save will be noticed.
    """
    folders = {folder for deck in decks for folder in (deck.notes, deck.output.parent, deck.project / "templates")}
    has_begun = False
    for saved in _changes(folders):
        if not has_begun:
            has_begun = True
            begun()
        if saved:
            yield


def _changes(folders: Iterable[Path]) -> Iterator[bool]:
    """Yield several times a second whether a file that counts may have been saved, until Ctrl+C."""
    from watchfiles import watch

    has_missed = False
    while True:
        watched = _present(folders)
        try:
            # An editor may write several times for one save, all within a few milliseconds.
            for changes in watch(
                *watched,
                watch_filter=_counts,
                step=10,
                rust_timeout=200,
                yield_on_timeout=True,
                raise_interrupt=False,
            ):
                yield bool(changes) or has_missed
                has_missed = _present(folders) != watched
                if has_missed:
                    break
            else:
                return
        except (RuntimeError, OSError):
            # It stops at a name that is not UTF-8, and at a folder that is removed as it begins (watchfiles 1.3.0).
            has_missed = True
            time.sleep(_PAUSE)


def _present(folders: Iterable[Path]) -> dict[Path, int]:
    """Those of the folders that are there, with what tells each from another of the same name."""
    return {folder: folder.stat().st_ino for folder in folders if folder.is_dir()}


def _counts(_: Change, path: str) -> bool:
    """Whether a deck may be made from a file: not if it is a package, hidden, or still to be moved into place."""
    file = Path(path)
    return file.suffix != ".apkg" and not file.name.startswith(".") and record_files.UNDER_WAY.isdisjoint(file.parts)
