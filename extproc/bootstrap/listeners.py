"""The two doors: ingress, where clients come in, and the attempt listener behind it."""

from __future__ import annotations

from collections.abc import Iterable

from envoy_data_plane.envoy.config.common.mutation_rules.v3 import (
    HeaderMutation as HeaderMutationStep,
)
from envoy_data_plane.envoy.config.common.mutation_rules.v3 import HeaderMutationRemoveOnMatch
from envoy_data_plane.envoy.config.core.v3 import (
    Address,
    Http1ProtocolOptions,
    SocketAddress,
    TrafficDirection,
)
from envoy_data_plane.envoy.config.listener.v3 import (
    Listener,
    ListenerInternalListenerConfig,
)
from envoy_data_plane.envoy.config.route.v3 import (
    Route,
    RouteConfiguration,
    VirtualHost,
)
from envoy_data_plane.envoy.extensions.filters.http.header_mutation.v3 import (
    HeaderMutation,
    Mutations,
)
from envoy_data_plane.envoy.extensions.filters.http.header_to_metadata.v3 import (
    Config as HeaderToMetadata,
)
from envoy_data_plane.envoy.extensions.filters.http.header_to_metadata.v3 import (
    ConfigKeyValuePair,
    ConfigRule,
)
from envoy_data_plane.envoy.extensions.filters.http.health_check.v3 import HealthCheck
from envoy_data_plane.envoy.extensions.filters.http.router.v3 import Router
from envoy_data_plane.envoy.extensions.filters.network.http_connection_manager.v3 import (
    HttpConnectionManager,
    HttpConnectionManagerServerHeaderTransformation,
    HttpFilter,
)
from envoy_data_plane.envoy.extensions.http.early_header_mutation.header_mutation.v3 import (
    HeaderMutation as EarlyHeaderMutation,
)
from envoy_data_plane.envoy.type.v3 import Percent

from extproc.bootstrap import processors as processors
from extproc.bootstrap.access_logs import attempt_log, request_log, usage_filters
from extproc.bootstrap.clusters import ATTEMPT_LISTENER
from extproc.bootstrap.complement import all_but
from extproc.bootstrap.cors import cors_filters
from extproc.bootstrap.door import door
from extproc.bootstrap.header_limits import ROOM_FOR_HEADERS, ROOM_FOR_HEADERS_KIB
from extproc.bootstrap.judge import judge
from extproc.bootstrap.last_errors import error_told
from extproc.bootstrap.local_replies import local_replies
from extproc.bootstrap.log_lines import ATTEMPT_LINE, INGRESS_LINE, UNREADABLE_LINE, log_lines
from extproc.bootstrap.no_connection import CAUSES
from extproc.bootstrap.passed_on import known_headers_only
from extproc.bootstrap.refusals import told_refusals
from extproc.bootstrap.routes import (
    HEALTH,
    attempt_routes,
    ingress_routes,
)
from extproc.bootstrap.told import ABOUT_THE_REQUEST, OWN_ID, trace_ids
from extproc.bootstrap.typed import (
    extension,
    http_connections,
    http_filter,
    matches,
    prefix,
    regex,
    seconds,
    set_headers,
)
from extproc.contract import (
    ANSWER_WITHIN,
    ATTEMPT_COUNT,
    ATTEMPT_TIMEOUT,
    DEADLINE,
    GATE_TERMS,
    GATED,
    HEADERS_WITHIN,
    HURRIED,
    INTERNAL_PREFIX,
    LARGEST_ANSWER,
    METADATA_NAMESPACE,
    MODEL,
    PATH,
    REQUEST_TIMEOUT,
    ROUTE,
    STREAMED,
    TRANSLATION,
)
from extproc.core.config import Config

__all__ = ["attempt", "ingress"]

_SPARE_BYTES = 1024 * 1024
"""Room for what a rewrite may add to a request of the largest accepted size."""

_ATTEMPT_CLOSES_AFTER = 0.02
"""Seconds for which an attempt's connection that must end stays open after the last byte is sent.

Ingress may still be sending the request when the provider has answered. Writing to a closed
connection, it would not read the answer but take the connection for lost, and try again. A stream
that breaks off is told to ingress this much later."""
_CLOSING = 0.1

