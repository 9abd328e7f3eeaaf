"""Writes the packaged encoder: int8 ONNX, one text per run.

    python -m training.export WEIGHTS [--share 1.0] [--output FILE]

Weights are rounded per output channel to seven bits and embeddings per row to eight, activations
per text at run time (dynamic quantisation). Seven bits, because processors without VNNI add pairs
of products in 16 bits, which eight-bit weights overflow: the same text must have the same answer
on any of them. One text per run, because the rounding of activations depends on everything in the
run: a text's vector must not depend on its neighbours.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from extproc.intent.encoder import WEIGHTS
from training.bert import Encoder
from training.evaluate import mixture
from training.outline import write_outline

__all__ = ["write_onnx"]

_HEADS = 12
_EPSILON = 1e-12
_OPSET = 17
_EARLY = 3


class _Graph:
    """Collects nodes and constants."""

    def __init__(self, bits: int) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self._peak = 2 ** (bits - 1) - 1
        self._count = 0

    def add(self, kind: str, inputs: list[str], domain: str = "", **attributes: object) -> str:
        self._count += 1
        output = f"{kind.lower()}_{self._count}"
        node = helper.make_node(kind, inputs, [output], domain=domain, **attributes)
        self.nodes.append(node)
        return output

    def constant(self, name: str, value: NDArray[np.generic]) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def dense(self, states: str, name: str, weight: NDArray[np.float32], bias: str) -> str:
        """``states @ weight.T + bias``, rounded as the module says."""
        scale = np.abs(weight).max(axis=1) / self._peak
        rounded = np.rint(weight / scale[:, None]).astype(np.int8).T
        inputs = [
            states,
            self.constant(f"{name}.weight", rounded),
            self.constant(f"{name}.scale", scale.astype(np.float32)),
            "",
            bias,
        ]
        return self.add("DynamicQuantizeMatMul", inputs, "com.microsoft")

    def pooled(self, states: str, name: str) -> None:
        """Put the mean of all tokens out, at unit length."""
        mean = self.add("ReduceMean", [states], axes=[0, 1], keepdims=0)
        length = self.add("ReduceL2", [mean], axes=[0], keepdims=1)
        self.nodes.append(helper.make_node("Div", [mean, length], [name]))


def write_onnx(encoder: Encoder, output: Path, bits: int = 7) -> None:
    """Write ``encoder``: inputs ``ids`` (int64, length) and ``kind`` (int64); outputs ``vector``
    and, from its middle, ``early``."""
    state = {name: value.float().numpy() for name, value in encoder.state_dict().items()}
    graph = _Graph(bits)
    states = _embedded(graph, state)
    for layer in range(len(encoder.layers)):
        states = _layer(graph, state, f"layers.{layer}", states)
        if layer + 1 == _EARLY:
            graph.pooled(states, "early")
    graph.pooled(states, "vector")
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "encoder",
            [
                helper.make_tensor_value_info("ids", TensorProto.INT64, ["length"]),
                helper.make_tensor_value_info("kind", TensorProto.INT64, []),
            ],
            [
                helper.make_tensor_value_info(name, TensorProto.FLOAT, [384])
                for name in ("vector", "early")
            ],
            graph.constants,
        ),
        opset_imports=[helper.make_opsetid("", _OPSET), helper.make_opsetid("com.microsoft", 1)],
        ir_version=9,
    )
    output.write_bytes(model.SerializeToString())


def _embedded(graph: _Graph, state: dict[str, NDArray[np.float32]]) -> str:
    words = state["words.weight"]
    scale = np.maximum(np.abs(words).max(axis=1, keepdims=True), 1e-8) / 127
    table = graph.constant("words", np.rint(words / scale).astype(np.int8))
    scales = graph.constant("words.scale", scale.astype(np.float32))
    rows = graph.add("Cast", [graph.add("Gather", [table, "ids"])], to=TensorProto.FLOAT)
    rows = graph.add("Mul", [rows, graph.add("Gather", [scales, "ids"])])
    positions = graph.constant("positions", state["positions.weight"][:128])
    length = graph.add("Shape", ["ids"])
    zero = graph.constant("zero", np.array([0], np.int64))
    rows = graph.add("Add", [rows, graph.add("Slice", [positions, zero, length])])
    kinds = graph.constant("kinds", state["kinds.weight"])
    rows = graph.add("Add", [rows, graph.add("Gather", [kinds, "kind"])])
    rows = graph.add("Unsqueeze", [rows, zero])
    norm = [graph.constant(f"norm.{part}", state[f"norm.{part}"]) for part in ("weight", "bias")]
    return graph.add("LayerNormalization", [rows, *norm], epsilon=_EPSILON)


def _layer(graph: _Graph, state: dict[str, NDArray[np.float32]], name: str, states: str) -> str:
    def dense(given: str, part: str) -> str:
        bias = graph.constant(f"{name}.{part}.bias", state[f"{name}.{part}.bias"])
        return graph.dense(given, f"{name}.{part}", state[f"{name}.{part}.weight"], bias)

    def joined(given: str, before: str, part: str) -> str:
        norm = [
            graph.constant(f"{name}.{part}.{kind}", state[f"{name}.{part}.{kind}"])
            for kind in ("weight", "bias")
        ]
        both = graph.add("Add", [given, before])
        return graph.add("LayerNormalization", [both, *norm], epsilon=_EPSILON)

    mixed = dense(states, "mixed")
    graph.nodes.append(
        helper.make_node("Split", [mixed], [f"{mixed}_{part}" for part in "qkv"], axis=2)
    )
    attended = graph.add(
        "MultiHeadAttention",
        [f"{mixed}_{part}" for part in "qkv"],
        "com.microsoft",
        num_heads=_HEADS,
    )
    states = joined(dense(attended, "attended"), states, "attended_norm")
    wide = graph.add("Gelu", [dense(states, "wide")], "com.microsoft")
    return joined(dense(wide, "narrow"), states, "narrow_norm")


def main() -> None:
    """Write the file that the command line names."""
    parser = argparse.ArgumentParser(description="Write the packaged encoder.")
    parser.add_argument("weights")
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--output", type=Path, default=WEIGHTS)
    options = parser.parse_args()
    weights = None if options.weights == "published" else Path(options.weights)
    write_onnx(mixture(weights, options.share), options.output)
    write_outline(options.output)


if __name__ == "__main__":
    main()
