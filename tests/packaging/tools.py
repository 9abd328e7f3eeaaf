"""The programs that ``make packaging`` installs, and what is asked of them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

__all__ = ["ROOT", "problems_by_kubernetes", "problems_by_schemas", "tool"]

ROOT = Path(__file__).parents[2]

_TOOLS = ROOT / ".venv-packaging"
_VERSIONS = ("1.29", "1.37")
"""The oldest of Kubernetes that the charts are for of which there are schemas, and the newest."""


def tool(name: str) -> str:
    """One of the programs."""
    path = _TOOLS / "bin" / name
    assert path.exists(), f"{path} is not there: run `make packaging` first"
    return str(path)


def problems_by_kubernetes(resources: Iterable[dict[str, Any]], folder: Path) -> str:
    """What is wrong with resources by Kubernetes' own schemas, unknown fields included."""
    file = folder / "resources.yaml"
    file.write_text(yaml.safe_dump_all(resources))
    said = ""
    for version in _VERSIONS:
        command = [tool("kubernetes-validate"), "--strict", "-k", version, "--quiet", str(file)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            said += done.stdout + done.stderr
    return said


def problems_by_schemas(resources: Iterable[dict[str, Any]]) -> str:
    """What is wrong with resources by the schemas of those who define their kinds."""
    program = Path(__file__).with_name("validate.mjs")
    given = json.dumps(list(resources))
    return subprocess.run(
        ["node", program], input=given, capture_output=True, text=True, check=True
    ).stdout
