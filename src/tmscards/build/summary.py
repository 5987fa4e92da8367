"""Owns what a build tells of a deck, and telling the same again as long as nothing has changed."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tmscards.domain import Location
from tmscards.errors import UserError
from tmscards.deck.reconciliation import Change


@dataclass(slots=True)
class Summary:
    """What a build made of a deck."""

    output: Path
    deck: str
    sources: int = 0
    notes: Counter[str] = field(default_factory=Counter)
    """By kind."""
    cards: Counter[str] = field(default_factory=Counter)
    """By kind."""
    left_out: Counter[str] = field(default_factory=Counter)
    """Sentences, by reason."""
    refused: list[UserError] = field(default_factory=list)
    warnings: list[UserError] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    look_changed: bool = False
    """The note type is not as it was shipped."""
    unsure: list[tuple[Location, str]] = field(default_factory=list)
    """Sentences that had a note and could now be either of two, so that the note was taken for neither."""
    seconds: float = 0.0
    is_new: bool = True
    """A build was needed, and has not only told again what the last one did."""

    @property
    def is_different(self) -> bool:
        """Whether learners would see a difference."""
        return bool(self.changes) or self.look_changed


def written(summary: Summary) -> bytes:
    """What the next build would tell if nothing changes till then."""
    told = {
        "sources": summary.sources,
        "notes": summary.notes,
        "cards": summary.cards,
        "left_out": summary.left_out,
        "refused": [str(error) for error in summary.refused],
        "warnings": [str(error) for error in summary.warnings],
    }
    return json.dumps(told).encode()


def read(text: bytes, output: Path, deck: str) -> Summary:
    """A summary of a build that changes nothing."""
    told = json.loads(text)
    summary = Summary(output, deck, told["sources"], is_new=False)
    summary.notes, summary.cards, summary.left_out = map(Counter, (told["notes"], told["cards"], told["left_out"]))
    summary.refused, summary.warnings = map(_errors, (told["refused"], told["warnings"]))
    return summary


def _errors(texts: list[str]) -> list[UserError]:
    return [UserError(text) for text in texts]
