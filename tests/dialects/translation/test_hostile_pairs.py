"""Hostile bodies and streams over all pairs: a clear error or a pass, and nothing else."""

from __future__ import annotations

import random
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from extproc.dialects.sse import EventReader
from extproc.dialects.translation.form import Answer
from extproc.dialects.translation.table import TRANSLATORS
from extproc.dialects.translation.translator import Target
from extproc.errors import ClientError
from tests.dialects.translation.pairs import (
    HI,
    PAIRS,
    PROVIDERS,
    C,
    M,
    R,
    ask,
    chat_answer,
    echo_of,
    message,
    response,
    sse,
    stream,
)

GOLDEN = Path(__file__).parent / "golden"
ROUNDS = 60
MANY = 100_000
_HELD = 16 * 1024 * 1024

_POISON: list[Any] = [
    None,
    True,
    -1,
    10**19,
    1e308,
    "",
    "\x00",
    "\ud83d".encode("utf-8", "replace").decode(),
    "x" * 5000,
    [],
    {},
    [None],
    {"type": None},
    {"type": "text", "text": {"text": 1}},
    orjson.loads(b'{"a":' * 500 + b"1" + b"}" * 500),
    orjson.loads(b"[" * 900 + b"]" * 900),
]


def rich(dialect: Any) -> dict[str, Any]:
    """A body that uses most of its dialect."""
    parameters = {"type": "object", "properties": {"a": {"type": "string"}}}
    if dialect is C:
        call = {"id": "a", "type": "function", "function": {"name": "look", "arguments": "{}"}}
        shown = {"type": "image_url", "image_url": {"url": "data:image/png;base64,QUI="}}
        tool = {"type": "function", "function": {"name": "look", "parameters": parameters}}
        schema = {"name": "n", "schema": parameters}
        return ask(
            C,
            messages=[
                {"role": "system", "content": "S"},
                {"role": "user", "content": [{"type": "text", "text": "hi"}, shown]},
                {"role": "assistant", "content": None, "tool_calls": [call]},
                {"role": "tool", "tool_call_id": "a", "content": "seen"},
            ],
            tools=[tool],
            tool_choice="auto",
            response_format={"type": "json_schema", "json_schema": schema},
            reasoning_effort="low",
            stop=["END"],
            temperature=0.5,
        )
    if dialect is M:
        source = {"type": "base64", "media_type": "image/png", "data": "QUI="}
        return ask(
            M,
            system=[{"type": "text", "text": "S", "cache_control": {"type": "ephemeral"}}],
            messages=[
                {"role": "user", "content": [{"type": "image", "source": source}]},
                {
                    "role": "assistant",
                    "content": [
                        {"type": "thinking", "thinking": "t", "signature": "s"},
                        {"type": "tool_use", "id": "a", "name": "look", "input": {"x": 1}},
                    ],
                },
                {
                    "role": "user",
                    "content": [{"type": "tool_result", "tool_use_id": "a", "content": "seen"}],
                },
            ],
            tools=[{"name": "look", "input_schema": parameters}],
            tool_choice={"type": "auto"},
            thinking={"type": "enabled", "budget_tokens": 1024},
            metadata={"user_id": "u"},
        )
    return ask(
        R,
        instructions="S",
        input=[
            {"role": "user", "content": [{"type": "input_text", "text": "hi"}]},
            {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "e"},
            {"type": "function_call", "call_id": "a", "name": "look", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "a", "output": "seen"},
        ],
        tools=[{"type": "function", "name": "look", "parameters": parameters, "strict": False}],
        text={"format": {"type": "json_schema", "name": "n", "schema": parameters}},
        reasoning={"effort": "low", "summary": "auto"},
    )


