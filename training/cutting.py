"""Fits what says which words an expert leaves out of a card: a small head on the states of a fitted ranker.

What an expert left out stands in `ideal.jsonl` beside the labels. The encoder stays as it is, so no likelihood of a
card changes.
"""

# torch has no types where it is not installed, and functions without types where it is.
# mypy: disallow-untyped-calls=False

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from models import HIDDEN, packed
from numpy.typing import NDArray
from rows import Row
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits as cross_entropy
from torch.nn.utils import clip_grad_norm_

from tmscards.language.extraction import LEFT_OUT
from tmscards.language.ranker import Ranker, about_words, unpack
from tmscards.language.rating import Item

EPOCHS, SIZE, RATE = 6, 16, 1e-3
"""How often all cards are seen, how many in a batch, and the highest rate of learning."""

Floats = NDArray[np.float32]
Example = tuple[Floats, Floats]
"""What is known of the words of a card outside its gap, a row for each; and 1 for each that the card shows."""


class _Reader(Ranker):
    """A ranker that keeps the states of the sentences that it rates."""

    def __init__(self, weights: dict[str, Any]) -> None:
        super().__init__(weights)
        self.read: list[Any] = []

    def _left_out(self, read: Any, _: Sequence[float]) -> tuple[tuple[float, ...], ...]:
        self.read.append(read)
        return ()


def item_of(row: Row) -> Item:
    """A row as the ranker rates it, by all layers."""
    return Item(row.words, row.spans, row.context, row.features, row.span_features, row.parts, wanted=True)


def examples(weights: Mapping[str, Any], rows: Sequence[Row]) -> list[Example]:
    """The cards that experts made of rows, as the head sees them."""
    reader, found = _Reader(unpack(dict(weights))), list[Example]()
    for row in rows:
        cuts = row.label.cuts if row.label else ()
        if not cuts:
            continue
        reader.read.clear()
        reader.rate([item_of(row)])
        read = reader.read[0]
        for cut in cuts:
            start, end = row.spans[cut.span]
            shown = [i for i, word in enumerate(row.words) if not start <= i < end and any(map(str.isalnum, word))]
            if shown:
                parts = about_words(read.states, read.pieces, shown, [row.spans[cut.span]])
                wide = [np.broadcast_to(part, (1, len(shown), part.shape[-1])) for part in parts]
                keeps = np.array([cut.keeps[i] for i in shown], np.float32)
                found.append((np.concatenate(wide, axis=-1)[0], keeps))
    return found


def head(found: Sequence[Example]) -> dict[str, Any]:
    """The weights of the head, as they are stored."""
    torch.manual_seed(0)
    shuffle, width = random.Random(0), found[0][0].shape[1]
    model = nn.Sequential(
        nn.Dropout(0.1), nn.Linear(width, HIDDEN), nn.GELU(approximate="tanh"), nn.Dropout(0.1), nn.Linear(HIDDEN, 1)
    )
    optimizer = torch.optim.AdamW(model.parameters(), weight_decay=0.01)
    steps = EPOCHS * (len(found) // SIZE + 1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps, pct_start=0.1)
    for _ in range(EPOCHS):
        order = shuffle.sample(range(len(found)), len(found))
        for at in range(0, len(order), SIZE):
            chosen = [found[i] for i in order[at : at + SIZE]]
            known, keeps = (np.concatenate(each) for each in zip(*chosen, strict=True))
            loss = cross_entropy(model(torch.from_numpy(known))[:, 0], torch.from_numpy(keeps))
            optimizer.zero_grad()
            loss.backward()
            clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
    return packed({f"cut.{name}": values for name, values in model.eval().state_dict().items()})


@dataclass
class Agreement:
    """How far what cards show agrees with what experts show, over many cards."""

    cards: int = 0
    alike: int = 0
    """Nine tenths of the words that either shows are shown by both."""
    long: int = 0
    """More than a third and four words longer than the expert's."""
    short: int = 0
    """Less than seven tenths of the words that the expert shows."""

    def add(self, shown: set[int], wanted: set[int]) -> None:
        """Count a card that shows some words of a sentence, of which the expert shows others."""
        both = len(shown & wanted)
        self.cards += 1
        self.alike += 2 * both >= 0.9 * (len(shown) + len(wanted))
        self.long += len(shown) > len(wanted) * 4 / 3 + 4
        self.short += both < 0.7 * len(wanted)

    def __str__(self) -> str:
        shares = (f"{name} {getattr(self, name) / max(1, self.cards):.3f}" for name in ("alike", "long", "short"))
        return ", ".join((f"{self.cards} cards", *shares))


def agreements(weights: Mapping[str, Any], known: Sequence[Row], held: Sequence[Row]) -> dict[str, Agreement]:
    """How far cards agree with experts' cards of held rows: whole, by the rules, and by a head fit on known rows."""
    ranker = Ranker(unpack({**weights, **head(examples(weights, known))}))
    found = {name: Agreement() for name in ("whole", "rules", "both")}
    for row in held:
        cuts = row.label.cuts if row.label else ()
        likely = ranker.rate([item_of(row)])[0].left_out if cuts else ()
        letters = {i for i, word in enumerate(row.words) if any(map(str.isalnum, word))}
        for cut in cuts:
            wanted = {i for i in letters if cut.keeps[i]}
            start, end = row.spans[cut.span]
            free = [(part, k) for k, part in enumerate(row.parts) if part.end <= start or end <= part.start]
            sure = [part for part, k in free if likely[cut.span][k] >= LEFT_OUT]
            for name, gone in (("whole", []), ("rules", [part for part, _ in free]), ("both", sure)):
                found[name].add(letters.difference(*(range(*part) for part in gone)), wanted)
    return found
