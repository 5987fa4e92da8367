"""Write the preview of a deck as a file next to its package."""

from __future__ import annotations

from pathlib import Path

from tmscards.anki import preview
from tmscards.build.project import DeckPaths
from tmscards.deck import records
from tmscards.domain import Location
from tmscards.errors import UserError, unwritable
from tmscards.storage import files


def write(deck: DeckPaths) -> Path:
    """Write a page that shows the deck's cards, as they are on record, in the current template; returns its path.

    Raises UserError if the deck was never built, if template or records have faults, or if the page cannot be written.
    """
    deck.check_folders()
    on_record = records.read(deck.records)
    if not on_record.sources:
        raise UserError(
            "there is no deck to show yet", location=Location(str(deck.output)), hint="build it first: tmscards build"
        )
    template = deck.load_template()
    target = deck.page
    try:
        page = preview.page(deck.recipe.root, template.note_type, on_record.sources)
        # Half a character, as in a file name that is not UTF-8, gets the form that it has in JSON.
        files.replace(target, page.encode("utf-8", "backslashreplace"), deck.home)
    except OSError as error:
        raise unwritable(target, error) from error
    return target
