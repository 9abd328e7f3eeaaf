"""Patience counts an event loop's turns: what a busy loop hears late has not come late."""

from __future__ import annotations

import asyncio
import time

import pytest

from extproc.quotas.patience import Patience, patiently


async def answered_after(turns: int) -> str:
    for _ in range(turns):
        await asyncio.sleep(0)
    return "answer"


async def test_a_busy_loop_does_not_give_up() -> None:
    ended: list[str] = []
    patience = Patience(0.2, lambda: ended.append("patience"))
    work = asyncio.create_task(patiently(answered_after(3), 0.2))
    for _ in range(3):
        time.sleep(0.3)  # noqa: ASYNC251 - this is what a busy loop does
        await asyncio.sleep(0)
    assert await work == "answer"
    assert ended == []
    patience.call_off()


async def test_an_idle_loop_gives_up_in_time() -> None:
    ended = asyncio.Event()
    began = time.monotonic()
    Patience(0.2, ended.set)
    with pytest.raises(TimeoutError):
        await patiently(asyncio.Event().wait(), 0.2)
    await ended.wait()
    assert 0.15 < time.monotonic() - began < 1.0


async def test_what_is_called_off_does_not_end() -> None:
    ended: list[str] = []
    Patience(0.1, lambda: ended.append("patience")).call_off()
    await asyncio.sleep(0.2)
    assert ended == []


async def test_work_ends_with_who_waits_for_it() -> None:
    work = asyncio.Event()

    async def working() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            work.set()

    waiting = asyncio.create_task(patiently(working(), 5.0))
    await asyncio.sleep(0.01)
    waiting.cancel()
    await asyncio.wait((waiting,))
    assert work.is_set()


async def test_what_goes_wrong_is_told() -> None:
    async def failing() -> None:
        raise ValueError("wrong")

    with pytest.raises(ValueError, match="wrong"):
        await patiently(failing(), 1.0)
