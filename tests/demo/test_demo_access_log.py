"""Attempts are read from the access log as Envoy writes it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from extproc.demo import access_log
from extproc.demo.access_log import AccessLog, Journey
from extproc.demo.outcome import Attempt


def request(identity: str, attempts: int, path: str = "/v1/messages") -> str:
    return line(log="request", request_id=identity, attempts=attempts, path=path, duration_ms=7)


def attempt(identity: str, number: int, model: str, status: int, **more: Any) -> str:
    usual = {"details": "via_upstream", "flags": "-"}
    fields = {"request_id": identity, "attempt": str(number), "model": model, "status": status}
    return line(log="attempt", **usual | fields | more)


def line(**fields: Any) -> str:
    return json.dumps(fields) + "\n"


def write(file: Path, *lines: str) -> None:
    file.write_text("".join(lines))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "access.log"


async def test_one_request_after_the_other(file: Path) -> None:
    log = AccessLog(file)
    lines = [
        request("d", 0, "/routing/v1/messages"),
        attempt("a", 2, "x/b", 200),
        attempt("a", 1, "x/a", 429),
        request("a", 2),
    ]
    write(file, *lines)
    assert await log.journey(decision_only=False) == Journey(
        (Attempt("x/a", 429), Attempt("x/b", 200)), 7
    )
    write(file, *lines, attempt("b", 1, "x/c", 200), request("b", 1))
    assert await log.journey(decision_only=False) == Journey((Attempt("x/c", 200),), 7)


async def test_a_decision(file: Path) -> None:
    write(file, request("d", 0, "/routing/v1/messages"))
    assert await AccessLog(file).journey(decision_only=True) == Journey((), 7)


async def test_lines_are_waited_for(file: Path) -> None:
    whole = request("a", 1) + attempt("a", 1, "x/a", 200)
    waiting = asyncio.create_task(AccessLog(file).journey(decision_only=False))
    for end in (0, 10, len(whole) - 10, len(whole)):
        await asyncio.sleep(0.05)
        assert not waiting.done()
        write(file, whole[:end])
    assert await waiting == Journey((Attempt("x/a", 200),), 7)


async def test_lines_that_never_come(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access_log, "_PATIENCE", 0.1)
    write(file, request("a", 2), attempt("a", 1, "x/a", 200))
    assert await AccessLog(file).journey(decision_only=False) is None


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"flags": "UC", "details": "upstream_reset_before_response_started"}, "reset"),
        ({"details": "dragoman_reply{error_first}"}, "error first"),
        ({"flags": "UPE", "details": "upstream_reset"}, "UPE"),
        ({}, ""),
    ],
)
async def test_what_went_wrong(file: Path, fields: dict[str, str], why: str) -> None:
    write(file, attempt("a", 1, "x/a", 503, **fields), request("a", 1))
    journey = await AccessLog(file).journey(decision_only=False)
    assert journey is not None
    assert journey.attempts == (Attempt("x/a", 503, why),)
