"""OpenAI's Agents SDK, streamed."""

from __future__ import annotations

import asyncio
import sys

from agents import Agent, Runner, function_tool, set_default_openai_api, set_tracing_disabled
from weather import QUESTION, get_weather

api, model = sys.argv[1:]
set_tracing_disabled(True)
set_default_openai_api(api)


async def main() -> None:
    agent = Agent(name="forecaster", model=model, tools=[function_tool(get_weather)])
    running = Runner.run_streamed(agent, QUESTION)
    async for _ in running.stream_events():
        pass
    print(running.final_output)


asyncio.run(main())
