"""Bodies of Anthropic's dialect, read. Numbers are the cases of translation."""

from __future__ import annotations

from typing import Any

import pytest

from extproc.core.models import Dialect
from extproc.dialects.translation.form import (
    Choice,
    ChoiceMode,
    Document,
    Image,
    Opaque,
    OutputFormat,
    Reasoning,
    ReasoningSettings,
    Request,
    Source,
    Text,
    Tool,
    ToolCall,
    ToolResult,
    Turn,
)
from extproc.dialects.translation.messages import TRANSLATOR
from extproc.errors import ClientError

HI: dict[str, Any] = {"role": "user", "content": "hi"}
MARK = {"type": "ephemeral"}


def read(*messages: dict[str, Any], **members: Any) -> Request:
    return TRANSLATOR.read_request(
        {"model": "claude-x", "max_tokens": 50, "messages": list(messages or [HI]), **members}
    )


def blocks(role: str, *content: dict[str, Any]) -> dict[str, Any]:
    return {"role": role, "content": list(content)}


def test_what_is_not_said_is_not_there() -> None:
    assert read() == Request(
        Dialect.MESSAGES, "claude-x", (Turn("user", (Text("hi"),), "messages[0]"),), max_tokens=50
    )


@pytest.mark.parametrize("limit", [0, 50])
def test_cases_032_033_max_tokens(limit: int) -> None:
    assert read(max_tokens=limit).max_tokens == limit


def test_case_034_calls_of_the_assistant() -> None:
    asked = read(
        HI,
        blocks(
            "assistant",
            {"type": "text", "text": "t"},
            {"type": "tool_use", "id": "a", "name": "f", "input": {"x": 1}},
            {"type": "tool_use", "id": "b", "name": "g", "input": {}, "caller": {"type": "direct"}},
        ),
    )
    assert asked.turns[1].parts == (
        Text("t"),
        ToolCall("a", "f", '{"x":1}'),
        ToolCall("b", "g", ""),
    )
    assert asked.extras == {}


def test_cases_035_036_037_038_results() -> None:
    image = {"type": "image", "source": {"type": "url", "url": "https://a/b.png"}}
    asked = read(
        blocks(
            "user",
            {"type": "tool_result", "tool_use_id": "a", "content": "plain"},
            {"type": "tool_result", "tool_use_id": "b", "is_error": True},
            {
                "type": "tool_result",
                "tool_use_id": "c",
                "content": [{"type": "text", "text": "t"}, image, {"type": "search_result"}],
                "cache_control": MARK,
            },
            {"type": "text", "text": "go"},
        )
    )
    first, second, third, text = asked.turns[0].parts
    assert first == ToolResult("a", (Text("plain"),))
    assert second == ToolResult("b", (), is_error=True)
    assert isinstance(third, ToolResult)
    assert third.parts[:2] == (Text("t"), Image(Source(url="https://a/b.png")))
    assert third.parts[2] == Opaque(
        Dialect.MESSAGES,
        "search_result",
        "messages[0].content[2].content[2]",
        {"type": "search_result"},
    )
    assert third.cache == MARK
    assert text == Text("go")


def test_case_039_thinking() -> None:
    asked = read(
        HI,
        blocks(
            "assistant",
            {"type": "thinking", "thinking": "t", "signature": "s"},
            {"type": "thinking", "thinking": "foreign", "signature": ""},
            {"type": "redacted_thinking", "data": "r"},
        ),
    )
    assert asked.turns[1].parts == (
        Reasoning("t", signature="s"),
        Reasoning("foreign"),
        Reasoning(redacted="r"),
    )


@pytest.mark.parametrize(
    ("members", "settings"),
    [
        ({"thinking": {"type": "enabled", "budget_tokens": 2048}}, (None, 2048, False, True, None)),
        ({"thinking": {"type": "adaptive"}}, (None, None, True, True, None)),
        (
            {
                "thinking": {"type": "adaptive", "display": "omitted"},
                "output_config": {"effort": "max"},
            },
            ("max", None, True, True, "omitted"),
        ),
        ({"thinking": {"type": "disabled"}}, (None, None, False, False, None)),
        ({"output_config": {"effort": "low"}}, ("low", None, False, None, None)),
    ],
)
def test_case_040_reasoning(members: dict[str, Any], settings: tuple[Any, ...]) -> None:
    assert read(**members).reasoning == ReasoningSettings(*settings)


