"""The encoder: a MiniLM of six layers, fine-tuned for route descriptions, int8, by onnxruntime."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from extproc.intent.adapter import ADAPTER, Adapter
from extproc.intent.outline import to_load
from extproc.intent.quiet_runtime import session
from extproc.intent.vectors import Vector

__all__ = ["WEIGHTS", "Encoder"]

WEIGHTS = Path(__file__).with_name("data") / "encoder.onnx"

_PROMPT, _ROUTE = (np.array(kind, np.int64) for kind in (0, 1))


class Encoder:
    """Turns token ids into unit vectors; the dot product of two is their likeness, -1 to 1.

    One text per run, on the calling thread: activations are rounded by the range they have in the
    run, so a text's vector must not have neighbours to depend on. Threads may share an encoder; the
    interpreter is free while it runs.
    """

    def __init__(self, weights: Path = WEIGHTS, adapter: Path | None = ADAPTER) -> None:
        """Load the weights (once per process: about 12 MB, 20 MB that all share, and 0.03 s).

        Args:
            weights: the network; its outline is what is loaded, if there is one.
            adapter: what moves prompts' vectors; None leaves them where they are.

        Raises:
            onnxruntime.capi.onnxruntime_pybind11_state.NoSuchFile: there is no such file.
        """
        self._moved = Adapter(adapter) if adapter else None
        self._session = session(to_load(weights))

    def prompt(self, ids: Sequence[int]) -> Vector:
        """The vector of a conversation's ids, about 0.6 ms for ten of them and 4 ms for 64."""
        vector, early = self.halves(ids)
        return vector if self._moved is None else self._moved(vector, early)

    def halves(self, ids: Sequence[int]) -> tuple[Vector, Vector]:
        """What the adapter is given of a conversation's ids: the vector, and the one in the
        encoder's middle."""
        return self._run(ids, _PROMPT)

    def route(self, ids: Sequence[int]) -> Vector:
        """The vector of a route's ids."""
        return self._run(ids, _ROUTE)[0]

    def _run(self, ids: Sequence[int], kind: NDArray[np.int64]) -> tuple[Vector, Vector]:
        given = {"ids": np.asarray(ids, np.int64), "kind": kind}
        vector, early = self._session.run(["vector", "early"], given)
        return vector, early
