"""Whether the files that a sidecar writes to can be written, and have room."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

from extproc.doctor.finding import Finding, Patient, State

__all__ = ["databases"]

_MIB: Final = 2**20
_NONE_LEFT: Final = 2 * _MIB
"""Bytes with which SQLite can hardly add a page to its log any more."""
_LITTLE_LEFT: Final = 100 * _MIB


async def databases(patient: Patient) -> Sequence[Finding]:
    """Whether the ledger, and the file in which limits and budgets are counted, can be written."""
    return [_database(Path(path), key, meanwhile) for path, key, meanwhile in _files_of(patient)]


def _files_of(patient: Patient) -> Iterator[tuple[str, str, str]]:
    """Each file, the key that names it, and what happens as long as nothing can be written."""
    ledger, counters = patient.config.ledger, patient.config.counters
    if ledger is not None:
        yield ledger.path, "dragoman.ledger", "requests are served, and not written down"
    if counters is not None and counters.path is not None:
        meanwhile = f"limits and budgets do as on_failure: {counters.on_failure} says"
        yield counters.path, "dragoman.counters.path", meanwhile


def _database(path: Path, key: str, meanwhile: str) -> Finding:
    subject = f"file {path} ({key})"
    elsewhere = f"name another place in {key}."

    def failed(problem: str, advice: str) -> Finding:
        return Finding(
            subject, State.FAILED, f"{problem}; {meanwhile}", f"{advice}, or {elsewhere}"
        )

    try:
        disk = os.statvfs(path.parent)
    except OSError as error:
        return failed(f"{path.parent}: {error.strerror}", "Make that folder")
    if disk.f_flag & os.ST_RDONLY:
        return failed("its disk is read-only", "Mount it for writing")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        return failed("this user may not write it", "Give them the right to it")
    if (problem := _unreadable(path)) is not None:
        return failed(problem, "Move it away")
    free = disk.f_bavail * disk.f_frsize
    found = f"{free // _MIB} MiB free on its disk"
    if free < _NONE_LEFT:
        return failed(found, "Make room there")
    if free < _LITTLE_LEFT:
        return Finding(subject, State.NOTE, found, f"Make room there, or {elsewhere}")
    return Finding(subject, State.OK, found)


def _unreadable(path: Path) -> str | None:
    """What is wrong with a file that is there."""
    if not path.exists():
        return None
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
            database.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except sqlite3.Error as error:
        return f"it cannot be read: {error}"
    return None
