"""The real SDKs understand every dialect of the fake provider, streamed and not."""

from __future__ import annotations

from collections.abc import AsyncIterator

import anthropic
import openai
import pytest

from extproc.demo.provider import Behaviour, FakeProvider

QUESTION = "What is the airspeed velocity of an unladen swallow?"


@pytest.fixture
async def provider() -> AsyncIterator[FakeProvider]:
    async with FakeProvider("acme") as provider:
        yield provider


@pytest.fixture
async def openai_client(provider: FakeProvider) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(
        base_url=f"{provider.url}/v1", api_key="sk-1", max_retries=0, timeout=5
    ) as client:
        yield client


@pytest.fixture
async def anthropic_client(provider: FakeProvider) -> AsyncIterator[anthropic.AsyncAnthropic]:
    async with anthropic.AsyncAnthropic(
        base_url=provider.url, api_key="sk-2", max_retries=0, timeout=5
    ) as client:
        yield client


async def test_chat(provider: FakeProvider, openai_client: openai.AsyncOpenAI) -> None:
    provider.default = Behaviour(input_tokens=7)
    completion = await openai_client.chat.completions.create(
        model="gpt-4o", messages=[{"role": "user", "content": QUESTION}]
    )
    assert completion.choices[0].message.content == "Hello from acme/gpt-4o"
    assert completion.choices[0].finish_reason == "stop"
    assert completion.model == "gpt-4o"
    assert completion.object == "chat.completion"
    assert completion.id.startswith("chatcmpl-")
    assert completion._request_id is not None
    assert completion.usage is not None
    assert completion.usage.prompt_tokens == 7
    assert completion.usage.completion_tokens == 3
    assert completion.usage.total_tokens == 10

    (exchange,) = provider.exchanges
    assert exchange.method == "POST"
    assert exchange.path == "/v1/chat/completions"
    assert exchange.header("Authorization") == "Bearer sk-1"
    assert exchange.header("x-nothing") is None
    assert exchange.json["messages"][0]["content"] == QUESTION
    assert exchange.status == 200


async def test_chat_stream(provider: FakeProvider, openai_client: openai.AsyncOpenAI) -> None:
    provider.default = Behaviour(input_tokens=7)
    stream = await openai_client.chat.completions.create(
        model="gpt-4o",
        messages=[{"role": "user", "content": QUESTION}],
        stream=True,
        stream_options={"include_usage": True},
    )
    chunks = [chunk async for chunk in stream]
    assert chunks[0].choices[0].delta.role == "assistant"
    texts = [c.choices[0].delta.content for c in chunks if c.choices and c.choices[0].delta.content]
    assert texts == ["Hello ", "from ", "acme/gpt-4o"]
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert all(chunk.usage is None for chunk in chunks[:-1])
    assert chunks[-1].choices == []
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.total_tokens == 10
    assert len({chunk.id for chunk in chunks}) == 1
    assert {chunk.model for chunk in chunks} == {"gpt-4o"}


async def test_chat_stream_without_usage(openai_client: openai.AsyncOpenAI) -> None:
    stream = await openai_client.chat.completions.create(
        model="gpt-4o", messages=[{"role": "user", "content": QUESTION}], stream=True
    )
    chunks = [chunk async for chunk in stream]
    assert all(chunk.choices and chunk.usage is None for chunk in chunks)


async def test_messages(provider: FakeProvider, anthropic_client: anthropic.AsyncAnthropic) -> None:
    provider.default = Behaviour(input_tokens=7)
    message = await anthropic_client.messages.create(
        model="claude-x",
        max_tokens=100,
        messages=[{"role": "user", "content": QUESTION}],
    )
    assert [block.model_dump(exclude_none=True) for block in message.content] == [
        {"type": "text", "text": "Hello from acme/claude-x"}
    ]
    assert message.model == "claude-x"
    assert message.stop_reason == "end_turn"
    assert message.id.startswith("msg_")
    assert message._request_id is not None
    assert message.usage.input_tokens == 7
    assert message.usage.output_tokens == 3
    assert provider.exchanges[0].path == "/v1/messages"
    assert provider.exchanges[0].header("anthropic-version") is not None


async def test_messages_stream(
    provider: FakeProvider, anthropic_client: anthropic.AsyncAnthropic
) -> None:
    provider.default = Behaviour(input_tokens=7)
    async with anthropic_client.messages.stream(
        model="claude-x",
        max_tokens=100,
        messages=[{"role": "user", "content": QUESTION}],
    ) as stream:
        texts = [text async for text in stream.text_stream]
        message = await stream.get_final_message()
    assert texts == ["Hello ", "from ", "acme/claude-x"]
    assert message.stop_reason == "end_turn"
    assert message.usage.input_tokens == 7
    assert message.usage.output_tokens == 3


