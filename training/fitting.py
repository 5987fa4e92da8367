"""Fits a model to labels and opinions, and asks it about rows."""

# torch has no types where it is not installed, and functions without types where it is.
# mypy: disallow-untyped-calls=False

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import torch
from models import Rater, batch_of, encode
from rows import Row, Target
from torch.nn.functional import binary_cross_entropy_with_logits as cross_entropy
from torch.nn.utils import clip_grad_norm_

Wanted = tuple[list[float], float, list[list[float]]]
"""What a model should say of a row: four likelihoods, a weight, and two likelihoods for each span."""
_Model = TypeVar("_Model", bound=Rater)


@dataclass(frozen=True)
class Opinion:
    """What a model says of a sentence and its spans, as likelihoods."""

    sentence: tuple[float, ...]
    spans: tuple[tuple[float, float], ...]


def targets(label: Target | Opinion) -> Wanted:
    """What a model should learn from a row. The weight is that of the last likelihood and of the spans."""
    if isinstance(label, Opinion):
        return list(label.sentence), label.sentence[0], [list(pair) for pair in label.spans]
    sentence = [label.worthy, label.important, label.definition, label.leans]
    spans = [list(map(float, pair)) for pair in zip(label.gaps, label.first, strict=True)]
    return list(map(float, sentence)), float(label.worthy), spans


def loss_of(outputs: tuple[torch.Tensor, torch.Tensor], wanted: list[Wanted]) -> torch.Tensor:
    """The cross-entropy of sentences and spans, and of choosing a good span among those of its sentence."""
    sentences, spans = outputs
    y = torch.tensor([w[0] for w in wanted])
    weight = torch.ones_like(y)
    weight[:, 3] = torch.tensor([w[1] for w in wanted])
    loss = 4 / 3 * (cross_entropy(sentences, y, reduction="none") * weight).sum() / weight.sum()
    of_span = torch.tensor([w[1] for w in wanted for _ in w[2]])
    if of_span.sum() == 0:
        return loss
    y = torch.tensor([pair for w in wanted for pair in w[2]])
    loss = loss + 1.5 * (cross_entropy(spans, y, reduction="none").mean(1) * of_span).sum() / of_span.sum()
    chosen, total, at = torch.zeros(()), 0.0, 0
    for _, worthy, pairs in wanted:
        good = y[at : at + len(pairs), 0]
        if worthy > 0.3 and good.sum() > 0.5:
            among = torch.log_softmax(spans[at : at + len(pairs), 0], 0)
            chosen = chosen - worthy * torch.logsumexp(among + torch.log(good.clamp(min=1e-6)), 0)
            total += worthy
        at += len(pairs)
    return loss + chosen / total if total else loss


def fit(
    make: Callable[[], _Model],
    rows: Sequence[Row],
    said: Sequence[Target | Opinion],
    *,
    epochs: int,
    size: int,
    rate: float,
    head_rate: float,
    seed: int,
) -> _Model:
    """Fit a model to rows and what is said of them, `size` rows at a time.

    The seed decides the order of the rows, and dropout.
    """
    torch.manual_seed(0)
    model, encoded = make(), encode(rows)
    torch.manual_seed(seed)
    named = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    groups: tuple[list[object], list[object]] = ([], [])
    for name, parameter in named:
        groups[name.startswith(("sent.", "span."))].append(parameter)
    rates = [rate, head_rate]
    optimizer = torch.optim.AdamW(
        [{"params": group, "lr": r} for group, r in zip(groups, rates, strict=True)], weight_decay=0.01
    )
    steps = epochs * (math.ceil(len(rows) / size) + 2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rates, total_steps=steps, pct_start=0.1)
    shuffle = random.Random(seed)
    for epoch in range(epochs):
        model.train()
        began, total = time.monotonic(), 0.0
        batches = shuffled_batches([len(e.ids) for e in encoded], size, shuffle)
        for chosen in batches:
            loss = loss_of(model(batch_of(encoded, chosen)), [targets(said[i]) for i in chosen])
            optimizer.zero_grad()
            loss.backward()
            clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            total += loss.item()
        print(f"  epoch {epoch + 1}: loss {total / len(batches):.3f}, {time.monotonic() - began:.0f} s", flush=True)
    return model


def shuffled_batches(lengths: list[int], size: int, shuffle: random.Random) -> list[list[int]]:
    """Batches of rows of about the same length, in a random order."""
    order = list(range(len(lengths)))
    shuffle.shuffle(order)
    batches = []
    for start in range(0, len(order), size * 20):
        part = sorted(order[start : start + size * 20], key=lambda i: lengths[i])
        batches += [part[k : k + size] for k in range(0, len(part), size)]
    shuffle.shuffle(batches)
    return batches


def predict(model: Rater, rows: Sequence[Row]) -> list[Opinion]:
    """What a model says of rows."""
    model.eval()
    encoded = encode(rows)
    order = sorted(range(len(rows)), key=lambda i: len(encoded[i].ids))
    said: dict[int, Opinion] = {}
    with torch.no_grad():
        for start in range(0, len(order), 32):
            chosen = order[start : start + 32]
            batch = batch_of(encoded, chosen)
            sentences, spans = (torch.sigmoid(x) for x in model(batch))
            for k, i in enumerate(chosen):
                pairs = spans[batch["of"] == k].tolist()
                said[i] = Opinion(tuple(sentences[k].tolist()), tuple((p[0], p[1]) for p in pairs))
    return [said[i] for i in range(len(rows))]
