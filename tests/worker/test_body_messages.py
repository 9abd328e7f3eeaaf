from __future__ import annotations

import pytest

from extproc.transport.wire import ProcessingResponse
from extproc.worker.body_messages import body_messages


@pytest.mark.parametrize("size", [0, 1, 128, 8_192, 8_193, 16_384, 16_370, 65_536])
@pytest.mark.parametrize("ends", [False, True])
def test_a_body_is_written_as_protobuf_writes_it(size: int, ends: bool) -> None:
    expected = ProcessingResponse()
    streamed = expected.response_body.response.body_mutation.streamed_response
    streamed.body = b"x" * size
    streamed.end_of_stream = True
    if not ends:
        streamed.ClearField("end_of_stream")
    (written,) = body_messages("response_body", [b"x" * size], ends=ends)
    assert written == expected.SerializeToString()


def test_large_bodies_come_in_pieces_of_what_they_are_made_of() -> None:
    parts: list[bytes | memoryview] = [b"a" * 100_000, memoryview(b"b" * 50_000), b"c" * 10]
    messages = [
        ProcessingResponse.FromString(message)
        for message in body_messages("request_body", parts, ends=True)
    ]
    streamed = [
        message.request_body.response.body_mutation.streamed_response for message in messages
    ]
    assert b"".join(each.body for each in streamed) == b"".join(parts)
    assert [len(each.body) for each in streamed] == [65_536, 65_536, 18_938]
    assert [each.end_of_stream for each in streamed] == [False, False, True]
