"""The cache in `.tmscards/`: what earlier builds found out, each entry under a digest of all that it was made from.

Deleting it only makes the next build slower. An entry that is damaged, or cannot be read or written, counts as missing.
A cache that this machine did not make counts as missing too: a project that comes from somebody else must not bring
along what its notes are said to hold.
"""

from __future__ import annotations

import hashlib
import sqlite3
import stat
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from tmscards.domain import Digest, Location
from tmscards.errors import UserError
from tmscards.storage import files

T = TypeVar("T")

FOLDER = ".tmscards"
_FILE, _IGNORE = "cache.sqlite", ".gitignore"
_IGNORED = b"*\n"
"""So nobody commits the cache by mistake."""
_JOURNALS = ("-journal", "-wal", "-shm")
_KEEP = 30
"""Days after which an entry that no build has asked for is deleted."""
_SAVE_EVERY = 50
_SCHEMA = "create table if not exists kept (key text primary key, value blob not null, day integer not null)"
MARK = slice(68, 72)
"""Where a database has its `application_id` (sqlite.org/fileformat.html, 1.3)."""
_SEALED = 16
"""The bytes before a value that tell whether it is whole, and the one that was kept under its key."""
_NO_DAMAGE = frozenset(
    (
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_READONLY,
    )
)
"""SQLite's errors at a database that is as it should be."""


def digest(*parts: str | bytes) -> Digest:
    """A digest of these parts in this order; it also depends on where one part ends and the next begins."""
    made = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        made.update(len(data).to_bytes(8, "big") + data)
    return Digest(made.hexdigest())


def digest_of_file(path: Path) -> Digest:
    """A digest of a file's content, which is read piece by piece to save memory."""
    with path.open("rb") as file:
        return Digest(hashlib.file_digest(file, hashlib.blake2b).hexdigest())


class Cache:
    """Texts, as bytes, by the digest of what they were made from. Without a path it is always empty."""

    def __init__(self, path: Path | None = None) -> None:
        """Raises OSError if the file cannot be used."""
        self._path = path
        self._database = _opened(path) if path else None
        self._today = int(time.time()) // 86_400
        self._unsaved = 0

    def get(self, key: Digest) -> bytes | None:
        """The text kept under a key; None if there is none, or it is damaged."""
        for value in self._asked("value", key):
            # Looked at before it is unpacked, so that what is unpacked is what was packed here.
            if isinstance(value, bytes) and value[:_SEALED] == _seal(key, value[_SEALED:]):
                return zlib.decompress(value[_SEALED:])
        return None

    def has(self, key: Digest) -> bool:
        """Whether there is a text under a key, damaged or not."""
        return bool(self._asked("x''", key))

    def put(self, key: Digest, text: bytes) -> None:
        """Keep a text under a key, in place of any that is there."""
        packed = zlib.compress(text, 1)
        self._do("insert or replace into kept values (?, ?, ?)", key, _seal(key, packed) + packed, self._today)
        self._unsaved += 1
        if self._unsaved % _SAVE_EVERY == 0:
            self._do("commit")

    def close(self) -> None:
        """Save what was put, and once a day delete what nobody has asked for in a long time."""
        for _, day in self._do("select x'', user_version from pragma_user_version"):
            if day != self._today:
                self._do("delete from kept where day < ?", self._today - _KEEP)
                self._do(f"pragma user_version = {self._today}")
        self._do("commit")
        if self._database is not None:
            _close(self._database)

    def _asked(self, what: str, key: Digest) -> list[object]:
        """The value of an SQL expression for the entry under a key, if there is one; it counts as used today."""
        found = self._do(f"select {what}, day from kept where key = ?", key)
        if any(day != self._today for _, day in found):
            self._do("update kept set day = ? where key = ?", self._today, key)
        return [value for value, _ in found]

    def _do(self, command: str, *values: str | bytes | int) -> list[tuple[object, object]]:
        try:
            if self._database is not None and (command != "commit" or self._database.in_transaction):
                return self._database.execute(command, values).fetchall()
        except (sqlite3.Error, UnicodeError, MemoryError) as error:
            # The build goes on without the cache. A broken file is deleted, but not one that another build is writing.
            if self._database is not None:
                _close(self._database)
            self._database = None
            if self._path and _is_damage(error):
                with suppress(OSError):
                    self._path.unlink()
        return []


