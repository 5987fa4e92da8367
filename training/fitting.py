"""Fits a model to labels and opinions, and asks it about rows."""

# torch has no types where it is not installed, and functions without types where it is.
# mypy: disallow-untyped-calls=False

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import torch
from models import Rater, batch_of, encode
from rows import Row, Target
from torch.nn.functional import binary_cross_entropy_with_logits as cross_entropy
from torch.nn.utils import clip_grad_norm_

Wanted = tuple[list[float], list[float], list[list[float]], list[float]]
"""What a model should say of a row: six likelihoods with their weights, and three for each span with theirs.

The sixth, which only the student gives, is what its first layers say of the first.
"""
_EVERY = 180
"""Seconds after which is kept what a fit has reached."""
_Model = TypeVar("_Model", bound=Rater)


@dataclass(frozen=True)
class Opinion:
    """What a model says of a sentence and its spans, as likelihoods."""

    sentence: tuple[float, ...]
    spans: tuple[tuple[float, float, float], ...]


def targets(label: Target | Opinion) -> Wanted:
    """What a model should learn from a row. Spans count as much as the sentence is worth a card."""
    if isinstance(label, Opinion):
        worthy, possible = label.sentence[0], label.sentence[4]
        return (
            [*label.sentence, worthy],
            [1.0, 1.0, 1.0, worthy, 1.0, 1.0],
            [list(s) for s in label.spans],
            [worthy, worthy, possible],
        )
    worthy, possible = float(label.worthy), float(label.possible or 0)
    sentence = [worthy, float(label.important), float(label.definition), float(label.leans), possible, worthy]
    weights = [1.0, 1.0, 1.0, worthy, float(label.possible is not None), 1.0]
    asked = label.asked or (False,) * len(label.gaps)
    spans = [list(map(float, each)) for each in zip(label.gaps, label.first, asked, strict=True)]
    return sentence, weights, spans, [worthy, worthy, possible]


def loss_of(outputs: tuple[torch.Tensor, torch.Tensor], wanted: list[Wanted]) -> torch.Tensor:
    """The cross-entropy of sentences and spans, and of choosing a good span among those of its sentence."""
    sentences, spans = outputs
    y, weight = torch.tensor([w[0] for w in wanted]), torch.tensor([w[1] for w in wanted])
    y, weight = y[:, : sentences.shape[1]], weight[:, : sentences.shape[1]]
    loss = 5 / 3 * (cross_entropy(sentences, y, reduction="none") * weight).sum() / weight.sum()
    of_span = torch.tensor([w[3] for w in wanted for _ in w[2]])
    if of_span.sum() == 0:
        return loss
    y = torch.tensor([each for w in wanted for each in w[2]])
    loss = loss + 1.5 * (cross_entropy(spans, y, reduction="none") * of_span).sum() / of_span.sum()
    for of in (0, 2):
        chosen, total, at = torch.zeros(()), 0.0, 0
        for _, _, each, weights in wanted:
            good = y[at : at + len(each), of]
            if weights[of] > 0.3 and good.sum() > 0.5:
                among = torch.log_softmax(spans[at : at + len(each), of], 0)
                chosen = chosen - weights[of] * torch.logsumexp(among + torch.log(good.clamp(min=1e-6)), 0)
                total += weights[of]
            at += len(each)
        loss = loss + 0.7 * chosen / total if total else loss
    return loss


@dataclass(frozen=True)
class Course:
    """How a model is fitted."""

    epochs: int
    size: int
    """Rows in a batch."""
    rate: float
    head_rate: float
    seed: int
    """It decides the order of the rows, and dropout."""


def fit(
    make: Callable[[], _Model],
    rows: Sequence[Row],
    said: Sequence[Target | Opinion],
    course: Course,
    kept: Path | None = None,
) -> _Model:
    """Fit a model to rows and what is said of them.

    What was reached is kept in a file, if one is given, every few minutes; a fit that was stopped goes on from there.
    """
    torch.manual_seed(0)
    model, encoded = make(), encode(rows)
    torch.manual_seed(course.seed)
    named = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    groups: tuple[list[object], list[object]] = ([], [])
    for name, parameter in named:
        groups[name.startswith(("sent.", "span.", "early."))].append(parameter)
    rates = [course.rate, course.head_rate]
    optimizer = torch.optim.AdamW(
        [{"params": group, "lr": r} for group, r in zip(groups, rates, strict=True)], weight_decay=0.01
    )
    steps = course.epochs * (math.ceil(len(rows) / course.size) + 2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rates, total_steps=steps, pct_start=0.1)
    shuffle = random.Random(course.seed)
    lengths = [len(e.ids) for e in encoded]
    batches = [batch for _ in range(course.epochs) for batch in shuffled_batches(lengths, course.size, shuffle)]
    done, parts = 0, (model, optimizer, schedule)
    if kept and kept.exists():
        stored = torch.load(kept, weights_only=True)
        done = stored["done"]
        torch.set_rng_state(stored["random"])
        for part, state in zip(parts, stored["states"], strict=True):
            part.load_state_dict(state)
    model.train()
    began, total, since = time.monotonic(), 0.0, 0
    for number, chosen in enumerate(batches[done:], done + 1):
        loss = loss_of(model(batch_of(encoded, chosen)), [targets(said[i]) for i in chosen])
        optimizer.zero_grad()
        loss.backward()
        clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        total, since = total + loss.item(), since + 1
        if time.monotonic() - began > _EVERY or number == len(batches):
            print(
                f"  {number} of {len(batches)} batches: loss {total / since:.3f}, {time.monotonic() - began:.0f} s",
                flush=True,
            )
            began, total, since = time.monotonic(), 0.0, 0
            if kept:
                states = [part.state_dict() for part in parts]
                torch.save({"done": number, "random": torch.get_rng_state(), "states": states}, f"{kept}.new")
                Path(f"{kept}.new").replace(kept)
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
                said[i] = Opinion(tuple(sentences[k].tolist()), tuple((p[0], p[1], p[2]) for p in pairs))
    return [said[i] for i in range(len(rows))]
