"""``dragoman up`` in a process of its own, as an operator starts it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import IO

import httpx
import psutil

from tests.helpers.ports import free_port
from tests.helpers.transport import CHOSEN

CONFIG = """
version: v0.4.0
listeners: [{{type: model, name: llm, address: 127.0.0.1, port: {port}}}]
model_providers:
  - {{model: custom/model, base_url: "{upstream}", provider_interface: openai,
     access_key: a-literal-key, default: true}}
dragoman: {{admin_address: "127.0.0.1:{admin_port}", {settings}}}
"""
CHAT = {"messages": [{"role": "user", "content": "hi"}]}


def pids(command: psutil.Process) -> list[psutil.Process]:
    return command.children(recursive=True)


def worker_of(process: psutil.Process) -> int | None:
    """The number of the worker that a process is."""
    command = process.cmdline()
    return int(command[-1]) if "extproc.worker" in command else None


class Command:
    """``dragoman up`` in a process of its own."""

    def __init__(
        self, process: asyncio.subprocess.Process, url: str, admin_url: str, log: Path
    ) -> None:
        self.process = process
        self.url = url
        self.admin_url = admin_url
        self.log = log
        self.psutil = psutil.Process(process.pid)

    async def said(self, words: str, patience: float = 20) -> str:
        """What it has printed, once these words are in it."""
        async with asyncio.timeout(patience):
            while words not in (seen := self.log.read_text()):
                assert self.process.returncode is None, f"ended without saying {words!r}:\n{seen}"
                await asyncio.sleep(0.05)
        return seen

    def worker(self, number: int) -> psutil.Process:
        (found,) = [child for child in pids(self.psutil) if worker_of(child) == number]
        return found

    def observer(self) -> psutil.Process:
        (found,) = [child for child in pids(self.psutil) if "extproc.observer" in child.cmdline()]
        return found

    def envoy(self) -> psutil.Process:
        (found,) = [child for child in pids(self.psutil) if "envoy" in child.name()]
        return found

    def run_directory(self) -> Path:
        """Where its processes meet."""
        return Path(self.worker(0).cmdline()[-3])

    async def ended(self, patience: float) -> int:
        """Its exit code, waited for."""
        async with asyncio.timeout(patience):
            return await self.process.wait()


@contextlib.asynccontextmanager
async def up(
    directory: Path,
    upstream: str,
    *,
    more: str = "",
    settings: str = "",
    workers: int | None = None,
    environment: Mapping[str, str] | None = None,
    stdin: int | None = None,
    stdout: int | IO[bytes] = subprocess.DEVNULL,
    stderr: int | IO[bytes] | None = None,
    in_child: Callable[[], None] | None = None,
    waits: bool = True,
) -> AsyncIterator[Command]:
    """Start it.

    Args:
        directory: for its configuration, and for its standard error unless that goes elsewhere.
        upstream: the provider's URL.
        more: YAML that is added to the configuration; ``settings`` to its section ``dragoman``.
        workers: how many decide; as many as there are cores by default.
        environment: variables beside our own.
        in_child: called in the new process before it becomes ``dragoman``.
        waits: whether to wait until it listens.
    """
    config, port, admin_port = directory / "config.yaml", free_port(), free_port()
    settings = ", ".join(filter(None, (f"transport: {CHOSEN}", settings)))
    text = CONFIG.format(port=port, admin_port=admin_port, upstream=upstream, settings=settings)
    config.write_text(text + more)
    log = directory / "stderr.log"
    with log.open("wb") as file:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "extproc.cli", "up", str(config)),
            *(("--workers", str(workers)) if workers else ()),
            stdin=stdin,
            stdout=stdout,
            stderr=file if stderr is None else stderr,
            env=os.environ | dict(environment or {}),
            preexec_fn=in_child,
        )
    command = Command(process, f"http://127.0.0.1:{port}", f"http://127.0.0.1:{admin_port}", log)
    children: list[psutil.Process] = []
    try:
        if waits:
            answering = asyncio.ensure_future(
                until_answered(command.url, patience=30, any_status=True)
            )
            ended = asyncio.ensure_future(process.wait())
            await asyncio.wait((answering, ended), return_when=asyncio.FIRST_COMPLETED)
            assert process.returncode is None, log.read_text()
            await answering
            ended.cancel()
            if stderr is None and in_child is None:
                # Envoy takes requests a moment before the supervisor has seen that all has started.
                await command.said("listening on")
            children = pids(command.psutil)
        yield command
    finally:
        if process.returncode is None:
            with contextlib.suppress(psutil.NoSuchProcess):
                children = pids(command.psutil)
            with contextlib.suppress(ProcessLookupError):
                process.kill()
        await process.wait()
        _, left = psutil.wait_procs(children, timeout=5)
        for child in left:
            child.kill()
        assert not left, "processes were left behind"


async def ask(url: str, **body: object) -> httpx.Response:
    async with httpx.AsyncClient(timeout=10) as client:
        return await client.post(f"{url}/v1/chat/completions", json=CHAT | body)


async def healthy(url: str) -> bool:
    async with httpx.AsyncClient(timeout=10) as client:
        return (await client.get(f"{url}/healthz")).status_code == 200


async def accepts(url: str) -> bool:
    """A connection that waits to be accepted when the port is closed may be dropped instead."""
    try:
        await ask(url, model="none-such")
    except httpx.TransportError:
        return False
    return True


async def until_answered(url: str, patience: float = 15, *, any_status: bool = False) -> None:
    """Wait until a request is answered; ``any_status`` asks what costs no attempt."""
    async with asyncio.timeout(patience):
        while True:
            with contextlib.suppress(httpx.TransportError):
                if any_status and await healthy(url):
                    return
                if not any_status and (await ask(url)).status_code == 200:
                    return
            await asyncio.sleep(0.1)
