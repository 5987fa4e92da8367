"""Write the records and the package of a deck, both or neither."""

from __future__ import annotations

from dataclasses import replace

from tmscards.anki import apkg, package_contents
from tmscards.anki.package_contents import Contents
from tmscards.build import incremental
from tmscards.build.incremental import Kept, Outputs, Stored
from tmscards.build.project import DeckPaths
from tmscards.deck import records
from tmscards.deck.records import Records
from tmscards.domain import NoteType, SourcePath
from tmscards.errors import unwritable


def write(deck: DeckPaths, note_type: NoteType, before: Stored, new: Records, kept: Kept) -> Outputs:
    """Replace records and package with new ones, and return the digests of what is then on the disk.

    `before` is what is there now. The digests are right as long as nobody else writes meanwhile. Raises UserError if
    records or package cannot be written.
    """
    assert new.deck is not None
    note_type = replace(note_type, modified=new.deck.note_type_modified)
    last = kept.contents(before.outputs.package, note_type)
    same = _as_packed(deck, last, before, new)
    try:
        staged = records.stage(deck.records, before.records, new, kept.cache)
        package = staged / deck.output.name
        parts = list(package_contents.parts(new.sources, new.deck.changed, last, same))
        apkg.write(package, deck.recipe.deck, note_type, parts, deck.output)
        left = incremental.outputs_after(before.outputs, records.staged(deck.records, staged), package)
        records.commit(deck.records, deck.output)
    except OSError as error:
        raise unwritable(deck.output, error, "this deck", apkg.OTHER_PLACE) from error
    counts = zip(new.sources, map(len, parts), strict=True)
    contents = {source: (left.records[records.path_of(deck.records, source)], count) for source, count in counts}
    kept.keep_contents(left.package, note_type, contents)
    return left


def _as_packed(deck: DeckPaths, last: Contents, before: Stored, new: Records) -> set[SourcePath]:
    """The sources whose records are the same as when the last package, with these contents, was made."""
    return {
        source
        for source, (record, _) in last.items()
        if source in new.sources
        and new.sources[source] == before.records.sources.get(source)
        and record == before.outputs.records.get(records.path_of(deck.records, source))
    }
