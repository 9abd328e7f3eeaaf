"""Standard error, put aside while something else has the screen."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

__all__ = ["stderr_into"]


@contextlib.contextmanager
def stderr_into(path: Path) -> Iterator[None]:
    """Have this process, and those that it starts meanwhile, write standard error to a file."""
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with path.open("ab") as file:
            os.dup2(file.fileno(), 2)
        yield
    finally:
        sys.stderr.flush()
        os.dup2(kept, 2)
        os.close(kept)
