"""``dragoman top``: what goes on, on one screen."""

from __future__ import annotations

import asyncio
import io
import json
import threading
from collections.abc import Coroutine
from typing import Any

import httpx
import pytest
from rich.console import Console

from extproc.cli.arguments import main
from extproc.explain.admin_port import AdminPort
from extproc.terminal import top
from extproc.terminal.top import screen
from tests.helpers.console_port import console_port


async def known(*, hostile: str | None = None) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    async with console_port() as port, httpx.AsyncClient(base_url=port.url) as client:
        port.traffic(60)
        if hostile is not None:
            port.told(route=hostile)
        activity = (await client.get("/activity")).json()
        latest = (await client.get("/decisions?limit=50")).json()["decisions"]
    return activity, latest


def printed(
    activity: dict[str, Any], latest: list[dict[str, Any]], height: int | None, width: int = 140
) -> str:
    console = Console(file=io.StringIO(), width=width, record=True)
    console.print(screen(activity, latest, "http://here", width, height))
    return console.export_text()


async def test_a_screen() -> None:
    text = printed(*await known(), None)
    assert "http://here" in text
    assert "anthropic/claude-sonnet-4-5" in text
    assert "cooling: retry_after" in text
    assert "code_generation" in text
    assert "▇" in text or "█" in text


async def test_a_narrow_screen_shows_names_whole() -> None:
    text = printed(*await known(), 40, width=80)
    assert "anthropic/claude-sonnet-4-5" in text
    assert "cooling:" in text
    assert "Last 20 min" not in text


@pytest.mark.parametrize("height", [20, 30, 50])
async def test_it_fits_the_screen(height: int) -> None:
    assert len(printed(*await known(), height).splitlines()) <= max(height, 23)


async def test_names_cannot_speak_to_the_terminal() -> None:
    text = printed(*await known(hostile="\x1b[31m"), None)
    assert "\x1b" not in text
    assert "\N{REPLACEMENT CHARACTER}[31m" in text


async def test_a_pipe_is_shown_it_once(capsys: pytest.CaptureFixture[str]) -> None:
    async with console_port() as port:
        port.traffic(5)
        assert await asyncio.to_thread(main, ["top", "--admin", port.url]) == 0
    assert "openai/gpt-4o" in capsys.readouterr().out


async def test_a_terminal_is_shown_it_again_also_after_nobody_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    output = io.StringIO()
    console = Console(file=output, force_terminal=True, width=120, height=30)
    turns = iter(range(3))
    left = asyncio.Event()
    gone = threading.Event()
    loop = asyncio.get_running_loop()

    def sleep(_: float) -> None:
        turn = next(turns, None)
        if turn == 1:
            loop.call_soon_threadsafe(left.set)
            assert gone.wait(20)
        if turn is None:
            raise KeyboardInterrupt

    monkeypatch.setattr("extproc.terminal.top.time.sleep", sleep)
    async with console_port() as port:
        showing = asyncio.to_thread(
            top.show_top, AdminPort(port.url), console, minutes=5, once=False
        )
        ended = asyncio.create_task(_interrupted(showing))
        await left.wait()
    gone.set()
    await ended
    assert output.getvalue().count("Tries") >= 2
    assert "Trying again every second." in output.getvalue()


async def _interrupted(showing: Coroutine[Any, Any, None]) -> None:
    with pytest.raises(KeyboardInterrupt):
        await showing


def test_nobody_answers(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["top", "--admin", "http://127.0.0.1:1"]) == 1
    assert "Is Dragoman running?" in capsys.readouterr().err


def test_a_screen_of_nothing() -> None:
    empty = {
        "at": "2027-01-15T08:00:00.000+00:00",
        "minutes": 5,
        "requests_by_minute": [0] * 60,
        "models": [],
        "routes": [],
    }
    assert "Dragoman" in printed(json.loads(json.dumps(empty)), [], 24)
