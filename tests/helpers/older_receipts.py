"""Receipts that memory has no longer, for tests of what looks for them."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Any

__all__ = ["OlderReceipts"]


class OlderReceipts:
    """Has receipts of some requests, which are all of one trace."""

    def __init__(self, trace: str, *requests: str) -> None:
        self._trace = trace
        self._receipts = [{"request_id": request} for request in requests]
        self.asked: list[tuple[int, dict[str, Any]]] = []
        """What lists were asked for: how long, and of what."""

    def find(self, key: str) -> Sequence[dict[str, Any]]:
        return self._receipts if key == self._trace else ()

    def latest(self, limit: int, known: Container[str], **chosen: Any) -> Sequence[dict[str, Any]]:
        self.asked.append((limit, chosen))
        return [each for each in self._receipts if each["request_id"] not in known][:limit]
