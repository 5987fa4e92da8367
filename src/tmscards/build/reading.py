"""Read the files of a deck's sources, and say of each that cannot be read why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from tmscards.build.incremental import Loaded
from tmscards.build.project import DeckPaths
from tmscards.domain import Source
from tmscards.errors import UserError, fault
from tmscards.notes import sources

Refused = dict[Path, UserError]
"""By its path, why each source that cannot be read cannot."""


def newer(paths: Sequence[Path], package: Path) -> int:
    """How many sources seem to have changed since the package was written."""
    try:
        written = package.stat().st_mtime
        return sum(path.stat().st_mtime > written for path in paths)
    except OSError:
        return len(paths)


def load(deck: DeckPaths, paths: Iterable[Path], failed: Mapping[Path, UserError]) -> Loaded:
    """Load the files at these paths; those that have `failed` before are not tried again."""
    return {path: failed.get(path) or _load(deck, path) for path in paths}


def _load(deck: DeckPaths, path: Path) -> bytes | UserError:
    try:
        return deck.load_source(path)
    except UserError as error:
        return error


def parse(deck: DeckPaths, loaded: Loaded) -> tuple[list[Source], Refused]:
    """Parse files that were loaded: the sources, and why the others cannot be read."""
    readable: list[Source] = []
    refused: Refused = {}
    for path, raw in loaded.items():
        try:
            if isinstance(raw, UserError):
                raise raw
            readable.append(sources.parse(raw, path, deck.notes))
        except UserError as error:
            refused[path] = error
        except Exception as error:  # whatever is wrong with one source, the others are built
            refused[path] = fault(error, str(path))
    return readable, refused