async def test_messages_stream_events(anthropic_client: anthropic.AsyncAnthropic) -> None:
    stream = await anthropic_client.messages.create(
        model="claude-x",
        max_tokens=100,
        messages=[{"role": "user", "content": QUESTION}],
        stream=True,
    )
    assert [event.type async for event in stream] == [
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_delta",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]


async def test_responses(provider: FakeProvider, openai_client: openai.AsyncOpenAI) -> None:
    provider.default = Behaviour(input_tokens=7)
    response = await openai_client.responses.create(model="gpt-5", input=QUESTION)
    assert response.output_text == "Hello from acme/gpt-5"
    assert response.model == "gpt-5"
    assert response.status == "completed"
    assert response.id.startswith("resp_")
    assert response.usage is not None
    assert response.usage.input_tokens == 7
    assert response.usage.output_tokens == 3
    assert response.usage.total_tokens == 10
    assert response.usage.input_tokens_details.cached_tokens == 0


async def test_responses_stream(provider: FakeProvider, openai_client: openai.AsyncOpenAI) -> None:
    provider.default = Behaviour(input_tokens=7)
    stream = await openai_client.responses.create(model="gpt-5", input=QUESTION, stream=True)
    events = [event async for event in stream]
    assert [event.type for event in events] == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.delta",
        "response.output_text.delta",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ]
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert events[-1].type == "response.completed"
    completed = events[-1].response
    assert completed.usage is not None
    assert completed.output_text == "Hello from acme/gpt-5"
    assert completed.usage.total_tokens == 10
    assert len({e.response.id for e in events if hasattr(e, "response")}) == 1


async def test_responses_stream_helper(openai_client: openai.AsyncOpenAI) -> None:
    async with openai_client.responses.stream(model="gpt-5", input=QUESTION) as stream:
        texts = [e.delta async for e in stream if e.type == "response.output_text.delta"]
        response = await stream.get_final_response()
    assert "".join(texts) == response.output_text == "Hello from acme/gpt-5"


async def test_ids_are_unique(openai_client: openai.AsyncOpenAI) -> None:
    answers = [
        await openai_client.chat.completions.create(
            model="gpt-4o", messages=[{"role": "user", "content": QUESTION}]
        )
        for _ in range(3)
    ]
    assert len({answer.id for answer in answers}) == 3


async def test_an_answer_of_ones_own(
    provider: FakeProvider, openai_client: openai.AsyncOpenAI
) -> None:
    provider.default = Behaviour(text="Ni!  Ni! ", output_tokens=99)
    response = await openai_client.responses.create(model="gpt-5", input=QUESTION)
    assert response.output_text == "Ni!  Ni! "
    assert response.usage is not None
    assert response.usage.output_tokens == 99


async def test_an_answer_of_a_given_length(
    provider: FakeProvider, openai_client: openai.AsyncOpenAI
) -> None:
    provider.default = Behaviour(deltas=5000, delta_size=20)
    stream = await openai_client.chat.completions.create(
        model="gpt-4o", messages=[{"role": "user", "content": QUESTION}], stream=True
    )
    texts = [c.choices[0].delta.content async for c in stream if c.choices[0].delta.content]
    assert len(texts) == 5000
    assert {len(text) for text in texts} == {20}


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, openai.BadRequestError),
        (401, openai.AuthenticationError),
        (429, openai.RateLimitError),
        (500, openai.InternalServerError),
        (503, openai.InternalServerError),
    ],
)
async def test_openai_errors(
    provider: FakeProvider,
    openai_client: openai.AsyncOpenAI,
    status: int,
    error: type[openai.APIStatusError],
) -> None:
    provider.default = Behaviour(status=status, retry_after="5")
    with pytest.raises(error) as caught:
        await openai_client.chat.completions.create(
            model="gpt-4o", messages=[{"role": "user", "content": QUESTION}], stream=True
        )
    assert caught.value.type
    assert str(status) in caught.value.message
    assert caught.value.response.headers["retry-after"] == "5"
    with pytest.raises(error):
        await openai_client.responses.create(model="gpt-5", input=QUESTION)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "invalid_request_error"),
        (401, "authentication_error"),
        (429, "rate_limit_error"),
        (500, "api_error"),
        (529, "overloaded_error"),
    ],
)
async def test_anthropic_errors(
    provider: FakeProvider, anthropic_client: anthropic.AsyncAnthropic, status: int, kind: str
) -> None:
    provider.default = Behaviour(status=status)
    with pytest.raises(anthropic.APIStatusError) as caught:
        await anthropic_client.messages.create(
            model="claude-x",
            max_tokens=100,
            messages=[{"role": "user", "content": QUESTION}],
        )
    assert caught.value.status_code == status
    assert caught.value.body == {
        "type": "error",
        "error": {
            "type": kind,
            "message": f"The fake provider answers {status}, as it was told to.",
        },
    }
    assert "retry-after" not in caught.value.response.headers
