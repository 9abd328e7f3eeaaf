"""All that the fake provider says validates against the SDKs' types, and their helpers read it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any, get_args, get_origin

import anthropic
import httpx
import openai
import pydantic
import pytest
from openai.types.responses import ResponseStreamEvent

from extproc.demo.provider import Behaviour, FakeProvider

USER: Any = {"role": "user", "content": "What is the weather?"}
WEATHER = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
    "required": ["city", "days"],
    "additionalProperties": False,
}
NOTHING: dict[str, Any] = {"type": "object", "properties": {}, "additionalProperties": False}
CHAT_TOOLS: Any = [
    {"type": "function", "function": {"name": "weather", "parameters": WEATHER}},
    {"type": "function", "function": {"name": "now", "parameters": NOTHING}},
]
RESPONSES_TOOLS: Any = [
    {"type": "function", "name": "weather", "parameters": WEATHER, "strict": True},
    {"type": "function", "name": "now", "parameters": NOTHING, "strict": False},
]
MESSAGES_TOOLS: Any = [
    {"name": "weather", "input_schema": WEATHER},
    {"name": "now", "input_schema": NOTHING},
]
RICH = Behaviour(
    reasoning="Let me think.",
    text="I look it up.",
    calls=(("weather", '{"city": "Kyōto", "days": 3}'), ("now", "{}")),
    input_tokens=100,
    output_tokens=50,
    cached_tokens=60,
    written_tokens=10,
    reasoning_tokens=20,
)


@pytest.fixture
async def provider() -> AsyncIterator[FakeProvider]:
    async with FakeProvider("acme") as provider:
        yield provider


@pytest.fixture
async def oai(provider: FakeProvider) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(
        base_url=f"{provider.url}/v1", api_key="sk-1", max_retries=0, timeout=5
    ) as client:
        yield client


@pytest.fixture
async def claude(provider: FakeProvider) -> AsyncIterator[anthropic.AsyncAnthropic]:
    async with anthropic.AsyncAnthropic(
        base_url=provider.url, api_key="sk-2", max_retries=0, timeout=5
    ) as client:
        yield client


def check(value: Any, allowed: frozenset[str] = frozenset()) -> None:
    """Every member is one that its SDK's type declares, at any depth, and has its type.

    The SDKs build their models without validation, so that a wrong answer goes unnoticed.
    """
    if isinstance(value, list | tuple):
        for item in value:
            check(item, allowed)
    elif isinstance(value, pydantic.BaseModel):
        unknown = set(value.model_extra or ()) - allowed
        assert not unknown, f"{type(value).__name__} does not know {unknown}"
        type(value).model_validate(value.model_dump(by_alias=True, exclude_unset=True))
        for name in value.model_fields_set:
            check(getattr(value, name, None), allowed)


async def test_chat_whole(provider: FakeProvider, oai: openai.AsyncOpenAI) -> None:
    provider.default = RICH
    completion = await oai.chat.completions.create(
        model="gpt-4o", messages=[USER], tools=CHAT_TOOLS
    )
    check(completion)
    (choice,) = completion.choices
    assert choice.finish_reason == "tool_calls"
    assert choice.message.content == "I look it up."
    calls: Any = choice.message.tool_calls
    assert [(call.function.name, json.loads(call.function.arguments)) for call in calls] == [
        ("weather", {"city": "Kyōto", "days": 3}),
        ("now", {}),
    ]
    assert len({call.id for call in calls}) == 2
    usage = completion.usage
    assert usage is not None
    assert (usage.prompt_tokens, usage.completion_tokens) == (100, 50)
    assert usage.prompt_tokens_details is not None
    assert usage.prompt_tokens_details.cached_tokens == 60
    assert usage.completion_tokens_details is not None
    assert usage.completion_tokens_details.reasoning_tokens == 20


TWO_CALLS = (("weather", '{"city": "Kyōto", "days": 3}'), ("weather", '{"city":"Oslo","days":1}'))


async def test_chat_stream(provider: FakeProvider, oai: openai.AsyncOpenAI) -> None:
    provider.default = Behaviour(calls=TWO_CALLS)
    tool = CHAT_TOOLS[0] | {"function": CHAT_TOOLS[0]["function"] | {"strict": True}}
    async with oai.chat.completions.stream(
        model="gpt-4o", messages=[USER], tools=[tool], stream_options={"include_usage": True}
    ) as stream:
        async for event in stream:
            if event.type == "chunk":
                check(event.chunk)
        completion = await stream.get_final_completion()
    calls: Any = completion.choices[0].message.tool_calls
    assert [call.function.parsed_arguments for call in calls] == [
        {"city": "Kyōto", "days": 3},
        {"city": "Oslo", "days": 1},
    ]
    assert completion.usage is not None


@pytest.mark.parametrize("interleave", [False, True])
async def test_chat_streams_may_interleave_calls(
    provider: FakeProvider, oai: openai.AsyncOpenAI, interleave: bool
) -> None:
    """The SDK's helper takes a call for complete when the next begins, so it is not used here."""
    provider.default = Behaviour(calls=TWO_CALLS, interleave=interleave)
    stream = await oai.chat.completions.create(
        model="gpt-4o", messages=[USER], tools=CHAT_TOOLS, stream=True
    )
    order = []
    arguments = {0: "", 1: ""}
    async for chunk in stream:
        for call in chunk.choices[0].delta.tool_calls or ():
            order.append(call.index)
            assert call.function is not None
            arguments[call.index] += call.function.arguments or ""
    assert [arguments[0], arguments[1]] == [text for _, text in TWO_CALLS]
    assert (order != sorted(order)) is interleave


