"""Counters in a file of SQLite, which the processes of one machine share.

A thread of its own waits for the disk and for other processes, so that an event loop never does.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, TypeVar

from extproc.quotas.counters import StoreError, Taken
from extproc.quotas.store import MOST_KEYS, Batch, Line
from extproc.sqlite_file import opened, transaction

__all__ = ["SqliteStore"]

_T = TypeVar("_T")

_VERSION: Final = 1
"""Of the table below."""
_PATIENCE: Final = 1.0
"""Seconds that other processes may lock the file."""
_FORGETTING: Final = 60.0
"""Seconds between two looks for what may be forgotten."""
_TABLE: Final = """
CREATE TABLE IF NOT EXISTS counters (
    key TEXT PRIMARY KEY, count INTEGER NOT NULL, expires INTEGER NOT NULL
) WITHOUT ROWID;
"""
_COUNT: Final = "SELECT count FROM counters WHERE key = ?"
_KEYS: Final = "SELECT key FROM counters WHERE key >= ?1 AND substr(key, 1, ?2) = ?1 LIMIT ?3"
_CHARGE: Final = """
INSERT INTO counters (key, count, expires) VALUES (:key, max(0, :amount), :expires)
ON CONFLICT (key) DO UPDATE SET count = max(0, count + :amount) RETURNING count
"""


class SqliteStore:
    """Counters in a file, which is made where there is none."""

    def __init__(self, path: Path) -> None:
        self.place = f"the file {path}"
        self._path = path
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="counters")
        self._connection: sqlite3.Connection | None = None
        self._inode: int | None = None
        self._forgot_at = 0.0

    async def open(self) -> None:
        self._connection = await self._apart(self._opened)

    async def exchange(self, batch: Batch) -> Sequence[Taken]:
        connection = self._connection
        if connection is None:
            raise StoreError("it is not open")
        return await self._apart(lambda: self._charged(connection, batch))

    async def keys(self, beginning: str) -> list[str]:
        connection = self._connection
        if connection is None:
            raise StoreError("it is not open")
        asked = (beginning, len(beginning), MOST_KEYS)
        rows = await self._apart(lambda: connection.execute(_KEYS, asked).fetchall())
        return [key for (key,) in rows]

    async def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            # What cannot be closed in order was broken before.
            with contextlib.suppress(StoreError):
                await self._apart(connection.close)

    async def _apart(self, action: Callable[[], _T]) -> _T:
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._thread, action)
        except (sqlite3.Error, OSError) as error:
            raise StoreError(str(error)) from error

    def _opened(self) -> sqlite3.Connection:
        connection = opened(self._path, _TABLE, _VERSION, patience=_PATIENCE)
        try:
            self._inode = self._path.stat().st_ino
        except BaseException:
            connection.close()
            raise
        return connection

    def _found(self) -> int | None:
        """The file at the path: another process may have made it anew where it was taken away."""
        try:
            return self._path.stat().st_ino
        except FileNotFoundError:
            return None

    def _charged(self, connection: sqlite3.Connection, batch: Batch) -> list[Taken]:
        if self._found() != self._inode:
            raise StoreError("it is gone")
        with transaction(connection):
            taken = [_taken(connection, item.lines) for item in batch]
            if time.time() - self._forgot_at > _FORGETTING:
                self._forgot_at = time.time()
                connection.execute("DELETE FROM counters WHERE expires < ?", (self._forgot_at,))
        return taken


def _taken(connection: sqlite3.Connection, lines: Sequence[Line]) -> Taken:
    counts = [_first(connection.execute(_COUNT, (line.key,))) for line in lines]
    if any(
        line.limit is not None and count + line.amount > line.limit
        for line, count in zip(lines, counts, strict=True)
    ):
        return Taken(False, tuple(counts))
    for index, line in enumerate(lines):
        if line.amount:
            asked = {"key": line.key, "amount": line.amount, "expires": line.expires}
            counts[index] = _first(connection.execute(_CHARGE, asked))
    return Taken(True, tuple(counts))


def _first(cursor: sqlite3.Cursor) -> int:
    rows = cursor.fetchall()
    return int(rows[0][0]) if rows else 0
