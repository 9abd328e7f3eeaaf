"""What is done on the streams that Envoy opens, whatever happens on them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

import grpc
from grpc import aio

from extproc.catalog import Catalog
from extproc.config.values import Config
from extproc.contract import ROLE, Role
from extproc.dialects.errors import ClientError
from extproc.server.deciding import Decider
from extproc.server.exchange import ProtocolError
from extproc.server.gate import Gate
from extproc.server.ingress import Ingress
from extproc.server.listening import Context, Process, Service
from extproc.server.rewrite import Rewrite
from extproc.server.streams import Consultation
from extproc.server.wire import Message, ProcessingRequest

__all__ = ["Consultations", "consultations", "external_processor", "processor"]

_log = logging.getLogger(__name__)

Consultations: TypeAlias = Mapping[Role, Callable[[], Consultation]]


class _GrpcStream:
    """The gRPC stream of one consultation."""

    __slots__ = ("_context",)

    def __init__(self, context: Context) -> None:
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

    async def process(self, _: object, context: Context) -> None:
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


def _role(context: Context) -> Role | None:
    for key, value in context.invocation_metadata() or ():
        if key == ROLE and value in tuple(Role):
            return Role(value)
    return None


def consultations(config: Config, decider: Decider, failed: Callable[[str], None]) -> Consultations:
    """What is done on each of Envoy's three streams, for one configuration.

    Args:
        config: the configuration.
        decider: decides at ingress.
        failed: is told of each model whose attempt has failed, before the next one.
    """
    catalog = Catalog(config)
    return MappingProxyType(
        {
            Role.INGRESS: lambda: Ingress(decider, config.limits, config.listener.max_retries),
            Role.REWRITE: lambda: Rewrite(catalog, failed),
            Role.GATE: lambda: Gate(config.limits),
        }
    )


def external_processor(process: Process) -> Service:
    """The service that Envoy's ext_proc filters consult."""
    return Service(
        name="envoy.service.ext_proc.v3.ExternalProcessor",
        method="Process",
        read=ProcessingRequest.FromString,
        process=process,
    )


def processor(consultations: Consultations) -> Service:
    """Serve each stream with the consultation of its role."""
    return external_processor(_Processor(consultations).process)
