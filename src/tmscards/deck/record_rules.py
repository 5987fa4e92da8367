"""What the values in a record file may be, beyond their types: such files are edited by hand, and come from others."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from itertools import pairwise
from pathlib import PurePosixPath

from tmscards.anki import note_types
from tmscards.domain import LAST_CLOZE_NUMBER, DeckRecord, Record, SourceRecords
from tmscards.notes import addresses

Fault = tuple[list[str | int], str]
"""The keys that lead to a value, the outermost first, and what is wrong with it."""

LATEST = 253_402_300_799
"""The last second of the year 9999, in seconds since 1970; after it, times cannot be written as dates."""
_LONGEST = 100_000_000
"""Seconds in a recording, and lines in a file: far more than there are."""
_RANGES = {
    "modified": LATEST,
    "timestamp": _LONGEST,
    "end": _LONGEST,
    "line": _LONGEST,
    "note_type_modified": LATEST,
    "changed": LATEST,
}
_UNUSABLE = re.compile("[\0\x1f\ud800-\udfff]")
"""Anki refuses a package in which a field has U+001F; the others cannot be stored at all."""
_GUID = re.compile(r"[!#-%(-;=?-~]{1,64}")
_TAG = re.compile(r"[^\s\"]+")
_LANG = re.compile(r"(?:[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)?", re.ASCII)


def of_source(records: SourceRecords) -> Iterator[Fault]:
    """What is wrong with the records of a source."""
    yield from _of_fields(records, [])
    path = PurePosixPath(records.source)
    if not path.parts or path.is_absolute() or ".." in path.parts:
        yield ["source"], "this is not the path of a file in the notes folder"
    if not _LANG.fullmatch(records.lang):
        yield ["lang"], "this is not the code of a language, such as en or pt-BR"
    for number, note in enumerate(records.notes):
        yield from _of_note(note, ["notes", number])


def of_deck(record: DeckRecord) -> Iterator[Fault]:
    """What is wrong with the record of a deck."""
    yield from _of_fields(record, [])


def _of_note(note: Record, where: list[str | int]) -> Iterator[Fault]:
    yield from _of_fields(note, where)
    if not _GUID.fullmatch(note.guid):
        yield [*where, "guid"], "a guid has 1 to 64 characters of ASCII, and no spaces, quotes, &, < or >"
    if note.link and not note.link.startswith(addresses.SCHEMES):
        yield [*where, "link"], "this is not the address of a note: obsidian://…, logseq://… or file://…"
    if note.deck and not (note_types.is_plain(note.deck) and all(part.strip() for part in note.deck.split("::"))):
        yield [*where, "deck"], "this is not the name of a deck, such as Biology::Cells"
    for key in ("tags", "own_tags"):
        if any(not _TAG.fullmatch(tag) for tag in getattr(note, key) or ()):
            yield (
                [*where, key],
                "a tag has no spaces and no quotes; write ::, as in brain::coil, for a tag below another",
            )
    if any(not 0 < number <= LAST_CLOZE_NUMBER for number in note.dropped):
        yield [*where, "dropped"], f"cloze numbers go from 1 to {LAST_CLOZE_NUMBER}"
    bounds = (0, *note.left_out, len(note.sentence) + 1)
    if len(note.left_out) % 2 or any(a >= b for a, b in pairwise(bounds)):
        yield [*where, "left_out"], "these are places in the sentence, in order; delete them to have nothing left out"
    for fault in note_types.faults(note.text):
        yield [*where, "text"], fault


def _of_fields(record: Record | SourceRecords | DeckRecord, where: list[str | int]) -> Iterator[Fault]:
    """Numbers out of their range, and characters that no field can have."""
    for field in fields(record):
        value = getattr(record, field.name)
        most = _RANGES.get(field.name)
        if most is not None and value is not None and not 0 <= value <= most:
            yield [*where, field.name], f"{field.name} is a number from 0 to {most}"
        several = value.values() if isinstance(value, Mapping) else value if isinstance(value, tuple) else (value,)
        # A file may be called anything, and its name is in no field.
        if field.name != "source" and any(isinstance(text, str) and _UNUSABLE.search(text) for text in several):
            yield [*where, field.name], f"{field.name} has a character that no field in Anki can have"