_OLD_CLIENTS = Http1ProtocolOptions(accept_http_10=True, default_host_for_http_10="localhost")
"""HTTP/1.0 is what nginx's ``proxy_pass`` speaks, unless it is told otherwise."""

_KEEP_SERVER_HEADER = HttpConnectionManagerServerHeaderTransformation.PASS_THROUGH


def _only_host(host: VirtualHost, config: Config) -> RouteConfiguration:
    """The routes of a listener, which keeps bodies of every accepted size for further attempts."""
    host.domains = ["*"]
    host.request_body_buffer_limit = config.limits.max_request_bytes + _SPARE_BYTES
    largest = max((_size(route) for route in host.routes), default=0)
    return RouteConfiguration(
        name=host.name, virtual_hosts=[host], max_direct_response_body_size_bytes=largest
    )


def _size(route: Route) -> int:
    answer = route.direct_response
    text = answer.body.inline_string if answer and answer.body else None
    return len((text or "").encode())


def _listener(name: str, manager: HttpConnectionManager, buffered: int) -> Listener:
    return Listener(
        name=name,
        stat_prefix=name,
        filter_chains=[http_connections(manager)],
        per_connection_buffer_limit_bytes=buffered,
    )


def _without_internal_headers() -> EarlyHeaderMutation:
    """Clients can neither send our plan nor steer Envoy's router, but say how long they wait."""
    ours = DEADLINE.removeprefix(INTERNAL_PREFIX)
    return EarlyHeaderMutation(
        mutations=[
            HeaderMutationStep(remove_on_match=HeaderMutationRemoveOnMatch(key_matcher=names))
            for names in (regex(INTERNAL_PREFIX + all_but([ours])), prefix("x-envoy-"))
        ]
    )


def _router() -> HttpFilter:
    return http_filter("envoy.filters.http.router", Router(suppress_envoy_headers=True))


def _health() -> HttpFilter:
    """``/healthz``: 200 while Envoy runs and the router answers its health check."""
    check = HealthCheck(
        pass_through_mode=False,
        headers=matches({":path": HEALTH}),
        cluster_min_healthy_percentages={processors.ROUTER_CLUSTER: Percent(value=1)},
    )
    return http_filter("envoy.filters.http.health_check", check)


def ingress(config: Config, access_log: str | None, attempts_cluster: str) -> Listener:
    """Where clients connect: decides once, then tries the candidates in turn.

    Args:
        config: for the address, the limits and the declared models.
        access_log: path of the file that gets one line of JSON per request, or None for standard
            output.
        attempts_cluster: the cluster that leads to the attempt listener.
    """
    manager = HttpConnectionManager(
        stat_prefix="ingress",
        http_filters=[
            # Before the door: preflights bring no key, and pages shall read why they are refused.
            *cors_filters(config.listener.cors_origins),
            _health(),
            trace_ids(),
            door(config),
            processors.ingress(config.sessions),
            error_told(),
            _router(),
        ],
        route_config=_only_host(
            VirtualHost(
                name="ingress",
                routes=ingress_routes(config, attempts_cluster),
                include_request_attempt_count=True,
            ),
            config,
        ),
        access_log=[
            log_lines(access_log, INGRESS_LINE, came_in=True),
            log_lines(access_log, UNREADABLE_LINE, came_in=False),
            request_log((PATH,), (MODEL, ROUTE)),
        ],
        early_header_mutation_extensions=[
            extension(
                "envoy.http.early_header_mutation.header_mutation", _without_internal_headers()
            )
        ],
        http_protocol_options=_OLD_CLIENTS,
        # Else a 400 would cost an HTTP/1.1 client its connection.
        stream_error_on_invalid_http_message=True,
        use_remote_address=True,
        skip_xff_append=True,
        normalize_path=True,
        merge_slashes=True,
        server_header_transformation=_KEEP_SERVER_HEADER,
        max_request_headers_kb=ROOM_FOR_HEADERS_KIB,
        common_http_protocol_options=ROOM_FOR_HEADERS,
        stream_idle_timeout=seconds(config.listener.timeout),
        # Envoy closes what it has broken off only after this while, in which a client that still
        # sends can read what was wrong. One that waits for more would wait for so long in vain.
        delayed_close_timeout=seconds(_CLOSING),
        request_headers_timeout=seconds(config.limits.receive_timeout),
        local_reply_config=local_replies(
            "The request could not be completed", (OWN_ID, *ABOUT_THE_REQUEST)
        ),
    )
    address = SocketAddress(address=config.listener.address, port_value=config.listener.port)
    listener = _listener("ingress", manager, config.limits.max_request_bytes + _SPARE_BYTES)
    listener.address = Address(socket_address=address)
    # Draining closes this one alone: the attempt listener still takes what is in flight.
    listener.traffic_direction = TrafficDirection.INBOUND
    return listener


