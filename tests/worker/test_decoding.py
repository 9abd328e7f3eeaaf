"""Compressed request bodies."""

from __future__ import annotations

import asyncio
import gzip
import sys
import tracemalloc
import zlib

import brotli
import pytest

from extproc.errors import ClientError
from extproc.worker.decoding import decoded, encodings, in_turns, unpacking

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

BODY = b'{"model": "m", "messages": []}' * 1000
MANY = 100_000_000


def bare_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


PACKED = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "zstd": zstd.compress,
    "br": brotli.compress,
}


@pytest.mark.parametrize("name", PACKED)
def test_what_was_packed_is_unpacked(name: str) -> None:
    for body in (BODY, b""):
        assert decoded(PACKED[name](body), (name,), len(BODY)) == body
    assert decoded(b"", (name,), 1) == b""


def test_deflate_is_also_understood_without_its_envelope() -> None:
    assert decoded(bare_deflate(BODY), ("deflate",), len(BODY)) == BODY


def test_encodings_are_undone_from_the_last_to_the_first() -> None:
    body = zstd.compress(gzip.compress(BODY))
    assert decoded(body, encodings("gzip, zstd"), len(BODY)) == BODY


@pytest.mark.parametrize("name", ["gzip", "zstd"])
def test_frames_in_a_row_are_one_body(name: str) -> None:
    packed = PACKED[name]
    assert decoded(packed(b"ab") + packed(b"cd"), (name,), 4) == b"abcd"
    with pytest.raises(ClientError) as raised:
        decoded(packed(b"ab") + packed(b"cd"), (name,), 3)
    assert raised.value.status == 413


@pytest.mark.parametrize("name", PACKED)
def test_the_limit_is_exact(name: str) -> None:
    assert len(decoded(PACKED[name](BODY), (name,), len(BODY))) == len(BODY)
    with pytest.raises(ClientError, match="more than the 29999 bytes") as raised:
        decoded(PACKED[name](BODY), (name,), len(BODY) - 1)
    assert (raised.value.status, raised.value.code) == (413, "request_too_large")


@pytest.mark.parametrize("name", PACKED)
def test_a_bomb_costs_no_more_than_the_limit(name: str) -> None:
    packed = PACKED[name](bytes(MANY))
    tracemalloc.start()
    try:
        with pytest.raises(ClientError) as raised:
            decoded(packed, (name,), 1_000_000)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert raised.value.status == 413
    assert most < 5_000_000


@pytest.mark.parametrize("name", ["gzip", "zstd"])
def test_many_empty_frames_are_refused(name: str) -> None:
    with pytest.raises(ClientError, match="more than 64 pieces") as raised:
        decoded(PACKED[name](b"") * 100_000, (name,), 10)
    assert raised.value.status == 400


@pytest.mark.parametrize("name", PACKED)
@pytest.mark.parametrize("before", [b"", b"no"])
def test_what_is_not_packed_so_is_said_to_be_unreadable(name: str, before: bytes) -> None:
    with pytest.raises(ClientError, match=f"cannot be read as content-encoding '{name}'") as raised:
        decoded(before + PACKED[name](BODY)[:-5], (name,), len(BODY))
    assert raised.value.status == 400


@pytest.mark.parametrize(
    ("header", "applied"),
    [
        ("", ()),
        ("identity", ()),
        (" Identity , ", ()),
        ("GZIP", ("gzip",)),
        ("gzip, identity, br", ("gzip", "br")),
    ],
)
def test_the_encodings_of_a_header(header: str, applied: tuple[str, ...]) -> None:
    assert encodings(header) == applied


@pytest.mark.parametrize("header", ["compress", "gzip, aes", "gzip, gzip, gzip"])
def test_encodings_that_are_refused(header: str) -> None:
    with pytest.raises(ClientError, match="cannot be routed") as raised:
        encodings(header)
    assert raised.value.status == 415


@pytest.mark.parametrize("size", [1, 100, 100_000])
def test_a_stream_is_unpacked_however_it_comes(size: int) -> None:
    packed = gzip.compress(BODY)
    unpacked = unpacking("gzip")
    pieces = [packed[start : start + size] for start in range(0, len(packed), size)]
    assert b"".join(some for piece in pieces for some in unpacked(piece)) == BODY
    assert b"".join(unpacked(b"what comes behind its end")) == b""


def test_a_stream_that_is_a_bomb_is_unpacked_a_little_at_a_time() -> None:
    packed = gzip.compress(bytes(MANY))
    tracemalloc.start()
    try:
        size = sum(map(len, unpacking("gzip")(packed)))
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert size == MANY
    assert most < 1_000_000


async def test_others_have_their_turn_while_a_stream_is_unpacked() -> None:
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    pieces = [piece async for piece in in_turns(unpacking("gzip")(gzip.compress(bytes(10**6))))]
    counting.cancel()
    assert turns >= len(pieces) - 1 > 10
