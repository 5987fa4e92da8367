"""The ranker: how likely it is that a sentence is worth a card, and that each of its spans is a good gap.

A small transformer encoder reads a sentence together with its title and headings, and three heads rate the sentence,
its spans, and which words a card shows beside a span. A fourth head looks at what the first layers say: some sentences
are hardly worth a card, and the other layers need not read them. All of it is in `weights.npz`, fit on labelled notes
by `training/fit_ranker.py`: the layers as two ONNX graphs that compute in 8 bits, which takes half the time, and the
heads as matrices. A sentence is rated by itself, so a rating never depends on those rated with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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
FIRST, OTHER = "first layers", "other layers"
"""The graphs of the encoder, by their names among the weights."""


@dataclass(frozen=True, slots=True)
class _Read:
    """A sentence with what some layers make of it."""

    item: Item
    pieces: Pieces
    states: Floats
    """A row for each piece."""


class Ranker:
    """The encoder with its heads."""

    def __init__(self, weights: dict[str, Any]) -> None:
        self._weights = weights
        self._pieces = WordPieces(bytes(weights["vocabulary"]).decode("utf-8").split("\n"))
        self._first, self._other = _session(weights[FIRST]), _session(weights[OTHER])

    def rate(self, items: Sequence[Item]) -> list[Rating]:
        """Rate sentences, in their order."""
        return [self._rate(item) for item in items]

    def _rate(self, item: Item) -> Rating:
        pieces = self._pieces.encode(item.words, item.context)
        read = _Read(item, pieces, _run(self._first, self._embedded(pieces)))
        worthy = float(_likelihood(self._head("early", _whole(read)))[0])
        if worthy < self._weights["stops"] and not item.wanted:
            nothing = (0.0,) * len(item.spans)
            return Rating(worthy, 0.0, 0.0, nothing, nothing)
        return self._rated(_Read(item, pieces, _run(self._other, read.states)))

    def _embedded(self, pieces: Pieces) -> Floats:
        """The states of the pieces of a sentence before any layer has read them."""
        w, ids, at = self._weights, np.array(pieces.ids), np.arange(len(pieces.ids))
        # The [SEP] between a sentence and its context counts as part of the sentence.
        second = (at > pieces.text_end).astype(np.int64)
        x = w["word.weight"][ids] * w["word.scale"][ids][:, None] + w["pos"][at] + w["typ"][second]
        return self._norm("n0", x)

    def _rated(self, read: _Read) -> Rating:
        """The rating of a sentence that all layers have read."""
        worthy, important, definition, _, possible = _likelihood(self._head("sent", _whole(read))).tolist()
        gaps, asked = _likelihood(self._head("span", _spans(read))[:, ::2]).T
        kept = tuple(np.interp(worthy * gaps, *self._weights["calibration"]).tolist())
        likeliest = tuple((possible * asked).tolist())
        return Rating(worthy, important, definition, kept, likeliest, self._left_out(read, kept))

    def _left_out(self, read: _Read, kept: Sequence[float]) -> tuple[tuple[float, ...], ...]:
        """`Rating.left_out`, on average of the words of a part; 0 for spans that hardly any card asks for."""
        item, w = read.item, self._weights
        words = [[i for i in range(*part) if any(map(str.isalnum, item.words[i]))] for part in item.parts]
        gaps = [span for span, likely in zip(item.spans, kept, strict=True) if likely >= ASKED]
        nothing = (0.0,) * len(words)
        if not words or not gaps:
            return (nothing,) * len(kept) if words else ()
        known = about_words(read.states, read.pieces, [i for part in words for i in part], gaps)
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

    def _norm(self, name: str, x: Floats) -> Floats:
        x = x - x.mean(axis=1, keepdims=True)
        variance = np.einsum("ij,ij->i", x, x) / np.float32(x.shape[1])
        x *= (1 / np.sqrt(variance + np.float32(1e-12)))[:, None]
        x *= self._weights[f"{name}.weight"]
        x += self._weights[f"{name}.bias"]
        return x


def _whole(read: _Read) -> Floats:
    """What the heads for sentences read: the states of [CLS] and, on average, of the sentence, and the answers."""
    state = read.states
    own = state[1 : read.pieces.text_end]
    mean = own.mean(axis=0) if len(own) else state[0]
    return np.concatenate([state[0], mean, np.array(read.item.features, np.float32)])


def _spans(read: _Read) -> Floats:
    """What the head for spans reads about the spans of a sentence, one row for each span."""
    item, state = read.item, read.states
    size = state.shape[1]
    if not item.spans:
        return np.zeros((0, 4 * size + len(OF_SPAN)), np.float32)
    starts, ends = np.array([read.pieces.place(span) for span in item.spans]).T
    sums = np.concatenate([np.zeros((1, size), np.float32), np.cumsum(state, axis=0)])
    means = (sums[ends] - sums[starts]) / (ends - starts)[:, None].astype(np.float32)
    whole = np.broadcast_to(_whole(read)[size : 2 * size], means.shape)
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


def _session(graph: NDArray[np.uint8]) -> Any:
    """What runs a graph, in one thread: workers are processes, and have a core each."""
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(bytes(graph), options, providers=["CPUExecutionProvider"])


def _run(session: Any, states: Floats) -> Floats:
    """What the layers of a graph make of states, which are shaped pieces, width."""
    return session.run(None, {"x": states})[0]  # type: ignore[no-any-return]


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
