"""Replaces processes that are alive and of no use: silent ones, and ones that nobody can reach."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from extproc.sidecar.child import Child

__all__ = ["Patience", "replace_when_of_no_use"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a process may stay silent, in seconds: from each start to its first answer, and then
    between answers. ``period`` is how often it is asked.

    To start takes a worker a second of a core, which on a busy machine may be a minute; if that
    were taken for hanging, it would be killed as often as it is started.
    """

    starting: float = 60.0
    serving: float = 10.0
    period: float = 1.0


async def replace_when_of_no_use(
    child: Child,
    answers: Callable[[], Awaitable[bool]],
    sockets: Sequence[Path],
    patience: Patience = Patience(),
) -> None:
    """Kill a child that is silent for too long, or whose sockets are gone; it is started again.

    A silent process is worse than a dead one, for clients wait for it. One whose sockets somebody
    removed answers on connections that it has, and nobody will ever open another. It goes on for as
    long as the child is kept alive.

    Args:
        child: the process, which somebody keeps alive.
        answers: asks it for a sign of life.
        sockets: those that it has opened by the time of its first answer.
        patience: how long it may be silent.
    """
    loop = asyncio.get_running_loop()
    pid, heard, allowed = None, loop.time(), patience.starting
    while True:
        await asyncio.sleep(patience.period)
        if child.pid != pid:
            pid, heard, allowed = child.pid, loop.time(), patience.starting
        if pid is None:
            continue
        answered = await answers()
        if not child.is_kept:
            return  # it has been told to end, and removes its sockets itself
        if answered:
            heard, allowed = loop.time(), patience.serving
            gone = [socket for socket in sockets if not socket.exists()]
            if gone:
                _log.error("somebody removed %s; starting %s anew", gone[0], child.name)
                child.kill()
        elif loop.time() - heard > allowed:
            _log.error("%s has not answered for %g s; killing it", child.name, allowed)
            child.kill()
            heard = loop.time()
