"""The cache in `.tmscards/`: what earlier builds found out, each entry under a digest of all that it was made from.

Deleting it only makes the next build slower. An entry that is damaged, or cannot be read or written, counts as missing.
"""

from __future__ import annotations

import hashlib
import sqlite3
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tmscards.domain import Digest

FOLDER = ".tmscards"
_KEEP = 30
"""Days after which an entry that no build has asked for is deleted."""
_SAVE_EVERY = 50
_SCHEMA = "create table if not exists kept (key text primary key, value blob not null, day integer not null)"


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
        self._path = path
        self._database = _opened(path) if path else None
        self._today = int(time.time()) // 86_400
        self._unsaved = 0

    def get(self, key: Digest) -> bytes | None:
        """The text kept under a key; None if there is none, or it is damaged."""
        for value in self._asked("value", key):
            try:
                # zlib has a checksum of its own, by which it notices damage (RFC 1950, 2.3).
                return zlib.decompress(value)
            except zlib.error:
                break
        return None

    def has(self, key: Digest) -> bool:
        """Whether there is a text under a key, damaged or not."""
        return bool(self._asked("x''", key))

    def put(self, key: Digest, text: bytes) -> None:
        """Keep a text under a key, in place of any that is there."""
        self._do("insert or replace into kept values (?, ?, ?)", key, zlib.compress(text, 1), self._today)
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
            self._database.close()

    def _asked(self, what: str, key: Digest) -> list[bytes]:
        """The value of an SQL expression for the entry under a key, if there is one; it counts as used today."""
        found = self._do(f"select {what}, day from kept where key = ?", key)
        if any(day != self._today for _, day in found):
            self._do("update kept set day = ? where key = ?", self._today, key)
        return [value for value, _ in found]

    def _do(self, command: str, *values: str | bytes | int) -> list[tuple[bytes, int]]:
        try:
            if self._database is not None and (command != "commit" or self._database.in_transaction):
                return self._database.execute(command, values).fetchall()
        except sqlite3.Error as error:
            # The build goes on without the cache. A broken file is deleted, but not one that another build is writing.
            self._database = None
            if self._path and not isinstance(error, sqlite3.OperationalError):
                self._path.unlink(missing_ok=True)
        return []


@contextmanager
def of_project(project: Path) -> Iterator[Cache]:
    """Open the cache of a project, made if necessary; if that is impossible, gives one that is always empty."""
    folder = project / FOLDER
    try:
        folder.mkdir(exist_ok=True)
        # So nobody commits it by mistake.
        (folder / ".gitignore").write_text("*\n", encoding="utf-8")
        cache = Cache(folder / "cache.sqlite")
    except OSError:
        cache = Cache()
    try:
        yield cache
    finally:
        cache.close()


def _opened(path: Path) -> sqlite3.Connection | None:
    """Open the database, and replace a file that is not a database; None if it cannot be opened."""
    for _ in range(2):
        try:
            database = sqlite3.connect(path, timeout=1)
            database.execute(_SCHEMA)
            return database
        except sqlite3.OperationalError:
            return None
        except sqlite3.DatabaseError:
            path.unlink()
    return None
