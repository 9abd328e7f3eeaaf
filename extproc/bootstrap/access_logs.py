"""What Envoy tells the observer: each attempt and each request, with the tokens that it used.

Envoy reads token counts out of the answers itself, so that no answer passes through Python:
https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/http/http_filters/json_to_metadata_filter
https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/http/http_filters/sse_to_metadata_filter
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from envoy_data_plane.envoy.config.accesslog.v3 import (
    AccessLog,
    AccessLogFilter,
    AndFilter,
    ComparisonFilter,
    ComparisonFilterOp,
    MetadataFilter,
    NotHealthCheckFilter,
    OrFilter,
    ResponseFlagFilter,
    StatusCodeFilter,
)
from envoy_data_plane.envoy.config.core.v3 import (
    ApiVersion,
    GrpcService,
    GrpcServiceEnvoyGrpc,
    RuntimeUInt32,
)
from envoy_data_plane.envoy.extensions.access_loggers.grpc.v3 import (
    CommonGrpcAccessLogConfig,
    HttpGrpcAccessLogConfig,
)
from envoy_data_plane.envoy.extensions.content_parsers.json.v3 import (
    JsonContentParser,
    JsonContentParserRuleConfig,
)
from envoy_data_plane.envoy.extensions.filters.http.json_to_metadata.v3 import (
    JsonToMetadata,
    JsonToMetadataKeyValuePair,
    JsonToMetadataMatchRules,
    JsonToMetadataRule,
    JsonToMetadataSelector,
    JsonToMetadataValueType,
)
from envoy_data_plane.envoy.extensions.filters.http.sse_to_metadata.v3 import (
    SseToMetadata,
    SseToMetadataProcessingRules,
)
from envoy_data_plane.envoy.extensions.filters.network.http_connection_manager.v3 import HttpFilter
from envoy_data_plane.envoy.type.matcher.v3 import (
    MetadataMatcher,
    MetadataMatcherPathSegment,
    OrMatcher,
    RegexMatcher,
    StringMatcher,
    ValueMatcher,
)
from envoy_data_plane.google.protobuf import Value

from extproc.bootstrap.typed import any_of, exact, extension, http_filter, prefix, seconds
from extproc.contract import (
    ATTEMPT_LOG,
    END,
    ERROR,
    LOGGED_WITHIN,
    MADE,
    METADATA_NAMESPACE,
    RATE_LIMIT_HEADERS,
    REPORTED,
    REQUEST_LOG,
    URGENT_ATTEMPT_LOG,
    USAGE,
)
from extproc.dialects.endings import EndSign
from extproc.dialects.made import MADE_PATHS, PATHS_WITHOUT_WAY_BACK
from extproc.dialects.reported import REPORTED_PATHS
from extproc.dialects.usage import USAGE_PATHS

__all__ = ["OBSERVER_CLUSTER", "USAGE_FILTERS", "attempt_logs", "request_log", "usage_filters"]

OBSERVER_CLUSTER = "dragoman-observer"

_URGENT = 0.02
"""Seconds: a model that refuses requests should get few more of them."""
# Each message costs the observer as much as two entries do, so that many entries should share one;
# after LOGGED_WITHIN there is next to nothing left to save.
_LARGEST_BATCH = 1024 * 1024
"""Bytes of entries that are not waited with any longer."""
_LOWEST_FAILURE = 400
_ERROR_KEYS = ("code", "message")
_LARGEST_EVENT = 4 * 1024 * 1024
"""The last event of a Responses stream repeats the whole answer around its usage."""


_WHOLE = "envoy.filters.http.json_to_metadata"
_STREAMED = "envoy.filters.http.sse_to_metadata"
USAGE_FILTERS = (_WHOLE, _STREAMED)


def _log(
    name: str,
    request: Sequence[str],
    response: Sequence[str],
    *,
    within: float = LOGGED_WITHIN,
    logged: AccessLogFilter | None = None,
) -> AccessLog:
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
        filter=logged or AccessLogFilter(not_health_check_filter=NotHealthCheckFilter()),
        typed_config=any_of(config),
    )


def request_log(request: Sequence[str], response: Sequence[str]) -> AccessLog:
    """Tell the observer of each request at ingress.

    Args:
        request: names of request headers to tell.
        response: names of response headers to tell.
    """
    return _log(REQUEST_LOG, request, response)


def attempt_logs() -> list[AccessLog]:
    """Tell the observer of each attempt, and what the provider said of its rate limits.

    It is told at once of what the next request has to know: failures, streams that end with an
    error, what followed a failure, and answers from which a client may go on by their ids. All
    others wait for company. Envoy has no filter for the absence of response flags: an entry with
    flags is in both logs, and the observer passes it over in the second one.
    """
    told = (*RATE_LIMIT_HEADERS, "content-type")
    first, told_at_all = ValueMatcher(string_match=exact("1")), ValueMatcher(present_match=True)
    paths = _one_of(
        match for path in PATHS_WITHOUT_WAY_BACK for match in (exact(path), prefix(f"{path}?"))
    )
    urgent = _any(
        _status(ComparisonFilterOp.GE, _LOWEST_FAILURE),
        AccessLogFilter(response_flag_filter=ResponseFlagFilter()),
        _known("attempt", first, invert=True),
        _known("path", paths, invert=True),
        *(_known(key, told_at_all, ERROR) for key in _ERROR_KEYS),
    )
    others = _all(
        _status(ComparisonFilterOp.LE, _LOWEST_FAILURE - 1),
        _known("attempt", first),
        _known("path", paths),
        *(_known(key, told_at_all, ERROR, invert=True) for key in _ERROR_KEYS),
    )
    return [
        _log(URGENT_ATTEMPT_LOG, (), told, within=_URGENT, logged=urgent),
        _log(ATTEMPT_LOG, (), told, logged=others),
    ]


def _any(*filters: AccessLogFilter) -> AccessLogFilter:
    return AccessLogFilter(or_filter=OrFilter(filters=list(filters)))


def _all(*filters: AccessLogFilter) -> AccessLogFilter:
    return AccessLogFilter(and_filter=AndFilter(filters=list(filters)))


def _status(op: ComparisonFilterOp, status: int) -> AccessLogFilter:
    value = RuntimeUInt32(default_value=status, runtime_key="dragoman.log_status")
    comparison = ComparisonFilter(op=op, value=value)
    return AccessLogFilter(status_code_filter=StatusCodeFilter(comparison=comparison))


def _one_of(matches: Iterable[StringMatcher]) -> ValueMatcher:
    matchers = [ValueMatcher(string_match=match) for match in matches]
    return ValueMatcher(or_match=OrMatcher(value_matchers=matchers))


def _known(
    key: str,
    value: ValueMatcher,
    namespace: str = METADATA_NAMESPACE,
    *,
    invert: bool = False,
) -> AccessLogFilter:
    """Attempts of which metadata have such a value under a key, or all others."""
    matcher = MetadataMatcher(
        filter=namespace,
        path=[MetadataMatcherPathSegment(key=key)],
        value=value,
        invert=invert,
    )
    return AccessLogFilter(
        metadata_filter=MetadataFilter(matcher=matcher, match_if_key_not_found=invert)
    )


def _rule(namespace: str, key: str, path: str, kind: JsonToMetadataValueType) -> JsonToMetadataRule:
    return JsonToMetadataRule(
        selectors=[JsonToMetadataSelector(key=part) for part in path.split(".")],
        on_present=JsonToMetadataKeyValuePair(metadata_namespace=namespace, key=key, type=kind),
    )


def _text_event() -> JsonToMetadataRule:
    """Notices at the end of a stream that an event of it was no JSON."""
    never = JsonToMetadataSelector(key="\N{NO-BREAK SPACE}")
    noticed = JsonToMetadataKeyValuePair(
        metadata_namespace=END, key=EndSign.TEXT, value=Value(string_value="1")
    )
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
    rules += [_rule(ERROR, key, f"error.{key}", kinds.STRING) for key in _ERROR_KEYS]
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
    rules += [_rule(END, EndSign.LAST, "type", kinds.STRING), _text_event()]
    parser = JsonContentParser(rules=[JsonContentParserRuleConfig(rule=rule) for rule in rules])
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
