"""``dragoman trace``: the story of a request as a tree."""

from __future__ import annotations

import asyncio
import io
from typing import Any

import pytest
from rich.console import Console

from extproc.cli.arguments import main
from extproc.core.outcomes import StreamEnd
from extproc.telemetry.receipt_json import trace_json
from extproc.telemetry.receipts import Receipts
from extproc.terminal.trace import spans, story
from tests.helpers.console_port import console_port
from tests.helpers.telemetry_events import (
    CLAUDE,
    MINI,
    NOW,
    SNAPSHOT,
    TRACE,
    attempt,
    completion,
    decision,
    turned_away,
)


def told(**decided: Any) -> dict[str, Any]:
    receipts = Receipts(1, lambda: SNAPSHOT)
    receipts.decided(decision(**decided))
    if not decided.get("decision_only"):
        receipts.attempted(attempt(1, CLAUDE, 429, at=NOW + 0.01, duration=0.1, first_byte=0.09))
        receipts.attempted(attempt(2, MINI, at=NOW + 0.11, duration=0.9))
        receipts.completed(completion(2, at=NOW - 0.05))
    return trace_json(receipts.find(TRACE))


def printed(receipt: dict[str, Any]) -> str:
    console = Console(file=io.StringIO(), width=110, record=True)
    console.print(story(receipt))
    return console.export_text()


def test_spans() -> None:
    found = [(span.name, round(span.start), round(span.length)) for span in spans(told())]
    assert found == [
        ("arrival", 0, 48),
        ("decision", 48, 2),
        (f"1. {CLAUDE}", 60, 100),
        (f"2. {MINI}", 160, 900),
    ]


def test_a_story() -> None:
    text = printed(told())
    assert text.startswith(TRACE)
    assert f"{MINI} answered after {CLAUDE} (429)" in " ".join(text.replace("│", "").split())
    assert "█" in text
    assert "first byte 250 ms" in text
    assert "retry_after" in text


def test_how_attempts_ended() -> None:
    """In the words of ``dragoman explain``: a stream that broke off began with 200."""
    receipts = Receipts(1, lambda: SNAPSHOT)
    receipts.decided(decision())
    receipts.attempted(attempt(1, CLAUDE, 429, retry_after=30.0))
    receipts.attempted(attempt(2, MINI, stream_end=StreamEnd.ERROR))
    text = printed(trace_json(receipts.find(TRACE)))
    assert f"1. {CLAUDE}  429, retry after 30 s" in text
    assert f"2. {MINI}  200, stream broke off with an error" in text


def test_the_decision_alone() -> None:
    text = printed(told(decision_only=True))
    assert "Only the decision was asked for." in text
    assert "attempts" not in text
    assert "in all" not in text


def test_names_cannot_speak_to_the_terminal() -> None:
    assert "\x1b" not in printed(told(route="\x1b[31m"))


async def test_the_latest_request(capsys: pytest.CaptureFixture[str]) -> None:
    async with console_port() as port:
        port.told()
        latest = port.told(statuses=(503, 200))
        assert await asyncio.to_thread(main, ["trace", "--admin", port.url]) == 0
    assert latest.replace("-", "") in capsys.readouterr().out


async def test_a_request_by_its_id(capsys: pytest.CaptureFixture[str]) -> None:
    async with console_port() as port:
        wanted = port.told()
        port.told()
        assert await asyncio.to_thread(main, ["trace", wanted, "--admin", port.url]) == 0
    assert wanted.replace("-", "") in capsys.readouterr().out


async def test_no_request_yet(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async with console_port() as port:
        monkeypatch.setenv("DRAGOMAN_ADMIN", port.url)
        assert await asyncio.to_thread(main, ["trace"]) == 1
    assert capsys.readouterr().err == f"{port.url}: no request has come yet\n"


def test_a_story_of_what_nobody_decided() -> None:
    receipts = Receipts(1, lambda: SNAPSHOT)
    receipts.completed(turned_away())
    receipts.take_undecided()
    text = printed(trace_json(receipts.find(TRACE)))
    assert "nothing was decided: POST" in " ".join(text.replace("│", "").split())
    assert "in all 250 ms" in text
    assert "candidates" not in text
