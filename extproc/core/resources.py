"""What one Envoy may use of its machine."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

__all__ = ["UNMEASURED", "Resources", "in_a_container"]


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

_HEAP: Final = 0.85
"""What of a container's memory may be Envoy's heap: the rest is its code, stacks and buffers of the
kernel, which count against the container's limit too."""


def in_a_container(memory: int | None) -> Resources:
    """What an Envoy may use that has a container to itself.

    Args:
        memory: the container's limit in bytes; None where it has none.
    """
    heap = None if memory is None else int(memory * _HEAP)
    return replace(UNMEASURED, memory=heap)
