"""Envoy's routes: what Envoy answers itself, how it retries, and which attempts consult Python."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import product

from envoy_data_plane.envoy.config.core.v3 import HeaderValueOption
from envoy_data_plane.envoy.config.route.v3 import (
    FilterConfig,
    HeaderMatcher,
    RetryPolicy,
    RetryPolicyRetryBackOff,
    Route,
    RouteAction,
    RouteMatch,
)
from envoy_data_plane.envoy.type.matcher.v3 import RegexMatcher, StringMatcher

from extproc.bootstrap import processors
from extproc.bootstrap.access_logs import USAGE_FILTERS
from extproc.bootstrap.answers import JSON, direct, unplanned
from extproc.bootstrap.api_routes import api_routes
from extproc.bootstrap.judge import JUDGE
from extproc.bootstrap.refusals import another_may, by_status
from extproc.bootstrap.told import ABOUT_THE_REQUEST, OWN_ID
from extproc.bootstrap.typed import any_of, matches, seconds, set_headers, set_if_absent
from extproc.contract import (
    ADAPTED,
    ANOTHER_MAY,
    ATTEMPT_COUNT,
    ATTEMPTS,
    CANDIDATES,
    CLUSTER,
    DECISION_PREFIX,
    FAILOVER,
    GATED,
    IDLE,
    METADATA_NAMESPACE,
    MODEL,
    MODELS,
    REQUEST_ID,
    RESPONSE_FLAGS,
    STREAMED,
    TRANSLATED,
    TRANSLATION,
    UNREAD,
    Role,
)
from extproc.core.config import Config
from extproc.core.failover import SERVER_ERRORS, FailoverPolicy
from extproc.core.models import Dialect
from extproc.core.outcomes import flags_of_lost_connections
from extproc.core.timeouts import in_milliseconds
from extproc.dialects.api_paths import API
from extproc.dialects.errors import error_body
from extproc.dialects.table import DEFAULT_DIALECT, DIALECTS, ENDPOINTS
from extproc.errors import ClientError

__all__ = ["HEALTH", "attempt_routes", "ingress_routes"]

HEALTH = "/healthz"

_AFTER_THE_TRANSLATION = 5.0
"""Seconds."""

_RETRIED = "reset,retriable-status-codes,retriable-headers"
"""What Envoy retries: no answer at all, and what the policy lists."""


_PLACES: Sequence[tuple[Mapping[str, str | None], frozenset[Role]]] = (
    ({CANDIDATES: "1"}, frozenset()),
    ({ATTEMPT_COUNT: "1"}, frozenset()),
    ({}, frozenset({Role.ATTEMPT})),
)
"""Which attempt it is, and what Python is asked on each such attempt."""

_MARKS: Sequence[tuple[Mapping[str, str | None], frozenset[Role]]] = (
    ({TRANSLATED: None, GATED: None}, frozenset({Role.TRANSLATION, Role.GATE})),
    ({TRANSLATED: None}, frozenset({Role.TRANSLATION})),
    ({ADAPTED: None, GATED: None}, frozenset({Role.ATTEMPT, Role.GATE})),
    ({ADAPTED: None}, frozenset({Role.ATTEMPT})),
    ({GATED: None}, frozenset({Role.GATE})),
    ({}, frozenset()),
)
"""What an attempt's headers say, and what Python is asked because of it."""


def _answer(
    match: RouteMatch, status: int, body: bytes, headers: list[HeaderValueOption] | None = None
) -> Route:
    """A reply from Envoy alone."""
    return Route(
        match=match,
        direct_response=direct(status, body),
        response_headers_to_add=JSON + (headers or []),
        typed_per_filter_config={processors.filter_name(Role.INGRESS): processors.not_processed()},
    )


def _failover(policy: FailoverPolicy) -> RetryPolicy:
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
        retriable_headers=[another_may(policy)],
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
    told = StringMatcher(safe_regex=RegexMatcher(regex=rf"(?:.*,)?(?:{lost})(?:,.*)?"))
    return RetryPolicy(
        retry_on="reset,retriable-headers",
        retriable_headers=[HeaderMatcher(name=RESPONSE_FLAGS, string_match=told)],
        num_retries=1,
        retry_back_off=RetryPolicyRetryBackOff(
            base_interval=seconds(0.025), max_interval=seconds(0.25)
        ),
    )


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
        yield _Plans(name, {CANDIDATES: None, **own}, _failover(policy))


