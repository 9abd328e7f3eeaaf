"""Envoy, the router and three providers, all on loopback."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from extproc.core.config import Admin, Config, Listener, Secrets
from extproc.demo.config import PROVIDERS, configuration
from extproc.demo.provider import Behaviour, FakeProvider
from extproc.sidecar.supervisor import sidecar

__all__ = ["ACCESS_LOG", "Stage", "free_port", "stage"]

ACCESS_LOG = "access.log"


@dataclass(frozen=True, slots=True)
class Stage:
    """What runs: where clients connect, where the admin port is, and the providers behind it."""

    url: str
    admin_url: str
    config: Config
    secrets: Secrets
    providers: Mapping[str, FakeProvider]

    @contextlib.contextmanager
    def behaving(self, behaviours: Mapping[str, Behaviour]) -> Iterator[None]:
        """Have models answer otherwise than usual for a while.

        Args:
            behaviours: by the models' declared names.
        """
        models = [model for model in self.config.models if model.name in behaviours]
        for model in models:
            self.providers[model.provider].behave(model.model_id, behaviours[model.name])
        try:
            yield
        finally:
            for model in models:
                self.providers[model.provider].behave(model.model_id, Behaviour())


@contextlib.asynccontextmanager
async def stage(directory: Path) -> AsyncIterator[Stage]:
    """Start everything, and end everything on leaving.

    Args:
        directory: where the price list and Envoy's access log (``ACCESS_LOG``) are written.

    Raises:
        StartError: the sidecar did not start.
    """
    async with contextlib.AsyncExitStack() as stack:
        providers = {
            name: await stack.enter_async_context(FakeProvider(name)) for name in PROVIDERS
        }
        loaded = configuration(
            directory, {name: provider.url for name, provider in providers.items()}
        )
        listener, admin = loaded.config.listener, loaded.config.admin
        config = replace(
            loaded.config,
            listener=replace(listener, port=free_port(listener)),
            admin=replace(admin, port=free_port(admin)),
        )
        running = await stack.enter_async_context(
            sidecar(config, loaded.secrets, access_log=str(directory / ACCESS_LOG))
        )
        admin_url = config.admin.local_url
        yield Stage(running.url, admin_url, config, loaded.secrets, providers)


def free_port(place: Listener | Admin) -> int:
    """The configured port, or any other if that one is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((place.address, place.port))
        except OSError:
            probe.bind((place.address, 0))
        port: int = probe.getsockname()[1]
        return port
