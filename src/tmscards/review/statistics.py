"""What a learner finds hard: how often the cards of each source, and of each minute of a recording, were forgotten."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from tmscards.anki.connect import Connection
from tmscards.build import pushing
from tmscards.build.project import DeckPaths
from tmscards.deck import records
from tmscards.domain import SourcePath
from tmscards.errors import UserError

LEECH = "leech"
"""The tag that Anki gives to notes whose cards are forgotten again and again."""
_SUSPENDED = -1
"""The queue of a suspended card."""
_MINUTE = 60
_LEAST = 2
"""So often must a minute have been forgotten to be named."""


@dataclass(slots=True)
class OfSource:
    """What Anki knows of the cards of one source."""

    source: SourcePath
    cards: int = 0
    suspended: int = 0
    leeches: int = 0
    """Notes, by Anki's own tag."""
    lapses: int = 0
    """How often its cards were forgotten."""
    minutes: Counter[int] = field(default_factory=Counter)
    """How often by minute of the recording."""

    def hardest(self) -> Iterator[tuple[int, int, int]]:
        """Stretches of the recording that were forgotten again and again: first and last second, and how often."""
        hard = sorted(minute for minute, lapses in self.minutes.items() if lapses >= _LEAST)
        starts = [minute for i, minute in enumerate(hard) if i == 0 or hard[i - 1] != minute - 1]
        ends = [one for one, other in pairwise(hard) if other != one + 1] + hard[-1:]
        for start, end in zip(starts, ends, strict=True):
            yield start * _MINUTE, (end + 1) * _MINUTE, sum(self.minutes[m] for m in range(start, end + 1))


def of_deck(deck: DeckPaths, anki: Connection) -> list[OfSource]:
    """What the running Anki knows of the cards of each source of a deck, the hardest first.

    Raises UserError if it has none of them, or cannot be asked.
    """
    on_record = records.read(deck.records)
    there = dict(pushing.known(anki, on_record.deck.note_type_name if on_record.deck else ""))
    found = []
    for file in on_record.sources.values():
        notes = [(note, there[note.guid]) for note in file.notes if note.guid in there]
        cards = _cards(anki, [card for _, info in notes for card in info["cards"]])
        of = OfSource(file.source)
        for note, info in notes:
            own = [cards[card] for card in info["cards"] if card in cards]
            lapses = sum(card.get("lapses", 0) for card in own)
            of.cards += len(own)
            of.suspended += sum(card.get("queue") == _SUSPENDED for card in own)
            of.leeches += LEECH in info["tags"]
            of.lapses += lapses
            if note.timestamp is not None:
                of.minutes[note.timestamp // _MINUTE] += lapses
        if of.cards:
            found.append(of)
    if not found:
        raise UserError("Anki has none of this deck's notes", hint="bring them there first: tmscards push")
    return sorted(found, key=lambda of: (-of.lapses, of.source))


def _cards(anki: Connection, ids: list[int]) -> Mapping[int, dict[str, Any]]:
    """What Anki knows of cards, by their ids."""
    found: dict[int, dict[str, Any]] = {}
    for start in range(0, len(ids), pushing.MANY):
        found |= {card["cardId"]: card for card in anki.ask("cardsInfo", cards=ids[start : start + pushing.MANY])}
    return found
