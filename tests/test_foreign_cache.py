"""A cache that comes with somebody else's project: it is not believed, obeyed or waited for, and leads nowhere."""

from __future__ import annotations

import os
import shutil
import sqlite3
import struct
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

import damage
from tmscards.domain import Digest
from tmscards.errors import UserError
from tmscards.storage import cache

KEY = Digest("a")
JOURNAL = bytes.fromhex("d9d505f920a163d7")
"""The bytes by which SQLite knows a journal (sqlite.org/fileformat.html, 3)."""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small project, built."""
    folder = tmp_path / "project"
    damage.create(folder)
    damage.build(folder)
    return folder


def kept(project: Path) -> bytes | None:
    with cache.of_project(project) as opened:
        return opened.get(KEY)


def keep(project: Path, text: bytes = b"A") -> None:
    with cache.of_project(project) as opened:
        opened.put(KEY, text)


def test_a_copy_of_a_project_begins_its_cache_anew(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    keep(mine)
    copy = shutil.copytree(mine, tmp_path / "copy")
    assert kept(copy) is None
    assert kept(mine) == b"A"
    moved = mine.rename(tmp_path / "moved")
    assert kept(moved) == b"A"
    keep(copy, b"B")
    assert kept(copy) == b"B"


def test_words_that_a_foreign_cache_puts_into_a_note_are_on_no_card(project: Path, tmp_path: Path) -> None:
    before = damage.content(project)
    path = project / damage.CACHE
    with cache.of_project(project) as opened:
        keys = [key for (key,) in sqlite3.connect(path).execute("select key from kept")]
        for key in keys:
            if text := opened.get(key):
                opened.put(key, text.replace(b"stapes", b"lies").replace(b"femur", b"LIES"))
    shutil.rmtree(project / "decks" / "a")
    (project / "decks" / "a.apkg").unlink()
    theirs = shutil.copytree(project, tmp_path / "theirs")
    damage.build(theirs)
    assert damage.content(theirs) == before
    # Where the cache was made, it is believed, or this test would show nothing.
    damage.build(project)
    assert "LIES" in (project / "decks" / "a" / "bones.yaml").read_text()


LINKS = (".tmscards", *(f".tmscards/{name}" for name in (".gitignore", "cache.sqlite")))
LINKS = (*LINKS, *(f".tmscards/cache.sqlite-{ending}" for ending in ("journal", "wal", "shm")))


@pytest.mark.parametrize("exists", [True, False])
@pytest.mark.parametrize("name", LINKS)
def test_nothing_is_written_through_a_link(project: Path, tmp_path: Path, name: str, *, exists: bool) -> None:
    link, target, outside = project / name, tmp_path / "outside" / "target", tmp_path / "outside"
    outside.mkdir()
    if name == ".tmscards":
        shutil.rmtree(link)
    link.unlink(missing_ok=True)
    if exists and name == ".tmscards":
        target.mkdir()
    elif exists:
        target.write_text("mine")
    link.symlink_to(target)
    with pytest.raises(UserError, match=r"this is a link, and tmscards writes through none \(delete it"):
        damage.build(project)
    assert link.is_symlink()
    assert [path.name for path in outside.rglob("*")] == ["target"] * exists
    assert not exists or target.is_dir() or target.read_text() == "mine"
    link.unlink()
    damage.build(project)


def test_a_link_is_a_message_of_the_command(
    tmscards: Callable[..., subprocess.CompletedProcess[str]], project: Path, tmp_path: Path
) -> None:
    path = project / damage.CACHE
    path.unlink()
    path.symlink_to(tmp_path / "target")
    for command in ("build", "diff", "review"):
        done = tmscards(command, cwd=project, code=1)
        assert ".tmscards/cache.sqlite: this is a link, and tmscards writes through none" in done.stderr
    assert not (tmp_path / "target").exists()


def test_a_file_with_two_names_keeps_the_other_one(project: Path, tmp_path: Path) -> None:
    other = tmp_path / "bookmarks.sqlite"
    database = sqlite3.connect(other)
    database.execute("create table bookmarks (address)")
    database.close()
    before = other.read_bytes()
    (project / damage.CACHE).unlink()
    os.link(other, project / damage.CACHE)
    damage.build(project)
    assert other.read_bytes() == before
    assert (project / damage.CACHE).stat().st_ino != other.stat().st_ino


def hostile(victim: Path) -> bytes:
    """A journal that SQLite would play back, and then delete the file that it names as the one above it."""
    name = str(victim).encode()
    head = (JOURNAL + struct.pack(">5I", 0, 0, 2, 512, 4096)).ljust(512, b"\0")
    return head + struct.pack(">I", (1 << 30) // 4096 + 1) + name + struct.pack(">II", len(name), sum(name)) + JOURNAL


@pytest.mark.parametrize("ours", [True, False])
def test_a_journal_that_comes_with_a_project_deletes_no_file(project: Path, tmp_path: Path, *, ours: bool) -> None:
    victim = tmp_path / "thesis.txt"
    victim.write_text("mine")
    if not ours:
        project = shutil.copytree(project, tmp_path / "theirs")
    journal = project / f"{damage.CACHE}-journal"
    journal.write_bytes(hostile(victim))
    damage.append(project / "notes" / "bones.md", "\nThe ==stapes== is the smallest ==bone==.\n")
    damage.build(project)
    assert victim.read_text() == "mine"
    assert not journal.exists()
    # SQLite itself does delete it, or this test would show nothing.
    journal.write_bytes(hostile(victim))
    with suppress(sqlite3.Error):
        sqlite3.connect(project / damage.CACHE).execute("select * from kept")
    assert not victim.exists()


def a_pipe(path: Path) -> None:
    os.mkfifo(path)


def a_folder(path: Path) -> None:
    path.mkdir()
    (path / "file").write_text("mine")


@pytest.mark.parametrize("thing", [a_pipe, a_folder])
@pytest.mark.parametrize("name", [*LINKS])
def test_what_is_no_file_is_done_without(project: Path, name: str, thing: Callable[[Path], None]) -> None:
    before = damage.content(project)
    path = project / name
    if name == ".tmscards":
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    thing(path)
    damage.append(project / "notes" / "bones.md", "\n")
    damage.build(project)
    assert damage.content(project) == before
    assert thing is a_pipe or (path / "file").read_text() == "mine"


def test_a_cache_that_cannot_be_written_is_done_without(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = damage.content(project)
    real: Callable[..., sqlite3.Connection] = sqlite3.connect

    def read_only(path: Path, **options: Any) -> sqlite3.Connection:
        if Path(path).name != damage.CACHE.name:
            return real(path, **options)
        return real(f"file:{path}?mode=ro", uri=True, **options)

    monkeypatch.setattr(sqlite3, "connect", read_only)
    damage.append(project / "notes" / "bones.md", "\n")
    damage.build(project)
    assert damage.content(project) == before
    assert (project / damage.CACHE).exists()


def test_a_table_whose_name_is_not_utf8_is_damage(project: Path) -> None:
    before = damage.content(project)
    path = project / damage.CACHE
    raw = path.read_bytes()
    # SQLite names the table that it complains about, and Python cannot decode the name.
    damaged = raw.replace(b"tablekeptkept", b"tablek\xa8ptkept").replace(b"CREATE TABLE", b"CREATE T\xa8BLE")
    assert damaged != raw
    path.write_bytes(damaged)
    with pytest.raises(UnicodeDecodeError):
        sqlite3.connect(path).execute("select * from kept")
    damage.append(project / "notes" / "bones.md", "\n")
    damage.build(project)
    assert damage.content(project) == before


def test_what_is_kept_of_another_kind_counts_as_nothing(project: Path) -> None:
    before = damage.content(project)
    keys = [key for (key,) in sqlite3.connect(project / damage.CACHE).execute("select key from kept")]
    for text in (b"{}", b"[]", b"\xff", b"7", b'{"results": [{"line": "x"}], "stamps": []}', b"[" * 9999, b""):
        with cache.of_project(project) as opened:
            for key in keys:
                opened.put(key, text)
        damage.build(project)
        assert damage.content(project) == before


def test_a_cache_is_used_while_another_build_has_it_open(tmp_path: Path) -> None:
    with cache.of_project(tmp_path) as one, cache.of_project(tmp_path) as two:
        one.put(KEY, b"A")
        one.close()
        assert two.get(KEY) == b"A"
