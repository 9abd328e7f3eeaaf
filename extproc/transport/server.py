"""A gRPC server that Envoy can consult, on a Unix socket, and its life in a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import grpc
from grpc import aio

from extproc.transport.wire import Message

__all__ = ["Context", "Process", "Service", "listen", "run"]

Context: TypeAlias = "aio.ServicerContext[Message, bytes]"

Process: TypeAlias = Callable[[object, Context], Awaitable[None]]
"""Serves one stream: it reads messages and writes serialized answers."""

_SERVING = b"\x08\x01"
"""grpc.health.v1.HealthCheckResponse with status SERVING."""

_OPTIONS = [
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
    # Envoy pings every second, also while no stream is open.
    ("grpc.http2.min_ping_interval_without_data_ms", 100),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.max_ping_strikes", 0),
]

_GRACE = 1.0


async def _healthy(_: bytes, __: object) -> bytes:
    return _SERVING


@dataclass(frozen=True, slots=True)
class Service:
    """A gRPC service of one streaming method.

    ``read`` makes a message of the bytes that came; ``process`` serves one stream.
    """

    name: str
    method: str
    read: Callable[[bytes], Message]
    process: Process


async def listen(service: Service, socket: Path) -> aio.Server:
    """Start to serve streams, and to answer health checks.

    Args:
        service: what is served.
        socket: path of the Unix socket; one that a dead process left behind is replaced.
    """
    server = aio.server(options=_OPTIONS)
    streams: grpc.RpcMethodHandler[Message, bytes] = grpc.stream_stream_rpc_method_handler(
        service.process, request_deserializer=service.read
    )
    health: grpc.RpcMethodHandler[bytes, bytes] = grpc.unary_unary_rpc_method_handler(_healthy)
    server.add_generic_rpc_handlers(
        (
            grpc.method_handlers_generic_handler(service.name, {service.method: streams}),
            grpc.method_handlers_generic_handler("grpc.health.v1.Health", {"Check": health}),
        )
    )
    socket.unlink(missing_ok=True)  # noqa: ASYNC240 - once, before serving
    server.add_insecure_port(f"unix:{socket}")
    await server.start()
    return server


def _work_in_batches() -> None:
    """Keep gRPC's poller thread from interrupting, at every event, the thread that it works for."""
    with contextlib.suppress(AttributeError, OSError):  # Linux only, and only where it is allowed
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


async def run(service: Service, socket: Path) -> None:
    """Serve streams until SIGTERM or SIGINT.

    Args:
        service: what is served.
        socket: path of the Unix socket.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    _work_in_batches()
    server = await listen(service, socket)
    # What exists now stays: the collector need not look at it again during requests.
    gc.collect()
    gc.freeze()
    await stop.wait()
    await server.stop(_GRACE)
