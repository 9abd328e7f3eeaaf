"""The ingress listener: where clients connect."""

from __future__ import annotations

from pathlib import Path

from extproc.bootstrap.access_logs import request_log
from extproc.bootstrap.complement import all_but
from extproc.bootstrap.cors import cors_filters
from extproc.bootstrap.door import door
from extproc.bootstrap.header_limits import ROOM_FOR_HEADERS, ROOM_FOR_HEADERS_KIB
from extproc.bootstrap.ingress_processors import ingress
from extproc.bootstrap.ingress_routes import ingress_routes
from extproc.bootstrap.last_errors import error_told
from extproc.bootstrap.listeners import (
    KEEP_SERVER_HEADER,
    kept_bytes,
    listener_of,
    only_host,
    router,
)
from extproc.bootstrap.local_replies import local_replies
from extproc.bootstrap.log_lines import INGRESS_LINE, UNREADABLE_LINE, log_lines
from extproc.bootstrap.processors import ROUTER_CLUSTER
from extproc.bootstrap.rate_limits import ingress_limits
from extproc.bootstrap.told import ABOUT_THE_REQUEST, OWN_ID, OWN_TRACE, trace_ids
from extproc.bootstrap.typed import extension, http_filter, matches, prefix, regex, seconds
from extproc.contract import CLIENTS_HEADERS, INTERNAL_PREFIX, MODEL, PATH, ROUTE
from extproc.core.config import Config
from extproc.envoy_api.messages import (
    Address,
    EarlyHeaderMutation,
    HeaderMutationRemoveOnMatch,
    HeaderMutationStep,
    HealthCheckFilter,
    Http1ProtocolOptions,
    HttpConnectionManager,
    HttpFilter,
    Listener,
    Percent,
    Pipe,
    SocketAddress,
    TrafficDirection,
    VirtualHost,
)

__all__ = ["ingress_listener"]

_HEALTH = "/healthz"

_CLOSING = 0.1
"""Seconds."""

_OLD_CLIENTS = Http1ProtocolOptions(accept_http_10=True, default_host_for_http_10="localhost")
"""HTTP/1.0 is what nginx's ``proxy_pass`` speaks, unless it is told otherwise."""


def ingress_listener(
    config: Config,
    access_log: str | None,
    attempts_cluster: str,
    unix_socket: Path | None = None,
) -> Listener:
    """Where clients connect: decides once, then tries the candidates in turn.

    Args:
        config: for the address, the limits and the declared models.
        access_log: path of the file that gets one line of JSON per request, or None for standard
            output.
        attempts_cluster: the cluster that leads to the attempt listener.
        unix_socket: where it listens instead of the configured address.
    """
    manager = HttpConnectionManager(
        stat_prefix="ingress",
        http_filters=[
            # Before the door: preflights bring no key, and pages shall read why they are refused.
            *cors_filters(config.listener.cors_origins),
            _health(),
            trace_ids(),
            door(config),
            ingress(config),
            *ingress_limits(config),
            error_told(limited=bool(config.rate_limits)),
            router(),
        ],
        route_config=only_host(
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
            request_log(
                (PATH,),
                (MODEL, ROUTE),
                limited=bool(config.rate_limits),
                traced=config.tracing is not None,
            ),
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
        server_header_transformation=KEEP_SERVER_HEADER,
        max_request_headers_kb=ROOM_FOR_HEADERS_KIB,
        common_http_protocol_options=ROOM_FOR_HEADERS,
        stream_idle_timeout=seconds(config.listener.timeout),
        # Envoy closes what it has broken off only after this while, in which a client that still
        # sends can read what was wrong. One that waits for more would wait for so long in vain.
        delayed_close_timeout=seconds(_CLOSING),
        request_headers_timeout=seconds(config.limits.receive_timeout),
        local_reply_config=local_replies(
            "The request could not be completed",
            (OWN_ID, *ABOUT_THE_REQUEST, OWN_TRACE),
            limited=bool(config.rate_limits),
        ),
    )
    listener = listener_of("ingress", manager, kept_bytes(config))
    listener.address = _address(config, unix_socket)
    # Draining closes this one alone: the attempt listener still takes what is in flight.
    listener.traffic_direction = TrafficDirection.INBOUND
    return listener


def _address(config: Config, unix_socket: Path | None) -> Address:
    if unix_socket is not None:
        return Address(pipe=Pipe(path=str(unix_socket), mode=0o600))
    address = SocketAddress(address=config.listener.address, port_value=config.listener.port)
    return Address(socket_address=address)


def _without_internal_headers() -> EarlyHeaderMutation:
    """Clients can neither send our plan nor steer Envoy's router, but bound their request."""
    theirs = [name.removeprefix(INTERNAL_PREFIX) for name in CLIENTS_HEADERS]
    return EarlyHeaderMutation(
        mutations=[
            HeaderMutationStep(remove_on_match=HeaderMutationRemoveOnMatch(key_matcher=names))
            for names in (regex(INTERNAL_PREFIX + all_but(theirs)), prefix("x-envoy-"))
        ]
    )


def _health() -> HttpFilter:
    """``/healthz``: 200 while Envoy runs and the router answers its health check."""
    check = HealthCheckFilter(
        pass_through_mode=False,
        headers=matches({":path": _HEALTH}),
        cluster_min_healthy_percentages={ROUTER_CLUSTER: Percent(value=1)},
    )
    return http_filter("envoy.filters.http.health_check", check)
