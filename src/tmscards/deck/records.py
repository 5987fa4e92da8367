"""Reads and writes the records, `decks/<deck>/<source>.yaml`: what was shipped of each source, what people decided.

People read, edit and commit these files, and get them from others, so everything in them is checked before it is used.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields
from functools import partial
from pathlib import Path

from pydantic import TypeAdapter

from tmscards.deck import record_files, record_rules
from tmscards.deck.record_files import OF_DECK, load
from tmscards.domain import DeckRecord, Diagnostic, Digest, Guid, Location, Record, SourcePath, SourceRecords
from tmscards.errors import UserError
from tmscards.storage import cache, fingerprint, yaml_files
from tmscards.storage.cache import Cache, digest

HEAD = (
    "# What tmscards shipped, and what you decided: the README says under Records what you may change. "
    "Comments in this file are lost when its source changes.\n"
)
_RECORDS = TypeAdapter(SourceRecords)
_QUOTES = "a text with : or # or {{ needs quotes"
_OF_SOURCE = yaml_files.Wording("this record", "source: …", _QUOTES)
_OF_DECK = yaml_files.Wording("this record", "deck: …", _QUOTES)


@dataclass(frozen=True, slots=True)
class Records:
    """Everything on record about a deck."""

    deck: DeckRecord | None = None
    """None before the first build."""
    sources: Mapping[SourcePath, SourceRecords] = field(default_factory=dict)
    """By the source's path."""
    files: Mapping[Path, bytes] = field(default_factory=dict, compare=False)
    """The files that it was read from."""
    paths: Mapping[SourcePath, Path] = field(default_factory=dict, compare=False)
    """Which of those files has the records of which source."""


def read(folder: Path, kept: Cache | None = None) -> Records:
    """The records of a deck. Raises UserError naming every fault of every file with its line."""
    return parsed(folder, load(folder), kept or Cache())


def parsed(folder: Path, loaded: Mapping[Path, bytes], kept: Cache) -> Records:
    """The records in files that `load` has read. Files without faults are kept parsed in the cache for the next time.

    Raises UserError naming every fault of every file with its line.
    """
    known = _known(loaded, kept)
    guids = {note.guid: path for path, file in known.items() for note in file.notes}
    errors: list[Diagnostic] = []
    found: dict[SourcePath, SourceRecords] = {}
    paths: dict[SourcePath, Path] = {}
    deck = None
    for path, raw in loaded.items():
        try:
            if path == folder / OF_DECK:
                deck = yaml_files.read(path, DeckRecord, _OF_DECK, check=record_rules.of_deck, raw=raw)
                continue
            records = known.get(path) or _of_source(path, raw, guids)
        except UserError as error:
            errors += error.diagnostics
            continue
        if records.source in found or not record_files.could_be_of(folder, path, records.source):
            errors.append(_misplaced(folder, path, records.source))
        elif path not in known:
            kept.put(_key(raw), _RECORDS.dump_json(records))
        found[records.source], paths[records.source] = records, path
    if errors and known:
        # The faults that are reported must not depend on what the cache has.
        return parsed(folder, loaded, Cache())
    if errors:
        raise UserError.of(errors)
    return Records(deck, found, loaded, paths)


def _known(loaded: Mapping[Path, bytes], kept: Cache) -> dict[Path, SourceRecords]:
    """The records of the files that the cache has; none at all if two notes of theirs have the same guid."""
    texts = {path: text for path, raw in loaded.items() if (text := kept.get(_key(raw)))}
    read = {path: cache.parsed(_RECORDS, text) for path, text in texts.items()}
    known = {path: file for path, file in read.items() if file}
    guids = [note.guid for file in known.values() for note in file.notes]
    return known if len(guids) == len(set(guids)) else {}


def _key(raw: bytes) -> Digest:
    return digest("record", fingerprint.of_tmscards(), raw)


def one(path: Path, raw: bytes) -> SourceRecords:
    """The records in one file. Raises UserError naming every fault with its line."""
    return _of_source(path, raw, {})


def _of_source(path: Path, raw: bytes, guids: dict[Guid, Path]) -> SourceRecords:
    """The records in one file. `guids` are those known so far, with their files; the guids of this file are added."""
    return yaml_files.read(path, SourceRecords, _OF_SOURCE, check=partial(_faults, path, guids), raw=raw)


def written(folder: Path, old: Records, new: Records, kept: Cache | None = None) -> dict[Path, bytes | None]:
    """The record files that differ between `old` and `new`, by their path; None for those that are to be removed.

    What is written is also kept in the cache, so that the next build does not have to parse it.
    """
    before, after = old.paths, record_files.paths_of(folder, new.sources)
    files: dict[Path, bytes | None] = {path: None for path in before.values() if path not in after.values()}
    for source, records in new.sources.items():
        if records != old.sources.get(source) or after[source] != before.get(source):
            raw = files[after[source]] = as_bytes(records)
            if kept:
                kept.put(_key(raw), _RECORDS.dump_json(records))
    if old.deck != new.deck:
        files[folder / OF_DECK] = as_bytes(new.deck) if new.deck else None
    return files


def as_bytes(record: SourceRecords | DeckRecord) -> bytes:
    """The content of the file of a record."""
    return (HEAD + yaml_files.written(_plain(record))).encode()


def _plain(record: Record | SourceRecords | DeckRecord) -> dict[str, object]:
    """A record as plain data, without the fields that have their default value."""
    data: dict[str, object] = {}
    for key in fields(record):
        value = getattr(record, key.name)
        default = key.default_factory() if key.default_factory is not MISSING else key.default
        if value == default:
            continue
        if key.name == "notes":
            value = [_plain(note) for note in value]
        elif isinstance(value, tuple):
            value = list(value)
        data[key.name] = value
    return data


def _misplaced(folder: Path, path: Path, source: SourcePath) -> Diagnostic:
    right = record_files.paths_of(folder, [source])[source].name
    return Diagnostic(
        "error",
        f"the source {source!r} has its record in another file",
        Location(str(path)),
        f"name this file {right}, or delete it",
    )


def _faults(path: Path, guids: dict[Guid, Path], records: SourceRecords) -> Iterator[tuple[list[str | int], str]]:
    """What is wrong with the values in a file, and guids that make Anki take two notes for one."""
    yield from record_rules.of_source(records)
    here: set[Guid] = set()
    for number, note in enumerate(records.notes):
        if guids.setdefault(note.guid, path) != path or note.guid in here:
            yield (
                ["notes", number, "guid"],
                f"the guid {note.guid!r} stands in {guids[note.guid]} too; delete one of them",
            )
        here.add(note.guid)
