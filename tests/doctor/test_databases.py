"""What is found of the ledger, and of the file in which limits and budgets are counted."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from extproc.config import parse
from extproc.doctor.databases import databases
from extproc.doctor.finding import Finding, Patient, State

TEXT = "version: v0.4.0\nmodel_providers: [{model: openai/gpt-4o, access_key: $KEY}]\n"
BOTH = "dragoman: {ledger: ledger.db, counters: {path: counters.db, on_failure: closed}}"
MIB = 2**20


def patient(text: str, directory: Path) -> Patient:
    loaded = parse(TEXT + text, {"KEY": "the-secret-key"}, directory=directory)
    return Patient(loaded.config, loaded.secrets.values, {}, 1)


def with_disk(monkeypatch: pytest.MonkeyPatch, *, free: int, flags: int = 0) -> None:
    disk = SimpleNamespace(f_bavail=free, f_frsize=1, f_flag=flags)
    monkeypatch.setattr(os, "statvfs", lambda _path: disk)


async def test_files_that_are_not_configured_are_not_looked_at(tmp_path: Path) -> None:
    assert not await databases(patient("", tmp_path))


async def test_files_with_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_disk(monkeypatch, free=200 * MIB)
    (tmp_path / "ledger.db").touch()
    ledger, counters = await databases(patient(BOTH, tmp_path))
    assert ledger == Finding(
        f"file {tmp_path / 'ledger.db'} (dragoman.ledger)", State.OK, "200 MiB free on its disk"
    )
    assert (counters.state, list(tmp_path.iterdir())) == (State.OK, [tmp_path / "ledger.db"])


async def test_a_disk_that_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_disk(monkeypatch, free=0)
    ledger, counters = await databases(patient(BOTH, tmp_path))
    assert ledger.state is State.FAILED
    assert ledger.found == "0 MiB free on its disk; requests are served, and not written down"
    assert ledger.advice == "Make room there, or name another place in dragoman.ledger."
    assert counters.found.endswith("; limits and budgets do as on_failure: closed says")


async def test_a_disk_that_is_nearly_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_disk(monkeypatch, free=50 * MIB)
    assert {each.state for each in await databases(patient(BOTH, tmp_path))} == {State.NOTE}


async def test_a_disk_that_is_read_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_disk(monkeypatch, free=200 * MIB, flags=os.ST_RDONLY)
    ledger, _ = await databases(patient(BOTH, tmp_path))
    assert (ledger.state, ledger.found.split(";")[0]) == (State.FAILED, "its disk is read-only")


async def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    examined = patient("dragoman: {ledger: ledger.db}", tmp_path)
    tmp_path.rmdir()
    (finding,) = await databases(examined)
    assert finding.found.startswith(f"{tmp_path}: No such file or directory; ")
    assert finding.advice == "Make that folder, or name another place in dragoman.ledger."


async def test_a_file_that_this_user_may_not_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)
    (finding,) = await databases(patient("dragoman: {ledger: ledger.db}", tmp_path))
    assert (finding.state, finding.found.split(";")[0]) == (
        State.FAILED,
        "this user may not write it",
    )


async def test_a_file_of_something_else(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").write_text("no database, and long enough to be looked at " * 20)
    (finding,) = await databases(patient("dragoman: {ledger: ledger.db}", tmp_path))
    assert finding.found.startswith("it cannot be read: file is not a database; ")
