"""Owns which sources are settled: they and their records are as the last build left them, so that their notes stay.

All that a build still has to know of them is what new statements are compared with.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pydantic import TypeAdapter

from tmscards import lint
from tmscards.cache import digest
from tmscards.domain import Draft, Source, SourceRecords, Verdict
from tmscards.matching import Matching
from tmscards.selection import normalised


@dataclass(frozen=True, slots=True)
class Settled:
    """What is kept of a settled source."""

    statements: tuple[Verdict, ...]
    """Those that have a note, with what is compared and nothing else."""
    free: tuple[str, ...]
    """The words of its other sentences: a note of another source could move to one."""
    left_out: Mapping[str, int] = field(default_factory=dict)
    """How many of them, by reason."""
    stamps: tuple[int, ...] = ()
    """All its timestamps, in seconds."""


_SETTLED = TypeAdapter(Settled)


def of_source(source: Source) -> str:
    """A digest of a source, by which it is known again without its text."""
    read = repr((source.path, source.title, source.recording, source.tags, source.lang))
    return digest(read, source.body)


def key(rules: str, source: str, record: str) -> str:
    """What it is kept under: digests of the rules for making notes, of the source, and of its record file."""
    return digest("settled", rules, source, record)


def read(text: bytes) -> Settled:
    """What was written."""
    return _SETTLED.validate_json(text)


def written(settled: Settled) -> bytes:
    """What `read` reads."""
    return _SETTLED.dump_json(settled)


def drafts(settled: Settled, source: Source) -> list[Draft]:
    """Its statements, to be compared with."""
    return [Draft(source, verdict, verdict.gaps) for verdict in settled.statements]


def could_take(others: Iterable[Settled], matching: Matching) -> bool:
    """Whether a note that has lost its sentence could have moved to one of these sources."""
    gone = {normalised(note.sentence) for _, note in matching.gone}
    return bool(gone) and any(not gone.isdisjoint(settled.free) for settled in others)


def of(
    drafts: Sequence[Draft],
    matching: Matching,
    indices: Sequence[int],
    file: SourceRecords | None,
    dropped: Iterable[str],
) -> Settled | None:
    """What is to be kept of a source after a build; None if the next build has to look at all of it again.

    `indices` are those of its drafts, `file` are its records, and `dropped` are sentences that nothing was drafted of.
    A source is not settled if a note has come from another source or lost its sentence, or if a statement was left out
    for another's sake, which may be gone by then.
    """
    notes, path = (file.notes, file.source) if file else ((), "")
    with_note = [i for i in indices if i in matching.known or drafts[i].verdict.reason is None]
    others = [drafts[i].verdict for i in sorted(set(indices) - set(with_note))]
    if (
        len(with_note) != len(notes)
        or any(note.status == "orphan" for note in notes)
        or any(i in matching.known and matching.known[i][0] != path for i in with_note)
        or any(finding.rule in lint.OF_A_DECK for verdict in others for finding in verdict.findings)
    ):
        return None
    free = (*(verdict.text for verdict in others), *dropped)
    return Settled(tuple(_slim(drafts[i]) for i in with_note), tuple(map(normalised, free)))


def _slim(draft: Draft) -> Verdict:
    gaps = tuple(replace(gap, repeats=(), hint="") for gap in draft.gaps)
    return Verdict(draft.verdict.line, draft.verdict.text, None, 0.0, gaps)
