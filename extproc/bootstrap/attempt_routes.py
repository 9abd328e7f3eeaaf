"""The routes of attempts: which consult Python, and for how long a stream may be silent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from extproc.bootstrap.access_logs import USAGE_FILTERS
from extproc.bootstrap.judge import JUDGE
from extproc.bootstrap.processors import filter_name, not_processed
from extproc.bootstrap.typed import left_out, matches, seconds, set_headers
from extproc.contract import (
    ADAPTED,
    ATTEMPT_COUNT,
    CANDIDATES,
    CLUSTER,
    GATED,
    IDLE,
    METADATA_NAMESPACE,
    MODEL,
    RESPONSE_FLAGS,
    TRANSLATED,
    TRANSLATION,
    UNREAD,
    Role,
)
from extproc.core.config import Config
from extproc.core.timeouts import in_milliseconds
from extproc.envoy_api.messages import RetryPolicy, Route, RouteAction, RouteMatch

__all__ = ["attempt_routes"]

_AFTER_THE_TRANSLATION = 5.0
"""Seconds."""

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


def attempt_routes(config: Config) -> list[Route]:
    """The routes of the attempt listener: all lead to the cluster that the plan names.

    They differ in what Python is asked. The first attempt needs no rewriting, for ingress did it,
    nor does the repetition of a single candidate, unless the body must be adapted to the model;
    only a stream that can still be moved is gated; and only what goes to a candidate of another
    dialect is translated. A file is not even looked into: Envoy collects what it looks into.
    """
    unread = _attempt_route(config, {UNREAD: None}, frozenset())
    for name in (JUDGE, *USAGE_FILTERS):
        unread.typed_per_filter_config[name] = left_out()
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
    # A processor that is not asked costs Envoy 10 µs, one that is left out nothing. It cannot come
    # back, though, where the attempt's processor has the route chosen anew.
    silent = not_processed() if Role.ATTEMPT in asked else left_out()
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
            filter_name(role): silent
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