async def test_chat_reasoning(provider: FakeProvider, oai: openai.AsyncOpenAI) -> None:
    provider.default = Behaviour(reasoning="Let me think.", text="Yes.")
    for model, thought in (("deepseek-r", "Let me think."), ("gpt-5", None)):
        completion = await oai.chat.completions.create(model=model, messages=[USER])
        check(completion, frozenset({"reasoning_content"}))
        extra = completion.choices[0].message.model_extra or {}
        assert extra.get("reasoning_content") == thought
        stream = await oai.chat.completions.create(model=model, messages=[USER], stream=True)
        deltas = [chunk.choices[0].delta async for chunk in stream]
        told = "".join((delta.model_extra or {}).get("reasoning_content", "") for delta in deltas)
        assert told == (thought or "")
        assert "".join(delta.content or "" for delta in deltas) == "Yes."


async def test_messages_whole(provider: FakeProvider, claude: anthropic.AsyncAnthropic) -> None:
    provider.default = RICH
    message = await claude.messages.create(
        model="claude-sonnet-4-6", max_tokens=2000, messages=[USER], tools=MESSAGES_TOOLS
    )
    check(message)
    assert message.stop_reason == "tool_use"
    thinking, text, first, second = message.content
    assert thinking.type == "thinking"
    assert thinking.thinking == "Let me think."
    assert text.type == "text"
    assert first.type == second.type == "tool_use"
    assert (first.name, first.input) == ("weather", {"city": "Kyōto", "days": 3})
    assert (second.name, second.input) == ("now", {})
    usage = message.usage
    assert usage.input_tokens == 30
    assert usage.cache_read_input_tokens == 60
    assert usage.cache_creation_input_tokens == 10
    assert usage.output_tokens_details is not None
    assert usage.output_tokens_details.thinking_tokens == 20


async def test_messages_stream(provider: FakeProvider, claude: anthropic.AsyncAnthropic) -> None:
    provider.default = RICH
    arguments: dict[str, Any] = {"model": "claude-sonnet-4-6", "max_tokens": 2000}
    whole = await claude.messages.create(messages=[USER], tools=MESSAGES_TOOLS, **arguments)
    async with claude.messages.stream(messages=[USER], tools=MESSAGES_TOOLS, **arguments) as stream:
        message = await stream.get_final_message()
    raw = await claude.messages.create(
        messages=[USER], tools=MESSAGES_TOOLS, stream=True, **arguments
    )
    async for event in raw:
        check(event)

    def blocks(of: Any) -> Any:
        return [block.model_dump(exclude={"id"}, exclude_none=True) for block in of.content]

    assert blocks(message) == blocks(whole)
    assert message.stop_reason == "tool_use"
    assert message.usage.input_tokens == 30


