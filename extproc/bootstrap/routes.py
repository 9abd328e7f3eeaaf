"""Envoy's routes: what Envoy answers itself, how it retries, and which attempts consult Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import product

import orjson
from envoy_data_plane.envoy.config.core.v3 import DataSource, HeaderValueOption
from envoy_data_plane.envoy.config.route.v3 import (
    DirectResponseAction,
    HeaderMatcher,
    RetryPolicy,
    RetryPolicyRetryBackOff,
    Route,
    RouteAction,
    RouteMatch,
)
from envoy_data_plane.envoy.type.matcher.v3 import RegexMatcher, StringMatcher

from extproc.bootstrap import processors as processors
from extproc.bootstrap.typed import seconds, set_headers
from extproc.contract import (
    ADAPTED,
    ATTEMPT_COUNT,
    ATTEMPTS,
    CANDIDATES,
    CLUSTER,
    DECISION_PREFIX,
    GATED,
    METADATA_NAMESPACE,
    MODEL,
    PINNED,
    RESPONSE_FLAGS,
    ROUTE,
    STREAMED,
    TRACE_ID,
    TRANSLATED,
    TRANSLATION,
    UNROUTED,
    Role,
)
from extproc.core.config import Config, Limits
from extproc.core.models import Dialect
from extproc.core.outcomes import flags_of_lost_connections, retried_statuses
from extproc.core.wildcards import listed_as
from extproc.dialects.errors import error_body
from extproc.dialects.table import DEFAULT_DIALECT, ENDPOINTS
from extproc.errors import ClientError

__all__ = ["HEALTH", "attempt_routes", "ingress_routes", "matches"]

HEALTH = "/healthz"
MODELS = "/v1/models"

_JSON = set_headers([("content-type", "application/json")])
_RETRIED = "5xx,reset,retriable-status-codes"
"""What Envoy retries: every 5xx, no answer at all, and the statuses that the policy lists."""


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


def matches(headers: Mapping[str, str | None]) -> list[HeaderMatcher]:
    """Matchers for headers that must have a value, or (None) just be there."""
    return [
        HeaderMatcher(name=name, present_match=True)
        if value is None
        else HeaderMatcher(name=name, string_match=StringMatcher(exact=value))
        for name, value in headers.items()
    ]


def _answer(
    match: RouteMatch, status: int, body: bytes, headers: list[HeaderValueOption] | None = None
) -> Route:
    """A reply from Envoy alone."""
    return Route(
        match=match,
        direct_response=DirectResponseAction(
            status=status, body=DataSource(inline_string=body.decode())
        ),
        response_headers_to_add=_JSON + (headers or []),
        typed_per_filter_config={processors.filter_name(Role.INGRESS): processors.not_processed()},
    )


def _failover(limits: Limits) -> RetryPolicy:
    """Several candidates: move on at once, whatever Retry-After says.

    Python names the number of retries in ``x-envoy-max-retries``: one less than the candidates.
    """
    return RetryPolicy(
        retry_on=_RETRIED,
        retriable_status_codes=[*retried_statuses()],
        num_retries=1,
        per_try_timeout=seconds(limits.attempt_timeout),
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


def _planned(config: Config, cluster: str, *, streamed: bool, single: bool) -> Route:
    """The route of a request that has its plan."""
    timeout = seconds(config.listener.timeout)
    action = RouteAction(
        cluster=cluster,
        timeout=seconds(0) if streamed else timeout,
        idle_timeout=timeout,
        retry_policy=_repetition() if single else _failover(config.limits),
    )
    return Route(
        name=f"{'stream' if streamed else 'whole'}-{'single' if single else 'failover'}",
        match=RouteMatch(
            prefix="/",
            headers=matches(
                {STREAMED: "1" if streamed else "0", CANDIDATES: "1" if single else None}
            ),
        ),
        route=action,
        response_headers_to_remove=[RESPONSE_FLAGS],
        response_headers_to_add=set_headers(
            [
                (ROUTE, f"%REQ({ROUTE})%"),
                (UNROUTED, f"%REQ({UNROUTED})%"),
                (PINNED, f"%REQ({PINNED})%"),
                (TRACE_ID, f"%REQ({TRACE_ID})%"),
                (ATTEMPTS, "%UPSTREAM_REQUEST_ATTEMPT_COUNT%"),
            ]
        ),
    )


def _endpoint(path: str, dialect: Dialect) -> list[Route]:
    """An endpoint before Python has seen the request, and its refusal of other methods."""
    unplanned = ClientError(503, "The router gave no plan for this request; please try again.")
    post = Route(
        match=RouteMatch(path=path, headers=matches({":method": "POST"})),
        direct_response=DirectResponseAction(
            status=unplanned.status,
            body=DataSource(inline_string=error_body(dialect, unplanned).decode()),
        ),
        response_headers_to_add=_JSON,
    )
    refusal = ClientError(405, f"{path} takes POST only.", code="method_not_allowed")
    return [
        post,
        _answer(
            RouteMatch(path=path),
            refusal.status,
            error_body(dialect, refusal),
            set_headers([("allow", "POST")]),
        ),
    ]


def _models_list(config: Config) -> bytes:
    """What a client may send as ``model``, in OpenAI's shape."""
    entries = [
        (listed_as(model.name) if model.is_wildcard else model.name, model.provider)
        for model in config.models
    ]
    entries += [(alias, "dragoman") for alias in config.aliases]
    return orjson.dumps(
        {
            "object": "list",
            "data": [
                {"id": name, "object": "model", "created": 0, "owned_by": owner}
                for name, owner in entries
            ],
        }
    )


