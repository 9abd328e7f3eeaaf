"""Small programs over SDKs and frameworks: a question, a streamed answer, a tool, the answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from _pytest.mark import ParameterSet

from extproc.demo.provider import Behaviour
from tests.helpers.agents import CLAUDE, GPT, FindTool
from tests.helpers.desk import Desk
from tests.helpers.gateway import KEYS, Gateway

PROGRAMS = Path(__file__).parent / "programs"


class Program(NamedTuple):
    """A file beside this one, what it needs, and the dialect that it speaks."""

    environment: str
    setup: str
    file: str
    dialect: str
    arguments: tuple[str, ...] = ()


ALL = (
    Program("project", "openai", "openai_chat.py", "chat/completions"),
    Program("project", "openai", "openai_responses.py", "responses"),
    Program("project", "anthropic", "anthropic_messages.py", "messages", ("whole",)),
    Program("project", "anthropic", "anthropic_messages.py", "messages", ("thread",)),
    Program("npm", "openai", "openai_chat.mjs", "chat/completions"),
    Program("npm", "openai", "openai_responses.mjs", "responses"),
    Program("npm", "anthropic", "anthropic_messages.mjs", "messages", ("whole",)),
    Program("npm", "anthropic", "anthropic_messages.mjs", "messages", ("thread",)),
    Program("npm", "Vercel AI SDK", "vercel_ai.mjs", "responses", ("responses",)),
    Program("npm", "Vercel AI SDK", "vercel_ai.mjs", "chat/completions", ("chat",)),
    Program("npm", "Vercel AI SDK", "vercel_ai.mjs", "chat/completions", ("compatible",)),
    Program("npm", "Vercel AI SDK", "vercel_ai.mjs", "messages", ("anthropic",)),
    Program("frameworks", "LangChain", "langchain_agent.py", "chat/completions", ("openai",)),
    Program("frameworks", "LangChain", "langchain_agent.py", "messages", ("anthropic",)),
    Program("frameworks", "LlamaIndex", "llama_index_agent.py", "chat/completions", ("openai",)),
    Program("frameworks", "LlamaIndex", "llama_index_agent.py", "messages", ("anthropic",)),
    Program(
        "frameworks", "Pydantic AI", "pydantic_ai_agent.py", "chat/completions", ("openai-chat",)
    ),
    Program(
        "frameworks", "Pydantic AI", "pydantic_ai_agent.py", "responses", ("openai-responses",)
    ),
    Program("frameworks", "Pydantic AI", "pydantic_ai_agent.py", "messages", ("anthropic",)),
    Program("frameworks", "openai", "openai_agents.py", "responses", ("responses",)),
    Program("frameworks", "openai", "openai_agents.py", "chat/completions", ("chat_completions",)),
    Program("frameworks", "LiteLLM", "litellm_completion.py", "chat/completions", ("openai",)),
    Program("frameworks", "LiteLLM", "litellm_completion.py", "messages", ("anthropic",)),
)


REFUSED_BY_THE_CLIENT = {("llama_index_agent.py", "messages", GPT)}
"""LlamaIndex's Anthropic takes names of Anthropic's models only."""


def pairs() -> Iterator[ParameterSet]:
    """Each program with a model of its dialect and one of the other."""
    for program in ALL:
        for model in (GPT, CLAUDE):
            if (program.file, program.dialect, model) in REFUSED_BY_THE_CLIENT:
                continue
            named = "-".join((program.file, *program.arguments, model))
            yield pytest.param(program, model, id=named)


@pytest.mark.parametrize(("program", "model"), [*pairs()])
async def test_a_tool_and_streams(
    here: Gateway,
    desk: Desk,
    tool: FindTool,
    program: Program,
    model: str,
) -> None:
    here.openai.default = here.anthropic.default = Behaviour(tools="auto")
    if program.environment == "npm":
        tool("npm", "codex")  # where this is, the packages are
        interpreter = Path("node")
    else:
        interpreter = tool(program.environment, "python")
    ran = await desk.run(
        program.setup, interpreter, PROGRAMS / program.file, *program.arguments, model
    )
    assert ran.code == 0, ran.complained
    assert "The tools say: 21 degrees in" in ran.said

    asked, other = here.openai, here.anthropic
    if model == CLAUDE:
        asked, other = other, asked
    own = (program.dialect == "messages") == (model == CLAUDE)
    spoken = program.dialect if own else "messages" if model == CLAUDE else "chat/completions"
    assert not other.exchanges
    assert len(asked.exchanges) == 2
    for exchange in asked.exchanges:
        assert exchange.status == 200
        assert exchange.path.partition("?")[0] == f"/v1/{spoken}"
        assert exchange.json["stream"] is True
        assert KEYS[f"{asked.name.upper()}_API_KEY"] in repr(exchange.headers)
        assert "unused" not in repr(exchange.headers)
