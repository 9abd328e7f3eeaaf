"""What a request requires, in each dialect."""

from __future__ import annotations

import json
from typing import Any

import pytest

from extproc.core.models import Dialect
from extproc.core.requirements import Requirements
from extproc.dialects.request import parse
from extproc.dialects.requirements import RequirementsOf, prefix_tokens, requirements_of

CHAT, MESSAGES, RESPONSES = Dialect.CHAT, Dialect.MESSAGES, Dialect.RESPONSES
IMAGE = 1_600
DOCUMENT = 3_000
DATA = "QUJD" * 100_000
URI = f"data:image/png;base64,{DATA}"
BASE64 = {"type": "base64", "media_type": "image/png", "data": DATA}


def read(dialect: Dialect, content: Any, **more: Any) -> Requirements:
    turn = {"role": "user", "content": content}
    return read_body(dialect, ("input" if dialect is RESPONSES else "messages"), [turn], **more)


def read_body(dialect: Dialect, name: str, turns: Any, **more: Any) -> Requirements:
    return requirements_of(parse(dialect, json.dumps({name: turns} | more).encode()))


@pytest.mark.parametrize("dialect", Dialect)
def test_text_alone_is_measured_by_its_bytes(dialect: Dialect) -> None:
    found = read(dialect, "word " * 4000)
    assert found == Requirements(found.input_tokens)
    assert 5000 <= found.input_tokens < 5020


def test_system_and_tools_count_too() -> None:
    plain = read(MESSAGES, "hi")
    more = read(MESSAGES, "hi", system="s" * 4000, tools=[{"description": "d" * 4000}])
    assert 2000 <= more.input_tokens - plain.input_tokens <= 2020


@pytest.mark.parametrize(
    ("dialect", "part"),
    [
        (CHAT, {"type": "image_url", "image_url": {"url": URI, "detail": "low"}}),
        (CHAT, {"type": "image_url", "image_url": URI}),
        (MESSAGES, {"type": "image", "source": BASE64}),
        (MESSAGES, {"type": "tool_result", "content": [{"type": "image", "source": BASE64}]}),
        (RESPONSES, {"type": "input_image", "image_url": URI}),
    ],
)
def test_an_image_counts_the_same_whatever_its_size(dialect: Dialect, part: Any) -> None:
    found = read(dialect, [{"type": "text", "text": "what is it?"}, part, part])
    assert (found.images, found.documents) == (True, False)
    assert 2 * IMAGE <= found.input_tokens < 2 * IMAGE + 100


@pytest.mark.parametrize(
    ("dialect", "part"),
    [
        (CHAT, {"type": "image_url", "image_url": {"url": "https://e.example/a.png"}}),
        (MESSAGES, {"type": "image", "source": {"type": "url", "url": "https://e.example/a.png"}}),
        (MESSAGES, {"type": "image", "source": {"type": "file", "file_id": "f"}}),
        (RESPONSES, {"type": "input_image", "file_id": "f"}),
    ],
)
def test_an_image_elsewhere_is_one(dialect: Dialect, part: Any) -> None:
    found = read(dialect, [part])
    assert found.images
    assert IMAGE <= found.input_tokens < IMAGE + 60


@pytest.mark.parametrize(
    ("dialect", "part"),
    [
        (CHAT, {"type": "file", "file": {"filename": "a.pdf", "file_data": URI}}),
        (MESSAGES, {"type": "document", "source": BASE64}),
        (RESPONSES, {"type": "input_file", "filename": "a.pdf", "file_data": URI}),
    ],
)
def test_a_document(dialect: Dialect, part: Any) -> None:
    found = read(dialect, [part])
    assert (found.images, found.documents) == (False, True)
    assert DOCUMENT <= found.input_tokens < DOCUMENT + 60


def test_a_document_of_plain_text_is_text() -> None:
    source = {"type": "text", "media_type": "text/plain", "data": "t" * 4000}
    found = read(MESSAGES, [{"type": "document", "source": source}])
    assert not found.documents
    assert 1000 <= found.input_tokens < 1100


@pytest.mark.parametrize(
    "output",
    [
        [{"type": "input_image", "image_url": URI}],
        {"type": "computer_screenshot", "image_url": URI},
    ],
)
def test_what_a_tool_showed_is_an_image(output: Any) -> None:
    item = {"type": "function_call_output", "call_id": "c", "output": output}
    found = read_body(RESPONSES, "input", [item])
    assert found.images
    assert found.input_tokens < IMAGE + 100


