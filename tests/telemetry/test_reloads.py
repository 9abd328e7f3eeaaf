"""Reloads in the metrics: as the supervisor tells of them by a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from extproc.core.reloads import Reloads
from extproc.telemetry.reloads import ReloadCollector

RELOADS = Reloads({"taken": 2, "unchanged": 0, "refused": 1}, successful=False, at=1_800_000_000.0)


def scraped(path: Path) -> str:
    registry = CollectorRegistry()
    registry.register(ReloadCollector(path))
    return generate_latest(registry).decode()


def test_what_was_told_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "reloads.json"
    path.write_bytes(RELOADS.to_json())
    lines = [line for line in scraped(path).splitlines() if not line.startswith("#")]
    assert lines == [
        'dragoman_config_reloads_total{outcome="taken"} 2.0',
        'dragoman_config_reloads_total{outcome="unchanged"} 0.0',
        'dragoman_config_reloads_total{outcome="refused"} 1.0',
        "dragoman_config_last_reload_successful 0.0",
        "dragoman_config_last_reload_timestamp_seconds 1.8e+09",
    ]


@pytest.mark.parametrize("content", [None, b"", b"{}"])
def test_where_nothing_was_told_nothing_is_shown(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "reloads.json"
    if content is not None:
        path.write_bytes(content)
    assert scraped(path) == ""


def test_a_file_of_another_version_is_said_to_be_one() -> None:
    assert Reloads.from_json(RELOADS.to_json()) == RELOADS
    with pytest.raises(ValueError, match="not of this version"):
        Reloads.from_json(b"[]")
