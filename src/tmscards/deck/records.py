"""Reads and writes the records, `decks/<deck>/<source>.yaml`: what was shipped of each source, what people decided.

People read, edit and commit these files. They and the package are replaced together: whenever a build is stopped, what
is read next is either all of the old files or all of the new ones.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import MISSING, dataclass, field, fields
from functools import partial
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter

from tmscards.anki import clozes
from tmscards.domain import DeckRecord, Diagnostic, Digest, Guid, Location, Record, SourcePath, SourceRecords
from tmscards.errors import UserError
from tmscards.storage import cache, fingerprint, yaml_files
from tmscards.storage.cache import Cache, digest

HEAD = (
    "# What tmscards shipped, and what you decided: the README says under Records what you may change. "
    "Comments in this file are lost when its source changes.\n"
)
OF_DECK = ".deck.yaml"
_COMMITTED, _STAGED = ".committed", ".staged"
UNDER_WAY = frozenset((_COMMITTED, _STAGED))
"""Folders of files that a build is still writing or moving; they are not read as records."""
_LOCK = ".lock"

T = TypeVar("T", Record, SourceRecords, DeckRecord)

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


@contextmanager
def locked(folder: Path, patience: float = 0) -> Iterator[None]:
    """Keep other processes from building the same deck meanwhile.

    Raises UserError if another one is building it and has not finished after `patience` seconds.
    """
    from filelock import FileLock, Timeout

    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / _LOCK, timeout=patience):
            yield
    except Timeout as error:
        raise UserError(
            "another tmscards process is building this deck",
            location=Location(str(folder)),
            hint="wait for it to finish, or stop it",
        ) from error


def load(folder: Path) -> dict[Path, bytes]:
    """The bytes of a deck's record files, sorted by path. Raises UserError naming those that cannot be read."""
    errors: list[Diagnostic] = []
    loaded: dict[Path, bytes] = {}
    for path in sorted(folder.rglob("*.yaml")) if folder.is_dir() else ():
        if not UNDER_WAY.isdisjoint(path.relative_to(folder).parts):
            continue
        try:
            loaded[path] = path.read_bytes()
        except OSError as error:
            message = f"this record cannot be read: {error.strerror}"
            errors.append(Diagnostic("error", message, Location(str(path))))
    if errors:
        raise UserError.of(errors)
    return loaded


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
    deck = None
    for path, raw in loaded.items():
        try:
            if path == folder / OF_DECK:
                deck = yaml_files.read(path, DeckRecord, _OF_DECK, raw=raw)
                continue
            records = known.get(path) or _of_source(path, raw, guids)
        except UserError as error:
            errors += error.diagnostics
            continue
        if path_of(folder, records.source) != path:
            errors.append(
                Diagnostic(
                    "error",
                    f"the source {records.source!r} has its record in another file",
                    Location(str(path)),
                    f"name this file {path_of(folder, records.source).name}, or delete it",
                )
            )
        elif path not in known:
            kept.put(_key(raw), _RECORDS.dump_json(records))
        found[records.source] = records
    if errors and known:
        # The faults that are reported must not depend on what the cache has.
        return parsed(folder, loaded, Cache())
    if errors:
        raise UserError.of(errors)
    return Records(deck, found, loaded)


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


def replace_one(path: Path, records: SourceRecords) -> bytes:
    """Replace one record file, and return what it now holds. Raises OSError.

    The file is replaced whole or not at all, and is there even if the power fails.
    """
    raw, new = _raw(records), path.with_name(f".{path.name}.new")
    with new.open("wb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())
    os.replace(new, path)
    return raw


def stage(folder: Path, old: Records, new: Records, kept: Cache | None = None) -> Path:
    """Write the records that differ between `old` and `new` to a folder inside `folder`, and return that folder.

    Nothing counts until `commit`. Other files may be put into the new folder too, and are moved along with the records.
    What is written is also kept in the cache, so that the next build does not have to parse it.
    """
    staged = folder / _STAGED
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir(parents=True)
    for source in sorted({*old.sources, *new.sources}):
        if old.sources.get(source) != new.sources.get(source):
            records = new.sources.get(source)
            raw = _put(path_of(staged, source), records)
            if kept and records:
                kept.put(_key(raw), _RECORDS.dump_json(records))
    if old.deck != new.deck:
        _put(staged / OF_DECK, new.deck)
    return staged


def staged(folder: Path, stage: Path) -> Iterator[tuple[Path, bytes]]:
    """The path and bytes of each record file that `commit` will put in place; a file to be removed has no bytes."""
    for path in stage.rglob("*.yaml"):
        yield folder / path.relative_to(stage), path.read_bytes()


def commit(folder: Path, package: Path) -> None:
    """Replace the old records and the package with those that are staged: from now on, the new ones count."""
    os.rename(folder / _STAGED, folder / _COMMITTED)
    recover(folder, package)


def recover(folder: Path, package: Path) -> None:
    """Clean up after an interrupted build: finish what it had committed, and delete what it had only staged."""
    shutil.rmtree(folder / _STAGED, ignore_errors=True)
    committed = folder / _COMMITTED
    if not committed.is_dir():
        return
    for path in sorted(p for p in committed.rglob("*") if p.is_file()):
        target = package if path == committed / package.name else folder / path.relative_to(committed)
        if path.stat().st_size:
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(path, target)
        else:
            target.unlink(missing_ok=True)
            path.unlink()
    shutil.rmtree(committed)


def _put(path: Path, record: SourceRecords | DeckRecord | None) -> bytes:
    """Write a record, or an empty file in place of one that is to be removed, and return the bytes written."""
    raw = b"" if record is None else _raw(record)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(raw)
    return raw


def _raw(record: SourceRecords | DeckRecord) -> bytes:
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


def path_of(folder: Path, source: str) -> Path:
    """Where the record of a source is. Only `.md` is removed from its name, so that no two sources share a record."""
    stem = source.removesuffix(".md")
    return folder / f"{source if Path(stem).suffix in ('.md', '.markdown', '.mdx') else stem}.yaml"


def _faults(path: Path, guids: dict[Guid, Path], records: SourceRecords) -> Iterator[tuple[list[str | int], str]]:
    """Texts that Anki would make no card or an empty card of, and guids that make it take two notes for one."""
    for number, note in enumerate(records.notes):
        for fault in clozes.faults(note.text):
            yield ["notes", number, "text"], fault
        if guids.setdefault(note.guid, path) != path or sum(n.guid == note.guid for n in records.notes[:number]):
            yield (
                ["notes", number, "guid"],
                f"the guid {note.guid!r} stands in {guids[note.guid]} too; delete one of them",
            )
