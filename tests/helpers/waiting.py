"""Waiting for what has no event to wait for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

__all__ = ["until"]


async def until(condition: Callable[[], object], patience: float = 5) -> None:
    """Wait until a condition holds.

    Args:
        condition: is asked again and again.
        patience: seconds.

    Raises:
        TimeoutError: it does not hold by then.
    """
    async with asyncio.timeout(patience):
        while not condition():
            await asyncio.sleep(0.01)
