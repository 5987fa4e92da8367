"""Write what is on record of a deck as a file next to its package: the preview, or an export for other programs."""

from __future__ import annotations

from pathlib import Path

from tmscards.anki import exports, preview
from tmscards.anki.exports import Kind
from tmscards.anki.templates import Template
from tmscards.build.project import DeckPaths
from tmscards.deck import records
from tmscards.deck.records import Records
from tmscards.domain import Location
from tmscards.errors import UserError, unwritable
from tmscards.storage import files

_LINES = {True: 3, False: 2}
"""By whether it is a page: so many lines at the head of a file say that it is ours, and of which deck."""


def write(deck: DeckPaths, target: Path | None = None) -> Path:
    """Write a page that shows the deck's cards, as they are on record, in the current template; returns its path.

    Without a `target`, it is next to the package. Raises UserError if the deck was never built, if template or records
    have faults, or if the page cannot be written.
    """
    on_record, template = _on_record(deck)
    try:
        page = preview.page(deck.recipe.root, template.note_type, on_record.sources)
    except OSError as error:
        raise unwritable(target or deck.page, error) from error
    return _written(page, deck, deck.page, target)


def export(deck: DeckPaths, kind: Kind, target: Path | None, *, by_card: bool) -> Path:
    """Write the deck's notes, as they are on record, as a file of that kind; returns its path.

    Without a `target`, it is next to the package. Raises UserError if the deck was never built, if template or records
    have faults, or if the file cannot be written.
    """
    on_record, template = _on_record(deck)
    text = exports.written(exports.Deck(deck.recipe.root, template.note_type, on_record.sources), kind, by_card=by_card)
    return _written(text, deck, deck.output.with_suffix(exports.ENDINGS[kind]), target)


def _written(text: str, deck: DeckPaths, usual: Path, target: Path | None) -> Path:
    """Write a text of a deck to its usual path, or to a target that does not have something else."""
    path = target or usual
    # Half a character, as in a file name that is not UTF-8, gets the form that it has in JSON.
    raw, head = text.encode("utf-8", "backslashreplace"), _LINES[path.suffix.lower() in (".html", ".htm")]
    try:
        if path != deck.page and path.exists() and files.read(path).split(b"\n")[:head] != raw.split(b"\n")[:head]:
            raise UserError(
                "this file already exists, and is nothing that tmscards has written of this deck",
                location=Location(str(path)),
                hint="move it, or name another with --output",
            )
        files.replace(path, raw, path.parent if target else deck.home)
    except OSError as error:
        raise unwritable(path, error) from error
    return path


def _on_record(deck: DeckPaths) -> tuple[Records, Template]:
    """The records of a deck, and its template. Raises UserError if it was never built, or one of them has faults."""
    deck.check_folders()
    on_record = records.read(deck.records)
    if not on_record.sources:
        raise UserError(
            "there is no deck to show yet", location=Location(str(deck.output)), hint="build it first: tmscards build"
        )
    return on_record, deck.load_template()
