"""A client that costs next to nothing, for tests that send thousands of requests.

An SDK, or httpx, takes longer over a request than all that is tested here. This one speaks no more
HTTP than such tests need.
"""

from __future__ import annotations

import asyncio
from typing import Final, Self

__all__ = ["QuickClient"]

_LENGTH: Final = b"\r\ncontent-length: "
_CHUNKED: Final = b"\r\ntransfer-encoding: chunked\r\n"


class QuickClient:
    """One connection, which sends a request when the one before is answered.

    Args:
        url: where, as in ``http://127.0.0.1:12000``.
    """

    def __init__(self, url: str) -> None:
        self._authority = url.removeprefix("http://")

    async def __aenter__(self) -> Self:
        host, _, port = self._authority.rpartition(":")
        self._reader, self._writer = await asyncio.open_connection(host, int(port))
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()
        await self._writer.wait_closed()

    async def post(self, path: str, body: bytes, *headers: str) -> int:
        """Send JSON, and read the answer to its end.

        Args:
            path: the request's path.
            body: the JSON.
            headers: more of them, as in ``"x-team: red"``.

        Returns:
            The status.

        Raises:
            asyncio.IncompleteReadError: the connection ends before the answer does.
        """
        lines = [
            f"POST {path} HTTP/1.1",
            f"host: {self._authority}",
            "content-type: application/json",
            f"content-length: {len(body)}",
            *headers,
        ]
        self._writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        if _CHUNKED in head:
            await self._skip_chunks()
        else:
            _, _, length = head.partition(_LENGTH)
            await self._reader.readexactly(int(length.partition(b"\r\n")[0]))
        return int(head[9:12])

    async def _skip_chunks(self) -> None:
        size = None
        while size != 0:
            size = int(await self._reader.readuntil(b"\r\n"), 16)
            await self._reader.readexactly(size + 2)
