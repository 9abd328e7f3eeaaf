"""Messages by Anthropic's SDK, which runs the tool itself, in streams.

The SDK keeps the conversation in a thread of the provider's, and sends only what is new, unless it
is told to send all: the first argument says which.
"""

from __future__ import annotations

import sys

import anthropic
import weather

get_weather = anthropic.beta_tool(weather.get_weather)

where, model = sys.argv[1:]
runner = anthropic.Anthropic().beta.messages.tool_runner(
    model=model,
    max_tokens=1000,
    messages=[{"role": "user", "content": weather.QUESTION}],
    tools=[get_weather],
    stream=True,
    **({"thread": False} if where == "whole" else {}),
)
for stream in runner:
    for _ in stream:
        pass
    message = stream.get_final_message()
    assert message.usage.output_tokens > 0
print("".join(block.text for block in message.content if block.type == "text"))
