from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from conftest import ROOT
from tmscards.build import workers
from tmscards.build.workers import Workers
from tmscards.domain import Digest, Extract
from tmscards.errors import UserError
from tmscards.notes import sources

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
    forwards = list(map(workers.task(None), read))
    backwards = list(map(workers.task(None), read[::-1]))
    assert forwards == backwards[::-1]


@pytest.mark.parametrize("count", [1, 2, None])
def test_it_does_not_matter_who_explains(count: int | None) -> None:
    read = [sources.read(path, ROOT / "notes") for path in sorted((ROOT / "notes").glob("*.md"))]
    task = workers.task(None)
    with Workers(count) as those:
        those.preload(None, len(read))
        assert list(those.map(task, read)) == list(map(task, read))


@pytest.mark.process
def test_more_work_than_was_thought_likely() -> None:
    read = [sources.read(path, ROOT / "notes") for path in sorted((ROOT / "notes").glob("*.md"))]
    code = f"""if 1:
        from tmscards.build import workers
        from tmscards.notes import sources
        from tmscards.build.workers import Workers
        from pathlib import Path
        notes = Path({str(ROOT / "notes")!r})
        read = [sources.read(path, notes) for path in sorted(notes.glob("*.md"))] * 20
        with Workers() as those:
            those.preload(None, 1)
            print(sum(len(extract.results) for extract in those.map(workers.task(None), read)))
    """
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert told.stderr == ""
    found = sum(len(e.results) for e in map(workers.task(None), read) if isinstance(e, Extract))
    assert int(told.stdout) == 20 * found


def many(folder: Path) -> None:
    """Notes that take a while to extract."""
    folder.mkdir()
    for number in range(100):
        for path in sorted((ROOT / "notes").glob("*.md")):
            shutil.copyfile(path, folder / f"{number}-{path.name}")


def children(process: subprocess.Popen[str]) -> list[int]:
    """The processes that one has started."""
    listed = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return [int(child) for child in listed.read_text().split()]


@pytest.mark.process
@pytest.mark.skipif(sys.platform != "linux", reason="it looks into /proc")
def test_a_build_that_is_killed_leaves_no_worker(tmp_path: Path) -> None:
    many(tmp_path / "notes")
    build = subprocess.Popen([sys.executable, "-m", "tmscards", "build"], cwd=tmp_path, text=True)
    until(lambda: children(build))
    working = children(build)
    build.kill()
    build.wait()
    until(lambda: not any(Path(f"/proc/{child}").exists() for child in working))
    # Nor does one keep others from building.
    shutil.rmtree(tmp_path / "notes")
    shutil.copytree(ROOT / "notes", tmp_path / "notes")
    again = subprocess.run([sys.executable, "-m", "tmscards", "build"], cwd=tmp_path, check=False, capture_output=True)
    assert again.returncode == 0


@pytest.mark.process
@pytest.mark.skipif(sys.platform != "linux", reason="it looks into /proc")
def test_a_worker_that_is_killed_is_told_of(tmp_path: Path) -> None:
    many(tmp_path / "notes")
    command = [sys.executable, "-m", "tmscards", "build"]
    build = subprocess.Popen(command, cwd=tmp_path, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    # Those that are killed before there is work for them are replaced.
    while build.poll() is None:
        for child in children(build):
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        time.sleep(0.1)
    told = build.communicate()[1]
    assert build.returncode == 1
    assert "too little memory (build with --workers 1" in told
    assert "Traceback" not in told
    assert not (tmp_path / "decks").exists() or not list((tmp_path / "decks").glob("*.apkg"))


def until(holds: Callable[[], object]) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


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
    with pytest.raises(UserError, match="a different version of tmscards"):
        workers._extract(None, Digest("of another"), source)
