"""Refuses changes to a deck that would make Anki copy its note type, or split the deck, for those who have it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tmscards.anki.note_types import CARD_NAME, FIELDS
from tmscards.deck import identity
from tmscards.domain import DeckRecord, Diagnostic, Location, NoteType
from tmscards.errors import UserError


def of_deck(deck: str, note_type: NoteType, settings: str, before: DeckRecord | None, now: int) -> DeckRecord:
    """The record of a deck as a whole for a build at `now`, in seconds since 1970. `before` is the last build's.

    The note type keeps its modified time as long as its name, HTML and CSS are the same.
    """
    digest = identity.of_note_type(note_type)
    modified = identity.FIRST if before is None else before.note_type_modified if before.digest == digest else now
    changed = identity.FIRST if before is None else before.changed
    return DeckRecord(deck, note_type.id, note_type.name, FIELDS, (CARD_NAME,), digest, modified, changed, settings)


def check(before: DeckRecord | None, after: DeckRecord, where: Path) -> None:
    """Raise UserError if a build would break what learners have. `before` was read from the file `where`."""
    errors = list(_broken(before, after, where)) if before else []
    if errors:
        raise UserError.of(errors)


def _broken(before: DeckRecord, after: DeckRecord, where: Path) -> Iterator[Diagnostic]:
    place = Location(str(where))
    if before.deck != after.deck:
        yield Diagnostic(
            "error",
            f"the deck was shipped as {before.deck!r} and is now called {after.deck!r}; Anki knows decks by name, so "
            "the cards that learners have would stay in the old one",
            location=place,
            hint=f"go back to {before.deck!r}; or rename the deck in Anki too, and then write the new name here",
        )
    if before.note_type != after.note_type:
        yield Diagnostic(
            "error",
            f"the deck was shipped with the note type {before.note_type} ({before.note_type_name}) and its template "
            f"now has the id {after.note_type}; Anki would refuse all updates of the notes that learners have",
            location=place,
            hint=f"write `id: {before.note_type}` in the template.yaml of the new template, so that it takes the place "
            "of the old one; or start a new deck with its own recipe",
        )
    for what, old, new in (("fields", before.fields, after.fields), ("cards", before.cards, after.cards)):
        if old != new:
            yield Diagnostic(
                "error",
                f"the note type was shipped with the {what} {', '.join(old)} and would now have {', '.join(new)}; "
                "Anki would copy it and refuse all updates of the notes that learners have",
                location=place,
                hint="use the version of tmscards that built this deck, or start a new deck with its own recipe",
            )
