"""Owns who extracts: this process, or several beside it, each with models of its own.

What becomes of a source depends on the source alone, so the verdicts are the same with any number of workers.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tmscards.domain import Source, Verdict
from tmscards.recipes import Density

if TYPE_CHECKING:
    from tmscards.extraction import Engine

WORTH_A_WORKER = 20
"""Sources; for fewer, a worker would take longer to start than to work."""
_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")

_engine: Engine | None = None


def how_many(sources: int) -> int:
    """The number of workers that so many sources are worth, at most one a core."""
    return max(1, min(os.cpu_count() or 1, sources // WORTH_A_WORKER))


def explain(engine: Engine, sources: Iterable[Source], density: Density, workers: int) -> Iterator[list[Verdict]]:
    """The verdicts on each source, in the order of the sources."""
    from tmscards import extraction

    if workers == 1:
        yield from (extraction.explain(engine, source, density) for source in sources)
        return
    with _one_thread_each():
        # Forking a process whose libraries have started threads is not safe everywhere; spawning is.
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(workers, context, _start, (engine.pipeline,)) as pool:
            yield from pool.map(_explain, ((source, density) for source in sources))


def _start(pipeline: str | None) -> None:
    global _engine  # noqa: PLW0603 - one engine a process, loaded once
    from tmscards import extraction

    _engine = extraction.load(pipeline)


def _explain(task: tuple[Source, Density]) -> list[Verdict]:
    from tmscards import extraction

    assert _engine is not None
    return extraction.explain(_engine, *task)


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
