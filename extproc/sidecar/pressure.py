"""Tells Envoy how much is used of what it does not count, and the log what Envoy refuses."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from extproc.core.resources import Resources
from extproc.sidecar.admin import Admin, NoAnswerError, Refused
from extproc.sidecar.child import Child

__all__ = ["Usage", "pressure", "watch_pressure"]

_log = logging.getLogger(__name__)

_PERIOD: Final = 1.0
_PAUSES: Final = 20
"""So many times as long as the last answer took: with thousands of models, Envoy has a lot of
statistics to look through."""
_BETWEEN_WARNINGS: Final = 10.0
_STEP: Final = 0.01
_JUST_CONNECTIONS: Final = 0.96
"""The most that connections alone amount to: Envoy refuses those beyond its limit by itself, so
only descriptors make it stop taking any."""


@dataclass(frozen=True, slots=True)
class Usage:
    """How many connections clients have to Envoy, and how many files it has open."""

    connections: int
    files: int


def pressure(usage: Usage, resources: Resources, file_limit: int) -> float:
    """How much of what there is is used, from 0 to 1."""
    connections = min(usage.connections / resources.connections, _JUST_CONNECTIONS)
    return round(min(max(connections, usage.files / file_limit), 1.0), 2)


async def watch_pressure(
    envoy: Child,
    admin: Admin,
    resources: Resources,
    file_limit: int,
    write: Callable[[bytes], object],
) -> None:
    """Go on for as long as Envoy does.

    Args:
        envoy: the process.
        admin: its admin interface.
        resources: what it may use.
        file_limit: how many files it may open.
        write: writes what Envoy reads.
    """
    loop = asyncio.get_running_loop()
    told, before, warned = 0.0, Refused(), -_BETWEEN_WARNINGS
    took = 0.0
    while True:
        await asyncio.sleep(max(_PERIOD, took * _PAUSES))
        asked = loop.time()
        try:
            connections, refused = await admin.connections()
        except (NoAnswerError, ValueError):
            continue  # Whoever watches over Envoy's life sees to that.
        finally:
            took = loop.time() - asked
        usage = Usage(connections, _open_files(envoy.pid))
        now = pressure(usage, resources, file_limit)
        if abs(now - told) >= _STEP:
            _tell(write, now)
            told = now
        if refused.connections < before.connections:
            before = Refused()  # Another Envoy, which counts from nought.
        if refused != before and loop.time() - warned >= _BETWEEN_WARNINGS:
            _warn(refused, before, usage, resources, file_limit)
            before, warned = refused, loop.time()


def _tell(write: Callable[[bytes], object], share: float) -> None:
    try:
        write(str(share).encode())
    except OSError as error:
        _log.warning("Envoy cannot be told how much is used: %s", error.strerror)


def _warn(
    refused: Refused, before: Refused, usage: Usage, resources: Resources, file_limit: int
) -> None:
    if refused.connections > before.connections:
        _log.warning(
            "%d connections of clients refused: %d are open, of at most %d; Envoy has %d files "
            "open, of at most %d (ulimit -n)",
            refused.connections - before.connections,
            usage.connections,
            resources.connections,
            usage.files,
            file_limit,
        )
    if refused.requests > before.requests:
        _log.warning(
            "%d requests refused, for Envoy is at the end of its %d MiB of memory",
            refused.requests - before.requests,
            (resources.memory or 0) // 2**20,
        )


def _open_files(pid: int | None) -> int:
    """0 where the system does not tell."""
    try:
        return sum(1 for _ in os.scandir(Path("/proc", str(pid), "fd")))
    except OSError:
        return 0
