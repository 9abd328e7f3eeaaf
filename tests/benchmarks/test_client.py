"""The load that benchmarks drive set-ups with, before an upstream that takes its time."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from benchmarks.client import Job
from benchmarks.paced import EVENT_INTERVAL
from benchmarks.workload import DELTAS

_STREAM = (DELTAS + 4) * EVENT_INTERVAL
"""Seconds that an answer takes at least: events at its beginning and end hold no piece of text."""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free: int = probe.getsockname()[1]
    upstream = subprocess.Popen([sys.executable, "-m", "benchmarks.paced", str(free)])
    try:
        for _ in range(500):
            with socket.socket() as trial:
                if trial.connect_ex(("127.0.0.1", free)) == 0:
                    break
            time.sleep(0.02)
        yield free
    finally:
        upstream.terminate()
        upstream.wait()


def seen(port: int, **changed: Any) -> dict[str, Any]:
    job = Job(port, connections=2, warm_up=0.0, seconds=1.0, body_bytes=1024, streamed=True)
    arguments = json.loads(job.to_json()) | changed
    command = [sys.executable, "-m", "benchmarks.client", Job(**arguments).to_json()]
    found: dict[str, Any] = json.loads(subprocess.run(command, check=True, stdout=-1).stdout)
    assert not found["failures"]
    return found


def test_each_connection_sends_on_when_it_is_answered(port: int) -> None:
    found = seen(port)
    assert found["answered"] == len(found["latencies"]) == 2
    assert min(found["latencies"]) >= _STREAM
    assert len(found["event_delays"]) == 2 * DELTAS
    assert min(found["event_delays"]) > 0


def test_requests_that_are_due_wait_for_a_connection(port: int) -> None:
    """Four are due in a second, and there are two connections: the last is sent when an answer to
    the first two is complete."""
    found = seen(port, rate=4.0)
    assert found["answered"] == len(found["latencies"]) == 4
    assert found["answered_in_time"] == 0
    assert max(found["latencies"]) >= 2 * _STREAM - 0.75
