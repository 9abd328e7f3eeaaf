"""How we speak on a terminal."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Coroutine
from typing import Any

from extproc.errors import StartError

__all__ = ["log_to_stderr", "run_to_end"]


def log_to_stderr(level: int = logging.INFO) -> None:
    """Log our own messages from ``level`` on, other libraries' warnings only."""
    logging.basicConfig(
        level=logging.WARNING, format="%(asctime)s %(levelname)-7s %(name)s: %(message)s"
    )
    logging.getLogger("extproc").setLevel(level)


def run_to_end(work: Coroutine[Any, Any, None]) -> int:
    """Do the work of a process of ours.

    Returns:
        Its exit code: 1, after saying why, when it could not start.
    """
    log_to_stderr()
    try:
        asyncio.run(work)
    except StartError as error:
        print(error, file=sys.stderr)  # noqa: T201 - the message is for whoever started it
        return 1
    return 0
