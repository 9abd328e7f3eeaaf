"""LiteLLM as a client: its one function, streamed, with a tool."""

from __future__ import annotations

import json
import sys

import litellm
from weather import QUESTION, get_weather

TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Say how warm it is in a city.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    },
}

messages = [{"role": "user", "content": QUESTION}]
while True:
    chunks = list(
        litellm.completion(
            model="/".join(sys.argv[1:]), messages=messages, tools=[TOOL], stream=True
        )
    )
    message = litellm.stream_chunk_builder(chunks, messages=messages).choices[0].message
    if not message.tool_calls:
        break
    messages.append(message)
    messages += [
        {
            "role": "tool",
            "tool_call_id": call.id,
            "content": get_weather(**json.loads(call.function.arguments)),
        }
        for call in message.tool_calls
    ]
print(message.content)
