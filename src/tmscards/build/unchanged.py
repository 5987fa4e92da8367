"""Unchanged sources: they and their records are as the last build left them, so their notes stay as they are.

A build only has to know what new statements are to be compared with, and what it reports of these sources.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from itertools import chain

from pydantic import TypeAdapter

from tmscards.build.summary import SourceSummary
from tmscards.deck.matching import Matching
from tmscards.deck.selection import Others
from tmscards.domain import Candidate, SentenceResult, Source, SourcePath
from tmscards.storage.cache import parsed
from tmscards.text import normalised


@dataclass(frozen=True, slots=True)
class UnchangedSource:
    """What is kept of a source, and is read in every build."""

    beside: tuple[SourcePath, ...]
    """The other sources whose statements it repeats: it counts as unchanged only as long as they do."""
    words: str
    """All words by which its statements are compared, each once, with spaces between them."""
    repeated: str
    """The same for the statements that were left out because they repeat others."""
    summary: SourceSummary


@dataclass(frozen=True, slots=True)
class Details:
    """What else is kept of a source: it is seldom needed, and is parsed only then."""

    statements: tuple[SentenceResult, ...]
    """The statements that have a note, reduced to what is compared."""
    repeats: tuple[SentenceResult, ...]
    """The statements that were left out because they repeat others, likewise."""
    free: tuple[str, ...]
    """Its sentences without a note, normalised: a note of another source could move to one of them."""


_SOURCE, _DETAILS = TypeAdapter(UnchangedSource), TypeAdapter(Details)


class UnchangedSources:
    """The unchanged sources of a deck, none of which has to be looked at."""

    def __init__(self, texts: Mapping[SourcePath, bytes], sources: Mapping[SourcePath, Source]) -> None:
        """`texts` are what `dump` returned for each of them, and `sources` all sources of the deck, by their paths.

        A source that repeats one which has changed has to be looked at too, so it is left out, and so is one of which
        what is kept is damaged.
        """
        self._texts, self._sources = texts, sources
        read = {path: parsed(_SOURCE, text.partition(b"\n")[0]) for path, text in texts.items()}
        found = {path: one for path, one in read.items() if one}
        while awake := [path for path, one in found.items() if not found.keys() >= set(one.beside)]:
            for path in awake:
                del found[path]
        self.found: Mapping[SourcePath, UnchangedSource] = found
        """What is kept of each, by its path."""
        self._words = {path: frozenset(one.words.split()) for path, one in found.items()}
        self._common = Counter(chain.from_iterable(self._words.values()))

    def without(self, paths: Set[SourcePath]) -> UnchangedSources:
        """The unchanged sources except these, and except those that repeat these."""
        return UnchangedSources({path: self._texts[path] for path in self.found if path not in paths}, self._sources)

    @property
    def statements(self) -> Others:
        """The statements of all of them that have a note."""
        return self._others(self._words, lambda details: details.statements)

    @property
    def repeats(self) -> Others:
        """The statements of all of them that were left out because they repeat others."""
        words = {path: frozenset(one.repeated.split()) for path, one in self.found.items() if one.repeated}
        return self._others(words, lambda details: details.repeats)

    def could_take(self, matching: Matching) -> set[SourcePath]:
        """The sources to which a note that lost its sentence could have moved: they have it without a note."""
        gone = {normalised(note.sentence) for _, note in matching.gone}
        written = [words.encode() for words in gone]
        return {
            path
            for path in self.found
            if any(words in self._texts[path] for words in written)
            if not gone.isdisjoint(self._details(path).free)
        }

    def _others(
        self, of: Mapping[SourcePath, Set[str]], which: Callable[[Details], Iterable[SentenceResult]]
    ) -> Others:
        def having(words: Set[str]) -> Iterator[Candidate]:
            for path in (path for path, its in of.items() if any(word in its for word in words)):
                yield from (Candidate(self._sources[path], r, r.gaps) for r in which(self._details(path)))

        return Others(self._common, having)

    def _details(self, path: SourcePath) -> Details:
        return _DETAILS.validate_json(self._texts[path].partition(b"\n")[2])


def dump(source: UnchangedSource, details: Details) -> bytes:
    """What is kept of a source, as bytes for `UnchangedSources`."""
    return _SOURCE.dump_json(source) + b"\n" + _DETAILS.dump_json(details)
