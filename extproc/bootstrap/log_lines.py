"""Envoy's own log: a line of JSON per request and per attempt, to a file or to standard output.

https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/observability/access_log/usage
"""

from __future__ import annotations

from extproc.bootstrap.typed import any_of, extension
from extproc.contract import METADATA_NAMESPACE, MODEL, PATH, ROUTE, SKIPPED, TRACE_ID
from extproc.envoy_api.messages import (
    AccessLog,
    AccessLogFilter,
    AndFilter,
    FileAccessLog,
    HeaderFilter,
    HeaderMatcher,
    NotHealthCheckFilter,
    ReqWithoutQuery,
    ResponseFlagFilter,
    StdoutAccessLog,
    SubstitutionFormatString,
)

__all__ = ["ATTEMPT_LINE", "INGRESS_LINE", "UNREADABLE_LINE", "failed_tunnels", "log_lines"]

INGRESS_LINE = {
    "time": "%START_TIME%",
    "log": "request",
    "request_id": "%STREAM_ID%",
    "trace_id": f"%RESP({TRACE_ID})%",
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
UNREADABLE_LINE = INGRESS_LINE | {"path": "%REQ_WITHOUT_QUERY(:PATH)%"}
"""Nobody has taken the credentials off a query that did not come as far as the door."""
ATTEMPT_LINE = {
    "time": "%START_TIME%",
    "log": "attempt",
    "request_id": f"%DYNAMIC_METADATA({METADATA_NAMESPACE}:request_id)%",
    "trace_id": f"%DYNAMIC_METADATA({METADATA_NAMESPACE}:trace_id)%",
    "attempt": f"%DYNAMIC_METADATA({METADATA_NAMESPACE}:attempt)%",
    "model": f"%DYNAMIC_METADATA({METADATA_NAMESPACE}:model)%",
    "translation": f"%DYNAMIC_METADATA({METADATA_NAMESPACE}:translation)%",
    "status": "%RESPONSE_CODE%",
    "details": "%RESPONSE_CODE_DETAILS%",
    "verdict": f"%DYNAMIC_METADATA({METADATA_NAMESPACE}:verdict)%",
    "flags": "%RESPONSE_FLAGS%",
    "transport_failure": "%UPSTREAM_TRANSPORT_FAILURE_REASON%",
    "upstream": "%UPSTREAM_HOST%",
    "duration_ms": "%DURATION%",
    "first_byte_ms": "%RESPONSE_DURATION%",
}
_TUNNEL_LINE = {
    "time": "%START_TIME%",
    "log": "tunnel",
    "flags": "%RESPONSE_FLAGS%",
    "reason": "%UPSTREAM_TRANSPORT_FAILURE_REASON%",
    "upstream": "%UPSTREAM_HOST%",
}


def log_lines(
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
    requests = AccessLogFilter(not_health_check_filter=NotHealthCheckFilter())
    if came_in is not None:
        door_passed = HeaderMatcher(name=PATH, present_match=came_in)
        through = AccessLogFilter(header_filter=HeaderFilter(header=door_passed))
        requests = AccessLogFilter(and_filter=AndFilter(filters=[requests, through]))
    return _log(path, fields, requests)


def failed_tunnels(path: str | None, tunnel: str) -> AccessLog:
    """A line of JSON per connection through a proxy that failed: the proxy may have refused it, of
    which the attempt that needs it knows no more than that there was no connection.

    Args:
        path: of the file, None for standard output.
        tunnel: its name.
    """
    failed = AccessLogFilter(response_flag_filter=ResponseFlagFilter())
    return _log(path, _TUNNEL_LINE | {"tunnel": tunnel.replace("%", "%%")}, failed)


def _log(path: str | None, fields: dict[str, str], logged: AccessLogFilter) -> AccessLog:
    written = SubstitutionFormatString(
        json_format=fields,
        formatters=[extension("envoy.formatter.req_without_query", ReqWithoutQuery())],
    )
    log = AccessLog(filter=logged)
    if path is None:
        log.name = "envoy.access_loggers.stdout"
        log.typed_config = any_of(StdoutAccessLog(log_format=written))
    else:
        log.name = "envoy.access_loggers.file"
        log.typed_config = any_of(FileAccessLog(path=path, log_format=written))
    return log