@pytest.mark.parametrize(
    ("dialect", "more", "tools", "reasons"),
    [
        (CHAT, {"tools": [{}]}, True, False),
        (CHAT, {"functions": [{}]}, True, False),
        (CHAT, {"tools": []}, False, False),
        (CHAT, {"reasoning_effort": "high"}, False, False),
        (CHAT, {"tools": [{}], "reasoning_effort": "high"}, True, True),
        (CHAT, {"tools": [{}], "reasoning_effort": "none"}, True, False),
        (CHAT, {"tools": [{}], "reasoning_effort": None}, True, False),
        (MESSAGES, {"tools": [{}], "output_config": {"effort": "low"}}, True, True),
        (MESSAGES, {"tools": [{}], "output_config": {"format": {}}}, True, False),
        (MESSAGES, {"tools": [{}], "thinking": {"type": "enabled"}}, True, True),
        (MESSAGES, {"tools": [{}], "thinking": {"type": "disabled"}}, True, False),
        (RESPONSES, {"tools": [{}], "reasoning": {"effort": "low"}}, True, True),
        (RESPONSES, {"tools": [{}], "reasoning": {"summary": "auto"}}, True, False),
    ],
)
def test_tools_and_reasoning(
    dialect: Dialect, more: dict[str, Any], tools: bool, reasons: bool
) -> None:
    found = read(dialect, "hi", **more)
    assert (found.tools, found.tool_reasoning) == (tools, reasons)


NO_BOUNDS: tuple[Any, ...] = (None, True, 1.5, "9", -1, [], 0)


@pytest.mark.parametrize(
    ("dialect", "more", "bound"),
    [
        (CHAT, {"max_tokens": 9}, 9),
        (CHAT, {"max_tokens": 9, "max_completion_tokens": 7}, 7),
        (CHAT, {"max_output_tokens": 9}, 0),
        (MESSAGES, {"max_tokens": 9}, 9),
        (RESPONSES, {"max_output_tokens": 9}, 9),
        *((CHAT, {"max_tokens": each}, 0) for each in NO_BOUNDS),
    ],
)
def test_the_longest_answer_asked_for(dialect: Dialect, more: Any, bound: int) -> None:
    assert read(dialect, "hi", **more).output_tokens == bound


WRONG: tuple[Any, ...] = (None, 7, True, "x", [], {}, [None], [[]], {"type": 7}, {"type": []})


@pytest.mark.parametrize("dialect", Dialect)
@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("kind", ["image_url", "image", "input_image", "file", "input_file"])
def test_nothing_that_parses_raises(dialect: Dialect, wrong: Any, kind: str) -> None:
    read(dialect, wrong, tools=wrong, reasoning=wrong, reasoning_effort=wrong, thinking=wrong)
    members = ("image_url", "source", "file", "file_data", "content")
    parts = [{"type": kind} | dict.fromkeys(members, wrong), {"type": "tool_result"}, wrong]
    read(dialect, parts, max_tokens=wrong, output_config=wrong)
    read_body(RESPONSES, "input", [{"type": "computer_call_output", "output": wrong}])


def test_results_of_tools_inside_of_each_other_end_somewhere() -> None:
    part: dict[str, Any] = {"type": "image", "source": BASE64}
    for _ in range(300):
        part = {"type": "tool_result", "content": [part]}
    assert not read(MESSAGES, [part]).images


def test_requirements_are_read_once() -> None:
    asked = parse(Dialect.CHAT, b'{"messages": [{"role": "user", "content": "hi"}]}')
    required = RequirementsOf(asked)
    assert required() == requirements_of(asked)
    assert required() is required()


SYSTEM = "s" * 4000
LONG = "l" * 40_000
PICTURE = {"type": "image", "source": BASE64}


def prefix(dialect: Dialect, *, large: bool = False, **body: Any) -> int:
    return prefix_tokens(parse(dialect, json.dumps(body).encode(), large=large))


def said(role: str, content: Any) -> dict[str, Any]:
    return {"role": role, "content": content}


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize(
    ("dialect", "body"),
    [
        (MESSAGES, {"system": SYSTEM, "messages": [said("user", LONG)]}),
        (MESSAGES, {"system": SYSTEM, "messages": [said("user", [PICTURE] * 3)]}),
        (
            MESSAGES,
            {"messages": [said("user", SYSTEM), said("assistant", "A"), said("user", LONG)]},
        ),
        (MESSAGES, {"messages": [said("user", SYSTEM), said("assistant", "A"), said("user", "é")]}),
        (CHAT, {"messages": [said("system", SYSTEM), said("user", LONG), said("user", LONG)]}),
        (
            CHAT,
            {
                "tools": [{"type": "function", "function": {"name": "f", "description": SYSTEM}}],
                "messages": [
                    said("user", "Q"),
                    {"role": "assistant", "tool_calls": []},
                    {"role": "tool", "tool_call_id": "t", "content": LONG},
                ],
            },
        ),
        (RESPONSES, {"instructions": SYSTEM, "input": LONG}),
        (RESPONSES, {"input": [said("developer", SYSTEM), said("user", LONG)]}),
    ],
)
def test_what_will_stand_in_other_requests_too(
    dialect: Dialect, body: dict[str, Any], large: bool
) -> None:
    assert 1000 <= prefix(dialect, large=large, **body) < 1060


def test_images_that_were_sent_before_are_the_prefix_s() -> None:
    turns = [said("user", [PICTURE]), said("assistant", "A"), said("user", LONG)]
    assert IMAGE <= prefix(MESSAGES, messages=turns) < IMAGE + 60


def test_what_is_nested_too_deeply_has_no_prefix() -> None:
    raw = b'{"messages":[{"role":"user","content":%b%b}]}' % (b"[" * 1000, b"]" * 1000)
    assert prefix_tokens(parse(MESSAGES, raw)) == 0
