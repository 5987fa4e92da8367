"""Owns which sources are settled: they and their records are as the last build left them, so that their notes stay.

All that a build still has to know of them is what new statements are compared with, and what it tells of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from itertools import chain

from pydantic import TypeAdapter

from tmscards.deck import selection
from tmscards.storage.cache import digest
from tmscards.domain import Draft, Source, SourceRecords, Told, Verdict
from tmscards.deck.matching import Matching
from tmscards.deck.selection import Others, normalised


@dataclass(frozen=True, slots=True)
class Settled:
    """What is kept of a settled source."""

    beside: tuple[str, ...]
    """The sources whose statements it repeats: it is settled as long as they are."""
    words: str
    """All that its statements are compared by, each once."""
    repeated: str
    """The same of those that were left out because they repeat others."""
    told: Told


@dataclass(frozen=True, slots=True)
class Details:
    """What is seldom asked about a settled source."""

    statements: tuple[Verdict, ...]
    """Those that have a note, with what is compared and nothing else."""
    repeats: tuple[Verdict, ...]
    """Those that were left out because they repeat others, likewise."""
    free: tuple[str, ...]
    """The words of its sentences without a note: a note of another source could move to one."""


_SETTLED, _DETAILS = TypeAdapter(Settled), TypeAdapter(Details)


def of_source(source: Source) -> str:
    """A digest of a source, by which it is known again without its text."""
    read = repr((source.path, source.title, source.recording, source.tags, source.lang))
    return digest(read, source.body)


def key(rules: str, source: str, record: str) -> str:
    """What it is kept under: digests of the rules for making notes, of the source, and of its record file."""
    return digest("settled", rules, source, record)


class Asleep:
    """The settled sources of a deck, none of which has to be looked at."""

    def __init__(self, texts: Mapping[str, bytes], sources: Mapping[str, Source]) -> None:
        """`texts` are what `of` gave for each, by its path.

        One that repeats a source which is not settled is not settled either.
        """
        self._texts, self._sources = texts, sources
        found = {path: _SETTLED.validate_json(text.partition(b"\n")[0]) for path, text in texts.items()}
        while awake := [path for path, one in found.items() if not found.keys() >= set(one.beside)]:
            for path in awake:
                del found[path]
        self.found: Mapping[str, Settled] = found
        """By the path of the source."""
        self._words = {path: frozenset(one.words.split()) for path, one in found.items()}
        self._common = Counter(chain.from_iterable(self._words.values()))

    def without(self, paths: Set[str]) -> Asleep:
        """All but these sources, and those that repeat them."""
        return Asleep({path: self._texts[path] for path in self.found if path not in paths}, self._sources)

    @property
    def statements(self) -> Others:
        """Their statements that have a note."""
        return self._others(self._words, lambda details: details.statements)

    @property
    def repeats(self) -> Others:
        """Their statements that were left out because they repeat others."""
        words = {path: frozenset(one.repeated.split()) for path, one in self.found.items() if one.repeated}
        return self._others(words, lambda details: details.repeats)

    def could_take(self, matching: Matching) -> set[str]:
        """The sources that a note which has lost its sentence could have moved to."""
        gone = {normalised(note.sentence) for _, note in matching.gone}
        written = [words.encode() for words in gone]
        return {
            path
            for path in self.found
            if any(words in self._texts[path] for words in written)
            if not gone.isdisjoint(self._details(path).free)
        }

    def _others(self, of: Mapping[str, Set[str]], which: Callable[[Details], Iterable[Verdict]]) -> Others:
        def having(words: Set[str]) -> Iterator[Draft]:
            for path in (path for path, its in of.items() if any(word in its for word in words)):
                yield from (Draft(self._sources[path], v, v.gaps) for v in which(self._details(path)))

        return Others(self._common, having)

    def _details(self, path: str) -> Details:
        return _DETAILS.validate_json(self._texts[path].partition(b"\n")[2])


def of(
    drafts: Sequence[Draft],
    matching: Matching,
    beside: Mapping[int, str],
    indices: Sequence[int],
    *,
    file: SourceRecords | None,
    dropped: Iterable[str],
    told: Told,
) -> bytes | None:
    """What is to be kept of a source after a build; None if the next build has to look at it again.

    `indices` are those of its drafts, `file` are its records, `dropped` are sentences that nothing was drafted of, and
    `beside` the sources for whose sake drafts were left out. A source is not settled if a note has come from another
    source, or could be either of two sentences.
    """
    notes, path = (file.notes, file.source) if file else ((), "")
    with_note = [i for i in indices if i in matching.known or drafts[i].verdict.reason is None]
    if (
        len(with_note) != sum(note.status != "orphan" for note in notes)
        or any(i in matching.known and matching.known[i][0] != path for i in with_note)
        or any(source == path for source, _ in matching.unsure)
    ):
        return None
    others = sorted(set(indices) - set(with_note))
    repeats = [i for i in others if i in beside]
    words, repeated = (
        " ".join(sorted({word for i in those for word in selection.words(drafts[i])})) for those in (with_note, repeats)
    )
    free = (*(drafts[i].verdict.text for i in others), *dropped)
    settled = Settled(tuple({beside[i]: None for i in repeats if beside[i] != path}), words, repeated, told)
    details = Details(
        tuple(_slim(drafts[i]) for i in with_note),
        tuple(_slim(drafts[i]) for i in repeats),
        tuple(normalised(text) for text in free),
    )
    return _SETTLED.dump_json(settled) + b"\n" + _DETAILS.dump_json(details)


def _slim(draft: Draft) -> Verdict:
    gaps = tuple(replace(gap, repeats=(), hint="") for gap in draft.gaps)
    return Verdict(draft.verdict.line, draft.verdict.text, None, 0.0, gaps)
