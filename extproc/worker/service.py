"""The gRPC service that Envoy's ext_proc filters call: one processor for each stream.

A stream names its role, which has a row in ``processors``. Whatever a processor raises becomes an
answer to its own request; the other streams go on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import TypeAlias

from extproc.contract import ROLE, Role
from extproc.core.aside import Aside
from extproc.core.catalog import Catalog
from extproc.core.config import Config, Transport
from extproc.errors import ClientError
from extproc.guards.requests import RequestGuards
from extproc.providers.traits import traits_of
from extproc.ranking.bounds import Pace
from extproc.ranking.snapshot import Snapshot
from extproc.tracing.beginning import Beginning
from extproc.transport.calls import Call, Process, RefusedError, Service
from extproc.transport.wire import ProcessingRequest
from extproc.worker.arrivals import Arrivals
from extproc.worker.attempt import AttemptProcessor
from extproc.worker.bounds import Bounding
from extproc.worker.by_id import ByIdProcessor
from extproc.worker.by_model import ByModelProcessor
from extproc.worker.decider import Decider
from extproc.worker.exchange import ProtocolError
from extproc.worker.forwarding import Forwarding
from extproc.worker.gate import GateProcessor
from extproc.worker.ingress import IngressProcessor
from extproc.worker.models import ModelsProcessor
from extproc.worker.planning import Planner
from extproc.worker.processor import Processor
from extproc.worker.translation import TranslationProcessor

__all__ = ["Processors", "external_processor", "processor_service", "processors"]

_log = logging.getLogger(__name__)

Processors: TypeAlias = Mapping[Role, Callable[[], Processor]]


class _Dispatcher:
    """Serves ``envoy.service.ext_proc.v3.ExternalProcessor``."""

    def __init__(self, processors: Processors) -> None:
        self._processors = processors

    async def process(self, call: Call) -> None:
        """Serve one stream; an error is logged once and answers this request only.

        Raises:
            RefusedError: the stream names no role of ours.
        """
        role = _role(call)
        if role is None:
            refusal = f"the gRPC metadata {ROLE} must be one of {', '.join(Role)}"
            _log.error("refused a stream that is not from our Envoy: %s", refusal)
            raise RefusedError(refusal)
        processor = self._processors[role]()
        try:
            await processor.serve(call)
        except ClientError as error:
            await call.write(processor.refuse(error))
        except ProtocolError as error:
            _log.error("request %s: Envoy broke the protocol: %s", processor.request_id, error)
            await call.write(processor.refuse(_internal(processor)))
        except Exception:  # noqa: BLE001 - no request may take the server down
            _log.exception("request %s: failed in the router", processor.request_id)
            await call.write(processor.refuse(_internal(processor)))


def _internal(processor: Processor) -> ClientError:
    return ClientError(
        500,
        f"The router failed on this request; its log says why (request {processor.request_id}).",
        code="internal_error",
    )


def _role(call: Call) -> Role | None:
    role = call.metadata(ROLE)
    return Role(role) if role in tuple(Role) else None


def processors(
    config: Config,
    decider: Decider,
    forwarding: Forwarding,
    failed: Callable[[str], None],
    priced: Callable[[], Iterable[str]],
    aside: Aside,
    arrivals: Arrivals,
    spans: Beginning | None = None,
    snapshot: Callable[[], Snapshot] = Snapshot,
    guards: RequestGuards | None = None,
) -> Processors:
    """The processor of each role, for one configuration.

    Args:
        config: the configuration.
        decider: decides at ingress.
        forwarding: finds where requests go that are not routed.
        failed: called with the name of a model whose attempt has failed, before the next attempt.
        priced: returns the names of the models whose prices are known at the moment.
        aside: where large requests are gone through.
        arrivals: the requests that the worker is receiving.
        spans: begins the requests' spans, None where requests are not traced.
        snapshot: returns what is known of the models at the moment.
        guards: look at requests and answers; None: there are none.
    """
    catalog = Catalog(config, traits_of)
    bounding, pace = Bounding(config), Pace(config.latencies)
    planner = Planner(
        config.limits,
        config.listener,
        config.failover_policies,
        cache_marks_from=config.cache_marks_from,
        expecting=snapshot if config.limits_tokens else None,
    )
    return MappingProxyType(
        {
            Role.INGRESS: lambda: IngressProcessor(
                decider,
                config.limits,
                aside,
                arrivals,
                planner,
                spans=spans,
                bounding=bounding,
                guards=guards,
                leaves_early=config.transport is Transport.BUILTIN,
            ),
            Role.MODELS: lambda: ModelsProcessor(config, catalog, priced),
            Role.BY_MODEL: lambda: ByModelProcessor(
                forwarding, config.limits, aside, arrivals, bounding, guards
            ),
            Role.BY_ID: lambda: ByIdProcessor(forwarding, aside, guards),
            Role.ATTEMPT: lambda: AttemptProcessor(
                catalog,
                failed,
                aside,
                seconds=lambda model, streamed: pace.seconds(model, snapshot(), streamed=streamed),
            ),
            Role.TRANSLATION: lambda: TranslationProcessor(catalog, aside),
            Role.GATE: lambda: GateProcessor(),
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


def processor_service(processors: Processors) -> Service:
    """Serve each stream with the processor of its role."""
    return external_processor(_Dispatcher(processors).process)