async def test_newer_models_show_thinking_on_demand(
    provider: FakeProvider, claude: anthropic.AsyncAnthropic
) -> None:
    provider.default = Behaviour(reasoning="Let me think.", text="Yes.")
    for display, thought in (("omitted", ""), ("summarized", "Let me think.")):
        thinking: Any = {"type": "adaptive", "display": display}
        async with claude.messages.stream(
            model="claude-opus-4-7", max_tokens=2000, messages=[USER], thinking=thinking
        ) as stream:
            block = (await stream.get_final_message()).content[0]
        assert block.type == "thinking"
        assert block.thinking == thought
        assert block.signature


async def test_responses_whole(provider: FakeProvider, oai: openai.AsyncOpenAI) -> None:
    provider.default = RICH
    response = await oai.responses.create(
        model="gpt-5",
        input="What is the weather?",
        tools=RESPONSES_TOOLS,
        reasoning={"summary": "auto"},
        include=["reasoning.encrypted_content"],
    )
    check(response)
    reasoning, message, first, second = response.output
    assert reasoning.type == "reasoning"
    assert reasoning.summary[0].text == "Let me think."
    assert reasoning.encrypted_content
    assert message.type == "message"
    assert first.type == second.type == "function_call"
    assert (first.name, json.loads(first.arguments)) == ("weather", {"city": "Kyōto", "days": 3})
    usage = response.usage
    assert usage is not None
    assert usage.input_tokens_details.cached_tokens == 60
    assert usage.input_tokens_details.cache_write_tokens == 10
    assert usage.output_tokens_details.reasoning_tokens == 20


async def test_responses_stream(provider: FakeProvider, oai: openai.AsyncOpenAI) -> None:
    provider.default = RICH
    arguments: dict[str, Any] = {
        "model": "gpt-5",
        "input": "What is the weather?",
        "tools": RESPONSES_TOOLS,
        "reasoning": {"summary": "auto"},
    }
    async with oai.responses.stream(**arguments) as stream:
        events = [event async for event in stream]
        final = await stream.get_final_response()
    numbers = [event.sequence_number for event in events]
    assert numbers == list(range(len(events)))
    assert [item.type for item in final.output] == [
        "reasoning",
        "message",
        "function_call",
        "function_call",
    ]
    raw = await oai.responses.create(stream=True, **arguments)
    opened: set[int] = set()
    async for event in raw:
        check(event)
        assert type(event) in _members(ResponseStreamEvent)
        if event.type == "response.output_item.added":
            opened.add(event.output_index)
        elif event.type == "response.output_item.done":
            opened.remove(event.output_index)
    assert not opened


def _members(union: Any) -> set[Any]:
    while get_origin(union) is not None and not isinstance(get_args(union)[0], type):
        union = get_args(union)[0]
    return set(get_args(union))


async def test_refusals(
    provider: FakeProvider, oai: openai.AsyncOpenAI, claude: anthropic.AsyncAnthropic
) -> None:
    provider.default = Behaviour(refusal="I must not.")
    completion = await oai.chat.completions.create(model="gpt-4o", messages=[USER])
    check(completion)
    assert completion.choices[0].message.refusal == "I must not."
    assert completion.choices[0].message.content is None
    assert completion.choices[0].finish_reason == "stop"
    async with oai.responses.stream(model="gpt-5", input="Hi") as stream:
        response = await stream.get_final_response()
    check(response)
    assert response.output[0].content[0].refusal == "I must not."  # type: ignore[union-attr,index]
    async with claude.messages.stream(model="claude-x", max_tokens=9, messages=[USER]) as told:
        message = await told.get_final_message()
    assert message.stop_reason == "refusal"
    assert message.content == []
    assert message.stop_details is not None
    assert message.stop_details.explanation == "I must not."


