"""The two doors: ingress, where clients come in, and the attempt listener behind it."""

from __future__ import annotations

from collections.abc import Iterable

from envoy_data_plane.envoy.config.accesslog.v3 import (
    AccessLog,
    AccessLogFilter,
    AndFilter,
    HeaderFilter,
    NotHealthCheckFilter,
)
from envoy_data_plane.envoy.config.common.mutation_rules.v3 import (
    HeaderMutation as HeaderMutationStep,
)
from envoy_data_plane.envoy.config.common.mutation_rules.v3 import HeaderMutationRemoveOnMatch
from envoy_data_plane.envoy.config.core.v3 import (
    Address,
    SocketAddress,
    SubstitutionFormatString,
    TrafficDirection,
)
from envoy_data_plane.envoy.config.listener.v3 import (
    Listener,
    ListenerInternalListenerConfig,
)
from envoy_data_plane.envoy.config.route.v3 import (
    HeaderMatcher,
    Route,
    RouteConfiguration,
    VirtualHost,
)
from envoy_data_plane.envoy.extensions.access_loggers.file.v3 import FileAccessLog
from envoy_data_plane.envoy.extensions.access_loggers.stream.v3 import StdoutAccessLog
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
from envoy_data_plane.envoy.extensions.formatter.req_without_query.v3 import ReqWithoutQuery
from envoy_data_plane.envoy.extensions.http.early_header_mutation.header_mutation.v3 import (
    HeaderMutation as EarlyHeaderMutation,
)
from envoy_data_plane.envoy.type.v3 import Percent
from envoy_data_plane.google.protobuf import Struct, Value

from extproc.bootstrap import processors as processors
from extproc.bootstrap.access_logs import attempt_log, request_log, usage_filters
from extproc.bootstrap.clusters import ATTEMPT_LISTENER
from extproc.bootstrap.cors import cors_filters
from extproc.bootstrap.door import ROOM_FOR_HEADERS, ROOM_FOR_HEADERS_KIB, door
from extproc.bootstrap.local_replies import local_replies
from extproc.bootstrap.passed_on import known_headers_only
from extproc.bootstrap.refusals import told_refusals
from extproc.bootstrap.routes import (
    HEALTH,
    attempt_routes,
    ingress_routes,
)
from extproc.bootstrap.told import ABOUT_THE_REQUEST, OWN_ID, trace_ids
from extproc.bootstrap.typed import (
    any_of,
    extension,
    http_connections,
    http_filter,
    matches,
    prefix,
    seconds,
)
from extproc.contract import (
    ATTEMPT_COUNT,
    INTERNAL_PREFIX,
    LARGEST_ANSWER,
    METADATA_NAMESPACE,
    MODEL,
    PATH,
    ROUTE,
    SKIPPED,
    TRANSLATION,
)
from extproc.core.config import Config

__all__ = ["attempt", "ingress"]

_SPARE_BYTES = 1024 * 1024
"""Room for what a rewrite may add to a request of the largest accepted size."""

_KEEP_SERVER_HEADER = HttpConnectionManagerServerHeaderTransformation.PASS_THROUGH

_INGRESS_LOG = {
    "time": "%START_TIME%",
    "log": "request",
    "request_id": "%STREAM_ID%",
    "method": "%REQ(:METHOD)%",
    "path": f"%REQ({PATH})%",
    "status": "%RESPONSE_CODE%",
    "details": "%RESPONSE_CODE_DETAILS%",
    "flags": "%RESPONSE_FLAGS%",
    "route": f"%RESP({ROUTE})%",
    "model": f"%RESP({MODEL})%",
    "skipped": f"%REQ({SKIPPED})%",
    "attempts": "%UPSTREAM_REQUEST_ATTEMPT_COUNT%",
    "duration_ms": "%DURATION%",
    "bytes_received": "%BYTES_RECEIVED%",
    "bytes_sent": "%BYTES_SENT%",
}
_LOG_OF_THE_UNREADABLE = _INGRESS_LOG | {"path": "%REQ_WITHOUT_QUERY(:PATH)%"}
"""Nobody has taken the credentials off a query that did not come as far as the door."""
_ATTEMPT_LOG = {
    "time": "%START_TIME%",
    "log": "attempt",
    "request_id": f"%DYNAMIC_METADATA({METADATA_NAMESPACE}:request_id)%",
    "attempt": f"%DYNAMIC_METADATA({METADATA_NAMESPACE}:attempt)%",
    "model": f"%DYNAMIC_METADATA({METADATA_NAMESPACE}:model)%",
    "translation": f"%DYNAMIC_METADATA({METADATA_NAMESPACE}:translation)%",
    "status": "%RESPONSE_CODE%",
    "details": "%RESPONSE_CODE_DETAILS%",
    "flags": "%RESPONSE_FLAGS%",
    "upstream": "%UPSTREAM_HOST%",
    "duration_ms": "%DURATION%",
    "first_byte_ms": "%RESPONSE_DURATION%",
}


