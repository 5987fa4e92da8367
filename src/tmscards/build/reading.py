"""Read the files of a deck's sources, and say of each that cannot be read why."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from tmscards.build import project
from tmscards.build.incremental import Loaded
from tmscards.build.project import DeckPaths
from tmscards.domain import Location, Source
from tmscards.errors import UserError, fault
from tmscards.notes import addresses, sources, vault

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
    notes = os.path.realpath(deck.notes)
    # Asked once of each folder, as most of its sources are no links themselves.
    is_inside = cache(lambda real: Path(os.path.realpath(real)).is_relative_to(notes))
    return {path: failed.get(path) or _load(deck, path, is_inside) for path in paths}


def _load(deck: DeckPaths, path: Path, is_inside: Callable[[Path], bool]) -> bytes | UserError:
    """The bytes of a source, or why it is not read; a link out of the notes needs the recipe's `follow_links`."""
    try:
        project.check_name(path)
        if not deck.recipe.follow_links and not is_inside(path if path.is_symlink() else path.parent):
            raise UserError(
                "this is a link that leads out of the notes folder, so it is not read",
                location=Location(str(path)),
                hint="copy the file, or write `follow_links: true` in the recipe",
            )
        original = vault.original(path)
        if original is not None:
            raise UserError(
                f"this is a copy that a sync program has made of {original.name}, so it is not read",
                location=Location(str(path)),
                hint="bring into that file what only the copy has, and delete the copy",
            )
        return sources.load(path)
    except UserError as error:
        return error


def parse(deck: DeckPaths, loaded: Loaded) -> tuple[list[Source], Refused]:
    """Parse files that were loaded: the sources, and why the others cannot be read."""
    address = addresses.opener(deck.notes, deck.recipe.link)
    readable: list[Source] = []
    refused: Refused = {}
    for path, raw in loaded.items():
        try:
            if isinstance(raw, UserError):
                raise raw
            source = sources.parse(raw, path, deck.notes)
            readable.append(replace(source, address=address(source.path)))
        except UserError as error:
            refused[path] = error
        except Exception as error:  # whatever is wrong with one source, the others are built
            refused[path] = fault(error, str(path))
    return readable, refused
