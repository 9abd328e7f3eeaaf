"""LlamaIndex's agent over either of its models, streamed."""

from __future__ import annotations

import asyncio
import os
import sys

from llama_index.core.agent.workflow import FunctionAgent
from llama_index.llms.anthropic import Anthropic
from llama_index.llms.openai import OpenAI
from llama_index.llms.openai_like import OpenAILike
from weather import QUESTION, get_weather

integration, model = sys.argv[1:]
if integration == "anthropic":
    llm = Anthropic(model=model)
elif model.startswith("gpt"):
    llm = OpenAI(model=model)
else:  # what OpenAI's class does not know by name
    llm = OpenAILike(
        model=model,
        api_base=os.environ["OPENAI_API_BASE"],
        is_chat_model=True,
        is_function_calling_model=True,
    )


async def main() -> None:
    print(await FunctionAgent(tools=[get_weather], llm=llm).run(QUESTION))


asyncio.run(main())
