"""The notes on record during a review: every decision is saved in its record file before the page is answered.

What an editor or a build writes in the meantime is read before anything is written, and is never overwritten.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from tmscards.build.incremental import kept_of
from tmscards.build.project import DeckPaths
from tmscards.deck import commits, record_files, records
from tmscards.deck.record_files import Signature
from tmscards.domain import Guid, Location, Record, SourcePath, SourceRecords
from tmscards.errors import UserError, unwritable
from tmscards.storage import cache, files
from tmscards.storage.cache import Cache

PATIENCE = 10.0
"""How many seconds a decision waits for a build to end."""

_NO_FILE: Signature = (0, 0, 0)


class Conflict(Exception):
    """Somebody else has changed, removed or added these notes since they were seen."""

    def __init__(self, guids: Sequence[Guid]) -> None:
        self.guids = guids
        super().__init__("this card has been changed elsewhere in the meantime")


@dataclass(frozen=True, slots=True)
class Step:
    """What a decision did to one note; None stands for no note."""

    source: SourcePath
    guid: Guid
    before: Record | None
    after: Record | None

    def reversed(self) -> Step:
        """The step that takes this one back."""
        return Step(self.source, self.guid, self.after, self.before)


@dataclass(frozen=True, slots=True)
class _File:
    signature: Signature
    raw: bytes
    records: SourceRecords


def opened(deck: DeckPaths) -> RecordStore:
    """Open the notes on record of a deck. Raises UserError if it was never built, or if its records have faults."""
    deck.check_folders()
    if not deck.records.is_dir():
        raise UserError(
            "there is no deck to review yet", location=Location(str(deck.output)), hint="build it first: tmscards build"
        )
    with kept_of(deck) as kept:
        return RecordStore(deck.records, deck.output, kept.cache)


class RecordStore:
    """The notes on record of one deck. Safe to use from several threads."""

    def __init__(self, folder: Path, package: Path, kept: Cache | None = None) -> None:
        """`kept` holds records parsed before, to save time. Raises UserError if the records in `folder` have faults."""
        self._folder, self._lock = folder, threading.RLock()
        self.mark = 0
        """A number that grows whenever anything has changed."""
        self._done: list[list[Step]] = []
        self._undone: list[list[Step]] = []
        with _usable(folder), record_files.locked(folder, PATIENCE):
            commits.recover(folder, package)
            seen = record_files.signatures(folder)
            found = records.read(folder, kept)
        self._files = {
            path: _File(seen[path], found.files[path], found.sources[source]) for source, path in found.paths.items()
        }
        self._index()

    @property
    def sources(self) -> list[SourceRecords]:
        """The records of each source, by path."""
        with self._lock:
            return sorted((file.records for file in self._files.values()), key=lambda file: file.source)

    @property
    def can_undo(self) -> bool:
        """Whether there is a decision to take back."""
        return bool(self._done)

    @property
    def can_redo(self) -> bool:
        """Whether there is a decision that was taken back and can be made again."""
        return bool(self._undone)

    def note(self, guid: Guid) -> tuple[SourceRecords, Record] | None:
        """The records of the source of a note, and the note; None if there is no such note."""
        with self._lock:
            path = self._where.get(guid)
            file = self._files[path].records if path else None
            return (file, next(note for note in file.notes if note.guid == guid)) if file else None

    def refresh(self) -> bool:
        """Read what others have written, and return whether anything changed. Raises UserError if it has faults."""
        with self._lock, _usable(self._folder):
            now = {
                path: signature
                for path, signature in record_files.signatures(self._folder).items()
                if path.name != record_files.OF_DECK
            }
            if now == {path: file.signature for path, file in self._files.items()}:
                return False
            found = {path: file for path, signature in now.items() if (file := self._read(path, signature))}
            is_new = {p: f.raw for p, f in found.items()} != {p: f.raw for p, f in self._files.items()}
            self._files = found
            self._index()
            self.mark += is_new
            return is_new

    def _read(self, path: Path, signature: Signature) -> _File | None:
        """A record file as it is now; None if it has vanished in the meantime."""
        known = self._files.get(path)
        if known and known.signature == signature:
            return known
        try:
            files.check_real(path, self._folder)
            raw = files.read(path)
        except FileNotFoundError:
            return None
        same = known is not None and known.raw == raw
        return _File(signature, raw, known.records if known and same else records.one(path, raw))

    def decide(self, versions: Mapping[Guid, str], edit: Callable[[Record], Record]) -> list[Step]:
        """Edit all of these notes or none, if each is still the version that was seen; returns what changed.

        Raises Conflict if one is not, and UserError if the edit is refused or the file cannot be written.
        """
        with self._at_work():
            found = {guid: self.note(guid) for guid in versions}
            stale = [guid for guid, seen in found.items() if not seen or version(seen[1]) != versions[guid]]
            if stale:
                raise Conflict(stale)
            steps = [
                Step(seen[0].source, guid, seen[1], edit(seen[1])) for guid, seen in found.items() if seen is not None
            ]
            return self._do([step for step in steps if step.before != step.after])

    def add(self, head: SourceRecords, record: Record) -> list[Step]:
        """Put a note on record for the source in `head`. Raises Conflict if its guid is on record already."""
        with self._at_work():
            if record.guid in self._where:
                raise Conflict([record.guid])
            before = dict(self._files)
            if head.source not in self._paths():
                path = record_files.paths_of(self._folder, [*self._paths(), head.source])[head.source]
                if path in self._files:
                    raise UserError("this source is not on record yet", hint="build the deck first")
                self._files[path] = _File(_NO_FILE, b"", replace(head, notes=()))
            try:
                return self._do([Step(head.source, record.guid, None, record)])
            except (OSError, UserError):
                self._files = before
                raise

    def undo(self) -> list[Step]:
        """Take the last decision back. Raises Conflict if somebody else has changed its notes since."""
        return self._turn_back(self._done, self._undone)

    def redo(self) -> list[Step]:
        """Repeat the decision that was taken back last. Raises Conflict if somebody else changed its notes since."""
        return self._turn_back(self._undone, self._done)

    def _turn_back(self, taken: list[list[Step]], given: list[list[Step]]) -> list[Step]:
        with self._at_work():
            if not taken:
                return []
            steps = [step.reversed() for step in taken[-1]]
            now = {step.guid: seen[1] if (seen := self.note(step.guid)) else None for step in steps}
            stale = [step.guid for step in steps if now[step.guid] != step.before]
            if stale:
                # Dropped, so that it does not stand in the way of the decisions before it.
                taken.pop()
                raise Conflict(stale)
            self._write(steps)
            given.append(steps)
            taken.pop()
            return steps

    def _do(self, steps: list[Step]) -> list[Step]:
        if steps:
            self._write(steps)
            self._done.append(steps)
            self._undone.clear()
        return steps

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        with self._lock, _usable(self._folder), record_files.locked(self._folder, PATIENCE):
            self.refresh()
            yield

    def _write(self, steps: Sequence[Step]) -> None:
        """Write what the steps lead to, or nothing. Raises UserError if it cannot be written."""
        after: dict[Path, SourceRecords] = {}
        for source in dict.fromkeys(step.source for step in steps):
            path = self._paths().get(source)
            if path is None:
                raise UserError("the records of this source no longer exist", hint="build the deck again")
            after[path] = self._after(self._files[path].records, [step for step in steps if step.source == source])
        before = {path: self._files[path] for path in after}
        for path, file in after.items():
            try:
                self._replace(path, file)
            except OSError as error:
                for done, was in before.items():
                    if self._files[done] is not was:
                        self._put_back(done, was)
                raise unwritable(path, error, "this record", "nothing has changed") from error
        self._index()
        self.mark += 1

    def _after(self, file: SourceRecords, steps: Sequence[Step]) -> SourceRecords:
        """The records of a source once these steps are done."""
        after = {step.guid: step.after for step in steps}
        changed = [after.get(note.guid, note) for note in file.notes]
        new = [note for guid, note in after.items() if note and guid not in self._where]
        notes = [note for note in (*changed, *new) if note is not None]
        notes.sort(key=lambda note: (note.status == "orphan", note.line))
        return replace(file, notes=tuple(notes))

    def _replace(self, path: Path, file: SourceRecords) -> None:
        raw = records.as_bytes(file)
        files.replace(path, raw, self._folder)
        self._files[path] = _File(record_files.signature(path), raw, file)

    def _put_back(self, path: Path, was: _File) -> None:
        with suppress(OSError):
            files.replace(path, was.raw, self._folder)
            self._files[path] = replace(was, signature=record_files.signature(path))

    def _paths(self) -> dict[SourcePath, Path]:
        return {file.records.source: path for path, file in self._files.items()}

    def _index(self) -> None:
        self._where = {note.guid: path for path, file in self._files.items() for note in file.records.notes}


@contextmanager
def _usable(folder: Path) -> Iterator[None]:
    """Raise UserError where the records cannot be used, as somebody else owns them or the disk is broken."""
    try:
        yield
    except OSError as error:
        raise UserError(
            f"the records of this deck cannot be used: {error.strerror or error}",
            location=Location(str(error.filename or folder)),
            hint="see who owns this folder, and who may write to it",
        ) from error


def version(record: Record) -> str:
    """A digest of a note as it is on record, which shows whether somebody has changed it."""
    return cache.digest(repr(record))[:16]
