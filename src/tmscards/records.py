"""Owns the records on disk: `decks/<deck>/<source>.yaml`, what was shipped of each source and what people decided.

People read, edit and commit these files. They and the package are replaced together: a build that is stopped at any
moment leaves all of the old ones, or all of the new ones as soon as anything reads them again.
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

from tmscards import clozes
from tmscards.domain import DeckRecord, Location, Record, SourceRecords
from tmscards.errors import UserError, UserErrors

HEAD = "# What tmscards shipped, and what you decided: the README says under Records what you may change.\n"
OF_DECK = ".deck.yaml"
_COMMITTED, _STAGED = ".committed", ".staged"
_LOCK = ".lock"
_QUOTES = "a text with : or # or {{ needs quotes"

T = TypeVar("T", Record, SourceRecords, DeckRecord)


@dataclass(frozen=True, slots=True)
class Records:
    """All that is on record of a deck."""

    deck: DeckRecord | None = None
    """None before the first build."""
    sources: Mapping[str, SourceRecords] = field(default_factory=dict)
    """By the source's path."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep others from building the same deck meanwhile. Raises UserError if another build is at it."""
    from filelock import FileLock, Timeout

    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / _LOCK, blocking=False):
            yield
    except Timeout as error:
        raise UserError(
            "another tmscards is building this deck", location=Location(str(folder)), hint="wait for it, or stop it"
        ) from error


def read(folder: Path) -> Records:
    """The records of a deck. Raises UserErrors naming every fault of every file with its line."""
    from tmscards import yaml_files

    read_as = partial(yaml_files.read, says="this record", quotes=_QUOTES)
    guids: dict[str, Path] = {}
    errors: list[UserError] = []
    found: dict[str, SourceRecords] = {}
    deck = None
    for path in sorted(folder.rglob("*.yaml")) if folder.is_dir() else ():
        if any(part in (_STAGED, _COMMITTED) for part in path.relative_to(folder).parts):
            continue
        try:
            if path == folder / OF_DECK:
                deck = read_as(path, DeckRecord, example="deck: …")
                continue
            records = read_as(path, SourceRecords, example="source: …", check=partial(_faults, path, guids))
        except UserErrors as several:
            errors += several.errors
            continue
        except UserError as error:
            errors.append(error)
            continue
        if _path(folder, records.source) != path:
            errors.append(
                UserError(
                    f"the source {records.source!r} has its record in another file",
                    location=Location(str(path)),
                    hint=f"name this file {_path(folder, records.source).name}, or delete it",
                )
            )
        found[records.source] = records
    if errors:
        raise UserErrors(errors)
    return Records(deck, found)


def stage(folder: Path, old: Records, new: Records) -> Path:
    """Write what differs between the old records and the new ones beside them, and give back where.

    Nothing counts until `commit`; other files may be put there too, to be moved along with the records.
    """
    staged = folder / _STAGED
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir(parents=True)
    for source in sorted({*old.sources, *new.sources}):
        if old.sources.get(source) != new.sources.get(source):
            _put(_path(staged, source), new.sources.get(source))
    if old.deck != new.deck:
        _put(staged / OF_DECK, new.deck)
    return staged


def commit(folder: Path, package: Path) -> None:
    """Replace the old records and the package with what is staged: from here on, the new ones count."""
    os.rename(folder / _STAGED, folder / _COMMITTED)
    recover(folder, package)


def recover(folder: Path, package: Path) -> None:
    """Finish or forget what an interrupted build left behind."""
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


def _put(path: Path, record: SourceRecords | DeckRecord | None) -> None:
    """Write a record; an empty file stands for one to be removed."""
    from tmscards import yaml_files

    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("" if record is None else HEAD + yaml_files.written(_plain(record)), encoding="utf-8")


def _plain(record: Record | SourceRecords | DeckRecord) -> dict[str, object]:
    """A record as plain data, what is as it is by default left out."""
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


def _path(folder: Path, source: str) -> Path:
    """Where the record of a source is. Only the usual ending goes, so that no two sources share a record."""
    stem = source.removesuffix(".md")
    return folder / f"{source if Path(stem).suffix in ('.md', '.markdown', '.mdx') else stem}.yaml"


def _faults(path: Path, guids: dict[str, Path], records: SourceRecords) -> Iterator[tuple[list[str | int], str]]:
    """Notes that nothing is asked of, and guids that another note has too: Anki would take both for one."""
    for number, note in enumerate(records.notes):
        if not clozes.answers(note.text):
            yield ["notes", number, "text"], "this text has no cloze deletion, such as {{c1::answer}}: nothing is asked"
        if guids.setdefault(note.guid, path) != path or sum(n.guid == note.guid for n in records.notes[:number]):
            yield (
                ["notes", number, "guid"],
                f"the guid {note.guid!r} stands in {guids[note.guid]} too; delete one of them",
            )