def places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The ways to everything inside a document."""
    if way:
        yield way
    members = value.items() if isinstance(value, dict) else ()
    for name, inner in members or (enumerate(value) if isinstance(value, list) else ()):
        yield from places(inner, (*way, name))


def poisoned(document: dict[str, Any], dice: random.Random) -> dict[str, Any]:
    """The same, but for something strange in one place."""
    copy: dict[str, Any] = orjson.loads(orjson.dumps(document))
    *way, last = dice.choice(list(places(copy)))
    holder: Any = copy
    for step in way:
        holder = holder[step]
    holder[last] = dice.choice(_POISON)
    return copy


def pass_or_refusal(client: Any, provider: Any, body: dict[str, Any]) -> None:
    target = Target("m", PROVIDERS[provider])
    try:
        asked = TRANSLATORS[client].read_request(body)
        TRANSLATORS[provider].obstacles(asked, target)
        written = TRANSLATORS[provider].write_request(asked, target)
    except ClientError as error:
        outcome = f"{error.status} {error.message}"
    else:
        outcome = str(orjson.loads(written.body)["model"])
    assert outcome == "m" or outcome.startswith("400 ")


@pytest.mark.parametrize(("client", "provider"), PAIRS)
def test_bodies_with_something_strange_in_them(client: Any, provider: Any) -> None:
    dice = random.Random(f"{client} {provider}")
    for _ in range(ROUNDS):
        body = poisoned(rich(client), dice)
        pass_or_refusal(client, provider, body)
        TRANSLATORS[client].adapt(body, Target("m", PROVIDERS[client]))


ANSWERS = {
    C: chat_answer(
        "tool_calls",
        content="a",
        reasoning_content="hm",
        tool_calls=[{"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
    ),
    M: message(
        {"type": "thinking", "thinking": "t", "signature": "s"},
        {"type": "text", "text": "a"},
        {"type": "tool_use", "id": "a", "name": "f", "input": {}},
    ),
    R: response(
        {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "t"}]},
        {
            "type": "message",
            "role": "assistant",
            "content": [{"type": "output_text", "text": "a"}],
        },
        {"type": "function_call", "call_id": "a", "name": "f", "arguments": "{}"},
    ),
}


@pytest.mark.parametrize(("client", "provider"), PAIRS)
def test_answers_with_something_strange_in_them(client: Any, provider: Any) -> None:
    dice = random.Random(f"{provider} {client}")
    echo = echo_of(client)
    for _ in range(ROUNDS):
        try:
            data = orjson.dumps(poisoned(ANSWERS[provider], dice))
        except orjson.JSONEncodeError:  # too deep for our own writer, not for a provider's
            data = b'{"content":' + b"[" * 900 + b"]" * 900 + b"}"
        read = TRANSLATORS[provider].read_answer(data)
        if isinstance(read, Answer):
            written = TRANSLATORS[client].write_answer(read, echo)
        else:
            written = TRANSLATORS[client].write_error(read, "req-1")
        assert isinstance(orjson.loads(written), dict)


@pytest.mark.parametrize(("client", "provider"), PAIRS)
def test_streams_with_something_strange_in_them(client: Any, provider: Any) -> None:
    """One event is changed, dropped, told twice, or no UTF-8."""
    dice = random.Random(f"{client} from {provider}")
    golden = list(EventReader().feed((GOLDEN / f"{provider}.sse").read_bytes()))
    for _ in range(ROUNDS):
        told = list(golden)
        position = dice.randrange(len(told))
        change = dice.randrange(4)
        if change == 0 and told[position] != b"[DONE]":
            try:
                told[position] = orjson.dumps(poisoned(orjson.loads(told[position]), dice))
            except orjson.JSONEncodeError:
                told[position] = b"[" * 900
        elif change == 1:
            del told[position]
        elif change == 2:
            told.insert(position, told[position])
        else:
            told[position] = told[position].replace(b'"', b"\xff", 1)
        data = b"".join(b"data: " + one + b"\n\n" for one in told)
        for one in EventReader().feed(stream(provider, client, data)):
            assert one == b"[DONE]" or isinstance(orjson.loads(one), dict)


def many_calls(client: Any, count: int) -> dict[str, Any]:
    """A history of very many calls and their results."""
    if client is C:
        function = {"name": "f", "arguments": "{}"}
        calls = [{"id": str(n), "type": "function", "function": function} for n in range(count)]
        results = [{"role": "tool", "tool_call_id": str(n), "content": ""} for n in range(count)]
        said = {"role": "assistant", "content": None, "tool_calls": calls}
        return ask(C, messages=[*HI, said, *results])
    if client is M:
        used = [{"type": "tool_use", "id": str(n), "name": "f", "input": {}} for n in range(count)]
        given = [{"type": "tool_result", "tool_use_id": str(n)} for n in range(count)]
        said = {"role": "assistant", "content": used}
        return ask(M, messages=[*HI, said, {"role": "user", "content": given}])
    called = [
        {"type": "function_call", "call_id": str(n), "name": "f", "arguments": "{}"}
        for n in range(count)
    ]
    outputs = [
        {"type": "function_call_output", "call_id": str(n), "output": ""} for n in range(count)
    ]
    return ask(R, input=[*HI, *called, *outputs])


@pytest.mark.unmeasured  # the same lines over and over
@pytest.mark.parametrize(("client", "provider"), PAIRS)
def test_a_hundred_thousand_calls(client: Any, provider: Any) -> None:
    body = many_calls(client, MANY)
    target = Target("m", PROVIDERS[provider])
    asked = TRANSLATORS[client].read_request(body)
    written = TRANSLATORS[provider].write_request(asked, target)
    assert written.body.count(b"%d" % (MANY - 1)) == 2


def endless(provider: Any, count: int) -> bytes:
    """A stream that begins call after call, and ends none."""
    if provider is C:
        head = {"id": "c", "created": 1, "model": "m"}
        return sse(
            *(
                {
                    **head,
                    "choices": [
                        {
                            "index": 0,
                            "delta": {
                                "tool_calls": [
                                    {
                                        "index": n,
                                        "id": str(n),
                                        "function": {"name": "f", "arguments": "x" * 100},
                                    }
                                ]
                            },
                        }
                    ],
                }
                for n in range(count)
            )
        )
    if provider is M:
        return sse(
            {"type": "message_start", "message": message()},
            *(
                {
                    "type": "content_block_start",
                    "index": n,
                    "content_block": {"type": "tool_use", "id": str(n), "name": "f", "input": {}},
                }
                for n in range(count)
            ),
        )
    item = {"type": "function_call", "call_id": "a", "name": "f", "arguments": ""}
    return sse(
        {"type": "response.created", "response": response()},
        *(
            {"type": "response.output_item.added", "output_index": n, "item": item}
            for n in range(count)
        ),
    )


@pytest.mark.unmeasured  # the same lines over and over
@pytest.mark.parametrize(("client", "provider"), PAIRS)
def test_a_stream_of_calls_without_end_is_bounded(client: Any, provider: Any) -> None:
    """What a stream keeps does not grow with what it is told beyond a bound."""
    data = endless(provider, 4_000)
    reader = TRANSLATORS[provider].stream_reader()
    writer = TRANSLATORS[client].stream_writer(echo_of(client, stream=True))
    tracemalloc.start()
    for event in EventReader().feed(data):
        for told in reader.read(event):
            writer.write(told)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < _HELD
