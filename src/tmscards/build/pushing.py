"""Brings a deck that was built into the running Anki, and says what changed there."""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from tmscards.anki import clozes
from tmscards.anki.connect import Connection
from tmscards.build.project import DeckPaths
from tmscards.deck import records
from tmscards.errors import UserError

_SYNTAX = re.compile(r"[\\*_:\"]")
"""What a search of Anki does not take for a letter."""
MANY = 1_000
"""So many notes are asked for at a time."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """What an import changed in Anki, in notes."""

    added: int
    updated: int
    unchanged: int
    orphans: tuple[tuple[int, str], ...]
    """The notes in Anki that the deck no longer has: their ids there, and their texts."""


def push(deck: DeckPaths, anki: Connection) -> Pushed:
    """Import the package of a deck into the running Anki. Raises UserError if Anki cannot be asked, or refuses it."""
    on_record = records.read(deck.records)
    notes = [note for file in on_record.sources.values() for note in file.notes]
    name = on_record.deck.note_type_name if on_record.deck else ""
    guids = {note.guid for note in notes}
    before = {guid: info for guid, info in known(anki, name) if guid in guids}
    if anki.ask("importPackage", path=str(deck.output.resolve())) is not True:
        raise UserError(f"Anki did not import {deck.output}", hint="import it by hand, with File > Import, to see why")
    after = {guid: info for guid, info in known(anki, name) if guid in guids}
    # A package ships an orphan once more; where it was not there any more, it has no history to be kept for.
    back = [note.guid for note in notes if note.status == "orphan" and note.guid in after.keys() - before.keys()]
    delete(anki, [after.pop(guid)["noteId"] for guid in back])
    updated = sum(_content(after[guid]) != _content(before[guid]) for guid in before.keys() & after.keys())
    orphans = (note for note in notes if note.status == "orphan" and note.guid in after)
    return Pushed(
        added=len(after.keys() - before.keys()),
        updated=updated,
        unchanged=len(before.keys() & after.keys()) - updated,
        orphans=tuple((int(after[note.guid]["noteId"]), clozes.plain(note.text)) for note in orphans),
    )


def delete(anki: Connection, ids: Collection[int]) -> None:
    """Delete notes in Anki, with their cards."""
    if ids:
        anki.ask("deleteNotes", notes=list(ids))


def known(anki: Connection, note_type: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The notes of a note type in Anki, each by the guid in its field Key."""
    escaped = _SYNTAX.sub(r"\\\g<0>", note_type)
    found = anki.ask("findNotes", query=f'"note:{escaped}"')
    for start in range(0, len(found), MANY):
        for info in anki.ask("notesInfo", notes=found[start : start + MANY]):
            if key := info.get("fields", {}).get("Key"):
                yield html.unescape(key["value"]), info


def _content(info: dict[str, Any]) -> tuple[object, object]:
    """What a learner sees of a note."""
    return {name: field["value"] for name, field in info["fields"].items()}, sorted(info["tags"])
