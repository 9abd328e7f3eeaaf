"""A gRPC server that Envoy can consult, on a Unix socket, and its life in a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, Protocol

from extproc.core.config import Transport
from extproc.transport.calls import Service
from extproc.transport.health import health_service

__all__ = ["Server", "listen", "run"]

_GRACE: Final = 1.0


class Server(Protocol):
    """What serves on a socket."""

    async def stop(self, grace: float | None) -> None:
        """Take no more calls, and give up those that do not end in time.

        Args:
            grace: seconds that they have; None for none.
        """
        ...


def _always() -> bool:
    return True


async def listen(
    services: Iterable[Service],
    socket: Path,
    informed: Callable[[], bool] = _always,
    transport: Transport = Transport.BUILTIN,
) -> Server:
    """Start to serve calls, and to answer health checks.

    Args:
        services: what is served.
        socket: path of the Unix socket; one that a dead process left behind is replaced.
        informed: what the health check ``INFORMED`` tells.
        transport: what carries it. Each loads what the other has no use for.
    """
    socket.unlink(missing_ok=True)  # noqa: ASYNC240 - once, before serving
    served = (*services, health_service(informed))
    if transport is Transport.GRPCIO:
        from extproc.transport.grpcio import GrpcioServer

        return await GrpcioServer.listening(served, socket)
    from extproc.transport.builtin import BuiltinServer

    return await BuiltinServer.listening(served, socket)


def _work_in_batches() -> None:
    """Keep gRPC's poller thread from interrupting, at every event, the thread that it works for."""
    with contextlib.suppress(AttributeError, OSError):  # Linux only, and only where it is allowed
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


async def run(
    services: Iterable[Service],
    socket: Path,
    informed: Callable[[], bool] = _always,
    transport: Transport = Transport.BUILTIN,
) -> None:
    """Serve calls until SIGTERM or SIGINT.

    Args:
        services: what is served.
        socket: path of the Unix socket.
        informed: what the health check ``INFORMED`` tells.
        transport: what carries it.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    if transport is Transport.GRPCIO:
        _work_in_batches()
    server = await listen(services, socket, informed, transport)
    # What exists now stays: the collector need not look at it again during requests.
    gc.freeze()
    await stop.wait()
    await server.stop(_GRACE)
