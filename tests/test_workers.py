from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import ROOT
from tmscards import sources, workers
from tmscards.errors import UserError

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
    forwards = list(map(workers.task("normal", None), read))
    backwards = list(map(workers.task("normal", None), read[::-1]))
    assert forwards == backwards[::-1]


def test_the_same_deck_on_a_cluster(tmscards: Run, tmp_path: Path) -> None:
    from distributed import LocalCluster

    tmscards("build", "--notes", ROOT / "notes", "--output", "alone.apkg")
    shutil.rmtree(tmp_path / ".tmscards")
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        address = cluster.scheduler_address
        tmscards("build", "--notes", ROOT / "notes", "--output", "cluster.apkg", "--cluster", address)
    assert (tmp_path / "alone.apkg").read_bytes() == (tmp_path / "cluster.apkg").read_bytes()


def test_a_cluster_that_does_not_answer(tmscards: Run) -> None:
    done = tmscards("build", "--notes", ROOT / "notes", "--cluster", "tcp://127.0.0.1:9", code=1)
    assert "the cluster at tcp://127.0.0.1:9 does not answer" in done.stderr


def test_a_worker_that_is_another_tmscards_is_refused() -> None:
    [source] = [sources.read(path, ROOT / "notes") for path in sorted((ROOT / "notes").glob("*.md"))[:1]]
    with pytest.raises(UserError, match="another tmscards"):
        workers._explain(None, "normal", "of another", source)
