"""The ranker: how likely it is that a sentence is worth a card, and that each of its spans is a good gap.

A small transformer encoder reads a sentence together with its title and headings, and two heads rate the sentence and
its spans. The weights are in `weights.npz`, fit on labelled notes by `training/fit_ranker.py`. The computation is done
here in numpy, which spaCy needs anyway, so that nothing else has to be installed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np

from tmscards.domain import TokenSpan
from tmscards.language.wordpieces import Pieces, WordPieces

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

BATCH = 256
"""A batch is rated once it has this many pieces: more would not fit into a processor core's own cache."""


@dataclass(frozen=True, slots=True)
class Item:
    """A sentence to be rated."""

    words: tuple[str, ...]
    """As spaCy splits them."""
    spans: tuple[TokenSpan, ...]
    """What could be hidden, as places in `words`; from -1 to 0, the first title of the context."""
    context: tuple[str, ...] = ()
    """Title, heading and label above it."""
    features: tuple[bool, ...] = ()
    """Answers to `features.OF_SENTENCE`."""
    span_features: tuple[tuple[bool, ...], ...] = ()
    """Answers to `features.OF_SPAN` for each span."""


@dataclass(frozen=True, slots=True)
class Rating:
    """What the ranker thinks of a sentence; all values are likelihoods from 0 to 1."""

    worthy: float
    """That an expert would make a card from it."""
    important: float
    """That an expert would call that card a good one."""
    definition: float
    leans: float
    """That it refers to something outside it."""
    gaps: tuple[float, ...]
    """That an expert would keep a card which hides this span, for each of the spans: as often as it says."""
    asked: tuple[float, ...]
    """That each span is what an expert would ask who made a card of the sentence by leaving out words."""


