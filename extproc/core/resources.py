"""What one Envoy may use of its machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["UNMEASURED", "Resources"]


@dataclass(frozen=True, slots=True)
class Resources:
    """``connections`` is how many clients may be connected at once; ``memory`` is in bytes, None is
    any amount. ``pressure_path`` is a file that says how much is used of what Envoy does not see
    itself, from 0 to 1; None where nobody writes one."""

    connections: int
    memory: int | None = None
    pressure_path: str | None = None


UNMEASURED: Final = Resources(50_000)
"""For an Envoy on a machine that nobody has looked at."""
