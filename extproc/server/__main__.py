"""The router as the supervisor starts it: with a settled configuration."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from extproc.config.settled import from_json
from extproc.console import log_to_stderr
from extproc.server.process import serve


def main() -> None:
    """``python -m extproc.server CONFIG.json SOCKET``."""
    log_to_stderr()
    config, socket = (Path(argument) for argument in sys.argv[1:])
    asyncio.run(serve(from_json(config.read_bytes()), socket, os.environ))


if __name__ == "__main__":
    main()
