"""The ranker: how likely it is that a sentence is worth a card, and that each of its spans is a good gap.

A small transformer encoder reads a sentence together with its title and headings, and three heads rate the sentence,
its spans, and which words a card shows beside a span. A fourth head looks at what the first layers say: some sentences
are hardly worth a card, and the other layers need not read them. The weights are in `weights.npz`, fit on labelled
notes by `training/fit_ranker.py`. The computation is done here in numpy, which spaCy needs anyway, so that nothing else
has to be installed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np

from tmscards.language.features import OF_SPAN
from tmscards.language.rating import Item, Rating
from tmscards.language.wordpieces import Pieces, WordPieces

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

ASKED = 0.3
"""So likely must a card be kept for it to matter what it leaves out."""
BATCH = 256
"""A batch is rated once it has this many pieces: more would not fit into a processor core's own cache."""


@dataclass(frozen=True, slots=True)
class _Read:
    """A sentence that is being read."""

    number: int
    """Which of the sentences to be rated it is."""
    item: Item
    pieces: Pieces
    states: Floats | None = None
    """What the first layers make of its pieces, once they have read it."""

    @property
    def size(self) -> int:
        return len(self.pieces.ids)


class Ranker:
    """The encoder with its heads."""

    def __init__(self, weights: dict[str, Any]) -> None:
        self._weights = weights
        self._pieces = WordPieces(bytes(weights["vocabulary"]).decode("utf-8").split("\n"))
        self._layers = sum(name.endswith(".qkv.weight") for name in weights)
        self._early, self._heads = int(weights["early"]), int(weights["heads"])

    def rate(self, items: Sequence[Item]) -> list[Rating]:
        """Rate sentences, in their order. A rating depends on its own sentence only, not on those rated with it."""
        ratings: dict[int, Rating] = {}
        batch: list[_Read] = []
        ready: list[_Read] = []
        for number, item in enumerate(items):
            batch.append(_Read(number, item, self._pieces.encode(item.words, item.context)))
            if _size(batch) >= BATCH:
                ready += self._first_look(batch, ratings)
                batch = []
            if _size(ready) >= BATCH:
                self._second_look(ready, ratings)
                ready = []
        if batch:
            ready += self._first_look(batch, ratings)
        if ready:
            self._second_look(ready, ratings)
        return [ratings[number] for number in range(len(items))]

    def _first_look(self, batch: Sequence[_Read], ratings: dict[int, Rating]) -> list[_Read]:
        """Let the first layers read sentences: rates those that are hardly worth a card, and returns the others."""
        w = self._weights
        ids = np.array([number for read in batch for number in read.pieces.ids])
        at = np.concatenate([np.arange(read.size) for read in batch])
        text_end = np.repeat([read.pieces.text_end for read in batch], [read.size for read in batch])
        # The [SEP] between a sentence and its context counts as part of the sentence.
        second = (at > text_end).astype(np.int64)
        x = w["word.weight"][ids] * w["word.scale"][ids][:, None] + w["pos"][at] + w["typ"][second]
        x = self._norm("n0", x)
        lengths = [(read.size, read.size) for read in batch]
        for layer in range(self._early):
            x = self._layer(f"layers.{layer}", x, x, lengths)
        states = np.split(x, np.cumsum([read.size for read in batch])[:-1])
        wholes = [_whole(state, read) for state, read in zip(states, batch, strict=True)]
        likely = _likelihood(self._head("early", np.stack(wholes)))[:, 0].tolist()
        promising = []
        for read, state, worthy in zip(batch, states, likely, strict=True):
            if worthy < w["stops"] and not read.item.wanted:
                nothing = (0.0,) * len(read.item.spans)
                ratings[read.number] = Rating(worthy, 0.0, 0.0, nothing, nothing)
            else:
                promising.append(replace(read, states=state))
        return promising

    def _second_look(self, batch: Sequence[_Read], ratings: dict[int, Rating]) -> None:
        """Let the other layers read sentences, and rate them."""
        x = np.concatenate([read.states for read in batch])
        lengths = [(read.size, read.size) for read in batch]
        for layer in range(self._early, self._layers - 1):
            x = self._layer(f"layers.{layer}", x, x, lengths)
        # The last layer's states of the context are not needed, but for the lead's.
        needed = [read.pieces.lead[1] for read in batch]
        at = np.concatenate([np.arange(read.size) for read in batch])
        is_needed = at < np.repeat(needed, [read.size for read in batch])
        lengths = [(own, read.size) for own, read in zip(needed, batch, strict=True)]
        x = self._layer(f"layers.{self._layers - 1}", x[is_needed], x, lengths)
        states = np.split(x, np.cumsum(needed)[:-1])
        likely = _likelihood(self._head("sent", np.stack([_whole(s, r) for s, r in zip(states, batch, strict=True)])))
        spans = np.concatenate([_spans(state, read) for state, read in zip(states, batch, strict=True)])
        of_spans = _likelihood(self._head("span", spans)[:, ::2]).T if len(spans) else np.zeros((2, 0), np.float32)
        ends = np.cumsum([len(read.item.spans) for read in batch])[:-1]
        for read, state, of_sentence, gaps, asked in zip(
            batch, states, likely.tolist(), *(np.split(row, ends) for row in of_spans), strict=True
        ):
            worthy, important, definition, _, possible = of_sentence
            kept = tuple(np.interp(worthy * gaps, *self._weights["calibration"]).tolist())
            likeliest = tuple((possible * asked).tolist())
            left_out = self._left_out(state, read, kept)
            ratings[read.number] = Rating(worthy, important, definition, kept, likeliest, left_out)

    def _left_out(self, state: Floats, read: _Read, kept: Sequence[float]) -> tuple[tuple[float, ...], ...]:
        """`Rating.left_out`, on average of the words of a part; 0 for spans that hardly any card asks for."""
        item, w = read.item, self._weights
        words = [[i for i in range(*part) if any(map(str.isalnum, item.words[i]))] for part in item.parts]
        gaps = [span for span, likely in zip(item.spans, kept, strict=True) if likely >= ASKED]
        nothing = (0.0,) * len(words)
        if not words or not gaps:
            return (nothing,) * len(kept) if words else ()
        known = about_words(state, read.pieces, [i for part in words for i in part], gaps)
        weight, hidden, at = w["cut.1.weight"], w["cut.1.bias"], 0
        for part in known:
            hidden = hidden + part @ weight[at : at + part.shape[-1]]
            at += part.shape[-1]
        shown = (_gelu(hidden) @ w["cut.4.weight"] + w["cut.4.bias"])[:, :, 0]
        counts = [len(part) for part in words]
        starts = np.cumsum([0, *counts[:-1]])
        means = (np.add.reduceat(shown, starts, axis=1) / np.array(counts)).astype(np.float32)
        likely = iter(_likelihood(-means).tolist())
        return tuple(tuple(next(likely)) if each >= ASKED else nothing for each in kept)

    def _head(self, name: str, features: Floats) -> Floats:
        w = self._weights
        hidden = _gelu(features @ w[f"{name}.1.weight"] + w[f"{name}.1.bias"])
        return hidden @ w[f"{name}.4.weight"] + w[f"{name}.4.bias"]  # type: ignore[no-any-return]

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


