"""Owns waiting for somebody to save a file that decks are made from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tmscards import records

if TYPE_CHECKING:
    from watchfiles import Change

    from tmscards.pipeline import Plan


def saves(plans: Iterable[Plan]) -> Iterator[None]:
    """Whenever notes, templates, recipes or records of these decks were saved, until Ctrl+C."""
    from watchfiles import watch

    folders = {folder for plan in plans for folder in (plan.notes, plan.output.parent, plan.project / "templates")}
    # What an editor writes at one save comes within a few milliseconds.
    for _ in watch(*filter(Path.is_dir, folders), watch_filter=_counts, step=10, raise_interrupt=False):
        yield


def _counts(_: Change, path: str) -> bool:
    """Whether a file is one that a deck is made from: no deck, no hidden file, and none on its way into place."""
    file = Path(path)
    return file.suffix != ".apkg" and not file.name.startswith(".") and records.UNDER_WAY.isdisjoint(file.parts)
