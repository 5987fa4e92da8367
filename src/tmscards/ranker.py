"""Owns the ranker: how likely a sentence is worth a card, and each of its spans a good gap.

A small transformer encoder reads a sentence together with its title and headings, and two heads rate the sentence and
its spans. The weights are data, `weights.npz`, fit on labelled notes by `training/fit_ranker.py`; the sums are done
here in numpy, which spaCy brings along, so that nothing more has to be installed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np

from tmscards.wordpieces import Pieces, WordPieces

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

BATCH = 8
"""Sentences rated in one go, of about the same length: more would not fit into a processor core's own cache."""


@dataclass(frozen=True, slots=True)
class Item:
    """A sentence to be rated."""

    words: tuple[str, ...]
    """As spaCy cuts them."""
    spans: tuple[tuple[int, int], ...]
    """What could be hidden: words, half-open."""
    context: tuple[str, ...] = ()
    """Title, heading and label above it."""
    features: tuple[bool, ...] = ()
    """Answers to `features.OF_SENTENCE`."""
    span_features: tuple[tuple[bool, ...], ...] = ()
    """Answers to `features.OF_SPAN` for each span."""


@dataclass(frozen=True, slots=True)
class Rating:
    """What the ranker thinks of a sentence; all are likelihoods from 0 to 1."""

    worthy: float
    """That an expert would make a card of it."""
    important: float
    """That an expert would call that card a good one."""
    definition: float
    leans: float
    """That it refers to something outside it."""
    gaps: tuple[float, ...]
    """That each span is a good gap, if the sentence is worthy."""


