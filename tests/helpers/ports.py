"""Ports for programs that must be told theirs before they start.

A port that was only found to be free may be another's by the time the program listens: a test's
beside this one, or that of an outgoing connection, which the kernel takes from the same range.
"""

from __future__ import annotations

import socket

__all__ = ["free_port"]


def free_port() -> int:
    """A port of 127.0.0.1 that nobody else is given for the next minute.

    It has had a connection whose server's end closed first. For as long as such a connection is in
    TIME_WAIT, which is a minute, Linux gives its port to none who ask for any port, and to those
    who ask for this one with ``SO_REUSEADDR``, as servers do (``man 7 socket``, ``man 7 tcp``).
    """
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("127.0.0.1", 0))
        server.listen()
        address: tuple[str, int] = server.getsockname()
        with socket.create_connection(address) as client:
            server.accept()[0].close()
            client.recv(1)
    return address[1]
