"""Which placeholder stands for what, for as long as one request and its answer take."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Final
from zlib import crc32

from extproc.core.pii import PiiKind

__all__ = ["LOOKS_MASKED", "PLACEHOLDER", "Vault", "redacted"]

_NAMES: Final = "|".join(kind.name for kind in PiiKind)
PLACEHOLDER: Final = re.compile(rf"<(?:{_NAMES})_[1-9]\d{{0,8}}>", re.ASCII)
LOOKS_MASKED: Final = re.compile(rf"(?:{_NAMES})_[1-9]".encode())
"""What every body has that holds a placeholder, however it is escaped."""


_KEPT: Final = 1_000_000
_APART: Final = 100
"""Requests that go on from different answers begin to count so far apart, a million of them."""


def redacted(kind: PiiKind) -> str:
    """What stands in place of something that is not to come back."""
    return f"[REDACTED_{kind.name}]"


class Vault:
    """Gives out placeholders such as ``<EMAIL_1>``: for one value one, numbered as values appear.

    So a conversation that grows from request to request is masked the same every time, and
    providers find its beginning in their caches.
    """

    __slots__ = ("_before", "_given", "_last", "_reserved", "_values")

    def __init__(self, reserved: Collection[str] = (), kept: str = "") -> None:
        """
        Args:
            reserved: placeholders that stand in the request already; they mean what the client
                means by them.
            kept: what names the conversation that its provider keeps, if the request goes on from
                one. Placeholders in that stand for something else, so others are given out.
        """
        self._reserved = frozenset(reserved)
        self._before = (1 + crc32(kept.encode()) % _KEPT) * _APART if kept else 0
        self._given: dict[tuple[PiiKind, str], str] = {}
        self._values: dict[str, str] = {}
        self._last: dict[PiiKind, int] = {}

    @property
    def values(self) -> Mapping[str, str]:
        """What each placeholder stands for."""
        return self._values

    def placeholder(self, kind: PiiKind, value: str) -> str:
        """What stands for a value."""
        known = self._given.get((kind, value))
        if known is not None:
            return known
        number = self._last.get(kind, self._before) + 1
        while (name := f"<{kind.name}_{number}>") in self._reserved:
            number += 1
        self._last[kind] = number
        self._given[kind, value] = name
        self._values[name] = value
        return name
