"""How long to wait before a store that was lost is tried again."""

from __future__ import annotations

from typing import Final

__all__ = ["pause_after"]

_PAUSES: Final = (0.0, 0.25, 0.5, 1.0, 2.0)
"""A connection may be lost while the store is well: the first time it is tried at once."""


def pause_after(failures: int) -> float:
    """Seconds to wait after so many failures in a row, one or more."""
    return _PAUSES[min(failures, len(_PAUSES)) - 1]
