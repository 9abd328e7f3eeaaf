"""Which models end their streams as their dialect has it.

Some servers that speak chat leave out its ``[DONE]``: their streams are not broken without it.
"""

from __future__ import annotations

from typing import Final

from cachetools import LRUCache
from msgspec.structs import replace

from extproc.core.outcomes import StreamEnd
from extproc.core.records import Attempt

__all__ = ["Terminators"]

_BELIEVED: Final = 2
"""So many streams without an end in a row are taken for broken ones, if there never was an end."""
_MOST_MODELS: Final = 1000
_ENDS: Final = -1


class Terminators:
    """Remembers of each model whether any of its streams has ended well."""

    def __init__(self) -> None:
        self._without: LRUCache[str, int] = LRUCache(_MOST_MODELS)

    def judged(self, attempt: Attempt) -> Attempt:
        """The attempt; how its stream ended is not known where its model never ends streams."""
        if attempt.stream_end is StreamEnd.FINISHED:
            self._without[attempt.model] = _ENDS
        elif attempt.stream_end is StreamEnd.UNFINISHED:
            without = self._without.get(attempt.model, 0)
            if without >= _BELIEVED:
                return replace(attempt, stream_end=None)
            if without != _ENDS:
                self._without[attempt.model] = without + 1
        return attempt
