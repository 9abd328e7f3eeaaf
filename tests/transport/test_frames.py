from __future__ import annotations

import pytest

from extproc.transport.frames import (
    DEFAULT_FRAME_SIZE,
    PREFACE,
    Code,
    ConnectionBrokenError,
    Flag,
    Frame,
    FrameReader,
    Kind,
    frame,
    frame_head,
)

FRAMES = [
    Frame(Kind.SETTINGS, 0, 0, b""),
    Frame(Kind.HEADERS, Flag.END_HEADERS, 1, b"headers"),
    Frame(Kind.DATA, 0, 1, b"x" * DEFAULT_FRAME_SIZE),
    Frame(Kind.PING, 0, 0, b"all well"),
    Frame(Kind.DATA, Flag.END_STREAM, 1, b"the rest" * 1000),
    Frame(Kind.DATA, Flag.END_STREAM, 3, b""),
]
SENT = PREFACE + b"".join(
    frame(Kind(each.kind), each.flags, each.stream, bytes(each.payload)) for each in FRAMES
)


@pytest.mark.parametrize("size", [1, 5, 9, 10, 40, 5_000, DEFAULT_FRAME_SIZE, len(SENT)])
def test_frames_are_whole_however_they_come(size: int) -> None:
    reader = FrameReader()
    read = [
        each
        for begin in range(0, len(SENT), size)
        for each in reader.feed(SENT[begin : begin + size])
    ]
    assert [each._replace(payload=bytes(each.payload)) for each in read] == FRAMES


@pytest.mark.parametrize("size", [1, 9, 100])
def test_a_frame_that_is_too_large_is_noticed_by_its_head(size: int) -> None:
    sent = PREFACE + frame_head(Kind.DATA, 0, 1, DEFAULT_FRAME_SIZE + 1)
    reader = FrameReader()

    def read() -> None:
        for begin in range(0, len(sent), size):
            list(reader.feed(sent[begin : begin + size]))

    with pytest.raises(ConnectionBrokenError, match="16385 bytes") as raised:
        read()
    assert raised.value.code is Code.FRAME_SIZE_ERROR
