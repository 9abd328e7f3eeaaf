"""Responses by OpenAI's SDK: a stream, a tool, a second stream."""

from __future__ import annotations

import json
import sys

import openai
from weather import QUESTION, get_weather

TOOL = {
    "type": "function",
    "name": "get_weather",
    "description": "Say how warm it is in a city.",
    "strict": True,
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    },
}

client = openai.OpenAI()
conversation = [{"role": "user", "content": QUESTION}]
while True:
    with client.responses.stream(
        model=sys.argv[1], input=conversation, tools=[TOOL], store=False
    ) as stream:
        for _ in stream:
            pass
        response = stream.get_final_response()
    assert response.usage.total_tokens > 0
    calls = [item for item in response.output if item.type == "function_call"]
    if not calls:
        break
    conversation += [item.to_dict() for item in response.output]
    for item in conversation:
        item.pop("parsed_arguments", None)
    conversation += [
        {
            "type": "function_call_output",
            "call_id": call.call_id,
            "output": get_weather(**json.loads(call.arguments)),
        }
        for call in calls
    ]
print(response.output_text)
