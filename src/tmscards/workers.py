"""Owns who extracts: this process, several beside it, or those of a cluster, each with models of its own.

What becomes of a source depends on the source alone, so the verdicts are the same with any number of workers.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from functools import cache, partial
from typing import TYPE_CHECKING

from tmscards import fingerprint
from tmscards import sources as files
from tmscards.domain import Extract, Source
from tmscards.errors import UserError
from tmscards.recipes import Density

if TYPE_CHECKING:
    from tmscards.extraction import Engine

WORTH_A_WORKER = 20
"""Sources; for fewer, a worker would take longer to start than to work."""
_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


def how_many(sources: int) -> int:
    """The number of workers that so many sources are worth, at most one a core."""
    return max(1, min(os.cpu_count() or 1, sources // WORTH_A_WORKER))


def explain(
    sources: Sequence[Source],
    density: Density,
    pipeline: str | None,
    workers: int | Executor | None = None,
) -> Iterator[Extract]:
    """What becomes of each source, in the order of the sources.

    `workers` is a number of processes, None for as many as the sources are worth, or an executor in place of them, such
    as a cluster's. Raises UserError if the spaCy pipeline is not there, or an executor's tmscards is another.
    """
    task = partial(_explain, pipeline, density, fingerprint.of_tmscards())
    if isinstance(workers, Executor):
        yield from workers.map(task, sources)
        return
    count = workers or how_many(len(sources))
    if count <= 1:
        yield from map(task, sources)
        return
    # Forking a process whose libraries have started threads is not safe everywhere; spawning is.
    pool = ProcessPoolExecutor(count, multiprocessing.get_context("spawn"))
    try:
        with _one_thread_each():
            made = pool.map(task, sources)
        yield from made
    finally:
        # They take a while to end, for which nobody has to wait.
        pool.shutdown(wait=False, cancel_futures=True)


def _explain(pipeline: str | None, density: Density, of: str, source: Source) -> Extract:
    from tmscards import extraction

    if of != fingerprint.of_tmscards():
        raise UserError(
            "a worker has another tmscards, or other libraries, than this computer",
            hint="install the same there: its requirements file names every version",
        )
    return Extract(tuple(extraction.explain(engine(pipeline), source, density)), files.stamps(source))


@cache
def engine(pipeline: str | None) -> Engine:
    """The models, loaded once a process."""
    from tmscards import extraction

    return extraction.load(pipeline)


@contextmanager
def cluster(address: str) -> Iterator[Executor]:
    """The workers of a Dask cluster, by its scheduler's address. Raises UserError if it does not answer."""
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


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Let processes that start meanwhile reckon in one thread each, as there is one for each core."""
    before = {name: os.environ.get(name) for name in _THREADS}
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
