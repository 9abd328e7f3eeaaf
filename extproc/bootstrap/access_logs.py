"""What Envoy tells the observer: each attempt and each request, with the tokens that it used.

Envoy reads token counts out of the answers itself, so that no answer passes through Python:
https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/http/http_filters/json_to_metadata_filter
https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/http/http_filters/sse_to_metadata_filter
"""

from __future__ import annotations

from collections.abc import Sequence

from extproc.bootstrap.typed import any_of, extension, http_filter, seconds
from extproc.contract import (
    ATTEMPT_LOG,
    END,
    ERROR,
    LIMIT,
    LOGGED_WITHIN,
    MADE,
    RATE_LIMIT_HEADERS,
    REPORTED,
    REQUEST_LOG,
    USAGE,
)
from extproc.dialects.endings import EndSign
from extproc.dialects.made import MADE_PATHS
from extproc.dialects.reported import REPORTED_PATHS
from extproc.dialects.usage import USAGE_PATHS
from extproc.envoy_api.messages import (
    AccessLog,
    AccessLogFilter,
    ApiVersion,
    CommonGrpcAccessLogConfig,
    GrpcService,
    GrpcServiceEnvoyGrpc,
    HttpFilter,
    HttpGrpcAccessLogConfig,
    JsonContentParser,
    JsonContentParserRuleConfig,
    JsonToMetadata,
    JsonToMetadataKeyValuePair,
    JsonToMetadataMatchRules,
    JsonToMetadataRule,
    JsonToMetadataSelector,
    JsonToMetadataValueType,
    NotHealthCheckFilter,
    RegexMatcher,
    SseToMetadata,
    SseToMetadataProcessingRules,
)
from extproc.tracing.trace_context import TRACEPARENT, TRACESTATE

__all__ = ["OBSERVER_CLUSTER", "USAGE_FILTERS", "attempt_log", "request_log", "usage_filters"]

OBSERVER_CLUSTER = "dragoman-observer"

_AT_ONCE = 0.02
"""Seconds: a model that refuses requests should get few more of them."""
_LARGEST_BATCH = 1024 * 1024
"""Bytes of entries that are not waited with any longer."""
_LARGEST_EVENT = 4 * 1024 * 1024
"""The last event of a Responses stream repeats the whole answer around its usage."""


_WHOLE = "envoy.filters.http.json_to_metadata"
_STREAMED = "envoy.filters.http.sse_to_metadata"
USAGE_FILTERS = (_WHOLE, _STREAMED)


def _log(name: str, request: Sequence[str], response: Sequence[str], *, within: float) -> AccessLog:
    config = HttpGrpcAccessLogConfig(
        common_config=CommonGrpcAccessLogConfig(
            log_name=name,
            grpc_service=GrpcService(
                envoy_grpc=GrpcServiceEnvoyGrpc(cluster_name=OBSERVER_CLUSTER)
            ),
            transport_api_version=ApiVersion.V3,
            buffer_flush_interval=seconds(within),
            buffer_size_bytes=_LARGEST_BATCH,
        ),
        additional_request_headers_to_log=list(request),
        additional_response_headers_to_log=list(response),
    )
    return AccessLog(
        name="envoy.access_loggers.http_grpc",
        filter=AccessLogFilter(not_health_check_filter=NotHealthCheckFilter()),
        typed_config=any_of(config),
    )


def request_log(
    request: Sequence[str], response: Sequence[str], *, limited: bool = False, traced: bool = False
) -> AccessLog:
    """Tell the observer of each request at ingress.

    Each message costs the observer as much as two entries do, so that many entries share one.
    To which trace a request belongs its worker tells; where none was asked, only the request's
    headers do.

    Args:
        request: names of request headers to tell.
        response: names of response headers to tell.
        limited: whether there are limits, which may end a request.
        traced: whether requests leave spans: then the headers of its trace are told, too.
    """
    told = (*response, LIMIT) if limited else response
    asked = (*request, TRACEPARENT, TRACESTATE) if traced else request
    return _log(REQUEST_LOG, asked, told, within=LOGGED_WITHIN)


def attempt_log(*, limited: bool = False) -> AccessLog:
    """Tell the observer of each attempt, and what the provider said of its rate limits.

    All are told at once. Only failures, what followed one, and answers from which clients go on
    would have to be, but no filter of Envoy's parts them from the rest without a gap: one by
    metadata does not act on ``invert``, so that entries were in neither log or in both.

    Args:
        limited: whether there are limits, which may end an attempt.
    """
    told = (*RATE_LIMIT_HEADERS, "content-type", *([LIMIT] if limited else []))
    return _log(ATTEMPT_LOG, (), told, within=_AT_ONCE)


def _rule(namespace: str, key: str, path: str, kind: JsonToMetadataValueType) -> JsonToMetadataRule:
    return JsonToMetadataRule(
        selectors=[JsonToMetadataSelector(key=part) for part in path.split(".")],
        on_present=JsonToMetadataKeyValuePair(metadata_namespace=namespace, key=key, type=kind),
    )


def _text_event() -> JsonToMetadataRule:
    """Notices at the end of a stream that an event of it was no JSON."""
    never = JsonToMetadataSelector(key="\N{NO-BREAK SPACE}")
    noticed = JsonToMetadataKeyValuePair(metadata_namespace=END, key=EndSign.TEXT, value="1")
    return JsonToMetadataRule(selectors=[never], on_error=noticed, on_present=noticed)


def usage_filters(*, traced: bool) -> list[HttpFilter]:
    """Read the tokens that an answer reports, the ids of what was made, and what an error says,
    from JSON and from streams of events.

    Args:
        traced: whether to read also what only spans tell: the model that an answer names, and why
            it ended.
    """
    kinds = JsonToMetadataValueType
    rules = [
        _rule(USAGE, key, path, kinds.NUMBER)
        for key, paths in USAGE_PATHS.items()
        for path in paths
    ]
    rules += [_rule(ERROR, key, f"error.{key}", kinds.STRING) for key in ("code", "message")]
    rules += [
        _rule(MADE, key, path, kinds.STRING) for key, paths in MADE_PATHS.items() for path in paths
    ]
    rules += [
        _rule(REPORTED, key, path, kinds.STRING)
        for key, paths in (REPORTED_PATHS if traced else {}).items()
        for path in paths
    ]
    whole = JsonToMetadata(
        response_rules=JsonToMetadataMatchRules(
            rules=rules,
            allow_content_types_regex=RegexMatcher(regex="application/json.*"),
        )
    )
    of_streams = [*rules, _rule(END, EndSign.LAST, "type", kinds.STRING), _text_event()]
    parser = JsonContentParser(
        rules=[JsonContentParserRuleConfig(rule=rule) for rule in of_streams]
    )
    streamed = SseToMetadata(
        response_rules=SseToMetadataProcessingRules(
            content_parser=extension("envoy.content_parsers.json", parser),
            max_event_size=_LARGEST_EVENT,
        )
    )
    return [
        http_filter(_WHOLE, whole),
        http_filter(_STREAMED, streamed),
    ]
