"""From a decision to the plan that a request goes on with, and to what Envoy is told of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from extproc.contract import FAILOVER, MAX_RETRIES
from extproc.core.config import Limits, Listener
from extproc.core.failover import FailoverPolicy
from extproc.core.models import Dialect, Model
from extproc.dialects.body import Edited
from extproc.dialects.request import ClientRequest, outgoing_body
from extproc.dialects.requirements import RequirementsOf, prefix_tokens
from extproc.dialects.translation.crossing import target
from extproc.dialects.translation.messages.marking import has_own_marks
from extproc.dialects.translation.table import TRANSLATORS
from extproc.ranking.expectation import Expectation
from extproc.ranking.snapshot import Snapshot
from extproc.router import Decision
from extproc.worker.deadlines import Deadline, Terms
from extproc.worker.decision_headers import plan_headers
from extproc.worker.expected_tokens import expected_tokens
from extproc.worker.plan import Plan

__all__ = ["Planned", "Planner"]

_DEFAULT_LISTENER: Final = Listener()
_MOST_MARKED: Final = 4 * 1024 * 1024
"""Bytes of a body in which what is worth caching is marked: in more, which no model reads as text,
to find the places would hold a worker for longer than 5 ms."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A request's plan, its body as its first candidate gets it, and the headers that tell Envoy
    how many tokens are expected, None where it need not know."""

    plan: Plan
    body: Edited
    expected: Mapping[str, str] | None = None


class Planner:
    """Plans requests by one configuration."""

    def __init__(
        self,
        limits: Limits,
        listener: Listener = _DEFAULT_LISTENER,
        policies: Sequence[FailoverPolicy] = (),
        *,
        cache_marks_from: int | None = None,
        expecting: Callable[[], Snapshot] | None = None,
    ) -> None:
        """
        Args:
            limits: for the times of requests whose route has none of its own.
            listener: for how long an answer may take, and after how many further attempts.
            policies: which errors move on, in the order by which Envoy knows them: that of
                requests whose route has none of its own, and then those of the others.
            cache_marks_from: how many tokens must stand in other requests as well for what is worth
                caching to be marked, None: it never is.
            expecting: returns what is known of the models, where Envoy is to be told how many
                tokens are expected; None: it need not be.
        """
        self._cache_marks_from = cache_marks_from
        self._expecting = expecting
        self._timeouts = limits.timeouts
        self._longest = listener.timeout
        self._max_retries = listener.max_retries
        self._policies = policies

    def plan(
        self,
        request: ClientRequest,
        decision: Decision,
        query: str,
        version: str | None,
        *,
        caches: bool = True,
    ) -> Planned:
        """A request's plan, and all else that takes the longer, the larger the request is.

        Args:
            request: the request.
            decision: what was decided of it.
            query: the client's, without its question mark.
            version: of the API, as the client names it; None if it does not.
            caches: whether the client lets us mark what is worth caching.
        """
        candidates = decision.candidates
        if self._max_retries is not None:
            candidates = candidates[: self._max_retries + 1]
        shadow = decision.shadow
        targets = candidates if shadow is None else (*candidates, shadow)
        body = outgoing_body(request.raw, candidates[0].model_id, request.members)
        model_start, model_end = body.places["model"]
        least = self._cache_marks_from
        plan = Plan(
            dialect=request.dialect,
            candidates=tuple(model.name for model in candidates),
            streamed=request.streamed,
            model_start=model_start,
            model_end=model_end,
            query=query,
            adapted=tuple(_adapted(request, decision.requested, targets, version)),
            shadow="" if shadow is None else shadow.name,
            marked=caches and least is not None and _is_marked(request, targets, least),
        )
        if self._expecting is None:
            return Planned(plan, body)
        expectation = Expectation(decision.route, self._expecting(), RequirementsOf(request))
        return Planned(plan, body, expected_tokens(candidates[0], expectation))

    def headers(
        self, planned: Planned, decision: Decision, deadline: Deadline | None, now: float
    ) -> dict[str, str]:
        """What Envoy goes by: the plan, what moves on, how long all of it may take, and how many
        tokens are expected.

        Args:
            planned: the request's plan.
            decision: that it was made of.
            deadline: when the client must have been answered, None if it does not say.
            now: seconds since the epoch.

        Raises:
            ClientError: the client's deadline has passed (504).
        """
        plan, route = planned.plan, decision.route
        headers = plan_headers(plan, decision.ranked[0].model, decision)
        if self._max_retries == 0:
            headers[MAX_RETRIES] = "0"
        policy = None if route is None else route.failover
        if policy in self._policies[1:]:
            headers[FAILOVER] = str(self._policies.index(policy))
        last = len(plan.candidates) == 1
        terms = Terms(
            (None if route is None else route.timeouts) or self._timeouts,
            deadline,
            hold=route is not None and route.hold_stream,
            hedge_after=None if last else decision.hedge_after,
        )
        headers |= terms.of_request(now, streamed=plan.streamed, longest=self._longest)
        headers |= terms.of_attempt(now, streamed=plan.streamed, last=last)
        if not last or plan.shadow:
            headers |= terms.encode()
        if planned.expected is not None:
            headers |= planned.expected
        return headers


def _is_marked(request: ClientRequest, models: Sequence[Model], least: int) -> bool:
    """Whether what is worth caching is marked for those models that want to be told."""
    return (
        len(request.raw) <= _MOST_MARKED
        and any(model.serves(Dialect.MESSAGES) for model in models)
        and not has_own_marks(request.raw)
        and prefix_tokens(request) >= least
    )


def _adapted(
    request: ClientRequest, requested: str | None, models: Sequence[Model], version: str | None
) -> Iterator[int]:
    """The positions of the models of the client's dialect for which the body, written for another
    one, must be changed; for the requested one only what another dialect's provider has left in the
    conversation."""
    translator = TRANSLATORS[request.dialect]
    mixed = translator.is_mixed(request.document)
    for position, model in enumerate(models):
        if not model.serves(request.dialect) or not (mixed or model.name != requested):
            continue
        if translator.adapt(request.document, target(model, version)).changes:
            yield position
