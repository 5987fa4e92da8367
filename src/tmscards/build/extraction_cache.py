"""Owns what extraction makes of a deck's sources: out of the cache where that is known, and anew where it is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pydantic import TypeAdapter

from tmscards.storage import fingerprint
from tmscards.storage.cache import Cache, digest
from tmscards.domain import Extract, Source
from tmscards.deck.recipes import Density
from tmscards.build.workers import Task, Workers, task

Tick = Callable[[int, int, str], None]
"""Told how many sources are done, of how many, and which comes next."""

_EXTRACT = TypeAdapter(Extract)


@dataclass(slots=True)
class Extracts:
    """What becomes of a deck's sources, those being under way that are not kept; it changes as they are done."""

    kept: Cache
    keys: Mapping[str, str]
    """By the path of each source what its extract is kept under."""
    new: dict[str, Source]
    """Those that are under way, by their paths."""
    made: Iterator[Extract]
    """What comes of them, in order."""
    here: Task
    """Extracts a source in this process."""

    def of(self, sources: Sequence[Source], tick: Tick = lambda *_: None) -> Iterator[tuple[Source, Extract]]:
        """Each of these sources, in order and without its text, with what becomes of it.

        All that are under way must be among those that are asked for first.
        """
        for done, source in enumerate(sources):
            tick(done, len(sources), source.shown)
            key, is_new = self.keys[source.path], self.new.pop(source.path, None) is not None
            extract = None if is_new else _read(self.kept.get(key))
            if extract is None:
                extract = next(self.made) if is_new else self.here(source)
                self.kept.put(key, _EXTRACT.dump_json(extract))
            yield replace(source, body=""), extract
        tick(len(sources), len(sources), "")


def begun(kept: Cache, workers: Workers, pipeline: str | None, density: Density, sources: Sequence[Source]) -> Extracts:
    """What becomes of a deck's sources. From now on the workers are at those that are not kept."""
    models = fingerprint.of_pipeline(pipeline) or ""
    keys = {source.path: _key(models, density, source) for source in sources}
    new = {source.path: source for source in sources if not kept.has(keys[source.path])}
    made = task(density, pipeline)
    return Extracts(kept, keys, new, workers.map(made, list(new.values())), made)


def _key(models: str, density: Density, source: Source) -> str:
    """A digest of all that an extract comes of."""
    read = repr((source.title, source.recording))
    return digest("extract", fingerprint.of_tmscards(), models, density, read, source.body)


def _read(text: bytes | None) -> Extract | None:
    return None if text is None else _EXTRACT.validate_json(text)
