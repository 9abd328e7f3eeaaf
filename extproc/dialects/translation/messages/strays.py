"""Members below the top of a body that no form has a place for: writers name them as lost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["Strays"]


class Strays:
    """Collects the first of each name, with its place. Null, false and what is empty say nothing.

    They join ``Request.extras`` and ``Request.paths``, where every writer looks for what it must
    carry, refuse or name.
    """

    __slots__ = ("paths", "values")

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.paths: dict[str, str] = {}

    def keep(self, holder: Mapping[str, Any], known: frozenset[str], path: str) -> None:
        """What ``holder`` has beside the ``known``."""
        if holder.keys() <= known:
            return
        for name, value in holder.items():
            if name not in known and value and name not in self.values:
                self.values[name] = value
                self.paths[name] = f"{path}.{name}"
