"""Wait until somebody saves a file that decks are made from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tmscards.deck import record_files

if TYPE_CHECKING:
    from watchfiles import Change

    from tmscards.build.project import DeckPaths


def saves(decks: Iterable[DeckPaths], begun: Callable[[], None]) -> Iterator[None]:
    """Yield whenever notes, templates, recipes or records of these decks have been saved, until Ctrl+C.

    `begun` is called once, as soon as every later save will be noticed.
    """
    from watchfiles import watch

    folders = {folder for deck in decks for folder in (deck.notes, deck.output.parent, deck.project / "templates")}
    has_begun = False
    # An editor may write several times for one save, all within a few milliseconds.
    for saved in watch(
        *filter(Path.is_dir, folders),
        watch_filter=_counts,
        step=10,
        rust_timeout=200,
        yield_on_timeout=True,
        raise_interrupt=False,
    ):
        if not has_begun:
            has_begun = True
            begun()
        if saved:
            yield


def _counts(_: Change, path: str) -> bool:
    """Whether a deck may be made from a file: not if it is a package, hidden, or still to be moved into place."""
    file = Path(path)
    return file.suffix != ".apkg" and not file.name.startswith(".") and record_files.UNDER_WAY.isdisjoint(file.parts)
