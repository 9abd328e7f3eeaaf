"""The library that runs the encoder keeps what it is used for to itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

LOADING = "from extproc.intent.embedded import EmbeddedClassifier; EmbeddedClassifier()"


def test_it_leaves_no_trace_of_telemetry(tmp_path: Path) -> None:
    """In CI it is quiet by itself, so this must not look like CI."""
    environment = {name: value for name, value in os.environ.items() if name != "CI"}
    subprocess.run(
        [sys.executable, "-c", LOADING], env=environment | {"TMPDIR": str(tmp_path)}, check=True
    )
    assert list(tmp_path.iterdir()) == []
