"""Takes over into the records what learners did to notes in the running Anki. Nothing is changed in Anki."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tmscards.anki import note_types
from tmscards.anki.connect import Connection
from tmscards.build import pushing
from tmscards.build.project import DeckPaths
from tmscards.deck import decisions, identity, records
from tmscards.domain import Guid, Location, Record, SourceRecords
from tmscards.errors import UserError
from tmscards.review import record_store

Kind = Literal["edited", "missing", "both", "earlier", "unusable"]
"""Its text was edited in Anki; it is not there; its text was edited in Anki and here; Anki has it as an earlier build
made it; its text in Anki would make no card."""


@dataclass(frozen=True, slots=True)
class Found:
    """What became of a note in Anki."""

    kind: Kind
    guid: Guid
    place: Location
    here: str
    """Its text on record."""
    there: str = ""
    """Its text in Anki."""


@dataclass(frozen=True, slots=True)
class Pulled:
    """What a pull found, and what it changed on record."""

    found: tuple[Found, ...]
    same: int
    """How many notes are in Anki as they are on record."""
    changed: frozenset[Guid] = field(default_factory=frozenset)


def pull(deck: DeckPaths, anki: Connection, *, rejects_missing: bool, dry: bool) -> Pulled:
    """Compare the notes on record with those in Anki, and take over what was edited there; if `dry`, only compare.

    With `rejects_missing`, notes that are not in Anki are rejected, as somebody has deleted them. Raises UserError if
    Anki has none of the deck's notes, or cannot be asked, or if the records have faults.
    """
    on_record = records.read(deck.records)
    there = dict(pushing.known(anki, on_record.deck.note_type_name if on_record.deck else ""))
    notes = [(file, note) for file in on_record.sources.values() for note in file.notes]
    if not any(note.guid in there for _, note in notes):
        raise UserError("Anki has none of this deck's notes", hint="bring them there first: tmscards push")
    found, same = list[Found](), 0
    for file, note in notes:
        if note.status in ("orphan", "rejected") or identity.is_unshipped(note):
            continue
        where = Location(str(deck.notes / file.source), note.line)
        if note.guid not in there:
            found.append(Found("missing", note.guid, where, note.text))
        elif each := _compared(file, note, there[note.guid], where):
            found.append(each)
        else:
            same += 1
    wanted = {
        each.guid: each for each in found if each.kind == "edited" or (each.kind == "missing" and rejects_missing)
    }
    if dry or not wanted:
        return Pulled(tuple(found), same)
    return Pulled(tuple(found), same, frozenset(_taken_over(deck, wanted)))


def _taken_over(deck: DeckPaths, wanted: Mapping[Guid, Found]) -> set[Guid]:
    """Write what was found into the records, and return the notes that changed."""
    store = record_store.opened(deck)
    seen = {guid: kept[1] for guid in wanted if (kept := store.note(guid))}

    def edited(note: Record) -> Record:
        what = wanted[note.guid]
        return decisions.reject(note) if what.kind == "missing" else decisions.with_text(note, what.there)

    steps = store.decide({guid: record_store.version(note) for guid, note in seen.items()}, edited)
    return {step.guid for step in steps}


def _compared(file: SourceRecords, note: Record, info: Mapping[str, Any], where: Location) -> Found | None:
    """How the text of a note differs in Anki from what was shipped; None if it does not."""
    text = info["fields"].get("Text", {}).get("value", "")
    shipped = note_types.fields(note, file.title, file.lang)[note_types.FIELDS.index("Text")]
    if text == shipped:
        return None
    text = _without_frame(text, file, note)
    modified = info.get("mod")
    if isinstance(modified, int) and modified <= note.modified:
        return Found("earlier", note.guid, where, note.text, text)
    if identity.is_edited(note):
        return Found("both", note.guid, where, note.text, text)
    if any(True for _ in note_types.faults(text)):
        return Found("unusable", note.guid, where, note.text, text)
    return Found("edited", note.guid, where, note.text, text)


def _without_frame(text: str, file: SourceRecords, note: Record) -> str:
    """A text in Anki without what a package puts around it, for its language."""
    whole = note_types.fields(note, file.title, file.lang)[0]
    bare = note_types.fields(note, file.title)[0]
    before, _, behind = whole.partition(bare)
    is_framed = bool(before) and text.startswith(before) and text.endswith(behind)
    return text[len(before) : len(text) - len(behind)] if is_framed else text


def shown(text: str) -> str:
    """An HTML text on one line, as people read it."""
    return " ".join(html.unescape(text).split())
