"""What goes out on a connection, where it shows on the socket itself."""

from __future__ import annotations

import asyncio
import socket

from extproc.transport.outgoing import Outgoing


def most_unread(one: socket.socket) -> int:
    return one.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)


async def test_the_kernel_holds_more_for_a_peer_than_it_would_by_itself() -> None:
    ours, peers = socket.socketpair()
    with ours, peers:
        by_itself = most_unread(ours)
        transport, _ = await asyncio.get_running_loop().create_connection(
            asyncio.Protocol, sock=ours
        )
        Outgoing(transport)
        assert most_unread(ours) > by_itself
        transport.close()
