"""Which processes extract: this one, several others on this computer, or a cluster's, each with its own models.

The extract of a source depends on the source alone, so the results are the same with any number of workers.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from functools import cache, partial
from typing import TYPE_CHECKING, Self

from tmscards.domain import Digest, Extract, Source
from tmscards.errors import UserError, fault
from tmscards.storage import fingerprint

if TYPE_CHECKING:
    from tmscards.language.extraction import Engine

WORTH_A_WORKER = 20
"""How many sources are worth one worker; with fewer, it would spend more time on loading the models than on working."""
_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


def how_many(sources: int) -> int:
    """The number of workers that this many sources are worth: at least one, and at most one per core."""
    return max(1, min(os.cpu_count() or 1, sources // WORTH_A_WORKER))


Extracted = Extract | UserError
"""What a source contains, or why it could not be extracted."""
Task = Callable[[Source], Extracted]


def task(pipeline: str | None) -> Task:
    """A function that extracts a source with this spaCy pipeline (None: the default one), for any process to call.

    It raises UserError if the pipeline is not installed there, or if the process runs a different tmscards. What
    else goes wrong becomes the error that it returns, so that it costs the other sources nothing.
    """
    return partial(_extract, pipeline, fingerprint.of_tmscards())


class Workers:
    """The processes that extract; they are stopped at the end of the `with` block."""

    def __init__(self, by: int | Executor | None = None) -> None:
        """`by` is how many (1: only this process), None for as many as are worthwhile, or the executor of a cluster."""
        self._by = by
        self._pool: ProcessPoolExecutor | None = None
        self._count = 0
        self._others = multiprocessing.active_children()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def _end(self) -> None:
        """Stop the processes, whatever they are doing."""
        if self._pool:
            for child in multiprocessing.active_children():
                if child not in self._others:
                    child.terminate()
            self._pool.shutdown(cancel_futures=True)
            self._pool, self._count = None, 0

    def preload(self, pipeline: str | None, sources: int) -> None:
        """Let processes load the models ahead of time: about this many sources will probably have to be extracted.

        No process is started for this where it would take long to start.
        """
        if sources and self._by is None and _can_fork():
            self._start(how_many(sources))
        if sources and self._pool:
            # If one is killed before there is work for it, `map` starts others.
            with suppress(BrokenProcessPool):
                for _ in range(self._count):
                    self._pool.submit(_load, pipeline)

    def map(self, task: Task, sources: Sequence[Source]) -> Iterator[Extracted]:
        """The extracts that the task makes of the sources, in order. Other processes start on them at once.

        Raises UserError if one of them was killed, and what the task raises.
        """
        if isinstance(self._by, Executor):
            return self._by.map(task, sources)
        count = self._by or how_many(len(sources))
        if sources and (count > max(1, self._count) or (self._by is None and _can_fork())):
            self._end()
            self._start(count)
        if self._pool is None:
            return map(task, sources)
        with _unbroken():
            made = self._pool.map(task, sources)
        return _given(made)

    def _start(self, count: int) -> None:
        context = multiprocessing.get_context("fork" if _can_fork() else "spawn")
        self._pool, self._count = ProcessPoolExecutor(count, context, _begin), count


def _can_fork() -> bool:
    """Whether processes can be forked, which takes no time: on Linux, if no other thread (of numpy, say) has a lock."""
    is_alone = threading.active_count() == 1 and "numpy" not in sys.modules
    return is_alone and sys.platform == "linux" and (os.cpu_count() or 1) > 1


@contextmanager
def _unbroken() -> Iterator[None]:
    """Raise UserError if a process was killed."""
    try:
        yield
    except BrokenProcessPool as error:
        raise UserError(
            "a worker process was killed, probably because there was too little memory",
            hint="build with --workers 1, or close other programs",
        ) from error


def _given(made: Iterator[Extracted]) -> Iterator[Extracted]:
    with _unbroken():
        yield from made


def _load(pipeline: str | None) -> None:
    engine(pipeline)


def _begin() -> None:
    """Set up a new process: one thread per library, and an end together with its parent."""
    # With one process per core, more threads would only get in the way of each other.
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    parent = multiprocessing.parent_process()
    assert parent is not None

    def end() -> None:
        """End this process when the one that started it ends, even if that one is killed."""
        parent.join()
        os._exit(1)

    threading.Thread(target=end, daemon=True).start()


def _extract(pipeline: str | None, of: Digest, source: Source) -> Extracted:
    from tmscards.language import extraction

    if of != fingerprint.of_tmscards():
        raise UserError(
            "a worker runs a different version of tmscards, or other libraries, than this computer",
            hint="install the same versions there; the requirements file lists them",
        )
    models = engine(pipeline)
    try:
        return extraction.extract(models, source)
    except Exception as error:  # whatever is wrong with one source, the others are built
        return fault(error, source.shown)


@cache
def engine(pipeline: str | None) -> Engine:
    """The models, loaded once per process. Raises UserError if the spaCy pipeline cannot be loaded."""
    from tmscards.language import extraction

    return extraction.load(pipeline)


@contextmanager
def cluster(address: str) -> Iterator[Executor]:
    """Connect to a Dask cluster by the address of its scheduler; gives an executor that runs on its workers.

    Raises UserError if Dask is not installed, or if the cluster does not answer.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise UserError(
            "a cluster needs Dask, which is not installed", hint='pip install "tmscards[cluster]"'
        ) from error
    try:
        client = Client(address, timeout="10s")
    except (OSError, ValueError) as error:
        raise UserError(
            f"the cluster at {address} does not answer",
            hint="name its scheduler's address, such as tcp://10.0.0.5:8786",
        ) from error
    with client:
        yield client.get_executor()
