"""A body as we give it to Envoy: in pieces, each in a message of its own.

Protobuf copies a body four times until it is serialized. A large piece is to be copied once, so its
message is written here (https://protobuf.dev/programming-guides/encoding/).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final, TypeAlias

from extproc.transport.wire import ProcessingResponse

__all__ = ["body_messages"]

Buffer: TypeAlias = bytes | memoryview

_PIECE: Final = 64 * 1024
"""Envoy recommends pieces of 64 KiB at most in FULL_DUPLEX_STREAMED mode."""
_MUCH: Final = 8 * 1024
"""Bytes of a piece from which to copy it costs more than to write its message in Python."""

_TO_STREAMED: Final = ("response", "body_mutation", "streamed_response")
"""The fields in which a piece of a body is, from that of its kind on."""
_HAS_LENGTH: Final = 2
_TRUE: Final = b"\x01"
_SEVEN_BITS: Final = 0x7F
_GOES_ON: Final = 0x80


def body_messages(kind: str, data: Sequence[Buffer], *, ends: bool) -> Iterator[bytes]:
    """Serialized ``ProcessingResponse`` messages with a body, each with a piece of it.

    Args:
        kind: ``request_body`` or ``response_body``.
        data: the body's parts, in order.
        ends: whether the last piece ends the request, or the response.
    """
    left = sum(map(len, data))
    for piece in _cut(data, left):
        size = sum(map(len, piece))
        left -= size
        last = ends and not left
        if size > _MUCH:
            before, behind = _around_body(kind, size, ends=last)
            yield b"".join((before, *piece, behind))
        else:
            response = ProcessingResponse()
            streamed = getattr(response, kind).response.body_mutation.streamed_response
            streamed.body = b"".join(piece)
            if last:
                streamed.end_of_stream = True
            yield response.SerializeToString()


def _around_body(kind: str, size: int, *, ends: bool) -> tuple[bytes, bytes]:
    """What goes before and behind a piece of so many bytes in its message: of every field that is
    around the body, its tag and how long it is."""
    (body, *around), end = _tags(kind)
    behind = end + _TRUE if ends else b""
    before = body + _number(size)
    for tag in around:
        before = tag + _number(len(before) + size + len(behind)) + before
    return before, behind


@lru_cache
def _tags(kind: str) -> tuple[tuple[bytes, ...], bytes]:
    """The tags of the body and of the fields around it, from the inside, and that of
    ``end_of_stream``."""
    message, tags = ProcessingResponse.DESCRIPTOR, []
    for name in (kind, *_TO_STREAMED):
        field = message.fields_by_name[name]
        message = field.message_type
        tags.append(_number(field.number << 3 | _HAS_LENGTH))
    body, end = (message.fields_by_name[name].number for name in ("body", "end_of_stream"))
    return (_number(body << 3 | _HAS_LENGTH), *reversed(tags)), _number(end << 3)


def _number(value: int) -> bytes:
    """A number as protobuf writes it: seven bits a byte, the lowest first."""
    written = bytearray()
    while value > _SEVEN_BITS:
        written.append(value & _SEVEN_BITS | _GOES_ON)
        value >>= 7
    written.append(value)
    return bytes(written)


def _cut(data: Sequence[Buffer], size: int) -> Iterator[Sequence[Buffer]]:
    """The same bytes, in pieces of the size that Envoy recommends, and at least one; each is given
    by its parts."""
    if size <= _PIECE:
        yield data
        return
    held: list[Buffer] = []
    room = _PIECE
    for each in data:
        view = memoryview(each)
        while len(view):
            held.append(view[:room])
            view = view[room:]
            room -= len(held[-1])
            if not room:
                yield held
                held = []
                room = _PIECE
    if held:
        yield held
