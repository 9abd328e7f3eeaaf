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

from benchmarks.client import Job
from benchmarks.figures import Percentiles, Round
from benchmarks.stage import BenchmarkError, Running, Stage, pinned
from benchmarks.workload import PATH, request_body

__all__ = ["Load", "check", "measure", "turn"]

_WARM_UP = 0.2
"""Of a turn's duration."""

_PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Load:
    """How much, and for how long. Requests belong to ``sessions`` in turns; 0: to none. So many are
    due each second as ``rate`` says; 0: as many as are answered."""

    rounds: int = 5
    seconds: float = 3.0
    connections: int = 16
    body_bytes: int = 2048
    sessions: int = 0
    rate: float = 0.0


def _cpu_seconds(processes: Mapping[str, int]) -> dict[str, float]:
    """By process, with those that it has started."""
    used = {}
    for name, pid in processes.items():
        process = psutil.Process(pid)
        times = [one.cpu_times() for one in (process, *process.children(recursive=True))]
        used[name] = sum(one.user + one.system for one in times)
    return used


async def check(running: Running, load: Load) -> None:
    """Send one request, which shows that the set-up does what it is measured for.

    Raises:
        BenchmarkError: it does something else.
    """
    async with httpx.AsyncClient(trust_env=False, timeout=_PATIENCE) as client:
        response = await client.post(
            f"http://127.0.0.1:{running.port}{PATH}",
            content=request_body(load.body_bytes, streamed=running.setup.streamed),
            headers={"content-type": "application/json", **running.headers},
        )
    if response.status_code != httpx.codes.OK:
        raise BenchmarkError(
            f"set-up '{running.setup.name}' answered {response.status_code}: {response.text}"
        )
    proof = running.setup.proof
    if proof is not None and proof not in response.headers:
        raise BenchmarkError(f"set-up '{running.setup.name}' answered without {proof}")


async def _client(job: Job, setup: str, cores: frozenset[int] | None) -> dict[str, Any]:
    with pinned(cores):
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "benchmarks.client", job.to_json()),
            stdout=asyncio.subprocess.PIPE,
        )
    try:
        async with asyncio.timeout(job.warm_up + job.seconds + _PATIENCE):
            printed, _ = await process.communicate()
    except TimeoutError:
        raise BenchmarkError(f"set-up '{setup}' left requests unanswered") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        raise BenchmarkError(f"the client of set-up '{setup}' failed; see above")
    seen: dict[str, Any] = orjson.loads(printed)
    if seen["failures"] or not seen["latencies"]:
        kinds = ", ".join(f"{kind} ({count})" for kind, count in seen["failures"].items())
        raise BenchmarkError(
            f"set-up '{setup}' failed requests: {kinds or 'none was answered in time'}"
        )
    return seen


def _job(running: Running, load: Load) -> Job:
    setup = running.setup
    return Job(
        port=running.port,
        connections=load.connections,
        warm_up=load.seconds * _WARM_UP,
        seconds=load.seconds,
        body_bytes=load.body_bytes,
        streamed=setup.streamed,
        mixed=setup.mixed,
        sessions=load.sessions,
        rate=load.rate,
        headers=running.headers,
    )


async def turn(running: Running, load: Load, cores: frozenset[int] | None) -> Round:
    """One turn of a set-up.

    Args:
        running: the set-up.
        load: what it is driven with, of which the rounds do not count here.
        cores: where the client may run; None is anywhere.

    Raises:
        BenchmarkError: a request failed.
    """
    try:
        before = _cpu_seconds(running.processes)
        seen = await _client(_job(running, load), running.setup.name, cores)
        after = _cpu_seconds(running.processes)
    except psutil.NoSuchProcess as error:
        raise BenchmarkError(f"a process of set-up '{running.setup.name}' ended: {error}") from None
    # Its processor time is counted from the first request on, so these are all requests.
    used = {name: after[name] - before[name] for name in before} | {"client": seen["cpu"]}
    return Round(
        requests_per_second=seen["answered_in_time"] / load.seconds,
        latency=Percentiles.of(seen["latencies"]),
        first_ms=statistics.median(seen["first_bytes"]) * 1000,
        first_event=Percentiles.of(seen["first_events"]) if seen["first_events"] else None,
        event_delay=Percentiles.of(seen["event_delays"]) if seen["event_delays"] else None,
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
        await check(running, load)
    cores = stage.cores.others if stage.cores else None
    measured: dict[str, list[Round]] = {running.setup.name: [] for running in stage.setups}
    for number in range(1, load.rounds + 1):
        for running in stage.setups:
            progress(number, running.setup.name)
            measured[running.setup.name].append(await turn(running, load, cores))
    return measured
