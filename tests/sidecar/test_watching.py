"""Silent processes are replaced, starting ones are not."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from extproc.sidecar.child import Child
from extproc.sidecar.watching import Patience, replace_when_of_no_use

PATIENCE = Patience(starting=1.0, serving=0.2, period=0.02)


class Answers:
    """What a process says when it is asked: nothing, unless ``now``."""

    def __init__(self) -> None:
        self.now = False

    async def __call__(self) -> bool:
        return self.now


@contextlib.asynccontextmanager
async def watched(answers: Answers, *sockets: Path) -> AsyncIterator[Child]:
    child = Child("the child", [sys.executable, "-c", "import time; time.sleep(60)"], {})
    await child.start()
    tasks = [
        asyncio.create_task(child.keep_alive()),
        asyncio.create_task(replace_when_of_no_use(child, answers, sockets, PATIENCE)),
    ]
    try:
        yield child
    finally:
        await child.stop(1)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def replaced(child: Child, within: float) -> bool:
    pid = child.pid
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(within):
            while child.pid in (pid, None):
                await asyncio.sleep(0.01)
    return child.pid != pid


async def test_a_starting_process_may_be_silent_for_longer_than_a_serving_one() -> None:
    answers = Answers()
    async with watched(answers) as child:
        assert not await replaced(child, 0.6)
        answers.now = True
        assert not await replaced(child, 0.6)


async def test_a_process_that_never_answers_is_replaced() -> None:
    async with watched(Answers()) as child:
        assert await replaced(child, 3)


async def test_each_start_has_its_time(caplog: pytest.LogCaptureFixture) -> None:
    answers = Answers()
    answers.now = True
    async with watched(answers) as child:
        assert not await replaced(child, 0.1)
        answers.now = False
        assert await replaced(child, 0.9), "it fell silent after it had served"
        assert "the child has not answered for 0.2 s; killing it" in caplog.text
        assert not await replaced(child, 0.6), "it is starting"


async def test_a_process_whose_socket_is_gone_is_replaced(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    socket, answers = tmp_path / "s", Answers()
    async with watched(answers, socket) as child:
        assert not await replaced(child, 0.3), "it has not opened it yet"
        socket.touch()
        answers.now = True
        assert not await replaced(child, 0.3)
        socket.unlink()
        assert await replaced(child, 1)
        assert f"somebody removed {socket}; starting the child anew" in caplog.text


async def test_a_process_that_is_to_end_is_left_alone(tmp_path: Path) -> None:
    """It removes its sockets before it has written down what it leaves."""
    answers = Answers()
    answers.now = True
    async with watched(answers, tmp_path / "gone") as child:
        pid = child.pid
        child.let_go()
        await asyncio.sleep(0.3)
        assert child.pid == pid
