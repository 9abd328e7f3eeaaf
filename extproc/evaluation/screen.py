"""Where evaluations are printed: a terminal, or a file that somebody reads later."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from rich.console import Console

__all__ = ["Screen"]

_PLAIN_WIDTH: Final = 120


class Screen:
    """Standard output and standard error, each as wide as it is, or 120 columns if it is none."""

    def __init__(self) -> None:
        self.output = _console(stderr=False)
        self.errors = _console(stderr=True)

    def json(self, value: Mapping[str, Any]) -> None:
        """Print a value as one line of JSON."""
        # Neither folded nor coloured, whatever the terminal.
        self.output.file.write(f"{json.dumps(value, ensure_ascii=False)}\n")


def _console(*, stderr: bool) -> Console:
    console = Console(stderr=stderr, highlight=False)
    return (
        console
        if console.is_terminal
        else Console(stderr=stderr, highlight=False, width=_PLAIN_WIDTH)
    )