def _size(batch: Sequence[_Read]) -> int:
    return sum(read.size for read in batch)


def _whole(state: Floats, read: _Read) -> Floats:
    """What the heads for sentences read: the states of [CLS] and, on average, of the sentence, and the answers."""
    own = state[1 : read.pieces.text_end]
    mean = own.mean(axis=0) if len(own) else state[0]
    return np.concatenate([state[0], mean, np.array(read.item.features, np.float32)])


def _spans(state: Floats, read: _Read) -> Floats:
    """What the head for spans reads about the spans of a sentence, one row for each span."""
    item, size = read.item, state.shape[1]
    if not item.spans:
        return np.zeros((0, 4 * size + len(OF_SPAN)), np.float32)
    starts, ends = np.array([read.pieces.place(span) for span in item.spans]).T
    sums = np.concatenate([np.zeros((1, size), np.float32), np.cumsum(state, axis=0)])
    means = (sums[ends] - sums[starts]) / (ends - starts)[:, None].astype(np.float32)
    whole = np.broadcast_to(_whole(state, read)[size : 2 * size], means.shape)
    told = np.array(item.span_features, np.float32)
    return np.concatenate([state[starts], state[ends - 1], means, whole, told], axis=1)


def about_words(
    state: Floats, pieces: Pieces, words: Sequence[int], gaps: Sequence[tuple[int, int]]
) -> tuple[Floats, Floats, Floats, Floats]:
    """What the head for words reads of some words of a sentence beside each of some gaps, which are spans of words.

    The states of each word, of each gap and of the sentence, and how many pieces before and behind the gap the word is
    (16 at most, as a share of that), and whether it is in it. The four are shaped gaps, words, features, or broadcast.
    """
    sums = np.concatenate([np.zeros((1, state.shape[1]), np.float32), np.cumsum(state, axis=0)])
    (first, end), (start, stop) = (
        np.array([pieces.place(span) for span in spans]).T for spans in ([(i, i + 1) for i in words], gaps)
    )
    own = (sums[end] - sums[first]) / (end - first)[:, None].astype(np.float32)
    gap = (sums[stop] - sums[start]) / (stop - start)[:, None].astype(np.float32)
    whole = state[1 : pieces.text_end].mean(axis=0)
    start, stop = start[:, None], stop[:, None]
    before, behind = np.clip(start - end + 1, 0, 16) / 16, np.clip(first - stop + 1, 0, 16) / 16
    place = np.stack([before, behind, (first >= start) & (end <= stop)], axis=-1).astype(np.float32)
    return own[None], gap[:, None], whole[None, None], place


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
