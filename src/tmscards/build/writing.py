"""Write the records and the package of a deck, both or neither, and say what time they get."""

from __future__ import annotations

import time
from collections.abc import Callable
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
from tmscards.errors import UserError, unwritable


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
        subdecks = {note.deck for file in new.sources.values() for note in file.notes if note.deck}
        apkg.write(package, deck.recipe.root, note_type, parts, deck.output, subdecks=sorted(subdecks))
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


def time_after(old: Records, clock: Callable[[], float]) -> int:
    """The time now, in seconds since 1970: later than everything on record, and never in the future.

    If the records are at most 2 seconds ahead of the clock, it waits. Raises UserError if they are further in the
    future, because Anki would ignore changes that are dated before them.
    """
    latest = max((note.modified for file in old.sources.values() for note in file.notes), default=0)
    latest = max(latest, old.deck.changed, old.deck.note_type_modified) if old.deck else latest
    while (now := int(clock())) <= latest:
        if latest - now > 2:
            raise UserError(
                f"the records say that this deck changed at {time.strftime('%Y-%m-%d %H:%M:%S', time.gmtime(latest))} "
                "UTC, which is in the future",
                hint="set this computer's clock, or correct the wrong `modified` in the records",
            )
        time.sleep(0.1)
    return now


def _as_packed(last: Contents, before: Stored, new: Records) -> set[SourcePath]:
    """The sources whose records are the same as when the last package, with these contents, was made."""
    return {
        source
        for source, (record, _) in last.items()
        if source in new.sources
        and new.sources[source] == before.records.sources.get(source)
        and record == before.record_digest(source)
    }
