"""Headers as HTTP/2 packs them: HPACK, RFC 7541."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from hpack import Decoder, Encoder, HPACKError

from extproc.transport.frames import Code, ConnectionBrokenError

__all__ = ["HeaderBlocks", "packed"]

_MOST_KNOWN: Final = 64


class HeaderBlocks:
    """Reads the header blocks of one connection.

    Envoy opens its streams with the same few headers, over and over. It is told to keep no table of
    them, so that the same headers are the same bytes, and need be read only once.
    """

    __slots__ = ("_decoder", "_known")

    def __init__(self) -> None:
        self._decoder = Decoder()
        self._known: dict[bytes, Mapping[bytes, bytes]] = {}

    def without_table(self) -> None:
        """The peer has heard that it is to keep no table."""
        self._decoder.max_allowed_table_size = 0

    def read(self, block: bytes) -> Mapping[bytes, bytes]:
        """The headers; of those sent twice, the first.

        Raises:
            ConnectionBrokenError: they cannot be read, nor can any that come later.
        """
        known = self._known.get(block)
        if known is not None:
            return known
        headers: dict[bytes, bytes] = {}
        try:
            for name, value in self._decoder.decode(block, raw=True):
                headers.setdefault(bytes(name), bytes(value))
        except HPACKError as error:
            raise ConnectionBrokenError(Code.COMPRESSION_ERROR, f"headers: {error}") from None
        if self._decoder.header_table_size == 0:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[block] = headers
        return headers


def packed(headers: Mapping[str, str]) -> bytes:
    """A block that any peer can read, whatever table it keeps."""
    return bytes(Encoder().encode([(name, value, True) for name, value in headers.items()]))
