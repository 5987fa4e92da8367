from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Callable
from pathlib import Path

from conftest import ROOT
from tmscards import sources, workers

Run = Callable[..., subprocess.CompletedProcess[str]]


def test_a_worker_is_worth_it_for_many_sources_only() -> None:
    assert workers.how_many(1) == workers.how_many(workers.WORTH_A_WORKER) == 1
    assert workers.how_many(10**6) >= 1


def test_the_same_deck_with_one_or_two_workers(tmscards: Run, tmp_path: Path) -> None:
    made = {}
    for count in ("1", "2"):
        tmscards("build", "--notes", ROOT / "notes", "--output", "deck.apkg", "--workers", count)
        made[count] = hashlib.sha256((tmp_path / "deck.apkg").read_bytes()).hexdigest()
    assert made["1"] == made["2"]


def test_a_source_is_explained_the_same_whatever_was_read_before() -> None:
    read = [sources.read(path, ROOT / "notes") for path in sorted((ROOT / "notes").glob("*.md"))]
    forwards = list(workers.explain(read, "normal", None, 1))
    backwards = list(workers.explain(read[::-1], "normal", None, 1))
    assert forwards == backwards[::-1]
