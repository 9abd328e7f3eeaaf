from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A directory with a path so short that sockets can be in directories below it, also where
    several test processes run side by side and pytest's own paths are long."""
    with tempfile.TemporaryDirectory(prefix="d-", ignore_cleanup_errors=True) as directory:
        yield Path(directory)
