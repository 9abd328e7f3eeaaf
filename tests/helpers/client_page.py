"""docs/clients.md, read as a person reads it who wants to point a tool here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

__all__ = ["Setup", "configuration", "setups"]

_PAGE = Path(__file__).parents[2] / "docs" / "clients.md"
_ADDRESS = "http://localhost:12000"
_HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
_FENCE = re.compile(
    r"(?:`~/(?P<file>[^`]+)`[^`]*(?:`models`)?:\n\n)?```(?P<language>\w+)\n(?P<text>.*?)```",
    re.DOTALL,
)
_EXPORT = re.compile(r"^export (\w+)=(.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Setup:
    """What a section of the page tells a person to do.

    Attributes:
        variables: of the environment, by name.
        files: what to write into files, by their path under the home directory.
    """

    variables: Mapping[str, str]
    files: Mapping[str, str]

    def at(self, url: str) -> Setup:
        """The same with another address in the place of the page's."""
        return Setup(
            {name: value.replace(_ADDRESS, url) for name, value in self.variables.items()},
            {path: text.replace(_ADDRESS, url) for path, text in self.files.items()},
        )


def configuration() -> dict[str, Any]:
    """The configuration at the head of the page."""
    head = _HEADING.split(_PAGE.read_text())[0]
    found = next(fence for fence in _FENCE.finditer(head) if fence["language"] == "yaml")
    loaded: dict[str, Any] = yaml.safe_load(found["text"])
    return loaded


def setups() -> dict[str, Setup]:
    """What to do for each tool, by its name in the heading of its section."""
    _, *rest = _HEADING.split(_PAGE.read_text())
    return {
        tool: _setup(section)
        for heading, section in zip(rest[::2], rest[1::2], strict=True)
        for tool in heading.split(", ")
    }


def _setup(section: str) -> Setup:
    fences = list(_FENCE.finditer(section))
    shell = "".join(fence["text"] for fence in fences if fence["language"] == "sh")
    return Setup(
        variables=dict(_EXPORT.findall(shell)),
        files={fence["file"]: fence["text"] for fence in fences if fence["file"]},
    )
