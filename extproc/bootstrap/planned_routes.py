"""The routes of requests that have a plan: how Envoy tries the candidates, one after another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from extproc.bootstrap.refusals import another_may, by_status
from extproc.bootstrap.told import ABOUT_THE_REQUEST, OWN_ID
from extproc.bootstrap.typed import matches, regex, seconds, set_headers, set_if_absent
from extproc.contract import (
    ANOTHER_MAY,
    ATTEMPT_COUNT,
    ATTEMPTS,
    CANDIDATES,
    FAILOVER,
    HEDGED,
    REQUEST_ID,
    RESPONSE_FLAGS,
    SHADOW,
    SHADOW_ATTEMPT,
    STREAMED,
)
from extproc.core.config import Config
from extproc.core.failover import SERVER_ERRORS, FailoverPolicy
from extproc.core.response_flags import flags_of_lost_connections
from extproc.envoy_api.messages import (
    HeaderMatcher,
    HeaderMutationStep,
    RetryPolicy,
    RetryPolicyRetryBackOff,
    Route,
    RouteAction,
    RouteActionRequestMirrorPolicy,
    RouteMatch,
)

__all__ = ["planned_routes"]

_RETRIED = "reset,retriable-status-codes,retriable-headers"
"""What Envoy retries: no answer at all, and what the policy lists."""


def planned_routes(config: Config, cluster: str) -> list[Route]:
    """The routes, first match first.

    Args:
        config: for the timeout, and the policies that say what moves on.
        cluster: the one that leads to the attempt listener.
    """
    return [
        _planned(config, cluster, plans, streamed=streamed)
        for streamed, plans in product((False, True), _kinds_of_plans(config))
    ]


@dataclass(frozen=True, slots=True)
class _Plans:
    """The plans that have one retry policy, and the headers that they are known by."""

    name: str
    headers: Mapping[str, str | None]
    retries: RetryPolicy


def _kinds_of_plans(config: Config) -> Iterator[_Plans]:
    """First match first."""
    yield _Plans("single", {CANDIDATES: "1"}, _repetition())
    for number, policy in [*enumerate(config.failover_policies)][::-1]:
        own: dict[str, str | None] = {FAILOVER: str(number)} if number else {}
        name = f"failover-{number}" if number else "failover"
        yield _Plans(
            name, {CANDIDATES: None, **own}, _failover(policy, limited=bool(config.rate_limits))
        )


def _failover(policy: FailoverPolicy, *, limited: bool) -> RetryPolicy:
    """Several candidates: move on at once, whatever Retry-After says.

    How long an attempt is waited for is the attempt listener's to know. Python names the number of
    retries in ``x-envoy-max-retries``: one less than the candidates.
    """
    statuses = by_status(policy)
    every_5xx = set(SERVER_ERRORS).issubset(statuses)
    listed = [status for status in statuses if not (every_5xx and status in SERVER_ERRORS)]
    return RetryPolicy(
        retry_on=f"5xx,{_RETRIED}" if every_5xx else _RETRIED,
        retriable_status_codes=listed,
        retriable_headers=[another_may(policy, limited=limited)],
        num_retries=1,
        retry_back_off=RetryPolicyRetryBackOff(
            base_interval=seconds(0.001), max_interval=seconds(0.005)
        ),
    )


def _repetition() -> RetryPolicy:
    """A single candidate: once more where the connection was lost before anything came back.

    Errors are the client's to repeat: every SDK does so, twice by default, on 408, 409, 429 and
    5xx. A slow answer is worth more than a second wait, so there is no deadline per attempt.
    """
    lost = "|".join(flags_of_lost_connections())
    return RetryPolicy(
        retry_on="reset,retriable-headers",
        retriable_headers=[
            HeaderMatcher(name=RESPONSE_FLAGS, string_match=regex(rf"(?:.*,)?(?:{lost})(?:,.*)?"))
        ],
        num_retries=1,
        retry_back_off=RetryPolicyRetryBackOff(
            base_interval=seconds(0.025), max_interval=seconds(0.25)
        ),
    )


def _planned(config: Config, cluster: str, plans: _Plans, *, streamed: bool) -> Route:
    """The route of a request that has its plan."""
    timeout = seconds(config.listener.timeout)
    action = RouteAction(
        cluster=cluster,
        timeout=seconds(0) if streamed else timeout,
        idle_timeout=timeout,
        retry_policy=plans.retries,
        request_mirror_policies=[_shadow()] if config.shadows else [],
    )
    return Route(
        name=f"{'stream' if streamed else 'whole'}-{plans.name}",
        match=RouteMatch(
            prefix="/", headers=matches({STREAMED: "1" if streamed else "0", **plans.headers})
        ),
        route=action,
        response_headers_to_remove=[RESPONSE_FLAGS, ANOTHER_MAY],
        response_headers_to_add=[
            *set_headers([*ABOUT_THE_REQUEST, (ATTEMPTS, "%UPSTREAM_REQUEST_ATTEMPT_COUNT%")]),
            # The provider's own ids, where it gave some, are what its support asks for.
            *set_if_absent([OWN_ID, ("request-id", f"%REQ({REQUEST_ID})%")]),
        ],
    )


def _shadow() -> RouteActionRequestMirrorPolicy:
    """Copies a request that Python has chosen for it, as an attempt of its own.

    Envoy waits for no part of what becomes of the copy. It has the key, the name and the body of
    the first candidate's model no more than any later attempt has: the attempt processor is asked.
    https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/config/route/v3/route_components.proto#config-route-v3-routeaction-requestmirrorpolicy
    """
    marks = set_headers([(ATTEMPT_COUNT, str(SHADOW_ATTEMPT)), (CANDIDATES, "0")])
    return RouteActionRequestMirrorPolicy(
        cluster_header=SHADOW,
        disable_shadow_host_suffix_append=True,
        request_headers_mutations=[
            *(HeaderMutationStep(append=mark) for mark in marks),
            HeaderMutationStep(remove=HEDGED),
        ],
    )
