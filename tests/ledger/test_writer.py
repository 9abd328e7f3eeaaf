"""The ledger is written beside everything else, and what cannot be written is said and counted."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from pathlib import Path

import pytest

from extproc.core.ledger import LedgerSettings
from extproc.ledger.store import LedgerError, find
from extproc.ledger.writer import LedgerWriter
from extproc.telemetry.counterfactuals import Counterfactuals
from tests.helpers.telemetry_events import SNAPSHOT, TRACE, configuration, finished_request
from tests.helpers.waiting import until


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("extproc.ledger.writer._PERIOD", 0.01)


def writer(path: Path) -> LedgerWriter:
    counterfactuals = Counterfactuals(configuration(), lambda: SNAPSHOT)
    return LedgerWriter(LedgerSettings(str(path)), counterfactuals)


def is_written(path: Path, request_id: str) -> bool:
    try:
        return bool(find(path, request_id))
    except LedgerError:  # it is not there yet
        return False


async def test_what_is_taken_is_written_soon_and_the_rest_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    ledger = writer(path)
    async with ledger.writing():
        ledger.take([finished_request("first")])
        await until(lambda: is_written(path, "first"))
        ledger.take([finished_request("second")])
    assert len(find(path, TRACE)) == 2
    assert ledger.lost == 0


async def test_two_observers_may_write_one_after_the_other_and_at_once(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    older, newer = writer(path), writer(path)
    async with older.writing(), newer.writing():
        for number in range(20):
            (older if number % 2 else newer).take([finished_request(str(number))])
            await asyncio.sleep(0.01)
    assert len(find(path, TRACE)) == 20


async def test_a_ledger_that_cannot_be_written_is_said_once_and_when_it_is_over(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    folder = tmp_path / "volume"
    path = folder / "ledger.db"
    ledger = writer(path)
    async with ledger.writing():
        for number in range(3):
            ledger.take([finished_request(f"lost {number}")])
            await until(lambda seen=number + 1: ledger.lost == seen)  # type: ignore[misc]
        folder.mkdir()
        ledger.take([finished_request("kept")])
        await until(lambda: is_written(path, "kept"))
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 2
    assert said[0].startswith(f"the ledger {path} cannot be used: ")
    assert said[0].endswith("Requests are served, but not written down until that is mended.")
    assert said[1] == f"the ledger {path} is written again"
    assert ledger.lost == 3


async def test_a_full_disk_loses_what_does_not_fit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "ledger.db"
    opened = sqlite3.connect

    def small(*arguments: object, **options: object) -> sqlite3.Connection:
        connection: sqlite3.Connection = opened(*arguments, **options)  # type: ignore[call-overload]
        connection.execute("PRAGMA max_page_count = 60")
        return connection

    monkeypatch.setattr("extproc.sqlite_file.sqlite3.connect", small)
    ledger = writer(path)
    async with ledger.writing():
        ledger.take([finished_request("fits")])
        await until(lambda: is_written(path, "fits"))
        ledger.take([finished_request(str(number)) for number in range(2000)])
        await until(lambda: ledger.lost)
    assert ledger.lost == 2000
    assert len(find(path, TRACE)) == 1


async def test_what_was_written_is_not_lost_where_nothing_can_be_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_: object) -> None:
        raise LedgerError("the ledger cannot be used: locked")

    monkeypatch.setattr("extproc.ledger.writer.Store.forget", locked)
    path = tmp_path / "ledger.db"
    ledger = writer(path)
    async with ledger.writing():
        ledger.take([finished_request("first")])
        await until(lambda: is_written(path, "first"))
    assert ledger.lost == 0


async def test_of_too_many_that_wait_the_latest_are_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("extproc.ledger.writer._MOST_WAITING", 3)
    path = tmp_path / "ledger.db"
    ledger = writer(path)
    ledger.take([finished_request(str(number)) for number in range(2)])
    ledger.take([finished_request(str(number)) for number in range(2, 5)])
    assert ledger.lost == 2
    async with ledger.writing():
        pass
    assert {each["request_id"] for each in find(path, TRACE)} == {"0", "1", "2"}
