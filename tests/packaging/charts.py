"""The chart, rendered by Helm's own library."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import yaml

from tests.packaging.tools import ROOT, tool

__all__ = ["CHART", "render", "rendered", "renderer"]

CHART = ROOT / "charts" / "dragoman"


def renderer(*files: Path) -> list[str]:
    """The command that renders the chart.

    Args:
        files: the values, and the configuration if they have none.
    """
    return [tool("python"), *map(str, (ROOT / "charts" / "render", *files))]


def render(values: dict[str, Any], folder: Path) -> subprocess.CompletedProcess[str]:
    """What ``charts/render`` says to these values."""
    (folder / "values.yaml").write_text(yaml.safe_dump(values))
    command = renderer(folder / "values.yaml")
    return subprocess.run(command, capture_output=True, text=True, check=False)


def rendered(values: dict[str, Any], folder: Path) -> list[dict[str, Any]]:
    """The manifests for these values."""
    done = render(values, folder)
    assert done.returncode == 0, done.stderr
    return list(yaml.load_all(done.stdout, yaml.CSafeLoader))
