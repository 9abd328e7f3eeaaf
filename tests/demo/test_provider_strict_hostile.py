"""Whatever a body holds, judging and answering it never ends with an exception."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from extproc.demo.provider.behaviour import Behaviour
from extproc.demo.provider.compose import compose
from extproc.demo.provider.dialects import Dialect, dialect_of
from extproc.demo.provider.inquiry import Inquiry
from extproc.demo.provider.seal import encrypt, sign
from extproc.demo.provider.strict import Ask

SCHEMA = {
    "type": "object",
    "properties": {"a": {"type": "array", "items": {"type": "string"}}},
    "required": ["a"],
    "additionalProperties": False,
}
PIXEL = "data:image/png;base64,aGVsbG8="
CHAT = {
    "model": "gpt-5",
    "messages": [
        {"role": "user", "content": [{"type": "image_url", "image_url": {"url": PIXEL}}]},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}
            ],
        },
        {"role": "tool", "tool_call_id": "a", "content": [{"type": "text", "text": "ok"}]},
    ],
    "tools": [
        {"type": "function", "function": {"name": "f", "parameters": SCHEMA, "strict": True}}
    ],
    "tool_choice": {"type": "function", "function": {"name": "f"}},
    "response_format": {
        "type": "json_schema",
        "json_schema": {"name": "a", "schema": SCHEMA, "strict": True},
    },
    "stream": True,
    "stream_options": {"include_usage": True},
    "metadata": {"a": "b"},
    "max_completion_tokens": 5,
    "reasoning_effort": "low",
}
MESSAGES = {
    "model": "claude-sonnet-4-6",
    "max_tokens": 2000,
    "system": [{"type": "text", "text": "S", "cache_control": {"type": "ephemeral"}}],
    "messages": [
        {
            "role": "user",
            "content": [
                {
                    "type": "image",
                    "source": {"type": "base64", "media_type": "image/png", "data": "aGVsbG8="},
                }
            ],
        },
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "Hm.", "signature": sign("Hm.")},
                {"type": "tool_use", "id": "a", "name": "f", "input": {"a": []}},
            ],
        },
        {
            "role": "user",
            "content": [
                {
                    "type": "tool_result",
                    "tool_use_id": "a",
                    "content": [{"type": "text", "text": "ok"}],
                }
            ],
        },
    ],
    "tools": [{"name": "f", "input_schema": SCHEMA, "strict": True}],
    "tool_choice": {"type": "auto", "disable_parallel_tool_use": True},
    "thinking": {"type": "enabled", "budget_tokens": 1024},
    "output_config": {"effort": "low", "format": {"type": "json_schema", "schema": SCHEMA}},
    "metadata": {"user_id": "a"},
    "stop_sequences": ["END"],
}
RESPONSES = {
    "model": "gpt-5",
    "input": [
        {"role": "user", "content": [{"type": "input_image", "image_url": PIXEL, "detail": "low"}]},
        {
            "type": "reasoning",
            "id": "rs_1",
            "summary": [{"type": "summary_text", "text": "Hm."}],
            "encrypted_content": encrypt("acme", "Hm."),
        },
        {"type": "function_call", "call_id": "a", "name": "f", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "a", "output": "ok"},
    ],
    "tools": [{"type": "function", "name": "f", "parameters": SCHEMA, "strict": True}],
    "tool_choice": {"type": "function", "name": "f"},
    "text": {"format": {"type": "json_schema", "name": "a", "schema": SCHEMA, "strict": True}},
    "reasoning": {"effort": "low", "summary": "auto"},
    "include": ["reasoning.encrypted_content"],
    "metadata": {"a": "b"},
    "store": False,
}
BODIES = {"/chat/completions": CHAT, "/messages": MESSAGES, "/responses": RESPONSES}
JUNK: list[Any] = [None, True, -1, 1.5, "", "x", [], {}, [None], [[{}]], {"type": []}, "\ud800"]
BEHAVIOUR = Behaviour(tools="auto", reasoning="Hm.", stop="stop_sequence")


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    keys: Any = value if isinstance(value, dict) else ()
    for key in range(len(value)) if isinstance(value, list) else keys:
        yield from places(value[key], (*path, key))


def spoilt(body: Any, path: tuple[Any, ...], junk: Any) -> Any:
    body = copy.deepcopy(body)
    *way, last = path
    place = body
    for step in way:
        place = place[step]
    place[last] = junk
    return body


def known(path: str) -> Dialect:
    dialect = dialect_of("POST", path)
    assert dialect is not None
    return dialect


def ask(body: Any) -> Ask:
    version = (("anthropic-version", "2023-06-01"),)
    return Ask(body=body, model=body["model"], headers=version, provider="acme")


@pytest.mark.parametrize("path", BODIES)
def test_the_bodies_are_right(path: str) -> None:
    assert known(path).judge(ask(BODIES[path])) is None


@pytest.mark.parametrize("path", BODIES)
def test_spoilt_bodies_are_judged(path: str) -> None:
    dialect, refused = known(path), 0
    for place in list(places(BODIES[path]))[1:]:
        if place == ("model",):
            continue
        for junk in JUNK:
            refused += dialect.judge(ask(spoilt(BODIES[path], place, junk))) is not None
    assert refused > 300


@pytest.mark.parametrize("path", BODIES)
def test_spoilt_bodies_are_answered(path: str) -> None:
    """A provider that is not strict makes the best of them."""
    voice = known(path).voice
    for place in list(places(BODIES[path]))[1:]:
        if place == ("model",):
            continue
        for junk in JUNK[:-1]:
            body = spoilt(BODIES[path], place, junk)
            inquiry = Inquiry(model=body["model"], stream=True, body=body)
            answer = compose("acme", inquiry, BEHAVIOUR, request_size=1)
            assert voice.whole(answer)
            stream = voice.Stream(answer)
            said = [*stream.opening(), *map(stream.piece, stream.pieces()), *stream.closing()]
            assert all(said)
            assert stream.terminator()
