"""Write the preview of a deck as a file next to its package."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from tmscards.anki import preview
from tmscards.build.project import DeckPaths
from tmscards.deck import records
from tmscards.domain import Location
from tmscards.errors import UserError, unwritable


def write(deck: DeckPaths) -> Path:
    """Write a page that shows the deck's cards, as they are on record, in the current template; returns its path.

    Raises UserError if the deck was never built, if template or records have faults, or if the page cannot be written.
    """
    on_record = records.read(deck.records)
    if not on_record.sources:
        raise UserError(
            "there is no deck to show yet", location=Location(str(deck.output)), hint="build it first: tmscards build"
        )
    template = deck.load_template()
    target = deck.output.with_suffix(".html")
    try:
        with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as folder:
            page = Path(folder, target.name)
            page.write_text(preview.page(deck.recipe.deck, template.note_type, on_record.sources), encoding="utf-8")
            os.replace(page, target)
    except OSError as error:
        raise unwritable(target, error) from error
    return target
