"""Write the records and the package of a deck, both or neither."""

from __future__ import annotations

from dataclasses import replace

from tmscards.anki import apkg, package_contents
from tmscards.anki.package_contents import Contents
from tmscards.build import incremental
from tmscards.build.incremental import Kept, Outputs, Stored
from tmscards.build.project import DeckPaths
from tmscards.deck import commits, record_files, records
from tmscards.deck.commits import Changed
from tmscards.deck.records import Records
from tmscards.domain import NoteType, SourcePath
from tmscards.errors import unwritable


def write(deck: DeckPaths, note_type: NoteType, before: Stored, new: Records, kept: Kept) -> Outputs:
    """Replace records and package with new ones, and return the digests of what is then on the disk.

    `before` is what was there when it was read. Raises Changed, with all as it was, if somebody has changed a record
    since, and UserError if records or package cannot be written.
    """
    assert new.deck is not None
    note_type = replace(note_type, modified=new.deck.note_type_modified)
    last = kept.contents(before.outputs.package, note_type)
    same = _as_packed(last, before, new)
    try:
        changed = records.written(deck.records, before.records, new, kept.cache)
        staged = commits.stage(deck.records, before.records.files, changed)
        package = staged / deck.output.name
        parts = list(package_contents.parts(new.sources, new.deck.changed, last, same))
        apkg.write(package, deck.recipe.deck, note_type, parts, deck.output)
        left = incremental.outputs_after(before.outputs, changed, package)
        if record_files.signatures(deck.records) != before.signatures:
            raise Changed
        commits.commit(deck.records, deck.output)
    except OSError as error:
        raise unwritable(deck.output, error, "this deck", apkg.OTHER_PLACE) from error
    counts = zip(new.sources, map(len, parts), strict=True)
    paths = record_files.paths_of(deck.records, new.sources)
    contents = {source: (left.records[paths[source]], count) for source, count in counts}
    kept.keep_contents(left.package, note_type, contents)
    return left


def _as_packed(last: Contents, before: Stored, new: Records) -> set[SourcePath]:
    """The sources whose records are the same as when the last package, with these contents, was made."""
    return {
        source
        for source, (record, _) in last.items()
        if source in new.sources
        and new.sources[source] == before.records.sources.get(source)
        and record == before.record_digest(source)
    }
