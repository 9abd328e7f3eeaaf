"""The file of the ledger: what is written is found, what is old leaves, and faults are said."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Sequence
from pathlib import Path

import pytest

from extproc.core.ledger import LedgerSettings
from extproc.ledger.archive import Archive
from extproc.ledger.rows import attempt_rows, request_row
from extproc.ledger.store import LedgerError, Store, find, latest, reading
from extproc.telemetry.counterfactuals import Counterfactuals
from extproc.telemetry.receipt import Receipt
from extproc.telemetry.receipt_json import receipt_json
from tests.helpers.telemetry_events import (
    CLAUDE,
    MINI,
    NOW,
    SNAPSHOT,
    TRACE,
    configuration,
    decision,
    finished_request,
)

COUNTERFACTUALS = Counterfactuals(configuration(), lambda: SNAPSHOT)
DAYS = 86_400.0


def store(path: Path, days: int = 30, max_bytes: int = 2**30) -> Store:
    return Store(path, days, max_bytes)


def write(ledger: Store, receipts: Sequence[Receipt]) -> None:
    ledger.write(
        [request_row(receipt, COUNTERFACTUALS) for receipt in receipts],
        [row for receipt in receipts for row in attempt_rows(receipt)],
    )


def count(path: Path, table: str) -> int:
    def read(connection: sqlite3.Connection) -> int:
        (found,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608
        return int(found)

    return reading(path, read)


def test_receipts_survive(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    ledger = store(path)
    first = finished_request("first", at=NOW)
    second = finished_request("second", at=NOW + 1)
    write(ledger, [first, finished_request("other", trace_id="b" * 32)])
    write(ledger, [second])
    ledger.close()
    write(again := store(path), [])
    again.close()
    assert find(path, TRACE) == [receipt_json(second), receipt_json(first)]
    assert find(path, TRACE.upper()) == find(path, TRACE)
    assert [each["request_id"] for each in find(path, "first")] == ["first", "second"]
    assert find(path, "unknown") == []


def test_names_that_clients_chose_are_written_down(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    odd = finished_request("odd", route="a\ud83d", requested_model="\ud83d")
    write(store(path), [odd])
    (receipt,) = find(path, "odd")
    assert (receipt["route"], receipt["requested_model"]) == ("a?", "?")


def test_nobody_else_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    write(store(path), [finished_request("first")])
    for each in tmp_path.iterdir():
        assert stat.S_IMODE(each.stat().st_mode) == 0o600


def test_what_is_too_old_leaves(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    ledger = store(path, days=2)
    write(ledger, [finished_request(str(day), at=NOW - day * DAYS) for day in range(5)])
    ledger.forget(NOW + 1)
    assert [count(path, table) for table in ("requests", "attempts")] == [2, 2]
    assert [bool(find(path, str(day))) for day in range(5)] == [True, True, False, False, False]


def test_the_oldest_leave_when_there_is_too_much(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    ledger = store(path, max_bytes=150_000)
    write(ledger, [finished_request(str(number), at=NOW + number) for number in range(400)])
    before = count(path, "requests")
    for _ in range(30):
        ledger.forget(NOW)
    left = count(path, "requests")
    assert 0 < left < before
    assert count(path, "attempts") == left
    assert find(path, "399")
    assert not find(path, "0")
    ledger.close()
    assert path.stat().st_size <= 200_000


def test_a_batch_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    ledger = store(path)
    good = request_row(finished_request("good"), COUNTERFACTUALS)
    with pytest.raises(LedgerError, match="cannot be used: NOT NULL constraint failed"):
        ledger.write([good, (None, *good[1:])], [])
    assert count(path, "requests") == 0
    write(ledger, [finished_request("later")])
    assert count(path, "requests") == 1


def test_a_file_that_disappears_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    ledger = store(path)
    path.unlink()
    with pytest.raises(LedgerError, match="is gone"):
        write(ledger, [finished_request("first")])


def test_what_is_no_ledger_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    path.write_text("a letter" * 200)
    with pytest.raises(LedgerError, match="file is not a database"):
        store(path)
    assert path.read_text() == "a letter" * 200
    with pytest.raises(LedgerError, match="file is not a database"):
        find(path, TRACE)


def test_a_ledger_of_another_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(LedgerError, match="another version"):
        store(path)
    with pytest.raises(LedgerError, match="no ledger of this version"):
        find(path, TRACE)


def test_who_reads_makes_no_file(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="there is no ledger"):
        find(tmp_path / "ledger.db", TRACE)
    assert [*tmp_path.iterdir()] == []


def test_attempts_have_their_own_rows() -> None:
    receipt = finished_request("first", models=((CLAUDE, 429), (MINI, 200)), tenant="us")
    rows = attempt_rows(receipt)
    assert [(row[0], row[1], row[4], row[5], row[6]) for row in rows] == [
        ("first", 1, CLAUDE, "us", 429),
        ("first", 2, MINI, "us", 200),
    ]
    assert [row[8] for row in rows] == [0, 0]
    assert attempt_rows(finished_request("unpriced", models=((CLAUDE, 200),)))[0][8] == 1
    undecided = Receipt(decision())
    assert request_row(undecided, COUNTERFACTUALS)[3:10] == ("code", *(None,) * 6)


def test_defaults() -> None:
    assert LedgerSettings("x") == LedgerSettings("x", 30, 2**30)


def test_the_latest_are_listed(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    ledger = store(path)
    requests = [
        finished_request(name, at=NOW + number, trace_id=trace, route=route)
        for number, (name, trace, route) in enumerate(
            [("a", TRACE, "code"), ("b", "b" * 32, None), ("c", TRACE, None), ("d", TRACE, "code")]
        )
    ]
    write(ledger, requests)
    ledger.close()

    def listed(limit: int = 50, known: Sequence[str] = (), **chosen: str) -> str:
        return "".join(each["request_id"] for each in latest(path, limit, known, **chosen))

    assert listed() == "dcba"
    assert latest(path, 1, ()) == [receipt_json(requests[3])]
    assert listed(2, ("d", "b")) == "ca"
    assert listed(route="code") == "da"
    assert listed(route="none-such") == ""
    assert listed(trace_id="b" * 32) == "b"
    assert listed(model=MINI) == "dcba"
    assert listed(model="none/such") == ""
    archive = Archive(path)
    assert [each["request_id"] for each in archive.latest(1, (), route="code")] == ["d"]
    assert archive.find("b")[0]["request_id"] == "b"


def test_an_archive_that_cannot_be_read_is_empty(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "none.db")
    assert (list(archive.find("a")), list(archive.latest(5, ()))) == ([], [])