@pytest.mark.parametrize(
    ("stop", "finish", "stop_reason", "status", "reason"),
    [
        ("length", "length", "max_tokens", "incomplete", "max_output_tokens"),
        ("context", "length", "model_context_window_exceeded", "incomplete", "max_output_tokens"),
        ("content_filter", "content_filter", "refusal", "incomplete", "content_filter"),
        ("stop_sequence", "stop", "stop_sequence", "completed", None),
    ],
)
async def test_stops(
    provider: FakeProvider,
    oai: openai.AsyncOpenAI,
    claude: anthropic.AsyncAnthropic,
    stop: Any,
    finish: str,
    stop_reason: str,
    status: str,
    reason: str | None,
) -> None:
    provider.default = Behaviour(stop=stop)
    completion = await oai.chat.completions.create(model="gpt-4o", messages=[USER])
    assert completion.choices[0].finish_reason == finish
    message = await claude.messages.create(
        model="claude-x", max_tokens=9, messages=[USER], stop_sequences=["END"]
    )
    assert message.stop_reason == stop_reason
    assert message.stop_sequence == ("END" if stop == "stop_sequence" else None)
    stream = await oai.responses.create(model="gpt-5", input="Hi", stream=True)
    last: Any = [event async for event in stream][-1]
    assert last.type == f"response.{status}"
    details = last.response.incomplete_details
    assert (details and details.reason) == reason


async def test_structured_answers(
    provider: FakeProvider, oai: openai.AsyncOpenAI, claude: anthropic.AsyncAnthropic
) -> None:
    class Weather(pydantic.BaseModel):
        city: str
        days: int

    provider.default = Behaviour(structured=True)
    completion = await oai.chat.completions.parse(
        model="gpt-4o", messages=[USER], response_format=Weather
    )
    assert completion.choices[0].message.parsed == Weather(city="city", days=1)
    response = await oai.responses.parse(model="gpt-5", input="Hi", text_format=Weather)
    assert response.output_parsed == Weather(city="city", days=1)
    message = await claude.messages.create(
        model="claude-sonnet-4-6",
        max_tokens=9,
        messages=[USER],
        output_config={"format": {"type": "json_schema", "schema": WEATHER}},
    )
    assert message.content[0].type == "text"
    assert Weather.model_validate_json(message.content[0].text) == Weather(city="city", days=1)


async def test_a_loop_of_tools_in_chat(provider: FakeProvider, oai: openai.AsyncOpenAI) -> None:
    provider.default = Behaviour(tools="auto")
    messages: list[Any] = [USER]
    for stream in (False, True):
        answer = await _chat(oai, messages, stream)
        messages.append(answer if not stream else _without_what_was_parsed(answer))
        assert [call.function.name for call in answer.tool_calls] == ["weather", "now"]
        assert json.loads(answer.tool_calls[0].function.arguments) == {"city": "city", "days": 1}
        for call in answer.tool_calls:
            result = {"role": "tool", "tool_call_id": call.id, "content": f"{call.function.name}!"}
            messages.append(result)
        answer = await _chat(oai, messages, stream)
        assert answer.content == "The tools say: weather!; now!"
        messages += [{"role": "assistant", "content": answer.content}, USER]
    assert not any(exchange.complaint for exchange in provider.exchanges)


async def _chat(oai: openai.AsyncOpenAI, messages: Any, stream: bool) -> Any:
    if not stream:
        completion = await oai.chat.completions.create(
            model="gpt-4o", messages=messages, tools=CHAT_TOOLS
        )
        return completion.choices[0].message
    strict = [t | {"function": t["function"] | {"strict": True}} for t in CHAT_TOOLS]
    async with oai.chat.completions.stream(model="gpt-4o", messages=messages, tools=strict) as told:
        return (await told.get_final_completion()).choices[0].message


def _without_what_was_parsed(message: Any) -> Any:
    """The SDK's helper adds members that the API does not take back."""
    functions = {"function": {"name": True, "arguments": True}, "id": True, "type": True}
    return message.model_dump(include={"role": True, "tool_calls": {"__all__": functions}})


async def test_a_loop_of_tools_in_messages(
    provider: FakeProvider, claude: anthropic.AsyncAnthropic
) -> None:
    provider.default = Behaviour(tools="auto", reasoning="Hm.")
    messages: list[Any] = [USER]
    for _ in range(2):
        for expected in ("tool_use", "end_turn"):
            async with claude.messages.stream(
                model="claude-sonnet-4-6",
                max_tokens=2000,
                messages=messages,
                tools=MESSAGES_TOOLS,
                thinking={"type": "enabled", "budget_tokens": 1024},
            ) as stream:
                message = await stream.get_final_message()
            assert message.stop_reason == expected
            messages.append({"role": "assistant", "content": message.content})
            results = [
                {"type": "tool_result", "tool_use_id": block.id, "content": f"{block.name}!"}
                for block in message.content
                if block.type == "tool_use"
            ]
            messages.append({"role": "user", "content": results} if results else USER)
        block = message.content[-1]
        assert block.type == "text"
        assert block.text == "The tools say: weather!; now!"
    assert not any(exchange.complaint for exchange in provider.exchanges)


