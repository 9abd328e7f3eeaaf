"""Decides a request: looks up what its session is pinned to, asks the router, tells the outcome."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from extproc.affinity import Origins, Pin, Pins
from extproc.core.records import DecisionRecord, Skipped
from extproc.core.sessions import Sessions
from extproc.core.tracing import RequestSpan
from extproc.dialects.request import ClientRequest
from extproc.ranking.bars import Bar, BarredError
from extproc.ranking.snapshot import Snapshot
from extproc.router import Decision, Router
from extproc.worker.budgets import Budgets
from extproc.worker.decision_records import DecisionRecords
from extproc.worker.governors import Governor, bars_for
from extproc.worker.sessions import Session, session_of, tenant_of, turn_of

__all__ = ["Decider"]

_DEFAULT_SESSIONS = Sessions()


class Decider:
    """Decides the requests of one worker."""

    def __init__(
        self,
        router: Router,
        pins: Pins,
        snapshot: Callable[[], Snapshot],
        tell: Callable[[DecisionRecord], None],
        sessions: Sessions = _DEFAULT_SESSIONS,
        *,
        origins: Origins | None = None,
        config: str = "",
        governors: Sequence[Governor] = (),
        budgets: Budgets | None = None,
    ) -> None:
        """
        Args:
            router: decides.
            pins: where sessions are kept.
            snapshot: returns what is known of the models at the moment.
            tell: is called with a record of every decision; it must return at once.
            sessions: what tells sessions, and those of tenants, apart.
            origins: where it is kept who has made which response; None: nothing is known of it.
            config: the fingerprint of the configuration.
            governors: have a say in which models a request may be sent to.
            budgets: what requests may spend, None where that is not bounded.
        """
        self._budgets = budgets
        self._router = router
        self._pins = pins
        self._snapshot = snapshot
        self._tell = tell
        self._sessions = sessions
        self._origins = origins
        self._records = DecisionRecords(config, sessions)
        self._governors = governors

    async def decide(
        self,
        request: ClientRequest,
        headers: Mapping[str, str],
        *,
        decision_only: bool = False,
        span: RequestSpan | None = None,
        bars: Sequence[Bar] = (),
    ) -> tuple[Decision, Session | None]:
        """Decide, pin the request's session to the model that goes first, and tell of the decision;
        or of a request that no model may be tried for.

        Args:
            request: the request.
            headers: its headers.
            decision_only: whether the client asked for the decision alone.
            span: the request's, None where requests are not traced.
            bars: what keeps models from this request, besides what governors say.

        Raises:
            ClientError: see :meth:`extproc.router.Router.decide`; or a governor or a
                budget refuses it.
        """
        began = time.perf_counter()
        tenant = tenant_of(headers, self._sessions)
        if self._governors:
            bars = (*bars, *await bars_for(self._governors, headers, tenant))
        spending = None if self._budgets is None else await self._budgets.spending(tenant)
        session = session_of(request, headers, self._sessions, decision_only=decision_only)
        pin = await self._pins.find(session.key) if session is not None else None
        turn = None
        if session is not None:
            costs = None if pin is None else pin.costs
            turn = turn_of(request, headers, self._sessions, costs, time.time())
        snapshot = self._snapshot()
        decide = partial(
            self._router.decide,
            request,
            snapshot,
            pin,
            decision_only=decision_only,
            origin=await self._origin(request),
            session_key=None if session is None else session.key,
            turn=turn,
            bars=bars if spending is None else (*bars, spending),
        )
        try:
            decision = await decide()
            if spending is not None and not decision_only:
                while not await spending.reserve(decision.candidates):
                    decision = await decide(again=decision)
        except BarredError as error:
            self.refused(
                request,
                headers,
                decision_only=decision_only,
                span=span,
                route=error.route,
                skipped=error.skipped,
            )
            raise
        if session is not None:
            self._keep(session, decision, pin)
        self._tell(
            self._records.decided(
                request,
                headers,
                decision,
                session,
                snapshot=snapshot.version,
                decision_only=decision_only,
                seconds=time.perf_counter() - began,
                span=span,
                reservations=() if spending is None else spending.reservations,
            )
        )
        return decision, session

    def refused(
        self,
        request: ClientRequest,
        headers: Mapping[str, str],
        *,
        decision_only: bool,
        span: RequestSpan | None = None,
        route: str | None = None,
        skipped: tuple[Skipped, ...] = (),
    ) -> None:
        """Tell of a request that goes to no model: its guards did not let it pass, or no model may
        be tried for it.

        Args:
            request: the request.
            headers: its headers.
            decision_only: whether the client asked for the decision alone.
            span: the request's, None where requests are not traced.
            route: which matched, None if none did, or if it was not looked for.
            skipped: the models that may not be tried.
        """
        self._tell(
            self._records.refused(
                request,
                headers,
                decision_only=decision_only,
                span=span,
                route=route,
                skipped=skipped,
            )
        )

    async def _origin(self, request: ClientRequest) -> Pin | None:
        """Who has made the response that a request goes on from, None if that is not known."""
        if request.goes_on_from is None or self._origins is None:
            return None
        return await self._origins.find((request.goes_on_from,), wait=True)

    def _keep(self, session: Session, decision: Decision, pin: Pin | None) -> None:
        """Pin the session to the model that is tried first.

        Nothing changes if it is pinned like that already, or if no route has led there, or if the
        session's model is passed over, for it comes back to that one. A route that was not looked
        for is the pin's own: the session's model cools down, and the session follows to the one
        that stands in for it. A session that may change its model is kept anew with each request,
        for its account, which waits where a request of its is not reckoned.

        Args:
            session: the session.
            decision: its first candidate is the one that is tried first.
            pin: what the session is pinned to.
        """
        if decision.route is None or decision.unfit or decision.passed_over:
            return
        model, costs = decision.candidates[0].name, decision.costs
        if costs is None and pin is not None and pin.model == model:
            costs = pin.costs
        found = Pin(model, decision.route.name, costs)
        if found != pin:
            self._pins.keep(session.key, found)
