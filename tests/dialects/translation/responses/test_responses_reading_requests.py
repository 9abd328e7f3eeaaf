"""What a client of the responses dialect asks for."""

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
    Refusal,
    Source,
    Text,
    Tool,
    ToolCall,
    ToolResult,
    Turn,
)
from extproc.dialects.translation.responses.reading_requests import read_request
from extproc.errors import ClientError


def _items(*items: Any) -> tuple[Turn, ...]:
    return read_request({"input": list(items)}).turns


def test_case_058_an_item_with_a_role_and_no_type_is_a_message() -> None:
    turns = _items({"role": "user", "content": "hi"})
    assert turns == (Turn("user", (Text("hi"),), "input[0]"),)


@pytest.mark.parametrize("item", [{}, {"content": "hi"}, {"id": "x", "content": "hi"}])
def test_case_058_an_item_with_neither_is_an_error_at_its_place(item: dict[str, Any]) -> None:
    with pytest.raises(ClientError, match=r"'input\[0\]' must have a 'type'") as caught:
        _items(item)
    assert (caught.value.status, caught.value.param) == (400, "input[0]")


def test_case_059_reasoning_makes_no_empty_message() -> None:
    turns = _items(
        {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "xyz"},
        {"type": "function_call", "call_id": "c1", "name": "f", "arguments": "{}"},
    )
    assert turns == (
        Turn("assistant", (Reasoning(encrypted="xyz", id="rs_1"),), "input[0]"),
        Turn("assistant", (ToolCall("c1", "f", "{}"),), "input[1]"),
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("previous_response_id", "resp_1"),
        ("conversation", "conv_1"),
        ("prompt", {"id": "pmpt_1"}),
    ],
)
def test_case_060_what_only_its_provider_knows_is_an_extra(name: str, value: object) -> None:
    asked = read_request({name: value})
    assert asked.extras == {name: value}
    assert asked.turns == ()


@pytest.mark.parametrize("item", [{"type": "item_reference", "id": "msg_1"}, {"id": "msg_1"}])
def test_case_060_an_item_reference_is_opaque(item: dict[str, Any]) -> None:
    (turn,) = _items(item)
    assert turn.parts == (Opaque(Dialect.RESPONSES, "item_reference", "input[0]", item),)


def test_case_061_a_string_is_the_users() -> None:
    asked = read_request({"model": "m", "input": "hi", "instructions": "Be brief."})
    assert asked.model == "m"
    assert asked.system == (Text("Be brief."),)
    assert asked.turns == (Turn("user", (Text("hi"),), "input"),)


def test_case_061_what_the_system_says_first_follows_the_instructions() -> None:
    asked = read_request(
        {
            "instructions": "A",
            "input": [
                {"role": "system", "content": "B"},
                {"role": "developer", "content": [{"type": "input_text", "text": "C"}]},
                {"role": "user", "content": "hi"},
                {"role": "developer", "content": "D"},
            ],
        }
    )
    assert asked.system == (Text("A"), Text("B"), Text("C"))
    assert asked.turns[1] == Turn("system", (Text("D"),), "input[3]")


def test_case_061_all_kinds_of_content() -> None:
    (turn, said) = _items(
        {
            "type": "message",
            "role": "user",
            "content": [
                {"type": "input_text", "text": "look"},
                {"type": "input_image", "image_url": "https://x/a.png", "detail": "low"},
                {"type": "input_image", "image_url": "data:image/PNG;base64,AAAA"},
                {
                    "type": "input_file",
                    "filename": "a.pdf",
                    "file_data": "data:application/pdf;base64,BB",
                },
                {"type": "input_file", "filename": "a.csv", "file_data": "QQ=="},
                {"type": "input_file", "file_url": "https://x/a.pdf"},
                {"type": "input_file", "file_id": "file_1"},
                {"type": "input_audio", "input_audio": {}},
            ],
        },
        {
            "type": "message",
            "id": "msg_1",
            "status": "completed",
            "role": "assistant",
            "content": [
                {"type": "output_text", "text": "seen", "annotations": []},
                {"type": "refusal", "refusal": "no"},
            ],
        },
    )
    assert turn.parts == (
        Text("look"),
        Image(Source(url="https://x/a.png"), "low"),
        Image(Source(data="AAAA", media_type="image/png")),
        Document(Source(data="BB", media_type="application/pdf"), "a.pdf"),
        Document(Source(data="QQ==", media_type="text/csv"), "a.csv"),
        Document(Source(url="https://x/a.pdf")),
        Document(Source(file_id="file_1")),
        Opaque(
            Dialect.RESPONSES,
            "input_audio",
            "input[0].content[7]",
            {"type": "input_audio", "input_audio": {}},
        ),
    )
    assert said.parts == (Text("seen"), Refusal("no"))


