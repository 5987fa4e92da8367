"""The encoder's layers as ONNX graphs that compute in 8 bits, as `tmscards.language.ranker` runs them.

A matrix is stored as bytes with a scale for each output, and the states that it is multiplied by become bytes with a
scale for each piece (Dettmers et al. 2022, LLM.int8(), section 3.1). So what becomes of a piece does not hang on how
large another one's states are. The bytes of a matrix have seven bits: with eight, the sums of processors without VNNI
would overflow, and ratings would differ from one processor to another.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper

_LARGEST = 63
_EPSILON = 1e-12


class _Graph:
    """The nodes and constants of a graph, as far as it is written."""

    def __init__(self, stored: Mapping[str, Any], heads: int) -> None:
        self._stored, self._heads = stored, heads
        self.nodes, self.constants = list[Any](), list[Any]()
        self.last = self._constant("last axis", np.array([1], np.int64))
        self.share, self.least = (self._constant(n, np.float32(v)) for n, v in (("share", 1 / 127), ("least", 1e-9)))
        self.zero, self.zero_byte = self._constant("zero", np.float32(128)), self._constant("zero byte", np.uint8(128))

    def layer(self, x: str, name: str) -> str:
        """Add an encoder layer (Vaswani et al. 2017, section 3.1) that reads the states `x`; returns what it makes."""
        width = self._stored[f"{name}.n1.weight"].shape[0]
        shape = self._constant(f"{name}.shape", np.array([0, self._heads, -1], np.int64))
        flat = self._constant(f"{name}.flat", np.array([0, -1], np.int64))
        size = self._constant(f"{name}.size", np.float32((width // self._heads) ** -0.5))
        parts = [f"{name}.{part}" for part in ("query", "key", "value")]
        self.nodes.append(helper.make_node("Split", [self._linear(x, f"{name}.qkv")], parts, axis=1, num_outputs=3))
        query, key, value = (
            self._add("Transpose", self._add("Reshape", part, shape), perm=order)
            for part, order in zip(parts, ([1, 0, 2], [1, 2, 0], [1, 0, 2]), strict=True)
        )
        attention = self._add("Softmax", self._add("Mul", self._add("MatMul", query, key), size), axis=-1)
        mixed = self._add("Transpose", self._add("MatMul", attention, value), perm=[1, 0, 2])
        x = self._normed(x, self._linear(self._add("Reshape", mixed, flat), f"{name}.o"), f"{name}.n1")
        inner = self._add("Gelu", self._linear(x, f"{name}.f1"), approximate="tanh")
        return self._normed(x, self._linear(inner, f"{name}.f2"), f"{name}.n2")

    def _linear(self, x: str, name: str) -> str:
        values = self._stored[f"{name}.weight"] * self._stored[f"{name}.scale"][:, None]
        scale = (np.abs(values).max(axis=1) / _LARGEST).astype(np.float32)
        matrix = self._constant(f"{name}.weight", np.round(values / scale[:, None]).astype(np.int8).T)
        scales, bias = (
            self._constant(f"{name}.scale", scale),
            self._constant(f"{name}.bias", self._stored[f"{name}.bias"]),
        )
        largest = self._add("ReduceMax", self._add("Abs", x), self.last, keepdims=1)
        own = self._add("Max", self._add("Mul", largest, self.share), self.least)
        whole = self._add("Add", self._add("Round", self._add("Div", x, own)), self.zero)
        sums = self._add("MatMulInteger", self._add("Cast", whole, to=TensorProto.UINT8), matrix, self.zero_byte)
        made = self._add("Mul", self._add("Cast", sums, to=TensorProto.FLOAT), own)
        return self._add("Add", self._add("Mul", made, scales), bias)

    def _normed(self, x: str, more: str, name: str) -> str:
        given = [self._constant(f"{name}.{what}", self._stored[f"{name}.{what}"]) for what in ("weight", "bias")]
        return self._add("LayerNormalization", self._add("Add", x, more), *given, axis=-1, epsilon=_EPSILON)

    def _constant(self, name: str, value: Any) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def _add(self, operator: str, *inputs: str, **given: Any) -> str:
        output = f"{operator} {len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [output], **given))
        return output


def of_layers(stored: Mapping[str, Any], heads: int, first: int, end: int) -> Any:
    """The layers from `first` to before `end` as the bytes of one graph, which makes states of states `x`."""
    graph, x = _Graph(stored, heads), "x"
    for number in range(first, end):
        x = graph.layer(x, f"layers.{number}")
    width = stored["layers.0.n1.weight"].shape[0]
    takes, makes = (helper.make_tensor_value_info(name, TensorProto.FLOAT, ["pieces", width]) for name in ("x", x))
    whole = helper.make_graph(graph.nodes, "encoder", [takes], [makes], graph.constants)
    versions = [helper.make_opsetid("", 20)]
    model = helper.make_model(whole, opset_imports=versions, ir_version=9, producer_name="tmscards")
    return np.frombuffer(model.SerializeToString(deterministic=True), np.uint8)
