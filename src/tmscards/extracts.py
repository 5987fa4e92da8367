"""Owns what extraction makes of a deck's sources: out of the cache where that is known, and anew where it is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import replace

from pydantic import TypeAdapter

from tmscards import fingerprint, workers
from tmscards.cache import Cache, digest
from tmscards.domain import Extract, Source
from tmscards.recipes import Density

Tick = Callable[[int, int, str], None]
"""Told how many sources are done, of how many, and which comes next."""

_EXTRACT = TypeAdapter(Extract)


def of(
    kept: Cache,
    pipeline: str | None,
    density: Density,
    sources: Sequence[Source],
    *,
    by: int | Executor | None = None,
    tick: Tick = lambda *_: None,
) -> Iterator[tuple[Source, Extract]]:
    """Each source, in order and without its text, with what becomes of it.

    What is not kept is extracted by so many processes or by an executor, as in `workers`.
    """
    models = fingerprint.of_pipeline(pipeline) or ""
    keys = [_key(models, density, source) for source in sources]
    known = [kept.has(key) for key in keys]
    new = [source for source, is_known in zip(sources, known, strict=True) if not is_known]
    made = workers.explain(new, density, pipeline, by)
    for done, (source, key, is_known) in enumerate(zip(sources, keys, known, strict=True)):
        tick(done, len(sources), source.shown)
        extract = _read(kept.get(key)) if is_known else None
        if extract is None:
            # What is damaged is made here, as the workers have the others under way already.
            extract = next(workers.explain([source], density, pipeline) if is_known else made)
            kept.put(key, _EXTRACT.dump_json(extract))
        yield replace(source, body=""), extract
    tick(len(sources), len(sources), "")


def _key(models: str, density: Density, source: Source) -> str:
    """A digest of all that an extract comes of."""
    read = repr((source.title, source.recording))
    return digest("extract", fingerprint.of_tmscards(), models, density, read, source.body)


def _read(text: bytes | None) -> Extract | None:
    return None if text is None else _EXTRACT.validate_json(text)