def test_case_061_results_as_a_string_or_parts() -> None:
    turns = _items(
        {"type": "function_call_output", "call_id": "a", "output": "1"},
        {"type": "function_call_output", "call_id": "b", "output": ""},
        {
            "type": "function_call_output",
            "call_id": "c",
            "output": [
                {"type": "input_text", "text": "x"},
                {"type": "input_image", "image_url": "https://x/a.png"},
            ],
        },
    )
    assert [turn.parts for turn in turns] == [
        (ToolResult("a", (Text("1"),)),),
        (ToolResult("b", ()),),
        (ToolResult("c", (Text("x"), Image(Source(url="https://x/a.png")))),),
    ]


def test_case_063_reasoning_keeps_its_summary_beside_what_is_encrypted() -> None:
    (turn,) = _items(
        {
            "type": "reasoning",
            "id": "rs_1",
            "encrypted_content": "xyz",
            "summary": [
                {"type": "summary_text", "text": "one"},
                {"type": "summary_text", "text": "two"},
            ],
        }
    )
    assert turn.parts == (Reasoning("one\n\ntwo", encrypted="xyz", id="rs_1"),)


def test_case_064_members_of_this_dialect_alone_are_extras_unless_they_ask_for_nothing() -> None:
    asked = read_request(
        {
            "input": "hi",
            "include": ["reasoning.encrypted_content"],
            "truncation": "auto",
            "background": True,
            "max_tool_calls": 3,
            "text": {"verbosity": "low"},
            "reasoning": {"context": "all_turns"},
            "never_heard_of": 1,
        }
    )
    assert asked.extras == {
        "include": ["reasoning.encrypted_content"],
        "truncation": "auto",
        "background": True,
        "max_tool_calls": 3,
        "verbosity": "low",
        "reasoning.context": "all_turns",
        "never_heard_of": 1,
    }
    assert asked.paths["verbosity"] == "text.verbosity"
    quiet = {
        "input": "hi",
        "include": [],
        "truncation": "disabled",
        "background": False,
        "service_tier": "auto",
        "metadata": {},
        "seed": None,
        "stream_options": {"include_obfuscation": False},
        "routing_preferences": [],
    }
    assert read_request(quiet).extras == {}


def test_case_064_a_phase_stands_beside_the_words() -> None:
    (turn,) = _items({"role": "assistant", "content": "x", "phase": "commentary"})
    assert turn.parts == (
        Text("x"),
        Opaque(Dialect.RESPONSES, "phase", "input[0].phase", {"phase": "commentary"}),
    )


@pytest.mark.parametrize(
    ("kind", "role"),
    [
        ("custom_tool_call", "assistant"),
        ("custom_tool_call_output", "user"),
        ("local_shell_call", "assistant"),
        ("apply_patch_call_output", "user"),
        ("mcp_approval_response", "user"),
        ("compaction", "assistant"),
    ],
)
def test_case_065_items_of_other_types_are_opaque(kind: str, role: str) -> None:
    item = {"type": kind, "call_id": "c"}
    assert _items(item) == (
        Turn(role, (Opaque(Dialect.RESPONSES, kind, "input[0]", item),), "input[0]"),  # type: ignore[arg-type]
    )


def test_case_065_tools_of_other_types_keep_all_of_themselves() -> None:
    custom = {"type": "custom", "name": "apply_patch", "format": {"type": "grammar"}}
    asked = read_request(
        {
            "input": "hi",
            "tools": [
                {
                    "type": "function",
                    "name": "f",
                    "description": "d",
                    "parameters": {"type": "object"},
                    "strict": True,
                },
                custom,
                {"type": "local_shell"},
            ],
        }
    )
    assert asked.tools == (
        Tool("f", "d", {"type": "object"}, strict=True),
        Tool("apply_patch", kind="custom", raw=custom),
        Tool("", kind="local_shell", raw={"type": "local_shell"}),
    )


def test_case_065_a_call_in_a_namespace_has_the_name_that_the_tool_is_offered_by() -> None:
    item = {"type": "function_call", "call_id": "c", "name": "f", "namespace": "n"}
    (turn,) = _items(item)
    assert turn.parts == (ToolCall("c", "n__f", ""),)


@pytest.mark.parametrize(
    ("choice", "read"),
    [
        ("auto", Choice(ChoiceMode.AUTO)),
        ("required", Choice(ChoiceMode.REQUIRED)),
        ("none", Choice(ChoiceMode.NONE)),
        ({"type": "function", "name": "f"}, Choice(ChoiceMode.NAMED, "f")),
        (
            {
                "type": "allowed_tools",
                "mode": "required",
                "tools": [{"type": "function", "name": "f"}, {"type": "web_search"}],
            },
            Choice(ChoiceMode.REQUIRED, allowed=("f", "web_search")),
        ),
        ({"type": "file_search"}, None),
    ],
)
def test_the_choice_of_tools(choice: object, read: Choice | None) -> None:
    asked = read_request({"input": "hi", "tool_choice": choice})
    assert asked.choice == read
    assert ("tool_choice" in asked.extras) == (read is None)