class Ranker:
    """The encoder with its two heads."""

    def __init__(self, weights: dict[str, Any]) -> None:
        self._weights = weights
        self._pieces = WordPieces(bytes(weights["vocabulary"]).decode("utf-8").split("\n"))
        self._layers = sum(name.endswith(".qkv.weight") for name in weights)
        self._heads = int(weights["heads"])

    def rate(self, items: Sequence[Item]) -> list[Rating]:
        """Rate sentences, in their order. A rating depends on its own sentence only, not on those rated with it."""
        ratings: list[Rating] = []
        batch: list[tuple[Item, Pieces]] = []
        for item in items:
            batch.append((item, self._pieces.encode(item.words, item.context)))
            if sum(len(pieces.ids) for _, pieces in batch) >= BATCH:
                ratings += self._rate(batch)
                batch = []
        return [*ratings, *self._rate(batch)] if batch else ratings

    def _rate(self, batch: list[tuple[Item, Pieces]]) -> list[Rating]:
        states, end = self._encode([pieces for _, pieces in batch]), 0
        wholes, spans, counts = [], [], []
        for item, pieces in batch:
            state, end = states[end : end + pieces.lead[1]], end + pieces.lead[1]
            own = state[1 : pieces.text_end]
            mean = own.mean(axis=0) if len(own) else state[0]
            wholes.append(np.concatenate([state[0], mean, np.array(item.features, np.float32)]))
            counts.append(len(item.spans))
            if item.spans:
                spans.append(self._spans(state, mean, pieces, item))
        likely = _likelihood(self._head("sent", np.stack(wholes))).tolist()
        both = _likelihood(self._head("span", np.concatenate(spans))[:, ::2]).T.tolist() if spans else [[], []]
        ends = np.cumsum(counts).tolist()
        return [
            self._rating(of_sentence, both[0][e - n : e], both[1][e - n : e])
            for of_sentence, n, e in zip(likely, counts, ends, strict=True)
        ]

    def _rating(self, of_sentence: Sequence[float], gaps: Sequence[float], asked: Sequence[float]) -> Rating:
        worthy, important, definition, leans, possible = of_sentence
        kept = np.interp(worthy * np.array(gaps), *self._weights["calibration"]).tolist()
        return Rating(worthy, important, definition, leans, tuple(kept), tuple(possible * each for each in asked))

    def _spans(self, state: Floats, mean: Floats, pieces: Pieces, item: Item) -> Floats:
        """What the head for spans reads about the spans of a sentence, one row for each span."""
        starts, ends = np.array([pieces.place(span) for span in item.spans]).T
        sums = np.concatenate([np.zeros((1, state.shape[1]), np.float32), np.cumsum(state, axis=0)])
        means = (sums[ends] - sums[starts]) / (ends - starts)[:, None].astype(np.float32)
        whole = np.broadcast_to(mean, means.shape)
        told = np.array(item.span_features, np.float32)
        return np.concatenate([state[starts], state[ends - 1], means, whole, told], axis=1)

    def _head(self, name: str, features: Floats) -> Floats:
        w = self._weights
        hidden = _gelu(features @ w[f"{name}.1.weight"] + w[f"{name}.1.bias"])
        return hidden @ w[f"{name}.4.weight"] + w[f"{name}.4.bias"]  # type: ignore[no-any-return]

    def _encode(self, batch: list[Pieces]) -> Floats:
        """The last layer's state of each piece of the sentences and their leads: one row for each piece."""
        w = self._weights
        ids = np.array([number for pieces in batch for number in pieces.ids])
        at = np.concatenate([np.arange(len(pieces.ids)) for pieces in batch])
        text_end = np.repeat([pieces.text_end for pieces in batch], [len(pieces.ids) for pieces in batch])
        # The [SEP] between a sentence and its context counts as part of the sentence.
        second = (at > text_end).astype(np.int64)
        x = w["word.weight"][ids] * w["word.scale"][ids][:, None] + w["pos"][at] + w["typ"][second]
        x = self._norm("n0", x)
        lengths = [(len(pieces.ids), len(pieces.ids)) for pieces in batch]
        for layer in range(self._layers - 1):
            x = self._layer(f"layers.{layer}", x, x, lengths)
        # The last layer's states of the other titles are not needed.
        lengths = [(pieces.lead[1], len(pieces.ids)) for pieces in batch]
        needed = np.repeat([pieces.lead[1] for pieces in batch], [len(pieces.ids) for pieces in batch])
        return self._layer(f"layers.{self._layers - 1}", x[at < needed], x, lengths)

    def _layer(self, name: str, x: Floats, seen: Floats, lengths: list[tuple[int, int]]) -> Floats:
        """One encoder layer, in which the pieces `x` attend to the pieces `seen`, sentence by sentence.

        `lengths` says how many of each a sentence has. The computation is that of Vaswani et al. (2017), section 3.1.
        """
        w, size = self._weights, x.shape[1]
        weight, bias = w[f"{name}.qkv.weight"], w[f"{name}.qkv.bias"]
        shape = (-1, self._heads, size // self._heads)
        query = (x @ weight[:, :size] + bias[:size]).reshape(shape)
        query *= np.float32(shape[2] ** -0.5)
        key, value = ((seen @ weight[:, k : k + size] + bias[k : k + size]).reshape(shape) for k in (size, 2 * size))
        mixed, to, until = np.empty_like(query), 0, 0
        for own, all_own in lengths:
            asks, keys, values = (
                part.transpose(1, 0, 2)
                for part in (query[to : to + own], key[until : until + all_own], value[until : until + all_own])
            )
            attention = asks @ keys.transpose(0, 2, 1)
            attention -= attention.max(axis=-1, keepdims=True)
            np.exp(attention, out=attention)
            attention /= attention.sum(axis=-1, keepdims=True)
            mixed[to : to + own] = (attention @ values).transpose(1, 0, 2)
            to, until = to + own, until + all_own
        x = self._norm(f"{name}.n1", x + (mixed.reshape(x.shape) @ w[f"{name}.o.weight"] + w[f"{name}.o.bias"]))
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
    with files("tmscards.language").joinpath("weights.npz").open("rb") as stored:
        raw = np.load(stored)
        packed = {name: raw[name] for name in raw.files}
    return Ranker(unpack(packed))


def unpack(packed: dict[str, Any]) -> dict[str, Any]:
    """Convert stored weights, bytes with a scale for each output, to floats; embeddings stay bytes until read."""
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
    """The Gaussian error linear unit, approximated with tanh (Hendrycks and Gimpel 2016)."""
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
