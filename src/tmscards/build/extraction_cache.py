"""Get the extracts of a deck's sources: those that are kept from the cache, the others by extracting them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import replace

from tmscards.build.incremental import Kept, source_digest
from tmscards.build.workers import Extracted, Workers, task
from tmscards.domain import Extract, Source, SourcePath
from tmscards.errors import UserError

Progress = Callable[[int, int, str], None]
"""Is called with the number of sources that are done, the number of all, and the name of the next one."""


class Unextractable(Exception):
    """Some sources could not be extracted."""

    def __init__(self, errors: Mapping[SourcePath, UserError]) -> None:
        self.errors = errors
        super().__init__(", ".join(errors))


class Extraction:
    """The sources of a deck and their extracts. Workers begin with those that are not kept as soon as it is made."""

    def __init__(self, kept: Kept, workers: Workers, pipeline: str | None, sources: Iterable[Source]) -> None:
        self._kept = kept
        self._whole = {source.path: source for source in sources}
        self.sources = {path: replace(source, body="") for path, source in self._whole.items()}
        """All sources, without their texts."""
        self.digests = {path: source_digest(source) for path, source in self._whole.items()}
        self._keys = {path: kept.extract_key(source) for path, source in self._whole.items()}
        self._under_way = {path for path, key in self._keys.items() if not kept.cache.has(key)}
        self._extract = task(pipeline)
        self._made = workers.map(self._extract, [self._whole[path] for path in self.sources if path in self._under_way])

    @property
    def under_way(self) -> Set[SourcePath]:
        """The paths of the sources that workers are still extracting."""
        return self._under_way

    def of(
        self, paths: Iterable[SourcePath], tick: Progress = lambda *_: None, *, is_last: bool = True
    ) -> Iterator[tuple[Source, Extract]]:
        """Yield each of these sources, in order and without its text, with its extract.

        The first call must ask for all sources that are under way. `is_last` says that no other call will follow: each
        text is then let go as soon as it is used, to leave the memory to the notes. Raises Unextractable after the last
        one if there were sources that could not be extracted.
        """
        failed: dict[SourcePath, UserError] = {}
        asked = list(paths)
        if is_last:
            self._whole = {path: self._whole[path] for path in asked}
        for done, path in enumerate(asked):
            tick(done, len(asked), self.sources[path].shown)
            whole = self._whole.pop(path) if is_last else self._whole[path]
            extract = self._extract_of(whole)
            if isinstance(extract, UserError):
                failed[path] = extract
            else:
                yield self.sources[path], extract
        tick(len(asked), len(asked), "")
        if failed:
            raise Unextractable(failed)

    def _extract_of(self, source: Source) -> Extracted:
        key = self._keys[source.path]
        is_new = source.path in self._under_way
        self._under_way.discard(source.path)
        known = None if is_new else self._kept.extract(key)
        if known is not None:
            return known
        extract = next(self._made) if is_new else self._extract(source)
        if isinstance(extract, Extract):
            self._kept.keep_extract(key, extract)
        return extract
