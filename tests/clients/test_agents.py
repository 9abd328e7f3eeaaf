"""Tools that people start in a terminal: each does its work with models of either dialect."""

from __future__ import annotations

from pathlib import Path

import pytest

from extproc.demo.provider import Behaviour, FakeProvider
from tests.helpers.agents import (
    CLAUDE,
    CLAUDE_CODE,
    CODEX,
    GPT,
    OPENCODE,
    PROMPT,
    Agent,
    FindTool,
    work,
)
from tests.helpers.desk import Desk
from tests.helpers.gateway import Gateway


@pytest.mark.parametrize(
    ("agent", "named", "provider"),
    [
        pytest.param(CLAUDE_CODE, CLAUDE, "anthropic", id="claude-code-claude"),
        pytest.param(CLAUDE_CODE, GPT, "openai", id="claude-code-gpt"),
        pytest.param(CODEX, GPT, "openai", id="codex-gpt"),
        pytest.param(CODEX, CLAUDE, "anthropic", id="codex-claude"),
        pytest.param(OPENCODE, f"openai/{GPT}", "openai", id="opencode-openai-gpt"),
        pytest.param(OPENCODE, f"openai/{CLAUDE}", "anthropic", id="opencode-openai-claude"),
        pytest.param(OPENCODE, f"anthropic/{CLAUDE}", "anthropic", id="opencode-anthropic-claude"),
        pytest.param(OPENCODE, f"anthropic/{GPT}", "openai", id="opencode-anthropic-gpt"),
    ],
)
async def test_an_agent_uses_its_shell(
    here: Gateway, desk: Desk, tool: FindTool, agent: Agent, named: str, provider: str
) -> None:
    await work(agent, named, getattr(here, provider), desk, tool)


@pytest.mark.parametrize(
    ("agent", "arguments", "provider"),
    [
        pytest.param(CLAUDE_CODE, ("-p",), "anthropic", id="claude-code"),
        pytest.param(CODEX, CODEX.before_model[:-1], "openai", id="codex"),
    ],
)
async def test_an_agent_that_is_told_no_model_names_its_own(
    here: Gateway,
    desk: Desk,
    tool: FindTool,
    agent: Agent,
    arguments: tuple[str, ...],
    provider: str,
) -> None:
    asked: FakeProvider = getattr(here, provider)
    asked.default = Behaviour(text="Here I am.")
    ran = await desk.run(agent.setup, tool("npm", agent.program), *arguments, PROMPT)
    assert ran.code == 0, ran.said + ran.complained
    assert "Here I am." in ran.said
    assert asked.exchanges[0].status == 200


@pytest.mark.parametrize(("model", "provider"), [(GPT, "openai"), (CLAUDE, "anthropic")])
async def test_aider_writes_a_file(
    here: Gateway, desk: Desk, tool: FindTool, model: str, provider: str
) -> None:
    asked: FakeProvider = getattr(here, provider)
    asked.default = Behaviour(text="made.txt\n```\nby hand of aider\n```\n")
    ran = await desk.run(
        "aider",
        tool("aider", "aider"),
        *("--model", f"openai/{model}", "--edit-format", "whole", "--message", PROMPT),
        *("--yes-always", "--no-git", "--no-check-update", "--analytics-disable"),
        *("--no-show-model-warnings", "--no-show-release-notes", "made.txt"),
    )
    assert ran.code == 0, ran.said + ran.complained
    assert (desk.work / "made.txt").read_text() == "by hand of aider\n"
    assert [exchange.status for exchange in asked.exchanges] == [200]


@pytest.mark.parametrize(("model", "provider"), [(GPT, "openai"), (f"{CLAUDE}-here", "anthropic")])
async def test_llm_calls_a_function(
    here: Gateway, desk: Desk, tool: FindTool, model: str, provider: str
) -> None:
    asked: FakeProvider = getattr(here, provider)
    asked.default = Behaviour(tools="auto")
    ran = await desk.run(
        "llm",
        tool("frameworks", "llm"),
        *("--model", model, "--functions", str(Path(__file__).parent / "programs" / "weather.py")),
        "What is the weather in Paris?",
    )
    assert ran.code == 0, ran.complained
    assert "The tools say: 21 degrees in" in ran.said
    assert [exchange.status for exchange in asked.exchanges] == [200, 200]
