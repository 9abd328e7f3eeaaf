"""Members that have no place in the form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from extproc.dialects.translation.common.identifiers import token

__all__ = ["Leftovers"]

_EMPTY: tuple[object, ...] = ("", [], {})


@dataclass(slots=True)
class Leftovers:
    """Members that have no place in the form, for ``Request.extras`` and ``Request.paths``.

    A member inside a list's items is kept once, under the list's name and its own
    (``messages.name``), which no top-level member of a dialect has: it must not be mistaken for
    one.
    """

    members: dict[str, Any] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)

    def inside(
        self, holder: Mapping[str, Any], known: frozenset[str], kind: str, path: str
    ) -> None:
        """Keep what stands in ``holder``, an item at ``path`` of the list ``kind``, unknown."""
        if holder.keys() <= known:
            return
        for name, value in holder.items():
            key = f"{kind}.{name}"
            if name in known or key in self.members:
                continue
            if value is not None and value is not False and value not in _EMPTY:
                self.members[key] = value
                self.paths[key] = f"{path}.{token(name)}"
