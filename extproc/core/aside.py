"""A thread beside the event loop, for what would hold the loop for longer than others may wait."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

__all__ = ["Aside"]

_P = ParamSpec("_P")
_T = TypeVar("_T")


class Aside:
    """Runs one thing after another on a thread of its own.

    One thread, because threads of one process take turns: with several of them the event loop would
    wait for the turns of all.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="large-requests")

    async def run(self, function: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """What the function returns; it must let go of the interpreter every few milliseconds.

        Whoever is cancelled while waiting for its turn loses it.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, partial(function, *args, **kwargs))

    async def run_if(
        self, large: bool, function: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs
    ) -> _T:
        """The same, but at once where there is little to do."""
        return await self.run(function, *args, **kwargs) if large else function(*args, **kwargs)
