"""What we send and read is, byte for byte, what Envoy's own definitions say."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from envoy_data_plane.envoy.config.core.v3 import (
    HeaderMap,
    HeaderValue,
    HeaderValueOption,
    HeaderValueOptionHeaderAppendAction,
    Metadata,
)
from envoy_data_plane.envoy.extensions.filters.http.ext_proc.v3 import (
    ProcessingMode,
    ProcessingModeBodySendMode,
    ProcessingModeHeaderSendMode,
)
from envoy_data_plane.envoy.service.ext_proc.v3 import (
    BodyMutation,
    BodyResponse,
    CommonResponse,
    HeaderMutation,
    HeadersResponse,
    HttpBody,
    HttpHeaders,
    HttpTrailers,
    ImmediateResponse,
    ProtocolConfiguration,
    StreamedBodyResponse,
    TrailersResponse,
)
from envoy_data_plane.envoy.service.ext_proc.v3 import ProcessingRequest as TheirRequest
from envoy_data_plane.envoy.service.ext_proc.v3 import ProcessingResponse as TheirResponse
from envoy_data_plane.envoy.type.v3 import HttpStatus, StatusCode
from envoy_data_plane.google.protobuf import Struct, Value

from extproc.transport.wire import ProcessingRequest, ProcessingResponse

OVERWRITE = HeaderValueOptionHeaderAppendAction.OVERWRITE_IF_EXISTS_OR_ADD
HEADERS = HeaderMap(
    headers=[
        HeaderValue(key=":path", raw_value=b"/v1/messages?q=\xe9"),
        HeaderValue(key="x-empty"),
        HeaderValue(key="x-request-id", raw_value=b"id"),
    ]
)
OUR_HEADERS = {
    "headers": [
        {"key": ":path", "raw_value": b"/v1/messages?q=\xe9"},
        {"key": "x-empty"},
        {"key": "x-request-id", "raw_value": b"id"},
    ]
}
BODY = bytes(range(256)) * 300

REQUESTS: list[tuple[TheirRequest, dict[str, Any]]] = [
    (TheirRequest(), {}),
    (
        TheirRequest(request_headers=HttpHeaders(headers=HEADERS, end_of_stream=True)),
        {"request_headers": {"headers": OUR_HEADERS, "end_of_stream": True}},
    ),
    (
        TheirRequest(response_headers=HttpHeaders(headers=HEADERS)),
        {"response_headers": {"headers": OUR_HEADERS}},
    ),
    (
        TheirRequest(request_body=HttpBody(body=BODY, end_of_stream=True)),
        {"request_body": {"body": BODY, "end_of_stream": True}},
    ),
    (TheirRequest(response_body=HttpBody(body=BODY)), {"response_body": {"body": BODY}}),
    (TheirRequest(request_body=HttpBody()), {"request_body": {}}),
    (
        TheirRequest(request_trailers=HttpTrailers(trailers=HEADERS)),
        {"request_trailers": {"trailers": OUR_HEADERS}},
    ),
]

RESPONSES: list[tuple[TheirResponse, dict[str, Any]]] = [
    (
        TheirResponse(
            request_headers=HeadersResponse(
                response=CommonResponse(
                    header_mutation=HeaderMutation(
                        set_headers=[
                            HeaderValueOption(
                                header=HeaderValue(key="x", raw_value=b"\xe9"),
                                append_action=OVERWRITE,
                            )
                        ],
                        remove_headers=["a", "b"],
                    ),
                    clear_route_cache=True,
                )
            )
        ),
        {
            "request_headers": {
                "response": {
                    "header_mutation": {
                        "set_headers": [
                            {"header": {"key": "x", "raw_value": b"\xe9"}, "append_action": 2}
                        ],
                        "remove_headers": ["a", "b"],
                    },
                    "clear_route_cache": True,
                }
            }
        },
    ),
    (
        TheirResponse(
            request_body=BodyResponse(
                response=CommonResponse(
                    body_mutation=BodyMutation(
                        streamed_response=StreamedBodyResponse(body=BODY, end_of_stream=True)
                    )
                )
            )
        ),
        {
            "request_body": {
                "response": {
                    "body_mutation": {"streamed_response": {"body": BODY, "end_of_stream": True}}
                }
            }
        },
    ),
    (TheirResponse(response_headers=HeadersResponse()), {"response_headers": {}}),
    (TheirResponse(request_trailers=TrailersResponse()), {"request_trailers": {}}),
    (
        TheirResponse(
            immediate_response=ImmediateResponse(
                status=HttpStatus(code=StatusCode.PayloadTooLarge), body=b"{}", details="why"
            )
        ),
        {"immediate_response": {"status": {"code": 413}, "body": b"{}", "details": "why"}},
    ),
]


@pytest.mark.parametrize(("theirs", "fields"), REQUESTS)
def test_requests_are_the_same_in_both_directions(
    theirs: TheirRequest, fields: dict[str, Any]
) -> None:
    ours = ProcessingRequest(**fields)
    assert ours.SerializeToString() == bytes(theirs)
    assert ProcessingRequest.FromString(bytes(theirs)) == ours
    assert TheirRequest.parse(ours.SerializeToString()) == theirs


@pytest.mark.parametrize(("theirs", "fields"), RESPONSES)
def test_responses_are_the_same_in_both_directions(
    theirs: TheirResponse, fields: dict[str, Any]
) -> None:
    ours = ProcessingResponse(**fields)
    assert ours.SerializeToString() == bytes(theirs)
    assert ProcessingResponse.FromString(bytes(theirs)) == ours
    assert TheirResponse.parse(ours.SerializeToString()) == theirs


@pytest.mark.parametrize(("theirs", "fields"), REQUESTS)
def test_which_request_it_is(theirs: TheirRequest, fields: dict[str, Any]) -> None:
    kind = ProcessingRequest.FromString(bytes(theirs)).WhichOneof("request")
    assert kind == next(iter(fields), None)


def test_of_two_kinds_the_last_one_counts() -> None:
    message = ProcessingRequest(request_headers={"end_of_stream": True})
    message.request_body.body = b"x"
    assert message.WhichOneof("request") == "request_body"
    assert not message.HasField("request_headers")
    both = bytes(TheirRequest(request_trailers=HttpTrailers())) + bytes(
        TheirRequest(response_body=HttpBody(body=b"y"))
    )
    assert ProcessingRequest.FromString(both).WhichOneof("request") == "response_body"


def test_what_we_do_not_read_does_no_harm() -> None:
    struct = Struct(fields={"a": Value(number_value=1.5)})
    theirs = TheirRequest(
        request_headers=HttpHeaders(headers=HEADERS),
        attributes={"envoy.filters.http.ext_proc": struct},
        metadata_context=Metadata(filter_metadata={"b": struct}),
        protocol_config=ProtocolConfiguration(
            request_body_mode=ProcessingModeBodySendMode.FULL_DUPLEX_STREAMED
        ),
        observability_mode=True,
    )
    ours = ProcessingRequest.FromString(bytes(theirs))
    assert ours.WhichOneof("request") == "request_headers"
    assert ours.attributes["envoy.filters.http.ext_proc"].fields["a"].number_value == 1.5
    assert ours.protocol_config.request_body_mode == 4
    assert TheirRequest.parse(ours.SerializeToString()) == theirs


def test_a_field_of_a_later_envoy_is_kept() -> None:
    unknown = b"\xfa\x3e\x03new"
    ours = ProcessingRequest.FromString(unknown + bytes(TheirRequest(request_body=HttpBody())))
    assert ours.WhichOneof("request") == "request_body"
    assert unknown in ours.SerializeToString()


def test_enumerations_durations_and_maps() -> None:
    mode = ProcessingMode(
        request_header_mode=ProcessingModeHeaderSendMode.SKIP,
        response_body_mode=ProcessingModeBodySendMode.STREAMED,
    )
    ours = ProcessingResponse(
        mode_override={"request_header_mode": 2, "response_body_mode": 1},
        override_message_timeout={"seconds": 3, "nanos": 5_000_000},
        dynamic_metadata={"fields": {"a": {"string_value": "b"}}},
    )
    theirs = TheirResponse.parse(ours.SerializeToString())
    assert theirs.mode_override == mode
    assert theirs.override_message_timeout is not None
    assert theirs.override_message_timeout.total_seconds() == 3.005
    assert theirs.dynamic_metadata == Struct(fields={"a": Value(string_value="b")})
    assert ProcessingResponse.FromString(bytes(theirs)) == ours


def test_a_start_does_without_the_definitions() -> None:
    script = "import sys, extproc.transport.wire; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "extproc.transport.wire" in loaded
    assert not {"betterproto2", "envoy_data_plane"}.intersection(loaded)
