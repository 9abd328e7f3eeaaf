"""What is added to somebody's Envoy, whoever runs it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from extproc.bootstrap import Surroundings, Tree, render
from extproc.config.secrets.collector import WRITTEN_OUT
from extproc.core.config import Config
from extproc.errors import StartError
from extproc.run_directory import RunDirectory

__all__ = ["Addition", "addition"]

_ANY: Final = "0.0.0.0"  # noqa: S104 - nobody listens there


@dataclass(frozen=True, slots=True)
class Addition:
    """Listeners, clusters and the rest, as Envoy's own configuration writes them.

    ``bootstrap`` is a bootstrap that has nothing but these: what is merged into that of an Envoy
    which lets itself be started with them. ``socket`` is where requests come in, ``variables``
    are what Envoy reads of its environment.
    """

    bootstrap: Tree
    socket: Path
    variables: tuple[str, ...]

    @property
    def listeners(self) -> list[Tree]:
        found: list[Tree] = self.bootstrap["static_resources"]["listeners"]
        return found

    @property
    def clusters(self) -> list[Tree]:
        found: list[Tree] = self.bootstrap["static_resources"]["clusters"]
        return found


def addition(config: Config, directory: RunDirectory) -> Addition:
    """What runs a configuration in an Envoy that others run.

    The gateway decides by which names it is called, so the ingress listener takes any.

    Args:
        config: a valid configuration.
        directory: where Envoy and the router beside it meet.

    Raises:
        StartError: a secret is written out, which that Envoy has no variable for.
    """
    variables = tuple(sorted(config.envoys_variables))
    _check(variables)
    socket = directory.path / "ingress.sock"
    anywhere = replace(config, listener=replace(config.listener, address=_ANY))
    rendered = render(anywhere, Surroundings(directory, ingress_socket=socket))
    # The node, the admin interface and what is done at the end of resources are the gateway's own.
    ours = ("static_resources", "layered_runtime", "bootstrap_extensions")
    return Addition({name: rendered[name] for name in ours}, socket, variables)


def _check(variables: Iterable[str]) -> None:
    if any(variable.startswith(WRITTEN_OUT) for variable in variables):
        raise StartError(
            "a key or a secret header is written out in the configuration, or put together of "
            "several parts. The gateway's Envoy reads each from its environment: write $NAME, and "
            "give the Secret an entry of that name."
        )
