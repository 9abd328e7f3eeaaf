"""A sidecar on the transport that other tests do not run on (see ``tests/helpers/transport.py``):
streams of every kind, large bodies, health, workers that hang."""

from __future__ import annotations

import asyncio
import os
import signal
from dataclasses import replace
from pathlib import Path

from extproc.core.config import Config, Transport
from extproc.demo.provider import Behaviour
from tests.helpers.house import PROMPT
from tests.helpers.house import house as start
from tests.helpers.transport import CHOSEN

(OTHER,) = set(Transport) - {CHOSEN}


def on_the_other(config: Config) -> Config:
    return replace(config, transport=OTHER)


async def test_the_other_transport(tmp_path: Path) -> None:
    async with start(tmp_path, adjusted=on_the_other) as house:
        assert (await house.chat()).headers["x-dragoman-model"] == "alpha/model-a"
        # The gate and an attempt.
        house.alpha.script(Behaviour(status=503))
        moved = await house.chat(stream=True)
        assert moved.headers["x-dragoman-model"] == "beta/model-b"
        assert "[DONE]" in moved.text
        # Many messages each way.
        house.be_lenient()
        filler = "x" * 8_000_000
        body = {"messages": [{"role": "user", "content": PROMPT}], "filler": filler}
        assert (await house.client.post("/v1/chat/completions", json=body)).status_code == 200
        assert house.alpha.exchanges[-1].json["filler"] == filler
        assert (await house.client.get("/healthz")).status_code == 200
        # Pings tell of a worker that hangs.
        (worker,) = house.running.deciders.workers
        assert worker.pid is not None
        os.kill(worker.pid, signal.SIGSTOP)
        try:
            async with asyncio.timeout(10):
                assert (await house.chat()).status_code == 503
        finally:
            os.kill(worker.pid, signal.SIGCONT)