@pytest.mark.parametrize("store", [True, False])
async def test_a_loop_of_tools_in_responses(
    provider: FakeProvider, oai: openai.AsyncOpenAI, store: bool
) -> None:
    provider.default = Behaviour(tools="auto", reasoning="Hm.")
    more: dict[str, Any] = {"model": "gpt-5", "tools": RESPONSES_TOOLS, "store": store}
    if not store:
        more["include"] = ["reasoning.encrypted_content"]
    first = await oai.responses.create(input=[USER], **more)
    assert [item.type for item in first.output] == ["reasoning", "function_call", "function_call"]
    results: list[Any] = [
        {"type": "function_call_output", "call_id": item.call_id, "output": f"{item.name}!"}
        for item in first.output
        if item.type == "function_call"
    ]
    if store:
        second = await oai.responses.create(input=results, previous_response_id=first.id, **more)
    else:
        second = await oai.responses.create(input=[USER, *first.output, *results], **more)
    assert second.output_text == "The tools say: weather!; now!"
    with pytest.raises(openai.BadRequestError, match="'resp_else' not found"):
        await oai.responses.create(input="Hi", previous_response_id="resp_else", **more)
    assert provider.exchanges[-1].status == 400


@pytest.mark.parametrize(
    ("code", "kind", "param", "message", "anthropics"),
    [
        (
            "context_length_exceeded",
            "invalid_request_error",
            "messages",
            "maximum context length",
            "prompt is too long",
        ),
        (
            "unsupported_parameter:max_tokens",
            "invalid_request_error",
            "max_tokens",
            "'max_tokens' is not supported with this model",
            "max_tokens: Extra inputs are not permitted",
        ),
        ("something_new", "invalid_request_error", None, "as it was told to", "as it was told to"),
    ],
)
async def test_errors_on_command(
    provider: FakeProvider,
    oai: openai.AsyncOpenAI,
    claude: anthropic.AsyncAnthropic,
    code: str,
    kind: str,
    param: str | None,
    message: str,
    anthropics: str,
) -> None:
    provider.default = Behaviour(status=400, code=code)
    with pytest.raises(openai.BadRequestError) as caught:
        await oai.chat.completions.create(model="gpt-4o", messages=[USER])
    assert (caught.value.code, caught.value.type) == (code.partition(":")[0], kind)
    assert caught.value.param == param
    assert message in caught.value.message
    with pytest.raises(anthropic.BadRequestError, match=anthropics) as refused:
        await claude.messages.create(model="claude-x", max_tokens=9, messages=[USER])
    assert refused.value.body["error"]["type"] == "invalid_request_error"  # type: ignore[index]


async def test_a_page_of_html(provider: FakeProvider) -> None:
    provider.default = Behaviour(status=502, html=True)
    async with httpx.AsyncClient() as client:
        response = await client.post(
            f"{provider.url}/v1/chat/completions", json={"model": "a", "messages": [USER]}
        )
    assert response.status_code == 502
    assert response.headers["content-type"] == "text/html"
    assert "<h1>502 Bad Gateway</h1>" in response.text


async def test_an_invalid_request_is_refused_whatever_the_behaviour(
    provider: FakeProvider, oai: openai.AsyncOpenAI
) -> None:
    provider.script(Behaviour(status=503), Behaviour(text="second"))
    with pytest.raises(openai.BadRequestError, match="Unknown parameter"):
        await oai.chat.completions.create(
            model="gpt-4o", messages=[USER], extra_body={"thinking": {}}
        )
    (exchange,) = provider.exchanges
    assert exchange.status == 400
    assert exchange.complaint is not None
    assert exchange.complaint.param == "thinking"
    completion = await oai.chat.completions.create(model="gpt-4o", messages=[USER])
    assert completion.choices[0].message.content == "second"
