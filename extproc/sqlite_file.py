"""A database of SQLite in a file, for whoever keeps something there.

The file is written ahead (https://www.sqlite.org/wal.html) and not synchronized at each commit:
what was written survives any end of our processes, and the last of it not the machine's.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["opened", "transaction"]


def opened(
    path: Path, tables: str, version: int, *, patience: float, pragmas: str = ""
) -> sqlite3.Connection:
    """Open a file, and make it where there is none; nobody but its owner may read it.

    Args:
        path: of the file.
        tables: statements that make what is not there yet.
        version: of these tables. https://www.sqlite.org/pragma.html#pragma_user_version
        patience: seconds that others may lock the file.
        pragmas: what is set before there are tables.

    Raises:
        sqlite3.Error: it is no such file, or one with tables of another version.
        OSError: it cannot be made.
    """
    path.touch(mode=0o600)
    connection = sqlite3.connect(
        path, timeout=patience, isolation_level=None, check_same_thread=False
    )
    try:
        (found,) = connection.execute("PRAGMA user_version").fetchone()
        if found not in (0, version):
            raise sqlite3.DatabaseError("it is of another version of Dragoman")
        connection.executescript(
            f"{pragmas} PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE; "
            f"{tables} PRAGMA user_version = {version}; COMMIT;"
        )
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All that is written meanwhile, or none of it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
