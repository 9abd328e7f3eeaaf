"""The attempt listener, inside Envoy: one attempt at one candidate."""

from __future__ import annotations

from collections.abc import Iterable

from extproc.bootstrap.access_logs import attempt_log, usage_filters
from extproc.bootstrap.attempt_processors import attempt, gate, translation
from extproc.bootstrap.attempt_routes import attempt_routes
from extproc.bootstrap.clusters import ATTEMPT_LISTENER
from extproc.bootstrap.header_limits import ROOM_FOR_HEADERS, ROOM_FOR_HEADERS_KIB
from extproc.bootstrap.judge import judge
from extproc.bootstrap.listeners import (
    KEEP_SERVER_HEADER,
    kept_bytes,
    listener_of,
    only_host,
    router,
)
from extproc.bootstrap.local_replies import local_replies
from extproc.bootstrap.log_lines import ATTEMPT_LINE, log_lines
from extproc.bootstrap.no_connection import CAUSES
from extproc.bootstrap.passed_on import known_headers_only
from extproc.bootstrap.rate_limits import attempt_limits
from extproc.bootstrap.refusals import told_refusals
from extproc.bootstrap.spans import traced
from extproc.bootstrap.typed import http_filter, seconds, set_headers
from extproc.contract import (
    ANSWER_WITHIN,
    ATTEMPT_COUNT,
    ATTEMPT_TIMEOUT,
    GATE_TERMS,
    GATED,
    HEADERS_WITHIN,
    HEDGED,
    HURRIED,
    LARGEST_ANSWER,
    METADATA_NAMESPACE,
    MODEL,
    PATH,
    REQUEST_TIMEOUT,
    STREAMED,
    TRACE_ID,
    TRANSLATION,
)
from extproc.core.config import Config
from extproc.envoy_api.messages import (
    ConfigKeyValuePair,
    ConfigRule,
    HeaderMutation,
    HeaderMutationStep,
    HeaderToMetadata,
    HttpConnectionManager,
    HttpFilter,
    Listener,
    ListenerInternalListenerConfig,
    Mutations,
    VirtualHost,
)

__all__ = ["attempt_listener"]

_CLOSES_AFTER = 0.02
"""Seconds for which an attempt's connection that must end stays open after the last byte is sent.

Ingress may still be sending the request when the provider has answered. Writing to a closed
connection, it would not read the answer but take the connection for lost, and try again. A stream
that breaks off is told to ingress this much later."""


def attempt_listener(config: Config, access_log: str | None) -> Listener:
    """One attempt at one candidate. Nothing is retried here: that is ingress's work.

    Args:
        config: for the limits.
        access_log: path of the file that gets one line of JSON per attempt, or None for standard
            output.
    """
    remembered = _what_the_provider_does_not_see(
        [
            _remember(MODEL, "model"),
            _remember("x-request-id", "request_id"),
            _remember(TRACE_ID, "trace_id"),
            _remember(ATTEMPT_COUNT, "attempt"),
            _remember(PATH, "path"),
            _remember(TRANSLATION, "translation"),
            _remember(STREAMED, "streamed"),
            _remember(HURRIED, "hurried"),
            *([_remember(HEDGED, "hedged")] if config.hedges else []),
            _remember(GATED, "terms", GATE_TERMS),
            _remember(":path", "upstream_path"),
        ]
    )
    is_traced = config.tracing is not None
    manager = HttpConnectionManager(
        stat_prefix="attempt",
        http_filters=[
            told_refusals(config),
            attempt(),
            translation(),
            remembered,
            *attempt_limits(config),
            *traced(config.tracing),
            _headers_on_the_way(config),
            gate(_longest_hold(config)),
            *usage_filters(traced=is_traced),
            judge(traced=is_traced),
            router(),
        ],
        route_config=only_host(VirtualHost(name="attempt", routes=attempt_routes(config)), config),
        access_log=[
            log_lines(access_log, ATTEMPT_LINE),
            attempt_log(limited=bool(config.rate_limits)),
        ],
        generate_request_id=False,
        server_header_transformation=KEEP_SERVER_HEADER,
        max_request_headers_kb=ROOM_FOR_HEADERS_KIB,
        common_http_protocol_options=ROOM_FOR_HEADERS,
        stream_idle_timeout=seconds(config.listener.timeout),
        local_reply_config=local_replies(
            f"The provider of %DYNAMIC_METADATA({METADATA_NAMESPACE}:model)% gave no answer",
            causes=CAUSES,
            limited=bool(config.rate_limits),
            translated=True,
        ),
        delayed_close_timeout=seconds(_CLOSES_AFTER),
    )
    listener = listener_of(ATTEMPT_LISTENER, manager, max(kept_bytes(config), LARGEST_ANSWER))
    listener.internal_listener = ListenerInternalListenerConfig()
    # What came in is served: a request that is refused here would count against a model.
    listener.bypass_overload_manager = True
    return listener


def _remember(header: str, key: str, namespace: str = METADATA_NAMESPACE) -> ConfigRule:
    pair = ConfigKeyValuePair(metadata_namespace=namespace, key=key)
    return ConfigRule(header=header, on_header_present=pair)


def _what_the_provider_does_not_see(rules: Iterable[ConfigRule]) -> HttpFilter:
    """Clusters strip these headers; the access log and the response headers still need them."""
    return http_filter(
        "envoy.filters.http.header_to_metadata", HeaderToMetadata(request_rules=list(rules))
    )


def _headers_on_the_way(config: Config) -> HttpFilter:
    """Tells the router how long it may wait, as Python has reckoned it for this attempt, and
    removes what no provider is told."""
    bounds = ((ATTEMPT_TIMEOUT, HEADERS_WITHIN), (REQUEST_TIMEOUT, ANSWER_WITHIN))
    options = set_headers((name, f"%REQ({ours})%") for name, ours in bounds)
    steps = [HeaderMutationStep(append=option) for option in options]
    steps.append(known_headers_only(config.models))
    return http_filter(
        "envoy.filters.http.header_mutation",
        HeaderMutation(mutations=Mutations(request_mutations=steps)),
    )


def _longest_hold(config: Config) -> float:
    """For how many seconds the gate may hold a stream of any route."""
    any_held = any(route.hold_stream for route in config.routes)
    held = (times.answer for times in config.all_timeouts if any_held)
    return max((*(times.first_content for times in config.all_timeouts), *held))
