from __future__ import annotations

import asyncio
import socket

from tests.helpers.ports import free_port


def any_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_a_port_is_given_once() -> None:
    given = [free_port() for _ in range(500)]
    assert len(set(given)) == len(given)
    # As many draws as there are ports would find one of the five hundred with near certainty.
    assert not {any_port() for _ in range(5000)} & set(given)


async def test_a_server_can_listen_there() -> None:
    port = free_port()
    async with await asyncio.start_server(lambda *_: None, "127.0.0.1", port):
        with socket.create_connection(("127.0.0.1", port)):
            pass
