from __future__ import annotations

from pathlib import Path

import pytest

from extproc.sidecar import control


@pytest.fixture
def place(short_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where run directories are made."""
    monkeypatch.setattr(control, "run_directories", lambda _: sorted(short_path.glob("dragoman-*")))
    monkeypatch.chdir(short_path)
    return short_path
