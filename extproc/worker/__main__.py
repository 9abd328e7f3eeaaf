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
    met = RunDirectory(Path(directory), int(workers), *map(int, generation))
    settled = Path(config)
    return run_to_end(
        lambda: serve(from_json(settled.read_bytes()), met, int(worker), os.environ),
        met.needed_with(settled),
    )


if __name__ == "__main__":
    sys.exit(main())
