"""How the time that something takes grows with how much of it there is."""

from __future__ import annotations

import time
from collections.abc import Callable

__all__ = ["grows", "grows_with_the_square"]

_TIMES = 8
_ROUNDS = 5


def grows_with_the_square(work: Callable[[int], object], size: int) -> bool:
    """Whether eight times as much to do takes rather 64 times as long than eight times.

    What a round of this thread takes of the processor is compared with another one's, and the least
    of several counts, so it does not matter how fast the machine is, or what else it does.

    Args:
        work: does so much; some of it must take at least a tenth of a millisecond.
        size: how much, in the short rounds.
    """
    work(size)
    return _least(work, _TIMES * size) > 3 * _TIMES * _least(work, size)


def grows(work: Callable[[int], object], size: int) -> bool:
    """Whether eight times as much to do takes rather eight times as long than no longer.

    It is measured as above.

    Args:
        work: as above.
        size: as above.
    """
    work(size)
    return _least(work, _TIMES * size) > 3 * _least(work, size)


def _least(work: Callable[[int], object], size: int) -> float:
    return min(_spent(work, size) for _ in range(_ROUNDS))


def _spent(work: Callable[[int], object], size: int) -> float:
    began = time.thread_time()
    work(size)
    return time.thread_time() - began
