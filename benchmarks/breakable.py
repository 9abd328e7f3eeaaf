"""A sidecar with all that it may lean on, each of which can be broken."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import signal
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from benchmarks.setups import KEY
from benchmarks.stage import free_port
from benchmarks.starts import kind_of, running, up
from extproc.demo.provider import Behaviour, FakeProvider

__all__ = ["ANSWER_TIME", "House", "open_house"]

ANSWER_TIME: Final = 0.2
"""Seconds that the providers take, so that requests are under way when something fails."""

_CONFIGURATION: Final = """
version: v0.4.0
listeners:
  - {{type: model, name: llm, address: 127.0.0.1, port: {port}}}
model_providers:
  - {{model: first/model, base_url: "{first}", provider_interface: openai, access_key: ${key},
     default: true}}
  - {{model: second/model, base_url: "{second}", provider_interface: openai, access_key: ${key}}}
model_metrics_sources:
  - {{type: latency, provider: prometheus, url: "http://127.0.0.1:{prometheus}", query: q,
     refresh_interval: 1}}
routing_preferences:
  - name: code generation
    description: writing Python functions, generating new code
    models: [first/model, second/model]
    selection_policy: {{prefer: none}}
{routing}
dragoman: {{admin_address: "127.0.0.1:{admin}"}}
"""
_SHARED_SESSIONS: Final = """
routing: {{session_cache: {{type: redis, url: "redis://127.0.0.1:{redis}/0"}}}}
"""


@dataclass(slots=True)
class House:
    """What runs: a sidecar, its providers, and its Redis and Prometheus where they are there."""

    supervisor: psutil.Process
    directory: Path
    first: FakeProvider
    servers: Mapping[str, asyncio.subprocess.Process]

    def send(self, number: signal.Signals, kind: str, most: int = 1) -> None:
        """Signal processes of a kind."""
        found = [one for one in self.supervisor.children() if kind_of(one) == kind]
        for process in found[:most]:
            process.send_signal(number)

    def run_directory(self) -> Path:
        """The one that its processes meet in."""
        (found,) = (path for path in self.directory.iterdir() if path.is_dir())
        return found


@contextlib.asynccontextmanager
async def open_house(directory: Path) -> AsyncIterator[tuple[House, str]]:
    """A house and its URL.

    Args:
        directory: empty, for its files and its run directory.

    Raises:
        BenchmarkError: the sidecar does not start.
    """
    run, data = directory / "run", directory / "data"
    run.mkdir(mode=0o700)
    data.mkdir()
    async with contextlib.AsyncExitStack() as stack:
        first, second = [
            await stack.enter_async_context(FakeProvider(name, keep=10, strict=False))
            for name in ("first", "second")
        ]
        first.default = second.default = Behaviour(delay_headers=ANSWER_TIME)
        port, ports = free_port(), {name: free_port() for name in ("redis-server", "prometheus")}
        servers = {}
        for name, arguments in _servers(data, ports).items():
            if shutil.which(name) is not None:
                servers[name] = await stack.enter_async_context(running(name, *arguments))
        routing = (
            _SHARED_SESSIONS.format(redis=ports["redis-server"])
            if "redis-server" in servers
            else ""
        )
        file = data / "config.yaml"
        file.write_text(
            _CONFIGURATION.format(
                port=port,
                admin=free_port(),
                first=first.url,
                second=second.url,
                prometheus=ports["prometheus"],
                routing=routing,
                key=KEY,
            )
        )
        url = f"http://127.0.0.1:{port}"
        supervisor = await stack.enter_async_context(
            up(file, url, 2, {"XDG_RUNTIME_DIR": str(run)}, quiet=True)
        )
        yield House(supervisor, run, first, servers), url


def _servers(data: Path, ports: Mapping[str, int]) -> Mapping[str, Sequence[str]]:
    scraped = data / "prometheus.yml"
    scraped.write_text("scrape_configs: []\n")
    return {
        "redis-server": ("--port", str(ports["redis-server"]), "--save", "", "--dir", str(data)),
        "prometheus": (
            f"--config.file={scraped}",
            f"--storage.tsdb.path={data / 'series'}",
            f"--web.listen-address=127.0.0.1:{ports['prometheus']}",
        ),
    }
