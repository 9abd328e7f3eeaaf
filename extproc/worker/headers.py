"""What the headers of a request say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from extproc.contract import DECISION_PREFIX, REQUEST_ID
from extproc.core.models import Dialect
from extproc.dialects.table import DIALECTS, ENDPOINTS
from extproc.tracing.trace_context import TRACEPARENT, parent_of
from extproc.worker.exchange import ProtocolError

__all__ = [
    "RequestLine",
    "own_id",
    "request_line",
    "required",
    "required_number",
    "trace_id",
    "upstream_path",
]


_ID = "x-request-id"


@dataclass(frozen=True, slots=True)
class RequestLine:
    """The endpoint that a request was sent to. ``query`` is without its question mark."""

    dialect: Dialect
    decision_only: bool
    query: str


def required(headers: Mapping[str, str], name: str) -> str:
    """A header without which Envoy should not have asked.

    Raises:
        ProtocolError: it is not there.
    """
    try:
        return headers[name]
    except KeyError:
        raise ProtocolError(f"the request has no {name}") from None


def required_number(headers: Mapping[str, str], name: str) -> int:
    """A header that must be there and hold a number.

    Raises:
        ProtocolError: it is not there, or holds none.
    """
    value = required(headers, name)
    if not value.isdecimal():
        raise ProtocolError(f"the request's {name} is no number")
    return int(value)


def request_line(headers: Mapping[str, str]) -> RequestLine:
    """Read the endpoint from ``:path``.

    Raises:
        ProtocolError: it is none; Envoy's routes should have answered it.
    """
    path, _, query = required(headers, ":path").partition("?")
    endpoint = path.removeprefix(DECISION_PREFIX)
    if endpoint not in ENDPOINTS:
        raise ProtocolError(f"a request to {path}, which is no endpoint")
    return RequestLine(ENDPOINTS[endpoint], endpoint != path, query)


def own_id(dialect: Dialect, headers: Mapping[str, str]) -> dict[str, str]:
    """The header that keeps the request's id for clients whose SDK looks for it elsewhere than in
    ``x-request-id``.

    Args:
        dialect: the client's.
        headers: the request's.
    """
    if DIALECTS[dialect].id_header == _ID or _ID not in headers:
        return {}
    return {REQUEST_ID: headers[_ID]}


def upstream_path(path: str, query: str) -> str:
    """A provider's path with the client's query behind it."""
    if not query:
        return path
    return f"{path}{'&' if '?' in path else '?'}{query}"


def trace_id(headers: Mapping[str, str]) -> str:
    """The id of the request's trace: 32 hexadecimal digits.

    That of the incoming ``traceparent`` (https://www.w3.org/TR/trace-context/#traceparent-header),
    else Envoy's request id without its dashes.
    """
    parent = parent_of(headers[TRACEPARENT]) if TRACEPARENT in headers else None
    if parent is not None:
        return parent.trace_id
    return headers.get(_ID, "").replace("-", "")
