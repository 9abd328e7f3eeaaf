"""What texts become: vectors, and the scores that they are compared with."""

from __future__ import annotations

from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["WIDTH", "Thresholds", "Vector"]

WIDTH: Final = 384
"""The dimensions of a vector."""

Vector: TypeAlias = NDArray[np.float32]
Thresholds: TypeAlias = NDArray[np.float64]
"""As they are configured: 0.1 stays 0.1."""
