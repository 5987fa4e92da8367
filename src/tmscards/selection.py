"""Owns which statements become notes: thresholds, duplicates, limits, and the gaps each note hides."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from tmscards.domain import Gap, Verdict
from tmscards.recipes import Limits

LOWEST_SCORE = 0.25
"""Of a statement."""
LOWEST_GAP = 0.55
CLOSE_TO_BEST = 0.12
"""A further gap must score at most this much below the best, or it asks for something not worth a card."""


def judge(verdict: Verdict) -> Verdict:
    """Leave out a statement that is too weak, or that has nothing worth hiding."""
    if verdict.reason is not None:
        return verdict
    if verdict.kind is None:
        return replace(verdict, reason="neither a definition nor a fact")
    if verdict.score < LOWEST_SCORE:
        return replace(verdict, reason=f"scores {verdict.score:.2f}, below {LOWEST_SCORE}")
    if not verdict.gaps or verdict.gaps[0].score < LOWEST_GAP:
        return replace(verdict, reason="no span worth recalling")
    return verdict


def limit(verdicts: Iterable[Verdict], limits: Limits) -> list[Verdict]:
    """Keep the best statements of one source, judged already, up to the recipe's limit, in their order."""
    judged = list(verdicts)
    if limits.notes_per_source is None:
        return judged
    kept = [i for i, v in enumerate(judged) if v.reason is None]
    best = sorted(kept, key=lambda i: (-judged[i].score, i))[: limits.notes_per_source]
    over = set(kept) - set(best)
    reason = f"over the limit of {limits.notes_per_source} notes a source"
    return [replace(v, reason=reason) if i in over else v for i, v in enumerate(judged)]


class Seen:
    """The statements a deck already has, so that each is kept once."""

    def __init__(self) -> None:
        self._where: dict[str, str] = {}

    def drop_repeated(self, verdicts: Iterable[Verdict], path: str) -> Iterator[Verdict]:
        """Leave out what says the same, word for word, as an earlier statement of the deck."""
        for verdict in verdicts:
            if verdict.reason is None:
                key = normalised(verdict.text)
                first = self._where.setdefault(key, f"{path}:{verdict.line}")
                if first != f"{path}:{verdict.line}":
                    yield replace(verdict, reason=f"says the same as {first}")
                    continue
            yield verdict


def normalised(text: str) -> str:
    """A text's words without case, punctuation and white space."""
    return " ".join(re.findall(r"[^\W_]+", text.lower()))


def gaps(verdict: Verdict, limits: Limits) -> tuple[Gap, ...]:
    """The gaps of a note, in the order of the text: the best, and those nearly as good, up to the recipe's limit."""
    if not verdict.gaps:
        return ()
    floor = max(LOWEST_GAP, verdict.gaps[0].score - CLOSE_TO_BEST)
    good = [g for g in verdict.gaps if g.score >= floor][: limits.cards_per_note]
    return tuple(sorted(good, key=lambda g: g.start))
