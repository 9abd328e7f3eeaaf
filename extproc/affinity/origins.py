"""Which model has made what clients refer to by its id: responses, files, batches."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Final

from extproc.affinity.pins import Pin, Pins

__all__ = ["ORIGINS_TTL", "Origins"]

ORIGINS_TTL: Final = 30 * 24 * 60 * 60
"""Seconds: for as long as OpenAI keeps responses
(https://platform.openai.com/docs/guides/conversation-state)."""

_LONGEST: Final = 256
_PAUSE: Final = 0.02
_PAUSES: Final = 6
"""An id is known here some 25 ms after the answer that told it has ended, and clients may be
quicker."""


class Origins:
    """Ids, each with the model that made what it stands for, and with the route that led there."""

    def __init__(self, pins: Pins) -> None:
        """
        Args:
            pins: where they are kept.
        """
        self._pins = pins

    async def find(self, ids: Iterable[str], *, wait: bool = False) -> Pin | None:
        """The origin of the first of these ids that is known.

        Args:
            ids: in the order of preference.
            wait: if none is known, give the news of a last answer the time to arrive.
        """
        known = [one for one in ids if _rememberable(one)]
        for pause in range(_PAUSES if wait else 1):
            if pause:
                await asyncio.sleep(_PAUSE)
            for one in known:
                pin = await self._pins.find(one)
                if pin is not None:
                    return pin
        return None

    def learn(self, made: str, pin: Pin) -> None:
        """Something was made, or has been seen again."""
        if _rememberable(made):
            self._pins.keep(made, pin)

    async def close(self) -> None:
        """Let go of what keeps them."""
        await self._pins.close()


def _rememberable(one: str) -> bool:
    return 0 < len(one) <= _LONGEST and one.isprintable()
