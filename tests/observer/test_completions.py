"""What the access log tells of requests that went to no provider."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from envoy_data_plane.envoy.config.core.v3 import Metadata, RequestMethod
from envoy_data_plane.envoy.data.accesslog.v3 import (
    AccessLogCommon,
    HttpAccessLogEntry,
    HttpRequestProperties,
    HttpResponseProperties,
)
from envoy_data_plane.envoy.service.accesslog.v3 import StreamAccessLogsMessage as Theirs
from envoy_data_plane.envoy.service.accesslog.v3 import (
    StreamAccessLogsMessageHttpAccessLogEntries,
)
from envoy_data_plane.google.protobuf import Struct, Value

from extproc.core.records import Completion, Unserved
from extproc.observer.completions import METHODS, completion_of
from extproc.transport.wire import StreamAccessLogsMessage

ID = "4bf92f35-77b3-4da6-a3ce-929d0e0e4736"
OWN = ID.replace("-", "")
TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"


def ended(
    status: int = 401,
    attempts: int = 0,
    headers: Mapping[str, str] | None = None,
    remembered: Mapping[str, str] | None = None,
    **request: Any,
) -> Completion:
    known = {name: Value(string_value=value) for name, value in (remembered or {}).items()}
    asked: dict[str, Any] = {
        "request_id": ID,
        "path": "/v1/chat/completions?key=secret",
        "request_method": RequestMethod.POST,
        "request_headers": dict(headers or {}),
    }
    entry = HttpAccessLogEntry(
        common_properties=AccessLogCommon(
            upstream_request_attempt_count=attempts,
            metadata=Metadata(filter_metadata={"dragoman": Struct(fields=known)} if known else {}),
        ),
        request=HttpRequestProperties(**(asked | request)),
        response=HttpResponseProperties(response_code=status, response_code_details="lua_response"),
    )
    log = StreamAccessLogsMessageHttpAccessLogEntries(log_entry=[entry])
    message = StreamAccessLogsMessage.FromString(bytes(Theirs(http_logs=log)))
    found = completion_of(message.http_logs.log_entry[0])
    assert found is not None
    return found


def unserved(**entry: Any) -> Unserved:
    found = ended(**entry).unserved
    assert found is not None
    return found


def test_what_was_asked_for() -> None:
    assert unserved() == Unserved("POST", "/v1/chat/completions", OWN)


@pytest.mark.parametrize(("status", "attempts"), [(200, 0), (304, 0), (503, 1), (0, 1), (400, 2)])
def test_what_was_served_or_tried_is_told_otherwise(status: int, attempts: int) -> None:
    assert ended(status, attempts).unserved is None


@pytest.mark.parametrize("status", [0, 400, 404, 429, 503])
def test_what_was_not(status: int) -> None:
    assert ended(status).unserved is not None


@pytest.mark.parametrize("number", range(len(METHODS)))
def test_methods_are_envoys(number: int) -> None:
    """Envoy tells none that HTTP does not have."""
    name = RequestMethod(number).name
    assert unserved(request_method=number).method == ("" if number == 0 else name)


def test_a_method_of_a_later_envoy() -> None:
    assert unserved(request_method=len(METHODS)).method == ""


def test_what_the_door_says_goes_before_what_envoy_says() -> None:
    assert ended(remembered={"turned_away": "api_key"}).details == "door{api_key}"
    assert ended(remembered={"trace_id": TRACE}).details == "lua_response"
    assert ended(200, remembered={"turned_away": "api_key"}).details == "lua_response"


@pytest.mark.parametrize(
    ("entry", "trace_id", "traceparent"),
    [
        ({"remembered": {"trace_id": TRACE}}, TRACE, ""),
        ({"headers": {"traceparent": PARENT}}, TRACE, PARENT),
        ({"headers": {"traceparent": PARENT}, "remembered": {"trace_id": OWN}}, TRACE, PARENT),
        ({"headers": {"traceparent": "nonsense"}}, OWN, ""),
        ({"headers": {"traceparent": f"00-{'0' * 32}-{'1' * 16}-01"}}, OWN, ""),
        ({}, OWN, ""),
    ],
)
def test_whose_trace_it_belongs_to(
    entry: Mapping[str, Any], trace_id: str, traceparent: str
) -> None:
    found = unserved(**entry)
    assert (found.trace_id, found.traceparent) == (trace_id, traceparent)


def test_what_strangers_send_is_not_kept_at_any_length() -> None:
    headers = {"traceparent": PARENT, "tracestate": "v=" + "x" * 600}
    found = unserved(path="/" + "x" * 5000, headers=headers)
    assert len(found.path) == 256
    assert found.tracestate == ""


def test_which_model_was_not_found() -> None:
    assert unserved(status=404).requested_model is None
    assert (
        unserved(status=404, remembered={"requested_model": "gpt-99"}).requested_model == "gpt-99"
    )


def test_the_path_without_credentials_goes_before_the_clients() -> None:
    assert unserved(headers={"x-dragoman-path": "/v1/files?a=b"}).path == "/v1/files"


@pytest.mark.parametrize("behind", ["?key=1", "#key=1", "?a=b#key=1", "#key=1?a=b", "#", "?"])
def test_a_path_ends_where_a_query_or_a_fragment_begins(behind: str) -> None:
    assert unserved(path=f"/v1/files{behind}").path == "/v1/files"
    assert unserved(headers={"x-dragoman-path": f"/v1/files{behind}"}).path == "/v1/files"


@pytest.mark.parametrize("status", [400, 503])
def test_what_envoy_refuses_at_once_gets_an_id(status: int) -> None:
    first, second = (ended(status, request_id="", path="", request_method=0) for _ in range(2))
    assert first.request_id != second.request_id
    assert first.unserved == Unserved("", "", first.request_id.replace("-", ""))
    assert first.dialect is None
    traced = ended(status, request_id="", headers={"traceparent": PARENT})
    assert traced.unserved is not None
    assert traced.unserved.trace_id == TRACE
