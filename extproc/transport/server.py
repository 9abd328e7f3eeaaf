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

__all__ = [
    "INFORMED",
    "SERVING",
    "Context",
    "Process",
    "Service",
    "health_request",
    "listen",
    "run",
]

Context: TypeAlias = "aio.ServicerContext[Message, bytes]"

Process: TypeAlias = Callable[[object, Context], Awaitable[None]]
"""Serves one stream: it reads messages and writes serialized answers."""

INFORMED = "informed"
"""The health check of this name is passed once what is served knows what it is going to know."""

SERVING = b"\x08\x01"
_NOT_SERVING = b"\x08\x02"
"""grpc.health.v1.HealthCheckResponse with these statuses."""

_OPTIONS = [
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
    # Envoy pings every second, also while no stream is open.
    ("grpc.http2.min_ping_interval_without_data_ms", 100),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.max_ping_strikes", 0),
]

_GRACE = 1.0


def health_request(service: str = "") -> bytes:
    """grpc.health.v1.HealthCheckRequest for a service; Envoy asks for the one without a name."""
    name = service.encode()
    return bytes([0x0A, len(name)]) + name if name else b""


def _always() -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Service:
    """A gRPC service of one streaming method.

    ``read`` makes a message of the bytes that came; ``process`` serves one stream.
    """

    name: str
    method: str
    read: Callable[[bytes], Message]
    process: Process


async def listen(
    service: Service, socket: Path, informed: Callable[[], bool] = _always
) -> aio.Server:
    """Start to serve streams, and to answer health checks.

    Args:
        service: what is served.
        socket: path of the Unix socket; one that a dead process left behind is replaced.
        informed: what the health check ``INFORMED`` tells.
    """
    asks_informed = health_request(INFORMED)

    async def check(request: bytes, _: object) -> bytes:
        return _NOT_SERVING if request == asks_informed and not informed() else SERVING

    server = aio.server(options=_OPTIONS)
    streams: grpc.RpcMethodHandler[Message, bytes] = grpc.stream_stream_rpc_method_handler(
        service.process, request_deserializer=service.read
    )
    health: grpc.RpcMethodHandler[bytes, bytes] = grpc.unary_unary_rpc_method_handler(check)
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


async def run(service: Service, socket: Path, informed: Callable[[], bool] = _always) -> None:
    """Serve streams until SIGTERM or SIGINT.

    Args:
        service: what is served.
        socket: path of the Unix socket.
        informed: what the health check ``INFORMED`` tells.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    _work_in_batches()
    server = await listen(service, socket, informed)
    # What exists now stays: the collector need not look at it again during requests.
    gc.collect()
    gc.freeze()
    await stop.wait()
    await server.stop(_GRACE)
