"""What tools ask beside their work, and under which names: all of it should be served."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import anthropic
import pytest

from extproc.demo.provider import Behaviour
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
from tests.helpers.gateway import Gateway, gateway

PROGRAMS = Path(__file__).parent / "programs"
WILDCARDS = {
    "version": "v0.4.0",
    "model_providers": [
        {"model": "openai/*", "access_key": "$OPENAI_API_KEY"},
        {"model": "anthropic/*", "access_key": "$ANTHROPIC_API_KEY"},
    ],
}


ELSEWHERE = {
    "version": "v0.4.0",
    "model_providers": [
        {"model": "openai/gpt-5.2", "access_key": "$OPENAI_API_KEY"},
        {"model": f"anthropic/{CLAUDE}", "access_key": "$ANTHROPIC_API_KEY"},
    ],
    "model_aliases": {"gpt-6.1-sol": {"target": f"anthropic/{CLAUDE}"}},
}


@pytest.fixture(scope="session")
async def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Gateway]:
    """A gateway that serves Codex's own model by Claude."""
    async with gateway(ELSEWHERE, tmp_path_factory.mktemp("elsewhere")) as running:
        yield running


@pytest.fixture(scope="session")
async def wildcards(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Gateway]:
    """A gateway that names no model of either provider."""
    async with gateway(WILDCARDS, tmp_path_factory.mktemp("wildcards")) as running:
        yield running


WEBSOCKET = "GET /v1/responses 426 upgrade_failed"
"""Codex asks for one first, and is told at once that there are none."""


@pytest.mark.parametrize(
    ("agent", "model", "refused"),
    [
        pytest.param(CLAUDE_CODE, CLAUDE, [], id="claude-code"),
        pytest.param(CODEX, GPT, [WEBSOCKET], id="codex"),
        pytest.param(OPENCODE, f"anthropic/{CLAUDE}", [], id="opencode"),
    ],
)
async def test_an_agent_asks_nothing_in_vain(
    here: Gateway, desk: Desk, tool: FindTool, agent: Agent, model: str, refused: list[str]
) -> None:
    provider = here.openai if model == GPT else here.anthropic
    since = here.log.stat().st_size
    ran = await work(agent, model, provider, desk, tool)
    assert "Reconnecting" not in ran.complained
    assert await here.refused(since) == refused


async def test_claude_code_counts_tokens_without_messages(
    here: Gateway, desk: Desk, tool: FindTool
) -> None:
    ran = await desk.run("Claude Code", tool("npm", "claude"), "-p", "--model", CLAUDE, "/context")
    assert ran.code == 0
    assert "Context Usage" in ran.said
    paths = {exchange.path.partition("?")[0] for exchange in here.anthropic.exchanges}
    assert paths <= {"/v1/messages/count_tokens"}


async def test_opencode_makes_a_title_with_a_dated_name(
    here: Gateway, desk: Desk, tool: FindTool
) -> None:
    here.anthropic.default = Behaviour(text="Fine.")
    since = here.log.stat().st_size
    model = f"anthropic/{CLAUDE}"
    ran = await desk.run("opencode", tool("npm", "opencode"), "run", "--model", model, "Hello")
    assert ran.code == 0
    assert not await here.refused(since)


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(("Claude Code", "claude", "-p"), id="claude-code"),
        pytest.param(("Codex", "codex", "exec", "--skip-git-repo-check"), id="codex"),
    ],
)
async def test_an_agents_own_model_with_wildcards(
    wildcards: Gateway, tmp_path: Path, tool: FindTool, command: tuple[str, ...]
) -> None:
    wildcards.clear()
    wildcards.openai.default = wildcards.anthropic.default = Behaviour(text="Fine.")
    setup, program, *arguments = command
    ran = await Desk(wildcards.url, tmp_path).run(setup, tool("npm", program), *arguments, PROMPT)
    assert ran.code == 0, ran.said
    assert "Fine." in ran.said


async def test_vercel_with_the_address_of_anthropics_sdk(
    here: Gateway, desk: Desk, tool: FindTool
) -> None:
    tool("npm", "codex")  # where this is, the packages are
    here.anthropic.default = Behaviour(tools="auto")
    program = (PROGRAMS / "vercel_ai.mjs", "anthropic", CLAUDE)
    ran = await desk.run("Vercel AI SDK", "node", *program, ANTHROPIC_BASE_URL=here.url)
    assert ran.code == 0, ran.complained
    assert "The tools say: 21 degrees in" in ran.said


async def test_anthropics_sdk_lists_models(here: Gateway) -> None:
    async with anthropic.AsyncAnthropic(base_url=here.url, api_key="unused") as client:
        listed = [model async for model in client.models.list()]
    assert {model.type for model in listed} == {"model"}
    assert all(model.display_name for model in listed)
    assert any(CLAUDE in model.id for model in listed)


async def test_codex_as_it_is_for_its_own_model_with_claude(
    elsewhere: Gateway, tmp_path: Path, tool: FindTool
) -> None:
    """For this model it offers tools in its input, in namespaces, and one with a grammar."""
    elsewhere.clear()
    script = "await tools.exec_command({cmd: 'echo by hand of me > made.txt'})"
    codex = CODEX._replace(shell="functions__exec", arguments={"input": script})  # noqa: S604
    desk = Desk(elsewhere.url, tmp_path)
    await work(codex, "gpt-6.1-sol", elsewhere.anthropic, desk, tool)