@pytest.mark.parametrize(
    ("form", "read"),
    [
        ({"type": "text"}, None),
        ({"type": "json_object"}, OutputFormat()),
        (
            {"type": "json_schema", "name": "n", "schema": {"type": "object"}, "strict": True},
            OutputFormat({"type": "object"}, "n", strict=True),
        ),
    ],
)
def test_the_form_of_the_answer(form: object, read: OutputFormat | None) -> None:
    assert read_request({"input": "hi", "text": {"format": form}}).format == read


def test_limits_reasoning_and_the_rest() -> None:
    asked = read_request(
        {
            "input": "hi",
            "max_output_tokens": 9,
            "temperature": 0.5,
            "top_p": 1,
            "parallel_tool_calls": False,
            "stream": True,
            "user": "u",
            "store": False,
            "reasoning": {"effort": "high", "summary": "auto"},
        }
    )
    assert (asked.max_tokens, asked.temperature, asked.top_p) == (9, 0.5, 1)
    assert (asked.parallel_tools, asked.streamed, asked.user) == (False, True, "u")
    assert asked.reasoning == ReasoningSettings(effort="high", summary="auto")
    assert asked.extras == {"store": False}


@pytest.mark.parametrize(
    ("given", "mark"),
    [
        ({"mode": "explicit"}, {"type": "ephemeral"}),
        ({"mode": "explicit", "ttl": "12h"}, {"type": "ephemeral", "ttl": "1h"}),
    ],
)
def test_case_027_an_explicit_breakpoint_is_a_cache_mark(given: object, mark: object) -> None:
    part = {"type": "input_text", "text": "x", "prompt_cache_breakpoint": given}
    (turn,) = _items({"role": "user", "content": [part]})
    assert turn.parts == (Text("x", mark),)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({}, "input"),
        ({"input": 1}, "input"),
        ({"input": [1]}, "input[0]"),
        ({"input": [{"type": 1}]}, "input[0].type"),
        ({"input": [{"role": "robot", "content": "x"}]}, "input[0].role"),
        ({"input": [{"role": [], "content": "x"}]}, "input[0].role"),
        ({"input": [{"role": "user"}]}, "input[0].content"),
        ({"input": [{"role": "user", "content": 1}]}, "input[0].content"),
        ({"input": [{"role": "user", "content": [1]}]}, "input[0].content[0]"),
        ({"input": [{"role": "user", "content": [{}]}]}, "input[0].content[0].type"),
        (
            {"input": [{"role": "user", "content": [{"type": "input_text"}]}]},
            "input[0].content[0].text",
        ),
        (
            {
                "input": [
                    {
                        "role": "user",
                        "content": [{"type": "input_image", "image_url": "data:image/png;base64"}],
                    }
                ]
            },
            "input[0].content[0].image_url",
        ),
        ({"input": [{"type": "function_call", "name": "f"}]}, "input[0].call_id"),
        ({"input": [{"type": "function_call_output", "output": ""}]}, "input[0].call_id"),
        ({"input": [{"type": "reasoning", "summary": 1}]}, "input[0].summary"),
        ({"input": "x", "tools": {}}, "tools"),
        ({"input": "x", "tools": [{}]}, "tools[0].type"),
        ({"input": "x", "tools": [{"type": "function"}]}, "tools[0].name"),
        ({"input": "x", "tool_choice": "perhaps"}, "tool_choice"),
        ({"input": "x", "tool_choice": {"type": "allowed_tools"}}, "tool_choice.mode"),
        ({"input": "x", "max_output_tokens": 1e30}, "max_output_tokens"),
        ({"input": "x", "max_output_tokens": True}, "max_output_tokens"),
        ({"input": "x", "temperature": "hot"}, "temperature"),
        ({"input": "x", "text": {"format": {"type": "xml"}}}, "text.format.type"),
        ({"input": "x", "text": {"format": {"type": "json_schema"}}}, "text.format.schema"),
        ({"input": "x", "reasoning": {"effort": 1}}, "reasoning.effort"),
        ({"input": "x", "instructions": []}, "instructions"),
    ],
)
def test_what_is_malformed_is_named(body: dict[str, Any], place: str) -> None:
    with pytest.raises(ClientError) as caught:
        read_request(body)
    assert (caught.value.status, caught.value.param) == (400, place)
    assert f"'{place}'" in caught.value.message
