"""What becomes of generations that are finishing when all is to end."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from types import SimpleNamespace
from typing import Any, cast

import pytest

from extproc.sidecar.generation import Generation, Premises
from extproc.sidecar.succession import Succession, _Held


class Admin:
    """An Envoy's, with nothing in flight; once it is closed, nothing can be asked any more."""

    def __init__(self, *, closed: bool = False) -> None:
        self.closed = closed
        self.told: list[str] = []

    async def stop_accepting(self) -> None:
        if self.closed:
            raise RuntimeError("the client has been closed")
        self.told.append("stop accepting")

    async def in_flight(self) -> Any:
        return SimpleNamespace(requests=0, attempts=0)


def held(admin: Admin) -> _Held:
    return _Held(cast(Generation, SimpleNamespace(admin=admin)), AsyncExitStack())


def succession(current: _Held, *before: _Held) -> Succession:
    found = Succession(cast(Premises, None))
    found._current = current
    found._before = list(before)
    return found


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("extproc.sidecar.draining.LOGGED_WITHIN", 0.0)


async def test_what_is_drained_is_not_ended_meanwhile() -> None:
    current, before = Admin(), Admin()
    finishing = held(before)
    finishing.finishing = asyncio.create_task(asyncio.sleep(3600))
    await succession(held(current), finishing).drain(1)
    assert current.told == before.told == ["stop accepting"]
    assert finishing.finishing.cancelled()


async def test_what_is_ending_is_not_drained() -> None:
    current = Admin()
    ending = held(Admin(closed=True))
    ending.finishing = asyncio.create_task(ending.end())
    await asyncio.sleep(0)
    assert ending.ending is not None
    await succession(held(current), ending).drain(1)
    assert current.told == ["stop accepting"]
