"""The observer as the supervisor starts it: with a settled configuration."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from extproc.config.settled import from_json
from extproc.console import log_to_stderr
from extproc.observer.process import observe
from extproc.run_directory import RunDirectory


def main() -> None:
    """``python -m extproc.observer CONFIG.json RUN_DIR WORKERS``."""
    log_to_stderr()
    config, directory, workers = sys.argv[1:]
    asyncio.run(
        observe(
            from_json(Path(config).read_bytes()),
            RunDirectory(Path(directory), int(workers)),
            os.environ,
        )
    )


if __name__ == "__main__":
    main()
