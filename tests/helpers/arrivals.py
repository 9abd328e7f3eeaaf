"""Requests that may hold as much as they like for as long as they like."""

from __future__ import annotations

from typing import Final

from extproc.worker.arrivals import Arrivals

__all__ = ["NO_BOUNDS"]

NO_BOUNDS: Final = Arrivals(2**40, 3600.0)
