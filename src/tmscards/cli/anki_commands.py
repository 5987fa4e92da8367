"""What `tmscards push` does with a running Anki, once the decks are built."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from tmscards.cli import terminal
from tmscards.text import plural

if TYPE_CHECKING:
    from tmscards.anki.connect import Connection
    from tmscards.build.project import DeckPaths
    from tmscards.build.pushing import Pushed


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants of a push."""

    url: str
    """Where AnkiConnect listens."""
    key: str | None
    profile: str | None
    """The profile that has to be open; None for any."""
    deletes: bool
    """Whether to delete the notes in Anki that a deck no longer has."""
    is_sure: bool
    """Whether to do so without asking."""


def push(decks: Iterable[DeckPaths], wanted: Wanted) -> None:
    """Import built decks into the running Anki, and say what changed there."""
    from tmscards.anki.connect import Connection
    from tmscards.build import pushing

    anki = Connection(wanted.url, wanted.key)
    for deck in decks:
        pushed = pushing.push(deck, anki, wanted.profile)
        counts = f"{pushed.added} added, {pushed.updated} updated, {pushed.unchanged} unchanged"
        terminal.say(f"{deck.recipe.root}: {counts} in Anki")
        if pushed.orphans:
            _see_to_orphans(pushed, anki, wanted)


def _see_to_orphans(pushed: Pushed, anki: Connection, wanted: Wanted) -> None:
    """Name the notes that the deck no longer has, and delete them if somebody asks for it."""
    from tmscards.build import pushing

    count = len(pushed.orphans)
    terminal.say(f"{plural(count, 'note')} in Anki {'is' if count == 1 else 'are'} no longer in the deck:")
    for _, text in pushed.orphans:
        terminal.say(f"  {text}")
    if not wanted.deletes:
        terminal.say("To delete them there, with their history: tmscards push --delete-orphans")
        return
    if not wanted.is_sure:
        typer.confirm("Delete them in Anki, with their history?", abort=True)
    pushing.delete(anki, [id for id, _ in pushed.orphans])
    terminal.say(f"{plural(count, 'note')} deleted in Anki")
