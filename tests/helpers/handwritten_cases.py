"""Reads ``handwritten_cases.yaml``: conversations, their routes, and the expected one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

from extproc.core.conversation import Conversation, Turn
from extproc.core.routes import Route

__all__ = ["Case", "read_cases"]

_FILE = Path(__file__).parents[1] / "intent" / "handwritten_cases.yaml"


@dataclass(frozen=True, slots=True)
class Case:
    """A conversation, the routes to choose from, and the expected one's name (None: none)."""

    conversation: Conversation
    routes: tuple[Route, ...]
    expected: str | None


def read_cases() -> list[Case]:
    """All cases, in the file's order."""
    cases = []
    for group in yaml.safe_load(_FILE.read_text()):
        routes = tuple(Route(name, text, ()) for name, text in group["routes"].items())
        for said, expected in group["cases"]:
            texts = [said] if isinstance(said, str) else said
            turns = tuple(
                Turn("assistant" if nth % 2 else "user", text) for nth, text in enumerate(texts)
            )
            cases.append(Case(turns, routes, expected))
    return cases
