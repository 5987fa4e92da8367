"""What several test files need: the real pipeline, the real command, and a real Anki collection."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import chdir
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from typer.testing import CliRunner

# Tests run in as many processes as there are cores; threads of numpy's beside them would only be in the way.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# How long a test takes says nothing on a machine that does other work too.
settings.register_profile("tmscards", deadline=None)
settings.load_profile("tmscards")

ROOT = Path(__file__).parents[1]
DATA = Path(__file__).parent / "data"


_OF_FIXTURES = {
    "process": {"tmscards", "deck", "watched", "reviewed"},
    "browser": {"browser", "screen"},
}
"""The fixtures by which a test gets a marker."""
_may_start = {"process": True}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need a browser or another process, so that the others are a quick loop of their own."""
    for item in items:
        for marker, fixtures in _OF_FIXTURES.items():
            if fixtures.intersection(getattr(item, "fixturenames", ())):
                item.add_marker(marker)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Keep tests without the marker from starting a process."""
    _may_start["process"] = any(item.get_closest_marker(marker) for marker in _OF_FIXTURES)


def pytest_runtest_teardown() -> None:
    """What is torn down after a test may do what it likes."""
    _may_start["process"] = True


def _audit(event: str, _: tuple[object, ...]) -> None:
    if not _may_start["process"] and event in ("subprocess.Popen", "os.fork", "os.posix_spawn"):
        raise AssertionError("a test that starts a process is to be marked: @pytest.mark.process")


sys.addaudithook(_audit)
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # What a shell starts in the background, and what that starts, would never hear of Ctrl+C.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def nlp() -> Any:
    from tmscards.language.nlp import load

    return load()


@pytest.fixture(scope="session")
def engine() -> Any:
    from tmscards.language.extraction import load

    return load()


@pytest.fixture
def tmscards(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the real command in a folder, the test's own one unless told."""

    def run(*args: str | Path, cwd: Path = tmp_path, code: int = 0) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "tmscards", *map(str, args)]
        environment = {k: v for k, v in os.environ.items() if k != "FORCE_COLOR"} | {
            "TERMINAL_WIDTH": "200",
            "NO_COLOR": "1",
        }
        done = subprocess.run(
            command, cwd=cwd, capture_output=True, text=True, env=environment, timeout=300, check=False
        )
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done

    return run


@pytest.fixture
def inside() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a command in this process: it need not load the models again, which takes most of the time of a short one."""

    from tmscards.build import workers
    from tmscards.cli.commands import app

    # Otherwise the first build would start a process that loads the models.
    workers.engine(None)

    def run(*args: str, cwd: Path, code: int = 0) -> subprocess.CompletedProcess[str]:
        with chdir(cwd):
            done = CliRunner().invoke(app, list(args))
        assert done.exit_code == code, done.output
        return subprocess.CompletedProcess(args, done.exit_code, done.stdout, done.stderr)

    return run


@pytest.fixture(scope="session")
def deck(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The deck of our own notes, built by the real command."""
    folder = tmp_path_factory.mktemp("deck")
    command = [sys.executable, "-m", "tmscards", "build", "decks/tms.yaml", "--output", str(folder / "tms.apkg")]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return folder / "tms.apkg"


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], Path]:
    """Write a file in the test's folder."""

    def put(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return put


@pytest.fixture
def collection(tmp_path: Path) -> Iterator[Any]:
    """A fresh collection of the real Anki."""
    from anki.collection import Collection

    opened = Collection(str(tmp_path / "collection.anki2"))
    yield opened
    opened.close()


def import_deck(collection: Any, path: Path) -> Any:
    """Import a package as a learner would, and give back Anki's log."""
    from anki.import_export_pb2 import ImportAnkiPackageRequest

    log = collection.import_anki_package(ImportAnkiPackageRequest(package_path=str(path))).log
    # The collection keeps note types in memory; an import changes them behind its back.
    collection.models._clear_cache()
    return log
