"""Short alternating turns under load, so that a busy machine hits all set-ups alike."""

from __future__ import annotations

import asyncio
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import orjson
import psutil

from benchmarks.figures import Round
from benchmarks.stage import BenchmarkError, Running, Stage, pinned
from benchmarks.workload import PATH, request_body

__all__ = ["Load", "measure"]

_WARM_UP = 0.2
"""Of a turn's duration."""

_PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Load:
    """How much, and for how long. Requests belong to ``sessions`` in turns; 0: to none."""

    rounds: int = 5
    seconds: float = 3.0
    connections: int = 16
    body_bytes: int = 2048
    sessions: int = 0


def _cpu_seconds(processes: Mapping[str, int]) -> dict[str, float]:
    used = {}
    for name, pid in processes.items():
        times = psutil.Process(pid).cpu_times()
        used[name] = times.user + times.system
    return used


async def _check(running: Running, load: Load) -> None:
    """One request that shows that the set-up does what it is measured for."""
    async with httpx.AsyncClient(trust_env=False, timeout=_PATIENCE) as client:
        response = await client.post(
            f"http://127.0.0.1:{running.port}{PATH}",
            content=request_body(load.body_bytes, streamed=running.setup.streamed),
        )
    if response.status_code != httpx.codes.OK:
        raise BenchmarkError(
            f"set-up '{running.setup.name}' answered {response.status_code}: {response.text}"
        )
    proof = running.setup.proof
    if proof is not None and proof not in response.headers:
        raise BenchmarkError(f"set-up '{running.setup.name}' answered without {proof}")


async def _client(running: Running, load: Load, cores: frozenset[int] | None) -> dict[str, Any]:
    streamed = int(running.setup.streamed)
    arguments = (running.port, load.body_bytes, load.connections, streamed, load.sessions)
    durations = (load.seconds * _WARM_UP, load.seconds)
    with pinned(cores):
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "benchmarks.client", *map(str, arguments + durations)),
            stdout=asyncio.subprocess.PIPE,
        )
    try:
        async with asyncio.timeout(sum(durations) + _PATIENCE):
            printed, _ = await process.communicate()
    except TimeoutError:
        raise BenchmarkError(f"set-up '{running.setup.name}' left requests unanswered") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        raise BenchmarkError(f"the client of set-up '{running.setup.name}' failed; see above")
    seen: dict[str, Any] = orjson.loads(printed)
    if seen["failures"] or not seen["latencies"]:
        kinds = ", ".join(f"{kind} ({count})" for kind, count in seen["failures"].items())
        raise BenchmarkError(
            f"set-up '{running.setup.name}' failed requests: {kinds or 'none was answered in time'}"
        )
    return seen


async def _turn(running: Running, load: Load, cores: frozenset[int] | None) -> Round:
    try:
        before = _cpu_seconds(running.processes)
        seen = await _client(running, load, cores)
        after = _cpu_seconds(running.processes)
    except psutil.NoSuchProcess as error:
        raise BenchmarkError(f"a process of set-up '{running.setup.name}' ended: {error}") from None
    latencies = seen["latencies"]
    # Its processor time is counted from the first request on, so these are all requests.
    used = {name: after[name] - before[name] for name in before} | {"client": seen["cpu"]}
    percentiles = statistics.quantiles(latencies, n=100) if len(latencies) > 1 else latencies * 99
    return Round(
        requests_per_second=len(latencies) / load.seconds,
        p50_ms=percentiles[49] * 1000,
        p99_ms=percentiles[98] * 1000,
        first_ms=statistics.median(seen["first_bytes"]) * 1000,
        cpu={name: seconds * 1000 / seen["answered"] for name, seconds in used.items()},
    )


async def measure(
    stage: Stage, load: Load, progress: Callable[[int, str], None]
) -> Mapping[str, Sequence[Round]]:
    """Check every set-up, then give each its turn, round after round.

    Args:
        stage: the running set-ups.
        load: what each turn is.
        progress: told the round, from 1, and the set-up whose turn it is.

    Raises:
        BenchmarkError: a request failed, or a set-up does not do what it should.
    """
    for running in stage.setups:
        await _check(running, load)
    cores = stage.cores.others if stage.cores else None
    measured: dict[str, list[Round]] = {running.setup.name: [] for running in stage.setups}
    for number in range(1, load.rounds + 1):
        for running in stage.setups:
            progress(number, running.setup.name)
            measured[running.setup.name].append(await _turn(running, load, cores))
    return measured
