"""Networks whose weights are mapped instead of copied, so that all workers share them.

onnxruntime copies weights that are in a network's own file, and maps those that are in another one.
An outline is the network without its weights, for which it names the network's file.
"""

from __future__ import annotations

from pathlib import Path

__all__ = ["outline", "to_load"]


def outline(network: Path) -> Path:
    """Where a network's outline is; ``training/outline.py`` writes it."""
    return network.with_suffix(".outline.onnx")


def to_load(network: Path) -> Path:
    """The outline, if onnxruntime will take the weights for its own: they must be side by side,
    also where both are links. Else the network."""
    mapped = outline(network)
    beside = mapped.exists() and mapped.resolve().parent == network.resolve().parent
    return mapped if beside else network
