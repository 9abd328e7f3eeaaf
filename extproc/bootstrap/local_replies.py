"""Envoy's own replies (413, 503, 504, …) in the dialect that the client speaks.

https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/http/http_conn_man/local_reply
"""

from __future__ import annotations

from collections.abc import Iterator

from envoy_data_plane.envoy.config.accesslog.v3 import (
    AccessLogFilter,
    AndFilter,
    ComparisonFilter,
    ComparisonFilterOp,
    ExtensionFilter,
    HeaderFilter,
    StatusCodeFilter,
)
from envoy_data_plane.envoy.config.core.v3 import RuntimeUInt32, SubstitutionFormatString
from envoy_data_plane.envoy.config.route.v3 import HeaderMatcher
from envoy_data_plane.envoy.extensions.access_loggers.filters.cel.v3 import ExpressionFilter
from envoy_data_plane.envoy.extensions.filters.network.http_connection_manager.v3 import (
    LocalReplyConfig,
    ResponseMapper,
)
from envoy_data_plane.envoy.type.matcher.v3 import RegexMatcher, StringMatcher
from envoy_data_plane.google.protobuf import Struct, Value

from extproc.bootstrap.typed import any_of
from extproc.contract import ERROR_DETAILS, REPLY_DETAILS
from extproc.core.models import Dialect
from extproc.dialects.errors import error_type

__all__ = ["local_replies"]

_ROUTER_DOWN = "The router is not available at the moment; please try again."
_SPECIAL_STATUSES = {500: (504,), 400: (413, 429)}
"""Statuses of Envoy's own replies that some dialect has a word of its own for."""

_ENVOYS_WORDS = "%LOCAL_REPLY_BODY%"
_ENVOYS_OWN = (
    'response.code_details != "direct_response" && '
    f'!response.code_details.startsWith("{REPLY_DETAILS}")'
)
_ROUTER_FAILED = f'response.code_details.startsWith("{ERROR_DETAILS}")'


def _when(expression: str) -> AccessLogFilter:
    return AccessLogFilter(
        extension_filter=ExtensionFilter(
            name="envoy.access_loggers.extension_filters.cel",
            typed_config=any_of(ExpressionFilter(expression=expression)),
        )
    )


def _path(dialect: Dialect) -> AccessLogFilter:
    """Messages endpoints end alike on both listeners, whatever a provider's path prefix is."""
    messages = StringMatcher(safe_regex=RegexMatcher(regex=r".*/messages(\?.*)?"))
    return AccessLogFilter(
        header_filter=HeaderFilter(
            header=HeaderMatcher(
                name=":path",
                string_match=messages,
                invert_match=dialect is not Dialect.MESSAGES,
                treat_missing_header_as_empty=True,
            )
        )
    )


def _status(op: ComparisonFilterOp, status: int) -> AccessLogFilter:
    value = RuntimeUInt32(default_value=status, runtime_key=f"dragoman.local_reply.{status}")
    return AccessLogFilter(
        status_code_filter=StatusCodeFilter(comparison=ComparisonFilter(op=op, value=value))
    )


def _struct(fields: dict[str, Value]) -> Value:
    return Value(struct_value=Struct(fields=fields))


def _format(dialect: Dialect, status: int, message: str) -> SubstitutionFormatString:
    error = {
        "message": Value(string_value=message),
        "type": Value(string_value=error_type(dialect, status)),
    }
    body = {"error": _struct(error)}
    if dialect is Dialect.MESSAGES:
        body["type"] = Value(string_value="error")
    return SubstitutionFormatString(json_format=Struct(fields=body))


def _mapper(
    filters: list[AccessLogFilter], dialect: Dialect, status: int, message: str
) -> ResponseMapper:
    return ResponseMapper(
        filter=AccessLogFilter(and_filter=AndFilter(filters=[*filters, _path(dialect)])),
        body_format_override=_format(dialect, status, message),
    )


def _mappers(server_side_message: str) -> Iterator[ResponseMapper]:
    """The first that fits counts: special statuses before the rest of their class."""
    classes = ((500, server_side_message), (400, _ENVOYS_WORDS))
    for dialect in (Dialect.MESSAGES, Dialect.CHAT):
        yield _mapper([_when(_ROUTER_FAILED)], dialect, 503, _ROUTER_DOWN)
        envoys = _when(_ENVOYS_OWN)
        for least, message in classes:
            for status in _SPECIAL_STATUSES[least]:
                if error_type(dialect, status) != error_type(dialect, least):
                    exactly = _status(ComparisonFilterOp.EQ, status)
                    yield _mapper([envoys, exactly], dialect, status, message)
            at_least = _status(ComparisonFilterOp.GE, least)
            yield _mapper([envoys, at_least], dialect, least, message)


def local_replies(who_failed: str) -> LocalReplyConfig:
    """What a listener does with a reply that Envoy makes itself.

    Args:
        who_failed: the beginning of a sentence that ends in Envoy's reason for a 5xx; it may hold
            Envoy's command operators.
    """
    return LocalReplyConfig(mappers=list(_mappers(f"{who_failed}: {_ENVOYS_WORDS}")))
