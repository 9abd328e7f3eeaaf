"""Server-sent events, however they are cut."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extproc.dialects.sse import LARGEST_EVENT, EventCutter, EventReader, check_held
from extproc.errors import ClientError
from tests.helpers.growth import grows_with_the_square

STREAM = (
    b": a comment\n"
    b'event: message_start\ndata: {"a": 1}\n\n'
    b"\n\n"
    b'id: 7\nretry: 10\ndata:{"b": 2}\n\n'
    b"data: two\ndata: lines\ndata:  and a space\n\n"
    b"event: nothing\n\n"
    b": keep-alive\n\n"
    b"datax: not data\n data: nor this\n\n"
    b"data: \xe6\x97\xa5\xe6\x9c\xac\n: between\ndata: [DONE]\n\n"
    b"data: never ended\n"
)
DATA = [
    b'{"a": 1}',
    b'{"b": 2}',
    b"two\nlines\n and a space",
    b"\xe6\x97\xa5\xe6\x9c\xac\n[DONE]",
]


def read(pieces: Iterable[bytes]) -> list[bytes]:
    reader = EventReader()
    return [data for piece in pieces for data in reader.feed(piece)]


@pytest.mark.parametrize(
    "stream",
    [
        STREAM,
        STREAM.replace(b"\n", b"\r\n"),
        STREAM.replace(b"\n", b"\r"),
        BOM_UTF8 + STREAM[STREAM.index(b"data:") :],
    ],
    ids=["LF", "CRLF", "CR", "BOM"],
)
def test_a_stream_may_be_cut_anywhere(stream: bytes) -> None:
    assert read([stream]) == DATA
    for cut in range(len(stream) + 1):
        assert read([stream[:cut], stream[cut:]]) == DATA, cut
    for size in (1, 2, 3, 7):
        pieces = [stream[at : at + size] for at in range(0, len(stream), size)]
        assert read(pieces) == DATA, size


def test_an_event_is_given_as_soon_as_it_is_complete() -> None:
    reader = EventReader()
    assert list(reader.feed(b"data: 1\n")) == []
    assert list(reader.feed(b"\n")) == [b"1"]
    assert list(reader.feed(b"data: 2\r\n\r")) == [b"2"]
    assert list(reader.feed(b"\n")) == []
    assert list(reader.feed(b"\n")) == []


def test_lines_may_end_in_a_carriage_return() -> None:
    assert read([b"data: 1\r\rdata: 2\r\r"]) == [b"1", b"2"]
    assert read([b"data: 1\r", b"\ndata: 2\r", b"\r"]) == [b"1\n2"]


def test_a_byte_order_mark_is_passed_over_at_the_beginning() -> None:
    assert read([BOM_UTF8 + b"data: 1\n\n"]) == [b"1"]
    assert read([b"data: 1\n\n" + BOM_UTF8 + b"data: 2\n\n"]) == [b"1"]


@pytest.mark.parametrize("stream", [b"data:\n\n", b"data\n\n", b"event: ping\ndata: \n\n"])
def test_an_event_without_data_is_no_event(stream: bytes) -> None:
    assert read([stream]) == []


def test_readers_do_not_share_what_they_hold() -> None:
    first, second = EventReader(), EventReader()
    assert list(first.feed(b"data: 1\n")) == []
    assert list(second.feed(b"\n")) == []


def test_an_empty_piece_between_the_halves_of_a_line_end() -> None:
    reader = EventReader()
    pieces = [b"data: a\r", b"", b"\ndata: b\r\n\r\n"]
    assert [data for piece in pieces for data in reader.feed(piece)] == [b"a\nb"]


@given(st.lists(st.sampled_from([b"a", b"\n", b"\r", b"\r\n"]), max_size=12).map(b"".join))
def test_events_are_cut_the_same_however_they_come(stream: bytes) -> None:
    cutter = EventCutter()
    at_once = [*cutter.feed(stream)]
    piecemeal = EventCutter()

    found = [event for byte in stream for event in piecemeal.feed(bytes([byte]))]

    assert b"".join([*found, piecemeal.rest()]) == b"".join([*at_once, cutter.rest()]) == stream
    assert all(event.endswith((b"\n\n", b"\r\r", b"\r\n\r\n", b"\n\r\n")) for event in found)


@pytest.mark.parametrize("reader", [EventCutter, EventReader])
def test_an_event_of_megabytes_is_not_searched_again_for_every_piece_of_it(
    reader: type[EventCutter | EventReader],
) -> None:
    def cutting(size: int) -> None:
        event = b"data: " + b"x" * size + b"\n\n"
        cutter = reader()
        (found,) = [
            each
            for begin in range(0, len(event), 16_000)
            for each in cutter.feed(event[begin : begin + 16_000])
        ]
        assert found in (event, event[6:-2])

    assert not grows_with_the_square(cutting, 1_000_000)


@pytest.mark.parametrize("reader", [EventCutter, EventReader])
def test_what_is_held_is_known(reader: type[EventCutter | EventReader]) -> None:
    cutter = reader()
    assert cutter.held == 0
    assert list(cutter.feed(b"data: abc\ndata: d")) == []
    assert 12 <= cutter.held <= 17
    assert len(list(cutter.feed(b"ef\n\n"))) == 1
    assert cutter.held == 0


def test_what_is_too_much_to_be_held_is_given_up() -> None:
    check_held(LARGEST_EVENT)
    with pytest.raises(ClientError, match="larger than 33554432 bytes") as raised:
        check_held(LARGEST_EVENT + 1)
    assert raised.value.status == 502
