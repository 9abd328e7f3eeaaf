"""Envoy's own replies (413, 503, 504, …) in the dialect that the client speaks.

https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/http/http_conn_man/local_reply
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

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
from extproc.dialects.dialect import DialectSpec, ErrorFormat
from extproc.dialects.table import DEFAULT_DIALECT, DIALECTS

__all__ = ["local_replies"]

_ROUTER_DOWN = "The router is not available at the moment; please try again."
_ENVOYS_STATUSES = {500: (502, 503, 504), 400: (408, 413, 429, 431)}
"""Statuses that Envoy's own replies have, by the status that stands for their class. A dialect may
have a word of its own for some of them."""

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


def _path(row: DialectSpec, *, other: bool = False) -> AccessLogFilter:
    """Paths of the dialect's endpoint and those under it, on both listeners; or all others."""
    pattern = rf".*{re.escape(row.path_ending)}(/[^?]*)?(\?.*)?"
    return AccessLogFilter(
        header_filter=HeaderFilter(
            header=HeaderMatcher(
                name=":path",
                string_match=StringMatcher(safe_regex=RegexMatcher(regex=pattern)),
                invert_match=other,
                treat_missing_header_as_empty=True,
            )
        )
    )


def _status(op: ComparisonFilterOp, status: int) -> AccessLogFilter:
    value = RuntimeUInt32(default_value=status, runtime_key=f"dragoman.local_reply.{status}")
    return AccessLogFilter(
        status_code_filter=StatusCodeFilter(comparison=ComparisonFilter(op=op, value=value))
    )


def _struct(document: Mapping[str, Any]) -> Struct:
    """A JSON object of strings and objects. Its members have no order, so they are sorted."""
    return Struct(
        fields={
            name: Value(struct_value=_struct(value))
            if isinstance(value, Mapping)
            else Value(string_value=value)
            for name, value in sorted(document.items())
        }
    )


def _mapper(
    filters: Sequence[AccessLogFilter], errors: ErrorFormat, status: int, message: str
) -> ResponseMapper:
    body = errors.local_reply(errors.type_of(status), message)
    return ResponseMapper(
        filter=AccessLogFilter(and_filter=AndFilter(filters=list(filters))),
        body_format_override=SubstitutionFormatString(json_format=_struct(body)),
    )


def _worded(
    errors: ErrorFormat, paths: Sequence[AccessLogFilter], server_side_message: str
) -> Iterator[ResponseMapper]:
    """The replies on some paths. A status that has a word of its own precedes its class."""
    yield _mapper([_when(_ROUTER_FAILED), *paths], errors, 503, _ROUTER_DOWN)
    envoys = _when(_ENVOYS_OWN)
    for least, message in ((500, server_side_message), (400, _ENVOYS_WORDS)):
        for status in _ENVOYS_STATUSES[least]:
            if errors.type_of(status) != errors.type_of(least):
                exactly = _status(ComparisonFilterOp.EQ, status)
                yield _mapper([envoys, exactly, *paths], errors, status, message)
        at_least = _status(ComparisonFilterOp.GE, least)
        yield _mapper([envoys, at_least, *paths], errors, least, message)


def _mappers(server_side_message: str) -> Iterator[ResponseMapper]:
    """The first that fits counts. Dialects that word errors alike need no telling apart."""
    default = DIALECTS[DEFAULT_DIALECT].errors
    apart = [row for row in DIALECTS.values() if row.errors is not default]
    for row in apart:
        yield from _worded(row.errors, [_path(row)], server_side_message)
    everywhere_else = [_path(row, other=True) for row in apart]
    yield from _worded(default, everywhere_else, server_side_message)


def local_replies(who_failed: str) -> LocalReplyConfig:
    """What a listener does with a reply that Envoy makes itself.

    Args:
        who_failed: the beginning of a sentence that ends in Envoy's reason for a 5xx; it may hold
            Envoy's command operators.
    """
    return LocalReplyConfig(mappers=list(_mappers(f"{who_failed}: {_ENVOYS_WORDS}")))
