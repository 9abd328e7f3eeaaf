"""The workers and their observer, as real processes without an Envoy."""

from __future__ import annotations

import asyncio
import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from extproc.core.config import Admin
from extproc.run_directory import RunDirectory
from extproc.sidecar.claim import claimed
from extproc.sidecar.workers import deciders
from tests.helpers.ports import free_port
from tests.helpers.telemetry_events import configuration


async def test_a_worker_that_ends_late_does_not_miss_the_observer(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    config = replace(configuration(), admin=Admin(port=free_port()), costs=None)
    directory = RunDirectory(tmp_path)
    with claimed(directory) as claim:
        async with deciders(config, directory, claim, os.environ) as running:
            pid = running.workers[0].pid
            assert pid is not None
            os.kill(pid, signal.SIGSTOP)
            asyncio.get_running_loop().call_later(0.4, os.kill, pid, signal.SIGCONT)
    assert "the observer is away" not in capfd.readouterr().err
