"""Agents that people start in a terminal, and work that they can only do with a tool.

The fake provider answers the first request with a call of the agent's shell, the second with a
text; that the file is there and the text is told says that both came through.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from extproc.demo.provider import Behaviour, FakeProvider
from tests.helpers.desk import Desk, Ran

__all__ = [
    "CLAUDE",
    "CLAUDE_CODE",
    "CODEX",
    "GPT",
    "OPENCODE",
    "PROMPT",
    "Agent",
    "FindTool",
    "work",
]

FindTool = Callable[[str, str], Path]
"""From an environment and a program's name to where it is."""

GPT, CLAUDE = "gpt-5.2", "claude-sonnet-4-5"
PROMPT = "Write made.txt"
COMMAND = "echo by hand of $(whoami) > made.txt"


class Agent(NamedTuple):
    """How an agent is started, and the tool in which it runs commands."""

    setup: str
    program: str
    before_model: tuple[str, ...]
    shell: str
    arguments: dict[str, Any]


CLAUDE_CODE = Agent(
    "Claude Code",
    "claude",
    ("-p", "--allowedTools", "Bash", "--model"),
    "Bash",
    {"command": COMMAND, "description": "Write the file"},
)
CODEX = Agent(
    "Codex",
    "codex",
    (
        *("exec", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox"),
        *("-c", "check_for_update_on_startup=false", "-c", "analytics.enabled=false", "--model"),
    ),
    "exec_command",
    {"cmd": COMMAND},
)
OPENCODE = Agent(
    "opencode",
    "opencode",
    ("run", "--title", "a title", "--model"),
    "bash",
    {"command": COMMAND, "description": "Write the file"},
)


async def work(agent: Agent, model: str, provider: FakeProvider, desk: Desk, tool: FindTool) -> Ran:
    """Let an agent do its work with a model of a provider's."""
    # Anthropic wants a turn with a call to begin with the reasoning that the request asks for.
    thought = "A shell will do." if provider.name == "anthropic" else None
    provider.script(
        Behaviour(reasoning=thought, calls=((agent.shell, json.dumps(agent.arguments)),)),
        Behaviour(text="The file is there."),
    )
    ran = await desk.run(
        agent.setup, tool("npm", agent.program), *agent.before_model, model, PROMPT
    )
    assert ran.code == 0, ran.said + ran.complained
    assert "The file is there." in ran.said
    assert (desk.work / "made.txt").read_text().startswith("by hand of")
    assert [exchange.status for exchange in provider.exchanges] == [200, 200]
    return ran
