"""The SDKs that people use, unchanged, through Envoy."""

from __future__ import annotations

import anthropic
import openai
import pytest
from anthropic.types import MessageParam
from openai.types.chat import ChatCompletionMessageParam

from extproc.demo.provider import Behaviour
from tests.helpers.house import MESSAGES_MODELS, PROMPT, House

CHAT: list[ChatCompletionMessageParam] = [{"role": "user", "content": PROMPT}]
MESSAGES: list[MessageParam] = [{"role": "user", "content": PROMPT}]
CLAUDES = {
    "routing_preferences": [
        {
            "name": "code generation",
            "description": "writing Python functions, generating new code",
            "models": list(MESSAGES_MODELS),
        }
    ]
}


async def test_openai_chat(house: House, openai_client: openai.AsyncOpenAI) -> None:
    house.alpha.script(Behaviour(status=503))
    answer = await openai_client.chat.completions.create(model="x", messages=CHAT)
    assert answer.choices[0].message.content == "Hello from beta/model-b"
    assert answer.usage is not None
    assert answer.usage.total_tokens > 0


async def test_openai_chat_stream(house: House, openai_client: openai.AsyncOpenAI) -> None:
    house.alpha.script(Behaviour(first_event_error=True))
    stream = await openai_client.chat.completions.create(
        model="x",
        messages=CHAT,
        stream=True,
        stream_options={"include_usage": True},
    )
    chunks = [chunk async for chunk in stream]
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == "Hello from beta/model-b"
    assert chunks[-1].usage is not None


async def test_openai_responses(house: House, openai_client: openai.AsyncOpenAI) -> None:
    house.alpha.script(Behaviour(before_headers="reset"))
    answer = await openai_client.responses.create(model="x", input=PROMPT)
    assert answer.output_text == "Hello from beta/model-b"


async def test_openai_responses_stream(house: House, openai_client: openai.AsyncOpenAI) -> None:
    house.alpha.script(Behaviour(first_event_error=True))
    stream = await openai_client.responses.create(model="x", input=PROMPT, stream=True)
    events = [event async for event in stream]
    assert events[0].type == "response.created"
    assert events[-1].type == "response.completed"
    assert sum(event.type == "response.created" for event in events) == 1


async def test_anthropic_messages(house: House, anthropic_client: anthropic.AsyncAnthropic) -> None:
    house.alpha.script(Behaviour(status=529))
    answer = await anthropic_client.messages.create(
        model="x",
        max_tokens=9,
        messages=MESSAGES,
        extra_body=CLAUDES,
    )
    assert answer.content[0].type == "text"
    assert answer.content[0].text == "Hello from delta/claude-d"
    assert answer.usage.output_tokens > 0
    (exchange,) = house.delta.exchanges
    assert exchange.header("authorization") is None
    assert exchange.header("x-api-key") == "key-of-delta"


async def test_anthropic_stream(house: House, anthropic_client: anthropic.AsyncAnthropic) -> None:
    house.alpha.script(Behaviour(first_event_error=True))
    async with anthropic_client.messages.stream(
        model="x",
        max_tokens=9,
        messages=MESSAGES,
        extra_body=CLAUDES,
    ) as stream:
        text = "".join([piece async for piece in stream.text_stream])
    assert text == "Hello from delta/claude-d"


async def test_openai_error_types(house: House, openai_client: openai.AsyncOpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match="'none' does not exist") as not_found:
        await openai_client.chat.completions.create(model="none", messages=[])
    assert not_found.value.code == "model_not_found"
    for provider in house.providers.values():
        provider.default = Behaviour(status=429, retry_after="5")
    with pytest.raises(openai.RateLimitError) as limited:
        await openai_client.chat.completions.create(model="x", messages=CHAT)
    assert limited.value.response.headers["retry-after"] == "5"


async def test_anthropic_error_types(anthropic_client: anthropic.AsyncAnthropic) -> None:
    with pytest.raises(anthropic.NotFoundError, match="'none' does not exist"):
        await anthropic_client.messages.create(model="none", max_tokens=1, messages=[])
    with pytest.raises(anthropic.BadRequestError, match="empty array"):
        await anthropic_client.messages.create(model="model-b", max_tokens=1, messages=[])


async def test_models_list(openai_client: openai.AsyncOpenAI) -> None:
    listed = [model.id async for model in openai_client.models.list()]
    assert "alpha/model-a" in listed