def test_thinking_of_an_unknown_kind_is_an_extra() -> None:
    asked = read(thinking={"type": "between_tools"})
    assert asked.reasoning is None
    assert asked.extras == {"thinking": {"type": "between_tools"}}


def test_case_041_user() -> None:
    asked = read(metadata={"user_id": "u" * 70, "team": "t"})
    assert asked.user == "u" * 70
    assert asked.extras == {"metadata.team": "t"}


def test_case_042_tools_of_the_provider() -> None:
    search = {"type": "web_search_20250305", "name": "web_search", "max_uses": 3}
    own = {"name": "f", "description": "d", "input_schema": {"type": "object"}}
    used = {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}}
    asked = read(HI, blocks("assistant", used), tools=[search, own])
    assert asked.tools == (
        Tool("web_search", kind="web_search_20250305", raw=search),
        Tool("f", "d", {"type": "object"}),
    )
    assert asked.turns[1].parts == (
        Opaque(Dialect.MESSAGES, "server_tool_use", "messages[1].content[0]", used),
    )


@pytest.mark.parametrize(
    ("given", "choice", "parallel"),
    [
        ({"type": "auto"}, Choice(ChoiceMode.AUTO), None),
        ({"type": "any"}, Choice(ChoiceMode.REQUIRED), None),
        ({"type": "none"}, Choice(ChoiceMode.NONE), None),
        ({"type": "tool", "name": "f"}, Choice(ChoiceMode.NAMED, "f"), None),
        ({"type": "any", "disable_parallel_tool_use": True}, Choice(ChoiceMode.REQUIRED), False),
        ({"type": "auto", "disable_parallel_tool_use": False}, Choice(ChoiceMode.AUTO), True),
    ],
)
def test_case_043_choice(given: dict[str, Any], choice: Choice, parallel: bool | None) -> None:
    asked = read(tool_choice=given)
    assert (asked.choice, asked.parallel_tools) == (choice, parallel)


def test_case_044_stop_sequences() -> None:
    assert read(stop_sequences=["a", "b", "c", "d", "e"]).stop == ("a", "b", "c", "d", "e")


def test_case_045_what_only_anthropic_has() -> None:
    asked = read(
        top_k=5,
        temperature=1,
        top_p=0.5,
        container="c",
        inference_geo="eu",
        speed="fast",
        service_tier="standard_only",
        mcp_servers=[],
        diagnostics=None,
        anthropic_version="bedrock-2023-05-31",
    )
    assert (asked.top_k, asked.temperature, asked.top_p) == (5, 1, 0.5)
    assert asked.extras == {
        "container": "c",
        "inference_geo": "eu",
        "speed": "fast",
        "service_tier": "standard_only",
    }
    assert read(service_tier="auto", speed="standard").extras == {}


@pytest.mark.parametrize("member", ["output_config", "output_format"])
def test_case_046_output_format(member: str) -> None:
    wanted = {"type": "json_schema", "schema": {"type": "object"}}
    given = {"format": wanted, "task_budget": {"total": 1}} if member == "output_config" else wanted
    asked = read(**{member: given})
    assert asked.format == OutputFormat({"type": "object"})
    assert list(asked.extras) == (
        ["output_config.task_budget"] if member == "output_config" else []
    )


def test_case_047_documents() -> None:
    sources: list[dict[str, Any]] = [
        {"type": "base64", "media_type": "application/pdf", "data": "AAAA"},
        {"type": "text", "media_type": "text/plain", "data": "words"},
        {"type": "url", "url": "https://a/b.pdf"},
        {"type": "file", "file_id": "f"},
        {"type": "content", "content": "whole"},
        {"type": "content", "content": [{"type": "text", "text": w} for w in ("a", "b")]},
        {"type": "content", "content": [{"type": "image"}]},
    ]
    asked = read(
        blocks("user", *({"type": "document", "source": s, "title": "T"} for s in sources))
    )
    *known, opaque = asked.turns[0].parts
    assert known == [
        Document(source, "T")
        for source in (
            Source(data="AAAA", media_type="application/pdf"),
            Source(text="words"),
            Source(url="https://a/b.pdf"),
            Source(file_id="f"),
            Source(text="whole"),
            Source(text="a\nb"),
        )
    ]
    assert isinstance(opaque, Opaque)


def test_case_049_system_blocks() -> None:
    marked = {"type": "text", "text": "B", "cache_control": MARK}
    asked = read(system=[{"type": "text", "text": "A"}, marked])
    assert asked.system == (Text("A"), Text("B", MARK))
    assert read(system="S").system == (Text("S"),)


