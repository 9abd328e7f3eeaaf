"""Header blocks, against another implementation of HPACK's encoder: hpack's own."""

from __future__ import annotations

import pytest
from hpack import Decoder, Encoder

from extproc.transport.frames import ConnectionBrokenError
from extproc.transport.header_blocks import HeaderBlocks, packed

HEADERS: dict[bytes | str, bytes | str] = {
    ":method": "POST",
    ":path": "/a/B",
    "x-dragoman-role": "gate",
}
READ = {b":method": b"POST", b":path": b"/a/B", b"x-dragoman-role": b"gate"}


def block(encoder: Encoder, name: str, value: str) -> bytes:
    return bytes(encoder.encode([(name, value)]))


def test_a_peer_that_has_not_heard_yet_may_keep_a_table() -> None:
    blocks, encoder = HeaderBlocks(), Encoder()
    first, second = (encoder.encode(HEADERS) for _ in range(2))
    assert len(second) < len(first)
    assert blocks.read(first) == blocks.read(second) == READ


def test_the_same_bytes_mean_the_same_once_there_is_no_table() -> None:
    blocks, encoder = HeaderBlocks(), Encoder()
    blocks.read(encoder.encode(HEADERS))
    encoder.header_table_size = 0
    blocks.without_table()
    blocks.read(encoder.encode(HEADERS))
    once = blocks.read(said := encoder.encode(HEADERS))
    assert once == READ
    assert blocks.read(said) is once
    assert blocks.read(encoder.encode({**HEADERS, ":path": "/other"}))[b":path"] == b"/other"


def test_a_table_means_that_the_same_bytes_may_mean_something_else() -> None:
    blocks, encoder = HeaderBlocks(), Encoder()
    seen = []
    for value in ("one", "two"):
        blocks.read(block(encoder, "x-name", value))
        seen.append((said := block(encoder, "x-name", value), blocks.read(said)))
    (first, one), (second, two) = seen
    assert first == second
    assert (one, two) == ({b"x-name": b"one"}, {b"x-name": b"two"})


def test_not_more_is_remembered_than_envoy_has_kinds_of_streams() -> None:
    blocks, encoder = HeaderBlocks(), Encoder()
    encoder.header_table_size = 0
    blocks.read(block(encoder, "x", "y"))
    first = blocks.read(said := encoder.encode(HEADERS))
    for number in range(64):
        assert blocks.read(block(encoder, "x", str(number))) == {b"x": str(number).encode()}
    assert blocks.read(said) is not first


def test_of_headers_sent_twice_the_first_counts() -> None:
    assert HeaderBlocks().read(packed({"a": "1"}) + packed({"a": "2"})) == {b"a": b"1"}


def test_a_table_after_all_cannot_be_read() -> None:
    blocks = HeaderBlocks()
    blocks.without_table()
    with pytest.raises(ConnectionBrokenError, match="headers"):
        blocks.read(Encoder().encode(HEADERS))


def test_what_is_packed_can_be_read_by_all() -> None:
    headers = {":status": "200", "grpc-message": "x" * 300}
    for size in (0, 4096):
        decoder = Decoder()
        decoder.header_table_size = size
        read = decoder.decode(packed(headers), raw=True)
        assert {name.decode(): value.decode() for name, value in read} == headers
        assert not decoder.header_table.dynamic_entries