def ingress_routes(config: Config, attempts_cluster: str) -> list[Route]:
    """The routes of the ingress listener, first match first.

    Requests with a plan come first: clients cannot forge one, for internal headers are removed
    before any route is matched.
    """
    planned = [
        _planned(config, attempts_cluster, streamed=streamed, single=single)
        for streamed, single in product((False, True), (True, False))
    ]
    endpoints = [
        route
        for prefix in ("", DECISION_PREFIX)
        for path, dialect in ENDPOINTS.items()
        for route in _endpoint(prefix + path, dialect)
    ]
    models = _answer(
        RouteMatch(path=MODELS, headers=matches({":method": "GET"})), 200, _models_list(config)
    )
    paths = ", ".join(ENDPOINTS)
    unknown = ClientError(
        404,
        f"There is nothing at this path. Requests go to {paths}, "
        f"or to one of these behind {DECISION_PREFIX} for the decision alone.",
        code="unknown_path",
    )
    body = error_body(DEFAULT_DIALECT, unknown)
    nothing = _answer(RouteMatch(prefix="/"), unknown.status, body)
    return [*planned, *endpoints, models, nothing]


def attempt_routes(config: Config) -> list[Route]:
    """The routes of the attempt listener: all lead to the cluster that the plan names.

    They differ in what Python is asked. The first attempt needs no rewriting, for ingress did it,
    nor does the repetition of a single candidate, unless the body must be adapted to the model;
    only a stream that can still be moved is gated; and only what goes to a candidate of another
    dialect is translated.
    """
    return [
        _attempt_route(config, {**place, **marks}, asked | roles)
        for place, asked in _PLACES
        for marks, roles in _MARKS
        if not roles & asked
    ]


def _attempt_route(
    config: Config, headers: Mapping[str, str | None], asked: AbstractSet[Role]
) -> Route:
    return Route(
        match=RouteMatch(prefix="/", headers=matches(headers)),
        route=RouteAction(
            cluster_header=CLUSTER,
            auto_host_rewrite=True,
            timeout=seconds(0),
            idle_timeout=seconds(config.listener.timeout),
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