class Ranker:
    """The encoder with its two heads."""

    def __init__(self, weights: dict[str, Any]) -> None:
        self._weights = weights
        self._pieces = WordPieces(bytes(weights["vocabulary"]).decode("utf-8").split("\n"))
        self._layers = sum(name.endswith(".qkv.weight") for name in weights)
        self._heads = int(weights["heads"])

    def rate(self, items: Sequence[Item]) -> list[Rating]:
        """Rate sentences. A rating depends on its own sentence alone, not on what is rated with it."""
        pieces = [self._pieces.encode(item.words, item.context) for item in items]
        order = sorted(range(len(items)), key=lambda i: len(pieces[i].ids))
        ratings: dict[int, Rating] = {}
        for start in range(0, len(order), BATCH):
            chosen = order[start : start + BATCH]
            rated = self._rate([pieces[i] for i in chosen], [items[i] for i in chosen])
            ratings.update(zip(chosen, rated, strict=True))
        return [ratings[i] for i in range(len(items))]

    def _rate(self, batch: list[Pieces], items: list[Item]) -> Iterator[Rating]:
        states = self._encode(batch)
        for state, pieces, item in zip(states, batch, items, strict=True):
            text = state[1 : pieces.text_end]
            mean = text.mean(axis=0) if len(text) else state[0]
            whole = np.concatenate([state[0], mean, np.array(item.features, np.float32)])
            worthy, important, definition, leans = _likelihood(self._head("sent", whole))
            gaps = _likelihood(self._rate_spans(state, mean, pieces, item)[:, 0]) if item.spans else ()
            yield Rating(float(worthy), float(important), float(definition), float(leans), tuple(map(float, gaps)))

    def _rate_spans(self, state: Floats, mean: Floats, pieces: Pieces, item: Item) -> Floats:
        last_piece = pieces.text_end - 1
        starts = np.array([min(pieces.words[a][0], last_piece) for a, _ in item.spans])
        ends = np.maximum(np.array([pieces.words[b - 1][1] for _, b in item.spans]), starts + 1)
        sums = np.concatenate([np.zeros((1, state.shape[1]), np.float32), np.cumsum(state, axis=0)])
        means = (sums[ends] - sums[starts]) / (ends - starts)[:, None].astype(np.float32)
        whole = np.broadcast_to(mean, means.shape)
        told = np.array(item.span_features, np.float32)
        return self._head("span", np.concatenate([state[starts], state[ends - 1], means, whole, told], axis=1))

    def _head(self, name: str, features: Floats) -> Floats:
        w = self._weights
        hidden = _gelu(features @ w[f"{name}.1.weight"] + w[f"{name}.1.bias"])
        return hidden @ w[f"{name}.4.weight"] + w[f"{name}.4.bias"]  # type: ignore[no-any-return]

    def _encode(self, batch: list[Pieces]) -> Floats:
        """The last layer's state of each piece: batch, pieces (padded), width."""
        w, longest = self._weights, max(len(p.ids) for p in batch)
        ids = np.zeros((len(batch), longest), np.int64)
        second = np.zeros((len(batch), longest), np.int64)
        hidden = np.full((len(batch), 1, 1, longest), np.float32(-1e9))
        for row, pieces in enumerate(batch):
            ids[row, : len(pieces.ids)] = pieces.ids
            second[row, pieces.text_end + 1 : len(pieces.ids)] = 1
            hidden[row, ..., : len(pieces.ids)] = 0
        x = w["word.weight"][ids] * w["word.scale"][ids][..., None] + w["pos"][:longest] + w["typ"][second]
        x = self._norm("n0", x.reshape(-1, x.shape[-1]))
        for layer in range(self._layers):
            x = self._layer(f"layers.{layer}", x, hidden)
        return x.reshape(len(batch), longest, -1)

    def _layer(self, name: str, x: Floats, hidden: Floats) -> Floats:
        """One encoder layer over all pieces of a batch, one below the other (Vaswani et al. 2017, section 3.1)."""
        w, size, length = self._weights, hidden.shape[0], hidden.shape[-1]
        width = x.shape[1] // self._heads
        qkv = (x @ w[f"{name}.qkv.weight"] + w[f"{name}.qkv.bias"]).reshape(size, length, 3, self._heads, width)
        query, key, value = qkv.transpose(2, 0, 3, 1, 4)
        weight = query @ key.transpose(0, 1, 3, 2)
        weight *= np.float32(width**-0.5)
        weight += hidden
        weight -= weight.max(axis=-1, keepdims=True)
        np.exp(weight, out=weight)
        weight /= weight.sum(axis=-1, keepdims=True)
        mixed = (weight @ value).transpose(0, 2, 1, 3).reshape(x.shape)
        x = self._norm(f"{name}.n1", x + (mixed @ w[f"{name}.o.weight"] + w[f"{name}.o.bias"]))
        inner = _gelu(x @ w[f"{name}.f1.weight"] + w[f"{name}.f1.bias"])
        return self._norm(f"{name}.n2", x + (inner @ w[f"{name}.f2.weight"] + w[f"{name}.f2.bias"]))

    def _norm(self, name: str, x: Floats) -> Floats:
        x = x - x.mean(axis=1, keepdims=True)
        variance = np.einsum("ij,ij->i", x, x) / np.float32(x.shape[1])
        x *= (1 / np.sqrt(variance + np.float32(1e-12)))[:, None]
        x *= self._weights[f"{name}.weight"]
        x += self._weights[f"{name}.bias"]
        return x


def load() -> Ranker:
    """The ranker with the weights that come with tmscards."""
    with files("tmscards").joinpath("weights.npz").open("rb") as stored:
        raw = np.load(stored)
        packed = {name: raw[name] for name in raw.files}
    return Ranker(unpack(packed))


def unpack(packed: dict[str, Any]) -> dict[str, Any]:
    """Stored weights, bytes with a scale for each output, as floats; the embeddings stay bytes until they are read."""
    weights = {}
    for name, values in packed.items():
        scale = packed.get(name.removesuffix(".weight") + ".scale")
        if name.startswith("word."):
            weights[name] = values
        elif name.endswith(".weight") and scale is not None:
            weights[name] = np.ascontiguousarray((values * scale[:, None]).T)
        elif not name.endswith(".scale"):
            weights[name] = values
    return weights


def _gelu(x: Floats) -> Floats:
    """The Gaussian error linear unit, by tanh (Hendrycks and Gimpel 2016)."""
    y = x * x
    y *= x
    y *= np.float32(0.044715)
    y += x
    y *= np.float32(0.7978845608)
    np.tanh(y, out=y)
    y += np.float32(1)
    y *= x
    y *= np.float32(0.5)
    return y


def _likelihood(x: Floats) -> Floats:
    return np.float32(1) / (np.float32(1) + np.exp(-x))
