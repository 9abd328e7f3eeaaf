"""The messages that Envoy is answered with, read by Envoy's own definitions."""

from __future__ import annotations

import pytest
from envoy_data_plane.envoy.config.core.v3 import HeaderValueOptionHeaderAppendAction
from envoy_data_plane.envoy.service.ext_proc.v3 import (
    CommonResponse,
    HeaderMutation,
    HeadersResponse,
    ProcessingResponse,
    TrailersResponse,
)

from extproc.contract import REPLY_DETAILS
from extproc.transport.wire import ProcessingRequest
from extproc.transport.wire import ProcessingResponse as Response
from extproc.worker import replies

OVERWRITE = HeaderValueOptionHeaderAppendAction.OVERWRITE_IF_EXISTS_OR_ADD
PIECE = 64 * 1024


def common(data: bytes, kind: str) -> CommonResponse:
    response: CommonResponse | None = getattr(ProcessingResponse.parse(data), kind).response
    assert response is not None
    return response


def headers_of(mutation: HeaderMutation | None) -> dict[str, bytes]:
    assert mutation is not None
    assert all(option.append_action is OVERWRITE for option in mutation.set_headers)
    return {
        option.header.key: option.header.raw_value
        for option in mutation.set_headers
        if option.header is not None
    }


def test_headers_pass_changed_and_the_route_is_chosen_anew() -> None:
    data = replies.request_headers({":path": "/x", "y": "caf\xe9", "empty": ""}, ["a", "b"])
    response = common(data, "request_headers")
    assert response.clear_route_cache
    mutation = response.header_mutation
    assert headers_of(mutation) == {":path": b"/x", "y": b"caf\xe9", "empty": b""}
    assert mutation is not None
    assert mutation.remove_headers == ["a", "b"]


@pytest.mark.parametrize(
    "value", ["", "\x00", "a\x00\x00b", "x" * 127, "x" * 128, "x" * 20_000, "caf\xe9"]
)
def test_every_value_arrives_whatever_its_length_and_bytes(value: str) -> None:
    for _ in range(2):  # what is remembered of one value must not show in the next
        data = replies.request_headers({"first": value, "second": value[::-1]})
        mutation = common(data, "request_headers").header_mutation
        assert headers_of(mutation) == {
            "first": value.encode("latin-1"),
            "second": value[::-1].encode("latin-1"),
        }


def streamed(data: bytes) -> tuple[bytes, bool]:
    mutation = common(data, "request_body").body_mutation
    assert mutation is not None
    assert mutation.streamed_response is not None
    return mutation.streamed_response.body, mutation.streamed_response.end_of_stream


@pytest.mark.parametrize(
    ("size", "sizes"),
    [
        (0, [0]),
        (1, [1]),
        (PIECE - 1, [PIECE - 1]),
        (PIECE, [PIECE]),
        (PIECE + 1, [PIECE, 1]),
        (3 * PIECE, [PIECE] * 3),
    ],
)
@pytest.mark.parametrize("ends", [True, False])
def test_a_body_in_pieces(size: int, sizes: list[int], ends: bool) -> None:
    body = bytes(index % 251 for index in range(size))
    pieces = [streamed(data) for data in replies.request_body(body, ends=ends)]
    assert [len(piece) for piece, _ in pieces] == sizes
    assert b"".join(piece for piece, _ in pieces) == body
    assert [end for _, end in pieces] == [False] * (len(sizes) - 1) + [ends]


def test_an_answer_here_and_now() -> None:
    parsed = ProcessingResponse.parse(replies.reply(529, b'{"a":1}', {"retry-after": "7"}))
    reply = parsed.immediate_response
    assert reply is not None
    assert reply.status is not None
    assert (reply.status.code, reply.body, reply.details) == (529, b'{"a":1}', REPLY_DETAILS)
    assert headers_of(reply.headers) == {"content-type": b"application/json", "retry-after": b"7"}


@pytest.mark.parametrize(
    ("reason", "details"), [("too_large", f"{REPLY_DETAILS}{{too_large}}"), (None, REPLY_DETAILS)]
)
def test_the_access_log_learns_the_reason_of_an_answer(reason: str | None, details: str) -> None:
    reply = ProcessingResponse.parse(replies.reply(413, b"{}", reason=reason)).immediate_response
    assert reply is not None
    assert reply.details == details


def test_letting_things_pass() -> None:
    response = ProcessingResponse.parse(replies.CONTINUE_RESPONSE)
    assert response == ProcessingResponse(response_headers=HeadersResponse())
    trailers = ProcessingResponse.parse(replies.CONTINUE_TRAILERS)
    assert trailers == ProcessingResponse(request_trailers=TrailersResponse())


def test_the_headers_that_envoy_sent() -> None:
    sent = [("a", b"1"), ("b", b"caf\xe9"), ("a", b"2"), ("c", b"")]
    message = ProcessingRequest(
        request_headers={"headers": {"headers": [{"key": k, "raw_value": v} for k, v in sent]}}
    )
    assert replies.header_values(message.request_headers) == {"a": "1", "b": "café", "c": ""}
    assert replies.header_values(ProcessingRequest().request_headers) == {}


def test_the_last_of_a_response_says_what_was_noticed() -> None:
    data = bytes(range(256)) * 300
    messages = [
        Response.FromString(reply) for reply in replies.last_of_response(data, {"stalled": "1"})
    ]
    pieces = [one.response_body.response.body_mutation.streamed_response for one in messages]
    assert b"".join(piece.body for piece in pieces) == data
    assert [piece.end_of_stream for piece in pieces] == [False, True]
    noticed = messages[-1].dynamic_metadata.fields["dragoman.end"].struct_value.fields
    assert noticed["stalled"].string_value == "1"
    assert not messages[0].dynamic_metadata.fields


def test_a_reply_that_the_access_log_learns_of() -> None:
    reply = replies.reply(504, b"{}", {"retry-after": "7"})
    parsed = Response.FromString(replies.remembering(reply, {"model": "one/a", "attempt": "2"}))
    assert parsed.immediate_response.status.code == 504
    fields = parsed.dynamic_metadata.fields["dragoman"].struct_value.fields
    assert {key: value.string_value for key, value in fields.items()} == {
        "model": "one/a",
        "attempt": "2",
    }
