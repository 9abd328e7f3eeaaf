"""The router's process: serve until told to stop."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
from collections.abc import Mapping
from pathlib import Path

from extproc.config.values import Config
from extproc.errors import StartError
from extproc.intent.choice import classifier_for
from extproc.server.service import consultations, start

__all__ = ["serve"]

_log = logging.getLogger(__name__)

_GRACE = 1.0


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
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    classifier = classifier_for(config, environment)
    try:
        server = await start(consultations(config, classifier), socket)
        # What exists now stays: the collector need not look at it again during requests.
        gc.collect()
        gc.freeze()
        _log.info("router ready on %s", socket)
        await stop.wait()
        await server.stop(_GRACE)
    finally:
        await classifier.close()