def _planned(config: Config, cluster: str, plans: _Plans, *, streamed: bool) -> Route:
    """The route of a request that has its plan."""
    timeout = seconds(config.listener.timeout)
    action = RouteAction(
        cluster=cluster,
        timeout=seconds(0) if streamed else timeout,
        idle_timeout=timeout,
        retry_policy=plans.retries,
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


def _refusal(match: RouteMatch, path: str, dialect: Dialect, *allowed: str) -> Route:
    """An answer to the methods that a path does not take."""
    message = f"{path} takes {' and '.join(allowed)} only."
    error = ClientError(405, message, code="method_not_allowed")
    allow = set_headers([("allow", ", ".join(allowed))])
    return _answer(match, error.status, error_body(dialect, error), allow)


def _endpoint(path: str, dialect: Dialect) -> list[Route]:
    """An endpoint before Python has seen the request, and its refusal of other methods."""
    return [
        unplanned(RouteMatch(path=path, headers=matches({":method": "POST"})), dialect),
        _refusal(RouteMatch(path=path), path, dialect, "POST"),
    ]


def _models(path: str) -> list[Route]:
    """The list of models and, under it, each of them."""
    consulted = {processors.filter_name(Role.INGRESS): processors.instead(Role.MODELS)}
    return [
        *(
            unplanned(
                RouteMatch(path_separated_prefix=path, headers=matches({":method": method})),
                DEFAULT_DIALECT,
                consulted,
            )
            for method in ("GET", "HEAD")
        ),
        _refusal(RouteMatch(path_separated_prefix=path), path, DEFAULT_DIALECT, *("GET", "HEAD")),
    ]


def _nowhere(match: RouteMatch, dialect: Dialect = DEFAULT_DIALECT) -> Route:
    """The answer where there is nothing."""
    endpoints = ", ".join(row.endpoint for row in DIALECTS.values())
    unknown = ClientError(
        404,
        f"There is nothing at this path. Requests go to {endpoints}, "
        f"or to one of these behind {DECISION_PREFIX} for the decision alone; "
        f"GET {API}{MODELS} lists the models; "
        f"other paths of the providers' APIs begin with {API}/.",
        code="unknown_path",
    )
    return _answer(match, unknown.status, error_body(dialect, unknown))


def _nothing() -> list[Route]:
    """The answer at all other paths, in the words of the dialect that can be told by them."""
    below = [
        (RouteMatch(path_separated_prefix=f"{prefix}{path}"), dialect)
        for prefix in ("", DECISION_PREFIX)
        for path, dialect in ENDPOINTS.items()
        if DIALECTS[dialect].errors is not DIALECTS[DEFAULT_DIALECT].errors
    ]
    return [
        _nowhere(match, dialect)
        for match, dialect in (*below, (RouteMatch(prefix="/"), DEFAULT_DIALECT))
    ]


def _near_misses() -> list[Route]:
    """The answer at paths that are nearly endpoints: no provider would say what is wrong."""
    endpoints = [row.endpoint for row in DIALECTS.values()]
    behind = [f"{path}/" for path in (API, *endpoints)]
    above = sorted({path.rpartition("/")[0] for path in endpoints} - {API})
    return [_nowhere(RouteMatch(path=path)) for path in (*behind, *above)]


def ingress_routes(config: Config, attempts_cluster: str) -> list[Route]:
    """The routes of the ingress listener, first match first.

    Requests with a plan come first: clients cannot forge one, for internal headers are removed
    before any route is matched.
    """
    planned = [
        _planned(config, attempts_cluster, plans, streamed=streamed)
        for streamed, plans in product((False, True), _kinds_of_plans(config))
    ]
    endpoints = [
        route
        for prefix in ("", DECISION_PREFIX)
        for path, dialect in ENDPOINTS.items()
        for route in _endpoint(prefix + path, dialect)
    ]
    models = [route for prefix in (API, "") for route in _models(prefix + MODELS)]
    return [*planned, *endpoints, *models, *_near_misses(), *api_routes(), *_nothing()]


def attempt_routes(config: Config) -> list[Route]:
    """The routes of the attempt listener: all lead to the cluster that the plan names.

    They differ in what Python is asked. The first attempt needs no rewriting, for ingress did it,
    nor does the repetition of a single candidate, unless the body must be adapted to the model;
    only a stream that can still be moved is gated; and only what goes to a candidate of another
    dialect is translated. A file is not even looked into: Envoy collects what it looks into.
    """
    unread = _attempt_route(config, {UNREAD: None}, frozenset())
    for name in (JUDGE, *USAGE_FILTERS):
        unread.typed_per_filter_config[name] = any_of(FilterConfig(disabled=True))
    silences = {times.stream_idle for times in config.all_timeouts}
    return [
        unread,
        *(
            _attempt_route(config, {**place, **marks}, asked | roles, silence)
            for silence in (*sorted(silences), None)
            for place, asked in _PLACES
            for marks, roles in _MARKS
            if not roles & asked
        ),
    ]


def _attempt_route(
    config: Config,
    headers: Mapping[str, str | None],
    asked: AbstractSet[Role],
    silence: float | None = None,
) -> Route:
    """A route of the attempt listener.

    Args:
        config: for how long anything may stay silent.
        headers: what its requests have.
        asked: what Python is asked on them.
        silence: for how many seconds its requests' streams may send nothing; None: it is for
            answers that are not streamed.
    """
    retries = None
    if silence is not None:
        headers = {**headers, IDLE: in_milliseconds(silence)}
        # A translation notices by itself, and can then end its stream with an error.
        later = _AFTER_THE_TRANSLATION if Role.TRANSLATION in asked else 0.0
        retries = RetryPolicy(per_try_idle_timeout=seconds(silence + later))
    return Route(
        match=RouteMatch(prefix="/", headers=matches(headers)),
        route=RouteAction(
            cluster_header=CLUSTER,
            auto_host_rewrite=True,
            timeout=seconds(0),
            idle_timeout=seconds(config.listener.timeout),
            retry_policy=retries,
        ),
        typed_per_filter_config={
            processors.filter_name(role): processors.not_processed()
            for role in (Role.ATTEMPT, Role.TRANSLATION, Role.GATE)
            if role not in asked
        },
        response_headers_to_add=set_headers(
            [
                (MODEL, f"%DYNAMIC_METADATA({METADATA_NAMESPACE}:model)%"),
                (TRANSLATION, f"%DYNAMIC_METADATA({METADATA_NAMESPACE}:translation)%"),
                (RESPONSE_FLAGS, "%RESPONSE_FLAGS%"),
            ]
        ),
    )
