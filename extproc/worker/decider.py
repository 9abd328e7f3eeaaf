"""One decision with all that surrounds it: the session's pin before, the record after."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from extproc.affinity import Pin, Pins, session_key
from extproc.contract import AFFINITY
from extproc.core.models import Dialect
from extproc.core.records import DecisionRecord, RankedCandidate
from extproc.core.routes import CostBasis, Preference
from extproc.dialects.request import ClientRequest
from extproc.ranking.snapshot import Snapshot
from extproc.router import Decision, Router
from extproc.worker.headers import trace_id

__all__ = ["Decider", "Session"]


@dataclass(frozen=True, slots=True)
class Session:
    """A client's session: its own name for it, and what its pin is kept under."""

    id: str
    key: str


class Decider:
    """Decides for one worker, remembers what sessions are pinned to, and tells what was decided."""

    def __init__(
        self,
        router: Router,
        pins: Pins,
        snapshot: Callable[[], Snapshot],
        tell: Callable[[DecisionRecord], None],
        tenant_header: str | None = None,
    ) -> None:
        """
        Args:
            router: decides.
            pins: what sessions are pinned to.
            snapshot: gives what is known of the models now.
            tell: is told every decision; it must not wait.
            tenant_header: the header, in lower case, whose value keeps tenants' sessions apart.
        """
        self._router = router
        self._pins = pins
        self._snapshot = snapshot
        self._tell = tell
        self._tenant_header = tenant_header

    def session(self, headers: Mapping[str, str]) -> Session | None:
        """The session that a request belongs to, None if it names none."""
        session_id = headers.get(AFFINITY, "").strip()
        if not session_id:
            return None
        tenant = headers.get(self._tenant_header, "") if self._tenant_header else None
        key = session_key(session_id, tenant)
        return None if key is None else Session(session_id, key)

    async def decide(
        self, request: ClientRequest, headers: Mapping[str, str], *, decision_only: bool = False
    ) -> tuple[Decision, Session | None]:
        """Decide, and pin the request's session to the outcome.

        Raises:
            ClientError: see :meth:`extproc.router.Router.decide`.
        """
        began = time.perf_counter()
        session = self.session(headers)
        pin = await self._pins.find(session.key) if session is not None else None
        snapshot = self._snapshot()
        decision = await self._router.decide(request, snapshot, pin, decision_only=decision_only)
        if session is not None and decision.failure is None:
            self._keep(session, decision, None if decision_only else request.dialect)
        self._tell(
            _record(
                request,
                headers,
                decision,
                session,
                snapshot,
                decision_only=decision_only,
                seconds=time.perf_counter() - began,
            )
        )
        return decision, session

    def _keep(self, session: Session, decision: Decision, dialect: Dialect | None) -> None:
        """Pin the model that is going to be tried first, unless it is pinned or routing is off for
        the request. Without a dialect, who tries is the client.

        A route without a classification is that of a session whose model is set back.
        """
        route = decision.route.name if decision.route else None
        if decision.pinned or (route is None and decision.classification_seconds is None):
            return
        able = (model for model in decision.candidates if dialect is None or dialect in model.paths)
        chosen = next(able, decision.candidates[0])
        self._pins.keep(session.key, Pin(chosen.name, route))


def _record(
    request: ClientRequest,
    headers: Mapping[str, str],
    decision: Decision,
    session: Session | None,
    snapshot: Snapshot,
    *,
    decision_only: bool,
    seconds: float,
) -> DecisionRecord:
    intent, route, failure = decision.intent, decision.route, decision.failure
    return DecisionRecord(
        request_id=headers.get("x-request-id", ""),
        trace_id=trace_id(headers),
        at=time.time(),
        dialect=request.dialect,
        requested_model=request.model,
        candidates=tuple(
            RankedCandidate(
                candidate.model.name,
                candidate.value,
                candidate.measured_at,
                candidate.cooldown,
                candidate.explored,
                candidate.ineligible,
            )
            for candidate in decision.ranked
        ),
        route=route.name if route else None,
        score=intent.score,
        runner_up=intent.runner_up,
        runner_up_score=intent.runner_up_score,
        others=intent.others,
        classifier=intent.classifier,
        fallback=intent.fallback,
        failure=failure.reason if failure else None,
        snapshot=snapshot.version,
        session_id=session.id if session else None,
        session_key=session.key if session else None,
        pinned=decision.pinned,
        streamed=request.streamed,
        decision_only=decision_only,
        decision_seconds=seconds,
        classification_seconds=decision.classification_seconds,
        prefer=route.prefer if route else Preference.NONE,
        cost_basis=route.cost_basis if route else CostBasis.TOTAL,
    )
