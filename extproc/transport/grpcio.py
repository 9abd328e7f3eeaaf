"""gRPC by grpcio, on asyncio."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TypeAlias

import grpc
from grpc import aio

from extproc.transport.calls import RefusedError, Service
from extproc.transport.wire import Message

__all__ = ["GrpcioServer"]

_Context: TypeAlias = "aio.ServicerContext[Message, bytes]"

_OPTIONS = [
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
    # Envoy pings every second, also while no stream is open.
    ("grpc.http2.min_ping_interval_without_data_ms", 100),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.max_ping_strikes", 0),
]


class _Call:
    """A call as its server sees it (:class:`extproc.transport.calls.Call`)."""

    __slots__ = ("_context",)

    def __init__(self, context: _Context) -> None:
        self._context = context

    def metadata(self, name: str) -> str | None:
        for key, value in self._context.invocation_metadata() or ():
            if key == name:
                return value if isinstance(value, str) else value.decode("latin-1")
        return None

    async def read(self) -> Message | None:
        message = await self._context.read()
        return None if message is aio.EOF else message

    async def write(self, response: bytes) -> None:
        await self._context.write(response)


class GrpcioServer:
    """Serves on one socket. Made by ``listening``."""

    def __init__(self, server: aio.Server) -> None:
        self._server = server

    @classmethod
    async def listening(cls, services: Iterable[Service], socket: Path) -> GrpcioServer:
        """Start to serve.

        Args:
            services: what can be called.
            socket: path of the Unix socket, which nobody else must have.
        """
        server = aio.server(options=_OPTIONS)
        server.add_generic_rpc_handlers(tuple(map(_handler, services)))
        server.add_insecure_port(f"unix:{socket}")
        await server.start()
        return cls(server)

    async def stop(self, grace: float | None) -> None:
        """Take no more calls, and give up those that do not end in time.

        Args:
            grace: seconds that they have; None for none.
        """
        await self._server.stop(grace)


def _handler(service: Service) -> grpc.GenericRpcHandler:
    async def process(_: object, context: _Context) -> None:
        try:
            await service.process(_Call(context))
        except RefusedError as error:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))

    method: grpc.RpcMethodHandler[Message, bytes] = grpc.stream_stream_rpc_method_handler(
        process, request_deserializer=service.read
    )
    return grpc.method_handlers_generic_handler(service.name, {service.method: method})
