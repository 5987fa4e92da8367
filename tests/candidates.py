"""Owns sentences and notes on record made by hand, for tests of what a rebuild does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tmscards.deck.matching import match
from tmscards.deck.reconciliation import reconcile
from tmscards.domain import Candidate, Gap, Record, SentenceResult, Source, SourceRecords

Files = dict[str, SourceRecords]


def candidate(text: str, *answers: str, path: str = "a.md", **more: object) -> Candidate:
    """A sentence of which a note would be made that asks for these words."""
    gaps = tuple(Gap(text.index(a), text.index(a) + len(a), a, 0.9) for a in answers)
    result = SentenceResult(1, text, "fact", 1.0, gaps, **more)  # type: ignore[arg-type]
    return Candidate(Source(path, path, "Title", ""), result, tuple(sorted(gaps, key=lambda g: g.start)))


def build(
    candidates: Sequence[Candidate], on_record: Mapping[str, SourceRecords] | None = None, **more: object
) -> Files:
    """The records after a build of these sentences."""
    settings = {"most": 3, "chosen_anew": False, "now": 2_000_000_000, **more}
    known = on_record or {}
    return reconcile("Deck", candidates, match(candidates, known), known, **settings)  # type: ignore[arg-type]


def notes(files: Files) -> list[Record]:
    """All notes on record."""
    return [note for file in files.values() for note in file.notes]
