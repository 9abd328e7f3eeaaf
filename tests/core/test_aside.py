"""The thread beside the event loop."""

from __future__ import annotations

import asyncio
import threading

import pytest

from extproc.core.aside import Aside


async def test_what_is_run_aside_runs_on_another_thread_while_the_loop_goes_on() -> None:
    going_on = threading.Event()
    running = asyncio.create_task(Aside().run(going_on.wait, 10))
    await asyncio.sleep(0)
    going_on.set()
    assert await running
    assert await Aside().run(threading.get_ident) != threading.get_ident()


async def test_what_is_little_is_done_at_once() -> None:
    assert await Aside().run_if(False, threading.get_ident) == threading.get_ident()
    assert await Aside().run_if(True, threading.get_ident) != threading.get_ident()


async def test_one_thing_is_done_after_another() -> None:
    aside = Aside()
    first, done = threading.Event(), list[int]()
    tasks = [
        asyncio.create_task(aside.run(first.wait, 10)),
        asyncio.create_task(aside.run(done.append, 1)),
    ]
    await asyncio.sleep(0.01)
    assert done == []
    first.set()
    await asyncio.gather(*tasks)
    assert done == [1]


async def test_what_fails_fails_where_it_is_waited_for() -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        await Aside().run(int, "x")
