"""``dragoman up`` as benchmarks start it: how long to its first answer, what it holds then."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory
from typing import Final

import httpx
import psutil

from benchmarks.setups import KEY, routes_over, yaml_of
from benchmarks.stage import BenchmarkError, free_port

__all__ = ["Start", "kind_of", "running", "start", "up"]

_PATIENCE: Final = 120.0
_STOP_PATIENCE: Final = 30.0
_UPSTREAM: Final = "https://127.0.0.1:9/v1"
"""Providers are reached by TLS, which is most of what a cluster costs Envoy. An address instead of
a name, for Envoy waits for names to be resolved, and how long that takes is not ours to measure."""


@dataclass(frozen=True, slots=True)
class Start:
    """One start: seconds to the first 200 of ``/healthz``, and by kind of process the processor
    seconds until then and the memory in MB (PSS: what is shared is divided by who shares it).

    Of workers, the figures are those of one.
    """

    seconds: float
    cpu: Mapping[str, float]
    memory_mb: Mapping[str, float]


def kind_of(process: psutil.Process) -> str:
    """What a process of a sidecar is: ``supervisor``, ``envoy``, ``observer`` or ``worker``."""
    command = process.cmdline()
    for kind in ("observer", "worker"):
        if f"extproc.{kind}" in command:
            return kind
    return "envoy" if "--config-path" in command else "supervisor"


def start(models: int, routes: int) -> Start:
    """Start a sidecar, wait until it answers, look at it, and end it.

    Args:
        models: how many models it has.
        routes: how many routes.

    Raises:
        BenchmarkError: it does not become ready.
    """
    port, admin = free_port(), f'dragoman: {{admin_address: "127.0.0.1:{free_port()}"}}'
    text = yaml_of(port, _UPSTREAM, models, routes_over(models, routes), more=admin)
    with TemporaryDirectory(prefix="dragoman-start-") as directory:
        config = Path(directory) / "config.yaml"
        config.write_text(text, encoding="utf-8")
        return _started(config, port)


def _started(config: Path, port: int) -> Start:
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "extproc.cli", "up", str(config)],
        env={**os.environ, KEY: "no-secret"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        supervisor = psutil.Process(process.pid)
        _until_answering(supervisor, f"http://127.0.0.1:{port}")
        return _looked_at(supervisor, time.perf_counter() - began)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(_STOP_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextlib.asynccontextmanager
async def up(
    config: Path,
    url: str,
    workers: int,
    environment: Mapping[str, str] | None = None,
    *,
    quiet: bool = False,
) -> AsyncIterator[psutil.Process]:
    """The supervisor of a sidecar that answers; all of it ends on leaving.

    Args:
        config: its configuration, whose key is ``$BENCHMARK_KEY``.
        url: where it listens.
        workers: how many processes decide.
        environment: variables beside our own.
        quiet: whether what it has to say is not shown.

    Raises:
        BenchmarkError: it does not become ready.
    """
    command = ("-m", "extproc.cli", "up", str(config), "--workers", str(workers))
    variables = {**os.environ, KEY: "no-secret", **(environment or {})}
    async with running(sys.executable, *command, environment=variables, quiet=quiet) as process:
        supervisor = psutil.Process(process.pid)
        await asyncio.to_thread(_until_answering, supervisor, url)
        yield supervisor


@contextlib.asynccontextmanager
async def running(
    *command: str, environment: Mapping[str, str] | None = None, quiet: bool = True
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A program, which is interrupted on leaving."""
    process = await asyncio.create_subprocess_exec(
        *command,
        env=environment,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL if quiet else None,
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGINT)
        await process.wait()


def _runs(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _until_answering(process: psutil.Process, url: str) -> None:
    until = time.perf_counter() + _PATIENCE
    with httpx.Client(trust_env=False, timeout=1.0) as client:
        while _runs(process) and time.perf_counter() < until:
            with contextlib.suppress(httpx.TransportError):
                if client.get(f"{url}/healthz").status_code == httpx.codes.OK:
                    return
            time.sleep(0.02)
    raise BenchmarkError("a sidecar did not start")


def _looked_at(supervisor: psutil.Process, seconds: float) -> Start:
    used: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    for process in (supervisor, *supervisor.children(recursive=True)):
        times = process.cpu_times()
        held = process.memory_full_info().pss / 1e6
        used[kind_of(process)].append((times.user + times.system, held))
    return Start(
        seconds,
        {kind: mean(cpu for cpu, _ in figures) for kind, figures in used.items()},
        {kind: mean(held for _, held in figures) for kind, figures in used.items()},
    )
