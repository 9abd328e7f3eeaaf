"""What the headers of a request say."""

from __future__ import annotations

import pytest

from extproc.core.models import Dialect
from extproc.dialects.table import ENDPOINTS
from extproc.worker.exchange import ProtocolError
from extproc.worker.headers import (
    RequestLine,
    request_line,
    required,
    trace_id,
    upstream_path,
)


@pytest.mark.parametrize(("path", "dialect"), list(ENDPOINTS.items()))
@pytest.mark.parametrize(
    ("suffix", "query"),
    [("", ""), ("?", ""), ("?a=b&c", "a=b&c"), ("?a=/routing/?x", "a=/routing/?x")],
)
def test_the_endpoint_of_a_request(path: str, dialect: Dialect, suffix: str, query: str) -> None:
    assert request_line({":path": path + suffix}) == RequestLine(dialect, False, query)
    decided = request_line({":path": f"/routing{path}{suffix}"})
    assert decided == RequestLine(dialect, True, query)


@pytest.mark.parametrize(
    "path", ["", "/", "/v1/models", "/v1/messages/", "/routing", "/routing/routing/v1/messages"]
)
def test_a_path_that_is_no_endpoint(path: str) -> None:
    with pytest.raises(ProtocolError, match="no endpoint"):
        request_line({":path": path})


def test_a_header_that_must_be_there() -> None:
    assert required({"a": ""}, "a") == ""
    with pytest.raises(ProtocolError, match="the request has no :path"):
        request_line({})


@pytest.mark.parametrize(
    ("path", "query", "joined"),
    [
        ("/v1/messages", "", "/v1/messages"),
        ("/v1/messages", "beta=true", "/v1/messages?beta=true"),
        ("/v1/chat?api-version=1", "a=b", "/v1/chat?api-version=1&a=b"),
        ("/v1/chat?api-version=1", "", "/v1/chat?api-version=1"),
        ("/v1/chat", "a=?", "/v1/chat?a=?"),
    ],
)
def test_a_providers_path(path: str, query: str, joined: str) -> None:
    assert upstream_path(path, query) == joined


TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"
REQUEST_ID = "0aaf7e3c-9d35-4b04-8ccf-6a1bd01ddbe7"


@pytest.mark.parametrize(
    "traceparent",
    [f"00-{TRACE}-{PARENT}-01", f"00-{TRACE}-{PARENT}-00", f"cc-{TRACE}-{PARENT}-01-later"],
)
def test_the_trace_of_the_caller(traceparent: str) -> None:
    assert trace_id({"traceparent": traceparent, "x-request-id": REQUEST_ID}) == TRACE


@pytest.mark.parametrize(
    "traceparent",
    [
        None,
        "",
        "00",
        f"00-{TRACE}",
        f"00-{TRACE}-{PARENT}",
        f"00-{TRACE[:-1]}-{PARENT}-01",
        f"00-{TRACE}0-{PARENT}-01",
        f"00-{TRACE.upper()}-{PARENT}-01",
        f"00-{'g' * 32}-{PARENT}-01",
        f"00-{' ' * 32}-{PARENT}-01",
        f"00-{'0' * 32}-{PARENT}-01",
    ],
)
def test_the_trace_of_a_caller_that_names_none(traceparent: str | None) -> None:
    headers = {"x-request-id": REQUEST_ID}
    if traceparent is not None:
        headers["traceparent"] = traceparent
    assert trace_id(headers) == "0aaf7e3c9d354b048ccf6a1bd01ddbe7"
