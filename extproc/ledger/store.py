"""The file of the ledger: a database of SQLite.

Who writes does so in one process; who reads may be another one, at the same time (WAL:
https://www.sqlite.org/wal.html).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any, Final, TypeVar

from extproc.core.usage import TOKENS
from extproc.ledger.rows import ATTEMPT_COLUMNS, REQUEST_COLUMNS, Row, unpacked
from extproc.sqlite_file import opened, transaction

__all__ = ["LedgerError", "Store", "find", "latest", "reading"]

_T = TypeVar("_T")

_VERSION: Final = 1
"""Of the tables below."""
_PATIENCE: Final = 2.0
"""Seconds that another process may lock the file."""
_TOKEN_COLUMNS: Final = ", ".join(f"{kind} INTEGER" for kind in TOKENS)
_PRAGMAS: Final = "PRAGMA auto_vacuum = INCREMENTAL;"
_TABLES: Final = f"""
CREATE TABLE IF NOT EXISTS requests (
    request_id TEXT NOT NULL, trace_id TEXT NOT NULL, at REAL NOT NULL, route TEXT, model TEXT,
    tenant TEXT, status INTEGER, cost_usd REAL, first_model_usd REAL, default_model_usd REAL,
    receipt BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS requests_at ON requests (at);
CREATE INDEX IF NOT EXISTS requests_trace ON requests (trace_id);
CREATE INDEX IF NOT EXISTS requests_id ON requests (request_id);
CREATE TABLE IF NOT EXISTS attempts (
    request_id TEXT NOT NULL, number INTEGER NOT NULL, at REAL NOT NULL, route TEXT, model TEXT,
    tenant TEXT, status INTEGER, cost_usd REAL, unknown_cost INTEGER NOT NULL, {_TOKEN_COLUMNS}
);
CREATE INDEX IF NOT EXISTS attempts_at ON attempts (at);
"""
_A_TENTH: Final = 10
_MOST_LOOKED_THROUGH: Final = 20_000
"""Receipts, for those with one candidate: they are unpacked for that, in a second or so."""


class LedgerError(Exception):
    """The ledger cannot be read or written; the message says which file, and why."""


def _guarded(path: Path, action: Callable[[], _T]) -> _T:
    try:
        return action()
    except (sqlite3.Error, OSError) as error:
        raise LedgerError(f"the ledger {path} cannot be used: {error}") from error


class Store:
    """Writes to a ledger, which is made where there is none."""

    def __init__(self, path: Path, days: int, max_bytes: int) -> None:
        """
        Args:
            path: of the file.
            days: after which requests leave.
            max_bytes: that the file may have; of more, the oldest requests leave.

        Raises:
            LedgerError: the file cannot be had, or is something else.
        """
        self._path = path
        self._days = days
        self._max_bytes = max_bytes
        self._connection = _guarded(
            path, lambda: opened(path, _TABLES, _VERSION, patience=_PATIENCE, pragmas=_PRAGMAS)
        )

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def write(self, requests: Sequence[Row], attempts: Sequence[Row]) -> None:
        """Write down requests and attempts, all of them or none.

        Raises:
            LedgerError: the disk is full, the file is read-only, or it is gone.
        """
        _guarded(self._path, lambda: self._insert(requests, attempts))

    def forget(self, now: float) -> None:
        """Leave out what is too old, or too much.

        Args:
            now: seconds since the epoch.

        Raises:
            LedgerError: the file cannot be written.
        """
        _guarded(self._path, lambda: self._delete(now))

    def _insert(self, requests: Sequence[Row], attempts: Sequence[Row]) -> None:
        if not self._path.exists():
            raise LedgerError(f"the ledger {self._path} is gone")
        connection = self._connection
        with transaction(connection):
            connection.executemany(_insertion("requests", REQUEST_COLUMNS), requests)
            connection.executemany(_insertion("attempts", ATTEMPT_COLUMNS), attempts)

    def _delete(self, now: float) -> None:
        execute = self._connection.execute
        since = now - self._days * 86_400
        if self._used() > self._max_bytes:
            # A tenth at a time: the room is used again at once.
            query = "SELECT min(rowid) + (max(rowid) - min(rowid)) / ? FROM requests"
            (last,) = execute(query, (_A_TENTH,)).fetchone()
            execute("DELETE FROM requests WHERE rowid <= ?", (last,))
            (left,) = execute("SELECT min(at) FROM requests").fetchone()
            since = max(since, now if left is None else left)
        execute("DELETE FROM requests WHERE at < ?", (since,))
        execute("DELETE FROM attempts WHERE at < ?", (since,))
        # One step of this statement frees one page: a script is gone through to its end.
        self._connection.executescript("PRAGMA incremental_vacuum;")

    def _used(self) -> int:
        pages, free, size = (
            int(self._connection.execute(f"PRAGMA {name}").fetchone()[0])
            for name in ("page_count", "freelist_count", "page_size")
        )
        return (pages - free) * size


def reading(path: Path, read: Callable[[sqlite3.Connection], _T]) -> _T:
    """What is read from a ledger, in whatever process.

    Args:
        path: of the file.
        read: does so.

    Raises:
        LedgerError: there is no such file, it is something else, or it cannot be read.
    """
    if not path.is_file():
        raise LedgerError(f"there is no ledger {path}")

    def read_it() -> _T:
        address = f"{path.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=_PATIENCE)) as connection:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version != _VERSION:
                raise LedgerError(f"{path} is no ledger of this version of Dragoman")
            return read(connection)

    return _guarded(path, read_it)


def find(path: Path, key: str) -> list[dict[str, Any]]:
    """The receipts of a trace, the newest first; of a request's id, that request's first.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    query = (
        "SELECT receipt FROM requests WHERE request_id = :key OR trace_id = :trace OR trace_id = "
        "(SELECT trace_id FROM requests WHERE request_id = :key) "
        "ORDER BY request_id <> :key, at DESC"
    )
    asked = {"key": key, "trace": key.replace("-", "").lower()}
    rows = reading(path, lambda connection: connection.execute(query, asked).fetchall())
    return [unpacked(receipt) for (receipt,) in rows]


def latest(
    path: Path,
    limit: int,
    known: Container[str],
    *,
    route: str | None = None,
    model: str | None = None,
    trace_id: str | None = None,
) -> list[dict[str, Any]]:
    """The newest receipts first.

    Args:
        path: of the file.
        limit: how many there may be.
        known: ids of requests that are left out.
        route: only those of this route.
        model: only those that have this model among their candidates, of the latest 20,000.
        trace_id: only those of this trace.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    query = (
        "SELECT request_id, receipt FROM requests WHERE ifnull(route = :route, :route IS NULL) "
        "AND ifnull(trace_id = :trace_id, :trace_id IS NULL) ORDER BY at DESC LIMIT :most"
    )
    asked = {"route": route, "trace_id": trace_id, "most": _MOST_LOOKED_THROUGH}

    def matching(connection: sqlite3.Connection) -> Iterator[dict[str, Any]]:
        for request_id, packed in connection.execute(query, asked):
            if request_id in known:
                continue
            receipt = unpacked(packed)
            if model is None or any(each["model"] == model for each in receipt["candidates"]):
                yield receipt

    return reading(path, lambda connection: list(islice(matching(connection), limit)))


def _insertion(table: str, columns: Sequence[str]) -> str:
    places = ", ".join("?" * len(columns))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"  # noqa: S608 - ours
