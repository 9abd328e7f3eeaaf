"""Pydantic AI's agent over any of its models, streamed."""

from __future__ import annotations

import asyncio
import sys

from pydantic_ai import Agent
from weather import QUESTION, get_weather

agent = Agent(":".join(sys.argv[1:]), tools=[get_weather])


async def main() -> None:
    async with agent.run_stream(QUESTION) as result:
        print("".join([piece async for piece in result.stream_text(delta=True)]))


asyncio.run(main())
