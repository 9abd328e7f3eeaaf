"""The observer's process, as far as it goes before it serves."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from extproc.core.config import Admin
from extproc.errors import StartError
from extproc.observer.process import observe
from extproc.run_directory import RunDirectory
from tests.helpers.telemetry_events import configuration


async def test_without_the_admin_ports_token_nothing_is_served(tmp_path: Path) -> None:
    config = replace(configuration(), admin=Admin(port=0, token_variable="TOKEN"))
    with pytest.raises(StartError) as raised:
        await observe(config, RunDirectory(tmp_path), {})
    assert "environment variable TOKEN is not set" in str(raised.value)
