"""`tmscards watch`: the real command, its output read while it runs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from conftest import import_deck

Write = Callable[[str, str], Path]


@pytest.fixture
def watched(write: Write, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    write("notes/coil.md", "# Coil\n\nThe ==coil== makes a field.\n")
    write("decks/a.yaml", "deck: A\n")
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "tmscards", "watch"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "TERMINAL_WIDTH": "200"},
    )
    until(process, "Waiting for the next save")
    yield process
    process.kill()
    process.wait()


def until(process: subprocess.Popen[str], words: str) -> str:
    """The lines up to the one that has these words; the test's time limit is pytest's own."""
    lines = ""
    assert process.stdout
    for line in process.stdout:
        lines += line
        if words in line:
            return lines
    pytest.fail(f"it ended with {lines}")


def test_a_save_builds_again(watched: subprocess.Popen[str], write: Write, collection: object, tmp_path: Path) -> None:
    write("notes/coil.md", "# Coil\n\nThe ==coil== makes a field.\n\nThe ==field== reaches the ==cortex==.\n")
    assert "A: 3 cards" in until(watched, "written to")
    write("decks/a.yaml", "deck: A\ntags: [x\n")
    assert "decks/a.yaml:" in until(watched, "not valid YAML")
    write("decks/a.yaml", "deck: A\ntags: [x]\n")
    assert "2 changed" in until(watched, "written to")
    log = import_deck(collection, tmp_path / "decks" / "a.apkg")
    assert len(log.new) == 2
    watched.send_signal(signal.SIGINT)
    assert "Traceback" not in (watched.communicate(timeout=60)[0] or "")
    assert watched.returncode in (0, 1, 130)


def test_it_outlives_whatever_is_saved(watched: subprocess.Popen[str], write: Write, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "notes/pipe.md")
    (tmp_path / "notes/no\udcff.md").write_text("The ==field== reaches the ==cortex==.\n")
    until(watched, r"notes/no\xff.md: this file's name is not UTF-8")
    (tmp_path / "decks/a/link").symlink_to(tmp_path)
    until(watched, "decks/a/link: this is a link")
    (tmp_path / "decks/a/link").unlink()
    (tmp_path / "notes/pipe.md").unlink()
    (tmp_path / "notes/no\udcff.md").unlink()
    (tmp_path / "notes").rename(tmp_path / "away")
    write("decks/a.yaml", "deck: A\ntags: [x]\n")
    until(watched, "this folder does not exist")
    (tmp_path / "away").rename(tmp_path / "notes")
    write("notes/coil.md", "# Coil\n\nThe ==coil== makes a field.\n\nThe ==field== reaches the ==cortex==.\n")
    write("decks/a.yaml", "deck: A\ntags: [y]\n")
    until(watched, "A: 3 cards")
    assert watched.poll() is None
