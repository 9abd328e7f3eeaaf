"""The observer as the supervisor starts it: with a settled configuration."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from extproc.core.collector import nothing_collected


def main() -> int:
    """``python -m extproc.observer [GENERATION] CONFIG.json RUN_DIR WORKERS``."""
    with nothing_collected():
        from extproc.console import run_to_end
        from extproc.core.config_json import from_json
        from extproc.observer.process import observe
        from extproc.run_directory import RunDirectory

    *generation, config, directory, workers = sys.argv[1:]
    met = RunDirectory(Path(directory), int(workers), *map(int, generation))
    settled = Path(config)
    return run_to_end(
        lambda: observe(from_json(settled.read_bytes()), met, os.environ),
        met.needed_with(settled),
    )


if __name__ == "__main__":
    sys.exit(main())
