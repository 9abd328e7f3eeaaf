"""Moves a prompt's vector to where the routes are that serve such prompts.

The encoder places "make the sidebar collapsible" near sidebars; people who send that to a model
want code. That it was an order is better told from the encoder's middle, where words still count,
so both are read. Learned apart from the encoder (``training/adapter.py``).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from extproc.intent.vectors import Vector

__all__ = ["ADAPTER", "Adapter"]

ADAPTER = Path(__file__).with_name("data") / "adapter.npz"


class Adapter:
    """A small layer beside a straight way through."""

    def __init__(self, file: Path = ADAPTER) -> None:
        """Load the weights (0.6 MB).

        Raises:
            FileNotFoundError: there is no such file.
        """
        with np.load(file) as arrays:
            self._inward: Vector = arrays["inward"].astype(np.float32)
            self._bias: Vector = arrays["bias"].astype(np.float32)
            self._outward: Vector = arrays["outward"].astype(np.float32)

    def __call__(self, vector: Vector, early: Vector) -> Vector:
        """The vector of a prompt, moved; about 25 µs.

        Args:
            vector: the prompt's, of unit length.
            early: its vector in the encoder's middle, of unit length.
        """
        hidden = np.maximum(np.concatenate((vector, early)) @ self._inward + self._bias, 0)
        moved: Vector = vector + hidden @ self._outward
        return moved / np.float32(np.sqrt(moved @ moved))
