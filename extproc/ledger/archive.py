"""A ledger as the admin port looks into it: for what memory does not have, as after a restart."""

from __future__ import annotations

from collections.abc import Container, Sequence
from pathlib import Path
from typing import Any

from extproc.ledger.store import LedgerError, find, latest

__all__ = ["Archive"]


class Archive:
    """What a ledger has. Of one that cannot be read it is nothing: who writes it says why."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def find(self, key: str) -> Sequence[dict[str, Any]]:
        """The receipts of a trace, or of a request and its trace."""
        try:
            return find(self._path, key)
        except LedgerError:
            return ()

    def latest(
        self, limit: int, known: Container[str], **chosen: str | None
    ) -> Sequence[dict[str, Any]]:
        """The newest receipts first; arguments as for ``store.latest``."""
        try:
            return latest(self._path, limit, known, **chosen)
        except LedgerError:
            return ()
