"""Sentences and notes on record made by hand, for tests of what a rebuild does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tmscards.deck.matching import match
from tmscards.deck.reconciliation import Rules, reconcile
from tmscards.domain import Candidate, Gap, Record, SentenceResult, Source, SourcePath, SourceRecords

Files = dict[SourcePath, SourceRecords]


def candidate(text: str, *answers: str, path: str = "a.md", reason: str | None = None, **more: Any) -> Candidate:
    """A sentence of which a note would be made that asks for these words, unless there is a reason not to."""
    gaps = tuple(Gap(text.index(a), text.index(a) + len(a), a, 0.9) for a in answers)
    result = SentenceResult(1, text, "fact", 1.0, gaps, **more)
    source = Source(SourcePath(path), path, "Title", "")
    return Candidate(source, result, tuple(sorted(gaps, key=lambda g: g.start)), reason=reason)


def build(
    candidates: Sequence[Candidate], on_record: Mapping[SourcePath, SourceRecords] | None = None, **more: Any
) -> Files:
    """The records after a build of these sentences; `more` are fields of `Rules`."""
    rules = Rules(**{"deck": "Deck", "most": 3, "chosen_anew": False, "now": 2_000_000_000, **more})
    known = on_record or {}
    return reconcile(candidates, match(candidates, known), known, rules)


def notes(files: Files) -> list[Record]:
    """All notes on record."""
    return [note for file in files.values() for note in file.notes]
