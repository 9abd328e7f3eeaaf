"""The gRPC server that Envoy consults, on a Unix socket."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias

import grpc
from grpc import aio

from extproc.catalog import Catalog
from extproc.config.values import Config
from extproc.contract import ROLE, Role
from extproc.dialects.errors import ClientError
from extproc.intent import IntentClassifier
from extproc.router import Router
from extproc.server.exchange import ProtocolError
from extproc.server.gate import Gate
from extproc.server.ingress import Ingress
from extproc.server.rewrite import Rewrite
from extproc.server.streams import Consultation
from extproc.server.wire import Message, ProcessingRequest

__all__ = ["Consultations", "consultations", "start"]

_log = logging.getLogger(__name__)

Consultations: TypeAlias = Mapping[Role, Callable[[], Consultation]]
_Context: TypeAlias = "aio.ServicerContext[Message, bytes]"

_SERVING = b"\x08\x01"
"""grpc.health.v1.HealthCheckResponse with status SERVING."""


class _GrpcStream:
    """The gRPC stream of one consultation."""

    __slots__ = ("_context",)

    def __init__(self, context: _Context) -> None:
        self._context = context

    async def read(self) -> Message | None:
        message = await self._context.read()
        return None if message is aio.EOF else message

    async def write(self, response: bytes) -> None:
        await self._context.write(response)


class _Processor:
    """Serves ``envoy.service.ext_proc.v3.ExternalProcessor``."""

    def __init__(self, consultations: Consultations) -> None:
        self._consultations = consultations

    async def process(self, _: object, context: _Context) -> None:
        """One stream. What goes wrong ends this request only: answered, and logged once."""
        role = _role(context)
        if role is None:
            _log.error("a stream that is none of ours: its %s is not known", ROLE)
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"{ROLE} is not known")
        consultation = self._consultations[role]()
        stream = _GrpcStream(context)
        try:
            await consultation.serve(stream)
        except ClientError as error:
            await stream.write(consultation.refuse(error))
        except ProtocolError as error:
            _log.error("request %s: Envoy broke the protocol: %s", consultation.request_id, error)
            await stream.write(consultation.refuse(_internal(consultation)))
        except Exception:  # noqa: BLE001 - no request may take the server down
            _log.exception("request %s: failed in the router", consultation.request_id)
            await stream.write(consultation.refuse(_internal(consultation)))


def _internal(consultation: Consultation) -> ClientError:
    return ClientError(
        500,
        f"The router failed on this request; its log says why (request {consultation.request_id}).",
        code="internal_error",
    )


def _role(context: _Context) -> Role | None:
    for key, value in context.invocation_metadata() or ():
        if key == ROLE and value in tuple(Role):
            return Role(value)
    return None


async def _healthy(_: bytes, __: object) -> bytes:
    return _SERVING


def consultations(config: Config, classifier: IntentClassifier) -> Consultations:
    """What is done on each of Envoy's three streams, for one configuration."""
    router = Router(config, classifier)
    catalog = Catalog(config)
    return MappingProxyType(
        {
            Role.INGRESS: lambda: Ingress(router, config.limits),
            Role.REWRITE: lambda: Rewrite(catalog),
            Role.GATE: lambda: Gate(config.limits),
        }
    )


async def start(consultations: Consultations, socket: Path) -> aio.Server:
    """Serve until stopped.

    Args:
        consultations: what to do on each stream.
        socket: path of the Unix socket; one that a dead process left behind is replaced.
    """
    server = aio.server(
        options=[
            ("grpc.max_receive_message_length", -1),
            ("grpc.max_send_message_length", -1),
            # Envoy pings every second, also while no stream is open.
            ("grpc.http2.min_ping_interval_without_data_ms", 100),
            ("grpc.keepalive_permit_without_calls", 1),
            ("grpc.http2.max_ping_strikes", 0),
        ]
    )
    processor: grpc.RpcMethodHandler[Message, bytes] = grpc.stream_stream_rpc_method_handler(
        _Processor(consultations).process,
        request_deserializer=ProcessingRequest.FromString,
    )
    health: grpc.RpcMethodHandler[bytes, bytes] = grpc.unary_unary_rpc_method_handler(_healthy)
    server.add_generic_rpc_handlers(
        (
            grpc.method_handlers_generic_handler(
                "envoy.service.ext_proc.v3.ExternalProcessor", {"Process": processor}
            ),
            grpc.method_handlers_generic_handler("grpc.health.v1.Health", {"Check": health}),
        )
    )
    socket.unlink(missing_ok=True)  # noqa: ASYNC240 - once, before serving
    server.add_insecure_port(f"unix:{socket}")
    await server.start()
    return server
