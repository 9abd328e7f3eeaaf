"""The records of what became of requests: decided, refused, or forwarded by their names alone.

The observer keeps records, and clients word ids and models' names: what is long is clipped here.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

from extproc.core.budgets import Reservation
from extproc.core.clipping import clipped
from extproc.core.models import Model
from extproc.core.records import DecisionRecord, Ranked, Skipped
from extproc.core.routes import CostBasis, Preference
from extproc.core.sessions import Sessions
from extproc.core.tracing import RequestSpan
from extproc.dialects.api_paths import ApiPath
from extproc.dialects.request import ClientRequest
from extproc.router import Decision
from extproc.worker.headers import trace_id
from extproc.worker.sessions import Session, tenant_of

__all__ = ["DecisionRecords"]


class DecisionRecords:
    """Makes the records of one configuration's requests."""

    def __init__(self, config: str, sessions: Sessions) -> None:
        """
        Args:
            config: the fingerprint of the configuration.
            sessions: which header tells tenants apart.
        """
        self._config = config
        self._sessions = sessions

    def decided(
        self,
        request: ClientRequest,
        headers: Mapping[str, str],
        decision: Decision,
        session: Session | None,
        *,
        snapshot: int,
        decision_only: bool,
        seconds: float,
        span: RequestSpan | None,
        reservations: tuple[Reservation, ...],
    ) -> DecisionRecord:
        """Of a request whose candidates the router has found.

        Args:
            request: the request.
            headers: its headers.
            decision: what was decided.
            session: the request's, None if it has none.
            snapshot: the version of what was known of the models.
            decision_only: whether the client asked for the decision alone.
            seconds: how long it took.
            span: the request's, None where requests are not traced.
            reservations: what is set aside for it of budgets.
        """
        route, failure = decision.route, decision.failure
        return DecisionRecord(
            request_id=_request_id(headers),
            trace_id=clipped(trace_id(headers)),
            at=time.time(),
            dialect=request.dialect,
            requested_model=_named(request.model),
            candidates=tuple(each.called(each.model.name) for each in decision.ranked),
            skipped=decision.skipped,
            unfit=decision.unfit,
            route=route.name if route else None,
            intent=decision.intent,
            failure=failure.reason if failure else None,
            snapshot=snapshot,
            session_id=session.id if session else None,
            session_key=session.key if session else None,
            pinned=decision.pinned,
            switch=decision.switch,
            streamed=request.streamed,
            kept=request.keeps,
            decision_only=decision_only,
            decision_seconds=seconds,
            classification_seconds=decision.classification_seconds,
            prefer=route.prefer if route else Preference.NONE,
            cost_basis=route.cost_basis if route else CostBasis.TOTAL,
            config=self._config,
            span=span,
            tenant=tenant_of(headers, self._sessions),
            hedge_after=decision.hedge_after,
            reservations=reservations,
            diverted_to=decision.diverted_to,
            shadow=None if decision.shadow is None else decision.shadow.name,
        )

    def refused(
        self,
        request: ClientRequest,
        headers: Mapping[str, str],
        *,
        decision_only: bool,
        span: RequestSpan | None,
        route: str | None,
        skipped: tuple[Skipped, ...],
    ) -> DecisionRecord:
        """Of a request that goes to no model.

        Args:
            request: the request.
            headers: its headers.
            decision_only: whether the client asked for the decision alone.
            span: the request's, None where requests are not traced.
            route: which matched, None if none did, or if it was not looked for.
            skipped: the models that may not be tried.
        """
        return DecisionRecord(
            request_id=_request_id(headers),
            trace_id=clipped(trace_id(headers)),
            at=time.time(),
            dialect=request.dialect,
            requested_model=_named(request.model),
            candidates=(),
            skipped=skipped,
            route=route,
            streamed=request.streamed,
            decision_only=decision_only,
            config=self._config,
            span=span,
            tenant=tenant_of(headers, self._sessions),
        )

    def forwarded(
        self,
        path: ApiPath,
        named: str | None,
        headers: Mapping[str, str],
        model: Model,
        *,
        streamed: bool,
        seconds: float,
        span: RequestSpan | None,
        reservations: tuple[Reservation, ...],
        skipped: tuple[Skipped, ...],
    ) -> DecisionRecord:
        """Of a request that is not routed: its names tell where it goes.

        Args:
            path: where it was sent.
            named: the model that it names, None if it names none.
            headers: its headers.
            model: the model that it goes to, or that stands for its provider.
            streamed: whether it asks for a stream.
            seconds: how long it took to find that out.
            span: the request's, None where requests are not traced.
            reservations: what is set aside for it of budgets.
            skipped: the model, where it may not be tried: then the request goes nowhere.
        """
        return DecisionRecord(
            request_id=_request_id(headers),
            trace_id=clipped(trace_id(headers)),
            at=time.time(),
            dialect=path.spoken,
            requested_model=_named(named),
            candidates=() if skipped else (Ranked(model.name),),
            skipped=skipped,
            streamed=streamed,
            decision_seconds=seconds,
            forwarded=path.path,
            config=self._config,
            span=span,
            tenant=tenant_of(headers, self._sessions),
            reservations=reservations,
        )


def _request_id(headers: Mapping[str, str]) -> str:
    return clipped(headers.get("x-request-id", ""))


def _named(model: str | None) -> str | None:
    return None if model is None else clipped(model)
