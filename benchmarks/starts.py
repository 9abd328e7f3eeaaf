"""How long ``dragoman up`` takes to its first answer, and what its processes hold then."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

import httpx
import psutil
import yaml

from benchmarks.stage import BenchmarkError

__all__ = ["Start", "kind_of", "start", "until_answering"]

_PATIENCE = 120.0
_STOP_PATIENCE = 30.0
_KEY = "BENCHMARK_KEY"


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


def start(config: Path) -> Start:
    """Start a sidecar, wait until it answers, look at it, and end it.

    Args:
        config: a configuration whose admin port is free, and whose key is ``$BENCHMARK_KEY``.

    Raises:
        BenchmarkError: it does not become ready.
    """
    port = yaml.load(config.read_bytes(), yaml.CSafeLoader)["listeners"][0]["port"]
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "extproc.cli", "up", str(config)],
        env={**os.environ, _KEY: "no-secret"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        supervisor = psutil.Process(process.pid)
        until_answering(supervisor, f"http://127.0.0.1:{port}/healthz", _PATIENCE)
        return _looked_at(supervisor, time.perf_counter() - began)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(_STOP_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _runs(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def until_answering(process: psutil.Process, url: str, patience: float) -> None:
    """Wait until a sidecar that has been started answers 200.

    Args:
        process: its supervisor.
        url: what is asked.
        patience: in seconds.

    Raises:
        BenchmarkError: it ends, or takes longer.
    """
    until = time.perf_counter() + patience
    with httpx.Client(trust_env=False, timeout=1.0) as client:
        while _runs(process) and time.perf_counter() < until:
            with contextlib.suppress(httpx.TransportError):
                if client.get(url).status_code == httpx.codes.OK:
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
