"""From which score a route matches in the classifier in the box. It takes a moment to load; this
does not."""

from __future__ import annotations

from typing import Final

__all__ = ["THRESHOLD"]

THRESHOLD: Final = 0.14
"""On the development sets' plateau."""