def _remember(header: str, key: str, namespace: str = METADATA_NAMESPACE) -> ConfigRule:
    pair = ConfigKeyValuePair(metadata_namespace=namespace, key=key)
    return ConfigRule(header=header, on_header_present=pair)


def _what_the_provider_does_not_see(rules: Iterable[ConfigRule]) -> HttpFilter:
    """Clusters strip these headers; the access log and the response headers still need them."""
    return http_filter(
        "envoy.filters.http.header_to_metadata", HeaderToMetadata(request_rules=list(rules))
    )


def _bounded() -> HttpFilter:
    """Tells the router how long it may wait, as Python has reckoned it for this attempt."""
    bounds = ((ATTEMPT_TIMEOUT, HEADERS_WITHIN), (REQUEST_TIMEOUT, ANSWER_WITHIN))
    options = set_headers((name, f"%REQ({ours})%") for name, ours in bounds)
    steps = [HeaderMutationStep(append=option) for option in options]
    return http_filter(
        "envoy.filters.http.header_mutation",
        HeaderMutation(mutations=Mutations(request_mutations=steps)),
    )


def _longest_hold(config: Config) -> float:
    """For how many seconds the gate may hold a stream of any route."""
    any_held = any(route.hold_stream for route in config.routes)
    held = (times.answer for times in config.all_timeouts if any_held)
    return max((*(times.first_content for times in config.all_timeouts), *held))


def attempt(config: Config, access_log: str | None) -> Listener:
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
            _remember(ATTEMPT_COUNT, "attempt"),
            _remember(PATH, "path"),
            _remember(TRANSLATION, "translation"),
            _remember(STREAMED, "streamed"),
            _remember(HURRIED, "hurried"),
            _remember(GATED, "terms", GATE_TERMS),
            _remember(":path", "upstream_path"),
        ]
    )
    manager = HttpConnectionManager(
        stat_prefix="attempt",
        http_filters=[
            told_refusals(config),
            processors.attempt(),
            processors.translation(),
            remembered,
            _bounded(),
            known_headers_only(config.models),
            processors.gate(_longest_hold(config)),
            *usage_filters(),
            judge(),
            _router(),
        ],
        route_config=_only_host(VirtualHost(name="attempt", routes=attempt_routes(config)), config),
        access_log=[log_lines(access_log, ATTEMPT_LINE), attempt_log()],
        generate_request_id=False,
        server_header_transformation=_KEEP_SERVER_HEADER,
        max_request_headers_kb=ROOM_FOR_HEADERS_KIB,
        common_http_protocol_options=ROOM_FOR_HEADERS,
        stream_idle_timeout=seconds(config.listener.timeout),
        local_reply_config=local_replies(
            f"The provider of %DYNAMIC_METADATA({METADATA_NAMESPACE}:model)% gave no answer",
            causes=CAUSES,
        ),
        delayed_close_timeout=seconds(_ATTEMPT_CLOSES_AFTER),
    )
    largest_request = config.limits.max_request_bytes + _SPARE_BYTES
    listener = _listener(ATTEMPT_LISTENER, manager, max(largest_request, LARGEST_ANSWER))
    listener.internal_listener = ListenerInternalListenerConfig()
    # What came in is served: a request that is refused here would count against a model.
    listener.bypass_overload_manager = True
    return listener
