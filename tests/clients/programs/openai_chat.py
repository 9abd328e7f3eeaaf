"""Chat completions by OpenAI's SDK: a stream, a tool, a second stream."""

from __future__ import annotations

import json
import sys

import openai
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

client = openai.OpenAI()
messages = [{"role": "user", "content": QUESTION}]
while True:
    with client.chat.completions.stream(
        model=sys.argv[1],
        messages=messages,
        tools=[TOOL],
        stream_options={"include_usage": True},
    ) as stream:
        for _ in stream:
            pass
        completion = stream.get_final_completion()
    assert completion.usage.total_tokens > 0
    message = completion.choices[0].message
    if not message.tool_calls:
        break
    calls = [
        {
            "id": call.id,
            "type": "function",
            "function": {"name": call.function.name, "arguments": call.function.arguments},
        }
        for call in message.tool_calls
    ]
    messages.append({"role": "assistant", "content": message.content, "tool_calls": calls})
    messages += [
        {
            "role": "tool",
            "tool_call_id": call.id,
            "content": get_weather(**json.loads(call.function.arguments)),
        }
        for call in message.tool_calls
    ]
print(message.content)
