"""A port changes hands without a connection being lost, as real sockets show."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from extproc.sidecar.steering import listening_sockets, steered_to_the_second
from tests.helpers.ports import free_port

SOCKETS = 2


def listening(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    if family == socket.AF_INET6:
        found.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    found.bind((address, port))
    found.listen(64)
    return found


class Server:
    """Listens at several sockets, as Envoy does, and answers each connection with its name."""

    def __init__(self, name: bytes, address: str, port: int) -> None:
        self._name = name
        self._sockets = [listening(address, port) for _ in range(SOCKETS)]
        self._stopped = threading.Event()
        self._threads = [
            threading.Thread(target=self._serve, args=(each,), daemon=True)
            for each in self._sockets
        ]
        for thread in self._threads:
            thread.start()

    def _serve(self, listener: socket.socket) -> None:
        listener.settimeout(0.02)
        while not self._stopped.is_set():
            with contextlib.suppress(TimeoutError):
                connection, _ = listener.accept()
                with connection, contextlib.suppress(OSError):
                    connection.recv(1)
                    connection.sendall(self._name)

    def close(self) -> None:
        """Take no more, and then close the sockets: what waits there is reset."""
        self._stopped.set()
        for thread in self._threads:
            thread.join()
        for each in self._sockets:
            each.close()


@contextlib.contextmanager
def clients(address: str, port: int) -> Iterator[tuple[list[bytes], list[str]]]:
    """Connect again and again: what was answered, and what went wrong."""
    answers: list[bytes] = []
    failures: list[str] = []
    stop = threading.Event()

    def connect() -> None:
        while not stop.is_set():
            try:
                with socket.create_connection((address, port), timeout=5) as connection:
                    connection.sendall(b"?")
                    answers.append(connection.recv(10))
                time.sleep(0.001)
            except OSError as error:
                failures.append(repr(error))

    threads = [threading.Thread(target=connect, daemon=True) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        yield answers, failures
    finally:
        stop.set()
        for thread in threads:
            thread.join()


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_nothing_is_lost_while_servers_take_turns(address: str) -> None:
    port = free_port()
    server = Server(b"0", address, port)
    with clients(address, port) as (answers, failures):
        for name in (b"1", b"2", b"3"):
            time.sleep(0.1)
            successor = Server(name, address, port)
            with steered_to_the_second(address, port, SOCKETS) as steered:
                assert steered
                assert listening_sockets(port) == 3 * SOCKETS
                time.sleep(0.15)
                server.close()
                assert listening_sockets(port) == 2 * SOCKETS
                answers.clear()
                time.sleep(0.1)
                assert set(answers) == {name}
            assert listening_sockets(port) == SOCKETS
            server = successor
    server.close()
    assert failures == []
    assert b"" not in answers


def test_afterwards_connections_are_dealt_out_again() -> None:
    port = free_port()
    first = Server(b"first", "127.0.0.1", port)
    with steered_to_the_second("127.0.0.1", port, SOCKETS):
        one, other = (listening("127.0.0.1", port) for _ in range(SOCKETS))
        first.close()
    with one, other, contextlib.ExitStack() as stack:
        for _ in range(50):
            stack.enter_context(socket.create_connection(("127.0.0.1", port)))
        for listener in (one, other):
            listener.settimeout(5)
            stack.enter_context(listener.accept()[0])


def test_where_it_cannot_be_done_the_port_changes_hands_all_the_same() -> None:
    with socket.create_server(("127.0.0.1", 0)) as owner:
        port = owner.getsockname()[1]
        with steered_to_the_second("127.0.0.1", port, SOCKETS) as steered:
            assert not steered
        assert listening_sockets(port) == 1
