"""``dragoman logs``: each request once, when it has ended."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import pytest

from extproc.cli.arguments import main
from extproc.explain.admin_port import AdminPort
from extproc.terminal.logs import Endings
from tests.helpers.console_port import console_port
from tests.helpers.ports import free_port


def receipt(request_id: str = "r", **changed: Any) -> dict[str, Any]:
    told = {
        "request_id": request_id,
        "decision_only": False,
        "status": 200,
        "attempts": [{}],
        "attempts_made": 1,
    }
    return told | changed


def test_a_request_is_shown_once() -> None:
    endings = Endings()
    assert len(list(endings.among([receipt()], 0))) == 1
    assert not list(endings.among([receipt()], 1))


def test_a_request_under_way_is_waited_for() -> None:
    endings = Endings()
    assert not list(endings.among([receipt(status=None)], 0))
    assert len(list(endings.among([receipt()], 1))) == 1


def test_attempts_that_are_still_told_are_waited_for() -> None:
    endings = Endings()
    assert not list(endings.among([receipt(attempts_made=2)], 0))
    assert [len(each["attempts"]) for each in endings.among([receipt(attempts=[{}, {}])], 1)] == [2]


def test_attempts_that_were_lost_are_not_waited_for_without_end() -> None:
    endings = Endings(patience=3)
    assert not list(endings.among([receipt(attempts_made=2)], 0))
    assert not list(endings.among([], 2))
    assert len(list(endings.among([], 3))) == 1


def test_a_decision_alone_has_ended() -> None:
    alone = receipt(decision_only=True, status=None, attempts=[], attempts_made=None)
    assert list(Endings().among([alone], 0)) == [alone]


async def run(url: str, *arguments: str) -> int:
    return await asyncio.to_thread(main, ["logs", "--admin", url, *arguments])


async def test_the_latest_the_oldest_first(capsys: pytest.CaptureFixture[str]) -> None:
    async with console_port() as port:
        for _ in range(3):
            port.told()
        assert await run(port.url, "-n", "2", "--json") == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["request_id"][:8] for line in lines] == ["00000002", "00000003"]


def test_what_is_told_late_has_its_place(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    at = [f"2027-01-15T08:00:0{second}.000+00:00" for second in (2, 1, 3)]
    monkeypatch.setattr(AdminPort, "latest", lambda _, limit: [{"at": each} for each in at[:limit]])
    assert main(["logs", "--admin", "http://127.0.0.1:1", "--json"]) == 0
    told = [json.loads(line)["at"] for line in capsys.readouterr().out.splitlines()]
    assert told == sorted(at)


async def test_none_is_wanted(capsys: pytest.CaptureFixture[str]) -> None:
    async with console_port() as port:
        port.told()
        assert await run(port.url, "-n", "0") == 0
    assert capsys.readouterr().out == ""


async def test_names_cannot_speak_to_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    async with console_port() as port:
        port.told(route="a\x1b[31m\nb", forwarded=None)
        assert await run(port.url) == 0
    output = capsys.readouterr().out
    assert "\x1b" not in output
    assert output.count("\n") == 1


async def test_following() -> None:
    """In a process of its own: it goes on until it is ended, whoever comes and goes meanwhile."""
    number = free_port()
    process = None
    try:
        async with asyncio.timeout(60), console_port("s3cret", port=number) as port:
            port.told()
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "extproc.cli", "logs", "-f", "--json"),
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env={"DRAGOMAN_ADMIN_TOKEN": "s3cret", "DRAGOMAN_ADMIN": port.url},
            )
            assert process.stdout is not None
            assert process.stderr is not None
            first = json.loads(await process.stdout.readline())
            new = port.told(statuses=(429, 200))
            second = json.loads(await process.stdout.readline())
        async with asyncio.timeout(60), console_port("s3cret", port=number) as port:
            assert b"went away: trying again" in await process.stderr.readline()
            # Its ids begin anew, and two of them have been told.
            *_, newest = (port.told() for _ in range(3))
            third = json.loads(await process.stdout.readline())
    finally:
        if process is not None:
            process.kill()
            await process.wait()
    assert first["request_id"].startswith("00000001")
    assert second["request_id"] == new
    assert [attempt["status"] for attempt in second["attempts"]] == [429, 200]
    assert third["request_id"] == newest


async def test_one_reader_too_many_is_told_so(capsys: pytest.CaptureFixture[str]) -> None:
    async with console_port(streams=0) as port:
        assert await run(port.url, "-f") == 1
    assert "readers follow this port already" in capsys.readouterr().err


async def test_without_the_token(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DRAGOMAN_ADMIN_TOKEN", raising=False)
    async with console_port("s3cret") as port:
        for more in ((), ("-f",)):
            assert await run(port.url, *more) == 1
            assert "DRAGOMAN_ADMIN_TOKEN" in capsys.readouterr().err


@pytest.mark.parametrize("lines", ["-1", "1001", "many"])
def test_a_number_that_is_none(lines: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["logs", f"--lines={lines}"])
    assert "must be a whole number from 0 to 1000" in capsys.readouterr().err
