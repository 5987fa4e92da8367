"""`.tmscards/`: what earlier builds found out, each piece under a digest of all that it was made from.

Deleting it changes nothing but time. What is damaged, or cannot be read or written, is as if it had never been there.
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
"""Days after which goes what no build has asked for."""
_SAVE_EVERY = 50
_SCHEMA = "create table if not exists kept (key text primary key, value blob not null, day integer not null)"


def digest(*parts: str | bytes) -> Digest:
    """A digest of parts, each told apart from the next."""
    made = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        made.update(len(data).to_bytes(8, "big") + data)
    return Digest(made.hexdigest())


def digest_of_file(path: Path) -> Digest:
    """A digest of a file's content, which is never in memory as a whole."""
    with path.open("rb") as file:
        return Digest(hashlib.file_digest(file, hashlib.blake2b).hexdigest())


class Cache:
    """Texts by the digest of what they were made from."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._database = _opened(path) if path else None
        self._today = int(time.time()) // 86_400
        self._unsaved = 0

    def get(self, key: Digest) -> bytes | None:
        """The text kept under a key; None if there is none, or it is damaged."""
        for value in self._asked("value", key):
            try:
                # zlib's own checksum tells whether it is as it was (RFC 1950, 2.3).
                return zlib.decompress(value)
            except zlib.error:
                break
        return None

    def has(self, key: Digest) -> bool:
        """Whether there is a text under a key, damaged or not."""
        return bool(self._asked("x''", key))

    def put(self, key: Digest, text: bytes) -> None:
        """Keep a text under a key."""
        self._do("insert or replace into kept values (?, ?, ?)", key, zlib.compress(text, 1), self._today)
        self._unsaved += 1
        if self._unsaved % _SAVE_EVERY == 0:
            self._do("commit")

    def close(self) -> None:
        """Save what was put, and once a day forget what was not asked for in a long time."""
        for _, day in self._do("select x'', user_version from pragma_user_version"):
            if day != self._today:
                self._do("delete from kept where day < ?", self._today - _KEEP)
                self._do(f"pragma user_version = {self._today}")
        self._do("commit")
        if self._database is not None:
            self._database.close()

    def _asked(self, what: str, key: Digest) -> list[bytes]:
        """Something of what is kept under a key, which goes on being kept."""
        found = self._do(f"select {what}, day from kept where key = ?", key)
        if any(day != self._today for _, day in found):
            self._do("update kept set day = ? where key = ?", self._today, key)
        return [value for value, _ in found]

    def _do(self, command: str, *values: str | bytes | int) -> list[tuple[bytes, int]]:
        try:
            if self._database is not None and (command != "commit" or self._database.in_transaction):
                return self._database.execute(command, values).fetchall()
        except sqlite3.Error as error:
            # Without it goes on slower. If the file is broken it goes; it stays if only another build is writing.
            self._database = None
            if self._path and not isinstance(error, sqlite3.OperationalError):
                self._path.unlink(missing_ok=True)
        return []


@contextmanager
def of_project(project: Path) -> Iterator[Cache]:
    """The cache of a project, made if need be; where that cannot be, one that is always empty."""
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
    """The database, made anew if the file is none; None if it cannot be had."""
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
