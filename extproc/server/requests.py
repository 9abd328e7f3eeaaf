"""What the headers of a request say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from extproc.config.values import Dialect
from extproc.contract import DECISION_PREFIX, ENDPOINTS

__all__ = ["RequestLine", "header_safe", "request_line", "trace_id", "upstream_path"]

_PRINTABLE = "".join(map(chr, range(0x20, 0x7F))).replace("%", "")


@dataclass(frozen=True, slots=True)
class RequestLine:
    """The endpoint that a request was sent to. ``query`` is without its question mark."""

    dialect: Dialect
    decision_only: bool
    query: str


def request_line(headers: Mapping[str, str]) -> RequestLine:
    """Read the endpoint from ``:path``; Envoy's routes let only known endpoints through."""
    path, _, query = headers[":path"].partition("?")
    endpoint = path.removeprefix(DECISION_PREFIX)
    return RequestLine(ENDPOINTS[endpoint], endpoint != path, query)


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
    fields = headers.get("traceparent", "").split("-")
    if len(fields) >= 4 and len(fields[1]) == 32 and fields[1].strip("0123456789abcdef") == "":
        return fields[1]
    return headers.get("x-request-id", "").replace("-", "")


def header_safe(text: str) -> str:
    """A name as a header value: what is not printable ASCII is percent-encoded as UTF-8."""
    return quote(text, safe=_PRINTABLE)