def parsed(as_a: TypeAdapter[T], text: bytes | None) -> T | None:
    """A text that was kept, as the type that it was written from; None if there is none, or it is none of that type."""
    try:
        return None if text is None else as_a.validate_json(text)
    except ValidationError:
        return None


@contextmanager
def of_project(project: Path) -> Iterator[Cache]:
    """Open the cache of a project, made if necessary; if that is impossible, gives one that is always empty.

    Raises UserError if something in its place is a link, which could lead out of the project.
    """
    folder = project / FOLDER
    _refuse_links(project, folder / _IGNORE, *(folder / f"{_FILE}{ending}" for ending in ("", *_JOURNALS)))
    try:
        folder.mkdir(exist_ok=True)
        _ignore(folder / _IGNORE, project)
        cache = Cache(folder / _FILE)
    except OSError:
        cache = Cache()
    try:
        yield cache
    finally:
        cache.close()


def _refuse_links(project: Path, *paths: Path) -> None:
    for path in paths:
        try:
            files.check_real(path, project)
        except files.Refused as error:
            raise UserError(
                "this is a link, and tmscards writes through none",
                location=Location(str(error.filename)),
                hint="delete it; tmscards makes it again",
            ) from error


def _ignore(path: Path, project: Path) -> None:
    try:
        is_there = files.read(path, len(_IGNORED)) == _IGNORED
    except OSError:
        is_there = False
    if not is_there:
        files.replace(path, _IGNORED, project)


def _opened(path: Path) -> sqlite3.Connection | None:
    """Open the database; one that is damaged or was not made here is replaced. None if it cannot be opened.

    Raises OSError if there is something else in its place.
    """
    for _ in range(2):
        _delete_foreign(path)
        database = sqlite3.connect(path, timeout=1, isolation_level=None)
        try:
            _set_up(database, path)
            return database
        except (sqlite3.Error, UnicodeError) as error:
            _close(database)
            if not _is_damage(error):
                return None
            path.unlink(missing_ok=True)
    return None


def _delete_foreign(path: Path) -> None:
    """Delete a database that was not made here, and every journal, before SQLite does what they ask for.

    SQLite plays back the journal that it finds beside a database, and then deletes the file that the journal names.
    Our own journals are in memory: a build that is killed may leave a broken cache, which is the worst that can happen.
    """
    for ending in _JOURNALS:
        path.with_name(f"{path.name}{ending}").unlink(missing_ok=True)
    with suppress(FileNotFoundError):
        if not stat.S_ISREG(path.lstat().st_mode):
            raise files.Refused(path, "it is not a file but a folder, device or pipe")
        with path.open("rb") as file:
            head = file.read(MARK.stop)
        if head and head[MARK] != mark(path):
            path.unlink()


def mark(path: Path) -> bytes:
    """Four bytes that tell a database that was made here from one that came with a copy of its folder.

    A copy has other inodes, and nobody can know beforehand which. The number of the device is left out, as it can
    change whenever the machine starts.
    """
    where = f"{path.parent.stat().st_ino} {path.stat().st_ino}"
    return hashlib.blake2b(where.encode(), digest_size=4).digest()


def _set_up(database: sqlite3.Connection, path: Path) -> None:
    """Make a new database ready, or find out whether one that is there can be used. Raises sqlite3.Error if not."""
    # A text that is not UTF-8 is damage too, and its bytes are seen to be no value.
    database.text_factory = bytes
    database.execute("pragma journal_mode = memory")
    database.execute("pragma cell_size_check = on")
    is_new = not path.stat().st_size
    if is_new:
        database.execute("begin immediate")
        database.execute(f"pragma application_id = {int.from_bytes(mark(path), 'big', signed=True)}")
    database.execute(_SCHEMA)
    if is_new:
        database.execute("commit")
    # From here on, what is put is saved together.
    database.isolation_level = "DEFERRED"


def _seal(key: Digest, packed: bytes) -> bytes:
    return hashlib.blake2b(packed, digest_size=_SEALED, key=key.encode()).digest()


def _is_damage(error: Exception) -> bool:
    """Whether an error shows that the database is broken, and not only that it cannot be used now."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
    # Python cannot even say what SQLite complains about, if the name of a damaged table is not UTF-8.
    return isinstance(error, sqlite3.Error | UnicodeError) and code & 0xFF not in _NO_DAMAGE


def _close(database: sqlite3.Connection) -> None:
    with suppress(sqlite3.Error):
        database.close()
