"""Requests that are forwarded without being routed: where they go, and what Envoy is told of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from extproc.affinity import Origins
from extproc.contract import (
    AFFINITY,
    CANDIDATES,
    CLUSTER,
    MODEL,
    PATH,
    STREAMED,
    TRACE_ID,
    UNGOVERNED,
    UNREAD,
    header_safe,
)
from extproc.core.budgets import Reservation
from extproc.core.clipping import clipped
from extproc.core.models import Model
from extproc.core.records import DecisionRecord, Skipped
from extproc.core.sessions import Sessions
from extproc.core.tracing import RequestSpan
from extproc.dialects.api_paths import API, ApiPath, api_path
from extproc.dialects.translation.crossing import API_VERSION
from extproc.forwarder import Destination, Forwarder
from extproc.ranking.bars import Bar, BarredError
from extproc.tracing.beginning import Beginning, headers_of, removed_with
from extproc.worker.admission import Admission
from extproc.worker.decision_records import DecisionRecords
from extproc.worker.exchange import ProtocolError
from extproc.worker.expected_tokens import COMPLETIONS, expected_tokens
from extproc.worker.headers import own_id, required, trace_id
from extproc.worker.sessions import tenant_of

__all__ = ["Asked", "Forwarding", "Onward", "path_of"]

_REMOVED: Final = ("accept-encoding", AFFINITY)
"""Ids are read out of answers, which must not be compressed; a session's name is not a provider's
to know."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks for: at which path, of which models, of what that was made before.

    ``names`` are those of models in its body, ``ids`` those of things. ``streamed`` is whether it
    asks for a stream.
    """

    path: ApiPath
    names: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    streamed: bool = False


@dataclass(frozen=True, slots=True)
class Onward:
    """The headers that are set, and those that are removed, where a request goes on."""

    headers: dict[str, str]
    removed: tuple[str, ...] = _REMOVED


_NO_TENANTS: Final = Sessions()
_OPEN: Final = Admission()


class Forwarding:
    """Finds the destinations of one worker's requests, and tells of them."""

    def __init__(
        self,
        forwarder: Forwarder,
        origins: Origins,
        tell: Callable[[DecisionRecord], None],
        config: str = "",
        spans: Beginning | None = None,
        sessions: Sessions = _NO_TENANTS,
        *,
        admission: Admission = _OPEN,
        tells_tokens: bool = False,
    ) -> None:
        """
        Args:
            forwarder: decides.
            origins: who has made what clients ask for.
            tell: is called with a record of every decision; it must return at once.
            config: the fingerprint of the configuration.
            spans: begins the requests' spans, None where requests are not traced.
            sessions: which header tells tenants apart.
            admission: says whether a request may be sent to its model.
            tells_tokens: whether Envoy is to be told how many tokens are expected.
        """
        self._tells_tokens = tells_tokens
        self._spans = spans
        self._forwarder = forwarder
        self._origins = origins
        self._tell = tell
        self._records = DecisionRecords(config, sessions)
        self._sessions = sessions
        self._admission = admission

    def models(self, asked: Asked) -> tuple[Model, ...]:
        """The models that a request names, in its body or else in its query.

        Raises:
            ClientError: one of them does not exist (404), is ambiguous, or is with another provider
                than the others (400).
        """
        return self._forwarder.models(asked.names or asked.path.models)

    async def onward(
        self,
        asked: Asked,
        models: tuple[Model, ...],
        headers: Mapping[str, str],
        *,
        size: int | None = None,
        governed: bool = False,
        bars: Sequence[Bar] = (),
    ) -> Onward:
        """How a request goes on: to the model that it names, else to the provider of what it asks
        for, else to the only one that there is.

        Args:
            asked: what it asks for.
            models: those that it names.
            headers: its headers.
            size: of its body, in bytes, None if that is not known.
            governed: whether it gives a model work to do: then limits, budgets and bounds have a
                say.
            bars: what keeps models from this request, besides what they say.

        Raises:
            ClientError: there is no such place (400, 404), or the model may not be tried (what bars
                it says the status).
        """
        began = time.perf_counter()
        path = asked.path
        if models:
            found = self._forwarder.to_model(path, models[0])
        else:
            found = await self._of_what_was_made(asked) or self._forwarder.to_only(path)
        tenant = tenant_of(headers, self._sessions)
        try:
            reservations = await self._admission.admit(
                found.model, headers, tenant, size or 0, bars, governed=governed
            )
        except BarredError as error:
            seconds = time.perf_counter() - began
            self.tell(asked, found.model, headers, seconds=seconds, skipped=error.skipped)
            raise
        seconds = time.perf_counter() - began
        span = self.tell(asked, found.model, headers, seconds=seconds, reservations=reservations)
        changed = _forwarded(asked, found, headers)
        if not governed:
            changed[UNGOVERNED] = "1"
        elif self._tells_tokens and path.path == COMPLETIONS:
            changed |= expected_tokens(found.model, self._admission.expectation(size or 0))
        if span is None:
            return Onward(changed)
        return Onward(changed | headers_of(span), (*_REMOVED, *removed_with(span)))

    async def _of_what_was_made(self, asked: Asked) -> Destination | None:
        ids = (*asked.path.ids, *asked.ids)
        if not ids:
            return None
        pin = await self._origins.find(ids, wait=self._forwarder.is_open(asked.path))
        return None if pin is None else self._forwarder.to_maker(asked.path, pin.model)

    def tell(
        self,
        asked: Asked,
        model: Model,
        headers: Mapping[str, str],
        *,
        seconds: float,
        reservations: tuple[Reservation, ...] = (),
        skipped: tuple[Skipped, ...] = (),
    ) -> RequestSpan | None:
        """Tell of a decision, and begin the request's span where there is to be one.

        Args:
            asked: what the request asks for.
            model: the model that it goes to, or that stands for its provider.
            headers: its headers.
            seconds: how long the decision took.
            reservations: what is set aside for it of budgets.
            skipped: the model, where it may not be tried: then the request goes nowhere.
        """
        span = None
        if self._spans is not None:
            span = self._spans.span(headers, clipped(trace_id(headers)))
        self._tell(
            self._records.forwarded(
                asked.path,
                next(iter(asked.names or asked.path.models), None),
                headers,
                model,
                streamed=asked.streamed,
                seconds=seconds,
                span=span,
                reservations=reservations,
                skipped=skipped,
            )
        )
        return span


def path_of(headers: Mapping[str, str]) -> ApiPath:
    """The path that a request is sent to.

    Raises:
        ProtocolError: it is none of the providers' APIs; Envoy's routes should have answered it.
    """
    path = required(headers, ":path")
    if not path.startswith(f"{API}/"):
        raise ProtocolError(f"a request to {path}, which does not begin with {API}/")
    return api_path(path, anthropic=API_VERSION in headers)


def _forwarded(
    asked: Asked, destination: Destination, headers: Mapping[str, str]
) -> dict[str, str]:
    """What ingress's routes and the attempt listener go by; a file may take as long as a stream."""
    is_file = asked.path.is_file
    changed = {
        CANDIDATES: "1",
        CLUSTER: header_safe(destination.model.cluster),
        MODEL: header_safe(destination.model.name),
        STREAMED: "1" if asked.streamed or is_file else "0",
        TRACE_ID: trace_id(headers),
        PATH: headers[":path"],
        ":path": destination.path,
    }
    if is_file:
        changed[UNREAD] = "1"
    return changed | own_id(asked.path.spoken, headers)
