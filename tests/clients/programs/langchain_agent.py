"""LangChain's agent over either of its chat models, streamed."""

from __future__ import annotations

import sys

from langchain.agents import create_agent
from langchain.chat_models import init_chat_model
from weather import QUESTION, get_weather

integration, model = sys.argv[1:]
agent = create_agent(init_chat_model(model, model_provider=integration), tools=[get_weather])
said = ""
for part, _ in agent.stream(
    {"messages": [{"role": "user", "content": QUESTION}]}, stream_mode="messages"
):
    if part.type == "AIMessageChunk":
        said += part.text
print(said)
