"""What a decision says in headers: to Envoy, which goes by them, and to the client."""

from __future__ import annotations

from extproc.contract import (
    ADAPTED,
    CANDIDATES,
    CLUSTER,
    MAX_RETRIES,
    MODEL,
    PINNED,
    PLAN,
    ROUTE,
    SHADOW,
    SHADOWS_CLUSTER,
    SKIPPED,
    STREAMED,
    TRACE_ID,
    TRANSLATED,
    UNROUTED,
    header_safe,
)
from extproc.core.models import Model
from extproc.router import Decision
from extproc.worker.plan import Plan, encode

__all__ = ["about", "plan_headers"]


def plan_headers(plan: Plan, first: Model, decision: Decision) -> dict[str, str]:
    """What ingress's routes and the attempt listener go by."""
    count = len(plan.candidates)
    native = first.serves(plan.dialect)
    headers = {
        PLAN: encode(plan),
        CANDIDATES: str(count),
        CLUSTER: header_safe(first.cluster),
        MODEL: header_safe(first.name),
        STREAMED: "1" if plan.streamed else "0",
    }
    if count > 1:
        headers[MAX_RETRIES] = str(count - 1)
    if not native:
        headers[TRANSLATED] = "1"
    elif plan.marks_natively or 0 in plan.adapted:
        headers[ADAPTED] = "1"
    if plan.shadow:
        headers[SHADOW] = SHADOWS_CLUSTER
    if decision.skipped:
        told = ", ".join(f"{one.model} ({one.code})" for one in decision.skipped)
        headers[SKIPPED] = header_safe(told)
    return headers


def about(decision: Decision, trace: str) -> dict[str, str]:
    """What clients are told of a decision."""
    headers = {TRACE_ID: trace}
    if decision.route is not None:
        headers[ROUTE] = header_safe(decision.route.name)
    if decision.pinned:
        headers[PINNED] = "true"
    if decision.failure is not None:
        headers[UNROUTED] = decision.failure.reason
    elif decision.unfit:
        headers[UNROUTED] = "no_candidate_fits"
    return headers
