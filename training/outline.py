"""Writes the outline of a network: all but the weights, and where those are in its file.

    python -m training.outline [FILE]

onnxruntime copies weights that are in the network's own file, and maps those that are in another
one. So it is given an outline whose other file is the network: processes share its weights.
"""

from __future__ import annotations

import sys
from pathlib import Path

import onnx
from onnx.external_data_helper import set_external_data

from extproc.intent.encoder import WEIGHTS
from extproc.intent.outline import outline

__all__ = ["write_outline"]

_LEAST = 4096
"""Bytes: onnxruntime reads some small constants while it looks at the network."""


def write_outline(network: Path) -> Path:
    """Write the outline of a network beside it.

    Returns:
        Its file.
    """
    whole, model = network.read_bytes(), onnx.load(str(network))
    for constant in model.graph.initializer:
        size = len(constant.raw_data)
        if size >= _LEAST:
            at = whole.index(constant.raw_data)
            set_external_data(constant, network.name, at, size)
            constant.ClearField("raw_data")
    onnx.save(model, str(outline(network)))
    return outline(network)


if __name__ == "__main__":
    write_outline(Path(sys.argv[1]) if len(sys.argv) > 1 else WEIGHTS)
