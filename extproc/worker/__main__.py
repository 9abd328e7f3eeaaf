"""A worker as the supervisor starts it: with a settled configuration."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from extproc.core.collector import nothing_collected


def main() -> int:
    """``python -m extproc.worker [GENERATION] CONFIG.json RUN_DIR WORKERS WORKER``."""
    with nothing_collected():
        from extproc.console import run_to_end
        from extproc.core.config_json import from_json
        from extproc.run_directory import RunDirectory
        from extproc.worker.process import serve

    *generation, config, directory, workers, worker = sys.argv[1:]
    return run_to_end(
        serve(
            from_json(Path(config).read_bytes()),
            RunDirectory(Path(directory), int(workers), *map(int, generation)),
            int(worker),
            os.environ,
        )
    )


if __name__ == "__main__":
    sys.exit(main())