def _access_log(
    path: str | None, fields: dict[str, str], *, came_in: bool | None = None
) -> AccessLog:
    """A line of JSON per request, but for health checks.

    Standard output is not opened by a path: that fails where it is a socket or another user's, and
    Envoy would write over what others write to the same file.

    Args:
        path: of the file, None for standard output.
        fields: of the line.
        came_in: whether only of requests that came through the door, or only of all others.
    """
    line = Struct(fields={name: Value(string_value=value) for name, value in fields.items()})
    written = SubstitutionFormatString(
        json_format=line,
        formatters=[extension("envoy.formatter.req_without_query", ReqWithoutQuery())],
    )
    requests = AccessLogFilter(not_health_check_filter=NotHealthCheckFilter())
    if came_in is not None:
        door_passed = HeaderMatcher(name=PATH, present_match=came_in)
        through = AccessLogFilter(header_filter=HeaderFilter(header=door_passed))
        requests = AccessLogFilter(and_filter=AndFilter(filters=[requests, through]))
    log = AccessLog(filter=requests)
    if path is None:
        log.name = "envoy.access_loggers.stdout"
        log.typed_config = any_of(StdoutAccessLog(log_format=written))
    else:
        log.name = "envoy.access_loggers.file"
        log.typed_config = any_of(FileAccessLog(path=path, log_format=written))
    return log


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
    """Clients can neither send our plan nor steer Envoy's router."""
    return EarlyHeaderMutation(
        mutations=[
            HeaderMutationStep(
                remove_on_match=HeaderMutationRemoveOnMatch(key_matcher=prefix(name))
            )
            for name in (INTERNAL_PREFIX, "x-envoy-")
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
            _access_log(access_log, _INGRESS_LOG, came_in=True),
            _access_log(access_log, _LOG_OF_THE_UNREADABLE, came_in=False),
            request_log((PATH,), (MODEL, ROUTE)),
        ],
        early_header_mutation_extensions=[
            extension(
                "envoy.http.early_header_mutation.header_mutation", _without_internal_headers()
            )
        ],
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


def _remember(header: str, key: str) -> ConfigRule:
    pair = ConfigKeyValuePair(metadata_namespace=METADATA_NAMESPACE, key=key)
    return ConfigRule(header=header, on_header_present=pair)


def _what_the_provider_does_not_see(rules: Iterable[ConfigRule]) -> HttpFilter:
    """Clusters strip these headers; the access log and the response headers still need them."""
    return http_filter(
        "envoy.filters.http.header_to_metadata", HeaderToMetadata(request_rules=list(rules))
    )


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
        ]
    )
    manager = HttpConnectionManager(
        stat_prefix="attempt",
        http_filters=[
            told_refusals(),
            processors.attempt(),
            processors.translation(),
            remembered,
            known_headers_only(config.models),
            processors.gate(config.limits),
            *usage_filters(),
            _router(),
        ],
        route_config=_only_host(VirtualHost(name="attempt", routes=attempt_routes(config)), config),
        access_log=[_access_log(access_log, _ATTEMPT_LOG), attempt_log()],
        generate_request_id=False,
        server_header_transformation=_KEEP_SERVER_HEADER,
        max_request_headers_kb=ROOM_FOR_HEADERS_KIB,
        common_http_protocol_options=ROOM_FOR_HEADERS,
        stream_idle_timeout=seconds(config.listener.timeout),
        local_reply_config=local_replies(
            f"The provider of %DYNAMIC_METADATA({METADATA_NAMESPACE}:model)% gave no answer"
        ),
        # Else a stream that breaks off would be told to ingress a second late.
        delayed_close_timeout=seconds(0),
    )
    largest_request = config.limits.max_request_bytes + _SPARE_BYTES
    listener = _listener(ATTEMPT_LISTENER, manager, max(largest_request, LARGEST_ANSWER))
    listener.internal_listener = ListenerInternalListenerConfig()
    return listener
