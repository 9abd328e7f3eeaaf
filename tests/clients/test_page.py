"""docs/clients.md says nothing that these tests do not try."""

from __future__ import annotations

from tests.clients.test_programs import ALL
from tests.helpers.agents import CLAUDE_CODE, CODEX, OPENCODE
from tests.helpers.client_page import setups

TERMINAL = {"aider", "llm", *(agent.setup for agent in (CLAUDE_CODE, CODEX, OPENCODE))}


def test_every_section_is_tried() -> None:
    assert set(setups()) == TERMINAL | {program.setup for program in ALL}


def test_every_section_points_here() -> None:
    for tool, setup in setups().items():
        moved = setup.at("http://elsewhere:1")
        assert "http://elsewhere:1" in repr(moved), tool
        assert "localhost" not in repr(moved), tool
