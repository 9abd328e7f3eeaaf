"""The demonstration takes the configured port only where it is free."""

from __future__ import annotations

import socket

import pytest

from extproc.core.config import Listener
from extproc.demo.stage import free_port


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


def test_a_free_port_is_taken_as_configured(port: int) -> None:
    assert free_port(Listener("127.0.0.1", port)) == port


def test_another_port_where_somebody_listens(port: int) -> None:
    with socket.create_server(("127.0.0.1", port)):
        assert free_port(Listener("127.0.0.1", port)) not in (port, 0)
