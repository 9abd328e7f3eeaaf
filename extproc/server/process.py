"""The router's process: serve until told to stop."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from extproc.config.values import Config
from extproc.errors import StartError
from extproc.intent.choice import classifier_for
from extproc.server.listening import run
from extproc.server.service import consultations, processor

__all__ = ["serve"]


async def serve(config: Config, socket: Path, environment: Mapping[str, str]) -> None:
    """Answer Envoy on a Unix socket until SIGTERM or SIGINT.

    Args:
        config: the configuration that Envoy's bootstrap was rendered from.
        socket: where Envoy connects.
        environment: where the key of a remote intent router is, if there is one.

    Raises:
        StartError: the socket's directory does not exist.
    """
    if not socket.parent.is_dir():
        raise StartError(
            f"cannot listen on {socket}: there is no directory {socket.parent}. "
            "Create it, or name another with --run-dir."
        )
    classifier = classifier_for(config, environment)
    try:
        await run(processor(consultations(config, classifier)), socket)
    finally:
        await classifier.close()