def test_case_050_a_stream_tells_its_usage() -> None:
    asked = read(stream=True)
    assert asked.streamed
    assert asked.include_usage


def test_case_052_members_of_tools() -> None:
    tool = {
        "type": "custom",
        "name": "f",
        "input_schema": {"type": "object"},
        "strict": True,
        "cache_control": MARK,
        "input_examples": [{}],
        "defer_loading": False,
        "allowed_callers": ["direct"],
        "eager_input_streaming": True,
    }
    asked = read(tools=[tool])
    assert asked.tools == (Tool("f", None, {"type": "object"}, True, MARK),)
    assert asked.paths == {
        "input_examples": "tools[0].input_examples",
        "allowed_callers": "tools[0].allowed_callers",
        "eager_input_streaming": "tools[0].eager_input_streaming",
    }
    assert asked.extras.keys() == asked.paths.keys()


def test_members_of_blocks_are_named_with_their_place() -> None:
    cited = {"type": "document", "source": {"type": "text", "data": "t"}, "citations": {"on": True}}
    asked = read(HI, blocks("user", cited, cited))
    assert asked.paths == {"citations": "messages[1].content[0].citations"}


def test_case_053_system_in_the_middle() -> None:
    asked = read(HI, {"role": "system", "content": "S"}, HI)
    assert [turn.role for turn in asked.turns] == ["user", "system", "user"]
    assert asked.turns[1].parts == (Text("S"),)


@pytest.mark.parametrize(
    ("messages", "members", "param"),
    [
        (None, {"messages": None}, "messages"),
        (None, {"messages": {"a": 1}}, "messages"),
        (None, {"messages": ["hi"]}, "messages[0]"),
        ([{"role": "tool", "content": "a"}], {}, "messages[0].role"),
        ([{"role": ["user"], "content": "a"}], {}, "messages[0].role"),
        ([{"role": "user"}], {}, "messages[0].content"),
        ([{"role": "user", "content": 3}], {}, "messages[0].content"),
        ([blocks("user", {"text": "no type"})], {}, "messages[0].content[0].type"),
        ([blocks("user", {"type": {}})], {}, "messages[0].content[0].type"),
        ([blocks("user", {"type": "text"})], {}, "messages[0].content[0].text"),
        ([blocks("user", {"type": "image"})], {}, "messages[0].content[0].source"),
        (
            [blocks("user", {"type": "image", "source": {"type": "url", "url": 1}})],
            {},
            "messages[0].content[0].source.url",
        ),
        ([blocks("assistant", {"type": "tool_use"})], {}, "messages[0].content[0].input"),
        (
            [blocks("assistant", {"type": "tool_use", "input": {}, "id": 1})],
            {},
            "messages[0].content[0].id",
        ),
        ([blocks("user", {"type": "tool_result"})], {}, "messages[0].content[0].tool_use_id"),
        ([{"role": "system", "content": [{"type": "image"}]}], {}, "messages[0].content[0]"),
        (None, {"system": 1}, "system"),
        (None, {"tools": {}}, "tools"),
        (None, {"tools": [{"input_schema": {}}]}, "tools[0].name"),
        (None, {"tools": [{"name": "f", "input_schema": []}]}, "tools[0].input_schema"),
        (None, {"tool_choice": "auto"}, "tool_choice"),
        (None, {"tool_choice": {"type": "some"}}, "tool_choice.type"),
        (None, {"max_tokens": -1}, "max_tokens"),
        (None, {"max_tokens": True}, "max_tokens"),
        (None, {"max_tokens": 1.5}, "max_tokens"),
        (None, {"temperature": "hot"}, "temperature"),
        (None, {"stop_sequences": [1]}, "stop_sequences"),
        (None, {"stream": 1}, "stream"),
        (None, {"thinking": True}, "thinking"),
        (None, {"output_config": [1]}, "output_config"),
        (None, {"output_config": {"format": {"type": "xml"}}}, "output_config.format.type"),
        (None, {"output_format": {"type": "json_schema"}}, "output_format.schema"),
        (None, {"metadata": {"user_id": 1}}, "metadata.user_id"),
        (None, {"model": 1}, "model"),
    ],
)
def test_malformed_bodies_are_refused(
    messages: list[Any] | None, members: dict[str, Any], param: str
) -> None:
    with pytest.raises(ClientError) as refused:
        TRANSLATOR.read_request({"messages": messages or [HI], **members})
    assert refused.value.status == 400
    assert refused.value.param == param
    assert param in refused.value.message
