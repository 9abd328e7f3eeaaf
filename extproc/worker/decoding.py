"""Compressed bodies: what they unpack to, as far as the limit on a body allows.

https://www.rfc-editor.org/rfc/rfc9110#field.content-encoding
"""

from __future__ import annotations

import asyncio
import sys
import zlib
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Final, Protocol

import brotli

from extproc.core.clipping import clipped
from extproc.core.faults import Fault
from extproc.errors import ClientError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

__all__ = ["decoded", "encodings", "in_turns", "unpacking"]

_MOST_ENCODINGS: Final = 2
_MOST_FRAMES: Final = 64
"""What follows a frame is copied to read it, so their number is bounded."""

_ZSTD_WINDOW: Final = {int(zstd.DecompressionParameter.window_log_max): 23}
"""8 MiB: https://www.rfc-editor.org/rfc/rfc9659#name-window-size"""

_GZIP_FORMAT: Final = 16 + zlib.MAX_WBITS
_AT_ONCE: Final = 64 * 1024
"""Bytes to which a piece of a stream is unpacked in one go; 300 KB may be 300 MB of blanks."""

_CUT_SHORT: Final = "it ends too early"
_IDENTITY: Final = "identity"


class _TooLargeError(Exception):
    """The body unpacks to more than is accepted."""


class _Decoder(Protocol):
    """One frame of a compressed body."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /, max_length: int = ...) -> bytes: ...


_NOT_READABLE: Final = (zlib.error, zstd.ZstdError, brotli.error, EOFError)


def encodings(header: str) -> tuple[str, ...]:
    """The encodings of a body, in the order in which they were applied.

    Args:
        header: the value of ``content-encoding``, empty if there is none.

    Raises:
        ClientError: one is not understood, or there are too many (415).
    """
    named = [name.strip().lower() for name in header.split(",")]
    applied = tuple(name for name in named if name not in ("", _IDENTITY))
    for name in applied:
        if name not in _DECODERS:
            known = ", ".join(sorted(_DECODERS))
            raise ClientError(
                415,
                f"A body in content-encoding '{clipped(name)}' cannot be routed; {known} can.",
                reason=Fault.UNKNOWN_ENCODING,
            )
    if len(applied) > _MOST_ENCODINGS:
        raise ClientError(
            415,
            f"A body in content-encoding '{clipped(header)}' cannot be routed: that is too many.",
            reason=Fault.UNKNOWN_ENCODING,
        )
    return applied


def decoded(body: bytes, applied: tuple[str, ...], most: int) -> bytes:
    """The body as it was before its encodings were applied.

    Memory is bounded by ``most``, whatever the body would unpack to.

    Args:
        body: the body as it came.
        applied: what :func:`encodings` found.
        most: the largest size that is accepted, in bytes; that of every step is.

    Raises:
        ClientError: it is larger than that (413), or not what its encoding says (400).
    """
    for name in reversed(applied):
        try:
            body = _DECODERS[name](body, most)
        except _TooLargeError:
            raise ClientError(
                413,
                f"The request body unpacks to more than the {most} bytes that are accepted here.",
                code="request_too_large",
            ) from None
        except _NOT_READABLE as error:
            raise ClientError(
                400,
                f"The body cannot be read as content-encoding '{name}': {error}.",
                reason=Fault.BROKEN_ENCODING,
            ) from None
    return body


def unpacking(header: str) -> Callable[[bytes], Iterator[bytes]]:
    """What unpacks the pieces of a stream in turn, a little at a time, whatever they unpack to.

    Args:
        header: the value of ``content-encoding``: gzip, or nothing.

    Raises:
        ClientError: it is in another encoding, which nobody asked for (502); what is returned
            raises one for a piece that is not what the encoding says (502).
    """
    encoding = header.strip().lower()
    if encoding in ("", _IDENTITY):
        return _as_it_is
    if encoding in ("gzip", "x-gzip"):
        return _unpacked_from_gzip()
    raise ClientError(502, f"A stream in content-encoding '{clipped(encoding)}' cannot be read.")


def _unpacked_from_gzip() -> Callable[[bytes], Iterator[bytes]]:
    decoder = zlib.decompressobj(_GZIP_FORMAT)

    def unpacked(piece: bytes) -> Iterator[bytes]:
        try:
            while not decoder.eof:
                some = decoder.decompress(piece, _AT_ONCE)
                yield some
                piece = decoder.unconsumed_tail
                if not piece and len(some) < _AT_ONCE:
                    return
        except zlib.error as error:
            raise ClientError(502, f"The stream cannot be read as gzip: {error}.") from None

    return unpacked


def _as_it_is(piece: bytes) -> Iterator[bytes]:
    yield piece


async def in_turns(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """What a piece of a stream unpacks to; others have their turn before more of it is."""
    for number, piece in enumerate(pieces):
        if number:
            await asyncio.sleep(0)
        yield piece


def _frames(start: Callable[[], _Decoder]) -> Callable[[bytes, int], bytes]:
    """A decoder of frames in a row, of which gzip and zstd allow several."""

    def decode(body: bytes, most: int) -> bytes:
        pieces: list[bytes] = []
        left = most
        for _ in range(_MOST_FRAMES):
            if not body:
                return b"".join(pieces)
            frame = start()
            piece = frame.decompress(body, left + 1)
            if len(piece) > left:
                raise _TooLargeError
            if not frame.eof:
                raise EOFError(_CUT_SHORT)
            pieces.append(piece)
            left -= len(piece)
            body = frame.unused_data
        raise EOFError(f"it is in more than {_MOST_FRAMES} pieces")

    return decode


def _gzip() -> _Decoder:
    return zlib.decompressobj(_GZIP_FORMAT)


def _zstd() -> _Decoder:
    return zstd.ZstdDecompressor(options=_ZSTD_WINDOW)


def _deflate(body: bytes, most: int) -> bytes:
    """``deflate`` is zlib's format; some clients send the bare stream inside it."""
    try:
        return _frames(zlib.decompressobj)(body, most)
    except zlib.error:
        return _frames(lambda: zlib.decompressobj(-zlib.MAX_WBITS))(body, most)


def _brotli(body: bytes, most: int) -> bytes:
    decoder = brotli.Decompressor()
    pieces: list[bytes] = []
    size = 0
    piece = decoder.process(body, output_buffer_limit=most + 1)
    while piece:
        pieces.append(piece)
        size += len(piece)
        if size > most:
            raise _TooLargeError
        piece = b"" if decoder.is_finished() else decoder.process(b"", output_buffer_limit=most + 1)
    if body and not decoder.is_finished():
        raise EOFError(_CUT_SHORT)
    return b"".join(pieces)


_DECODERS: Final[Mapping[str, Callable[[bytes, int], bytes]]] = MappingProxyType(
    {
        "gzip": _frames(_gzip),
        "x-gzip": _frames(_gzip),
        "deflate": _deflate,
        "zstd": _frames(_zstd),
        "br": _brotli,
    }
)
