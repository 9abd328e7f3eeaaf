"""Chat as the client: what its requests are read into."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest

from extproc.core.models import Dialect
from extproc.dialects.translation.chat import TRANSLATOR
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
    Request,
    Source,
    Text,
    Tool,
    ToolCall,
    ToolResult,
    Turn,
)
from extproc.errors import ClientError

USER = {"role": "user", "content": "hi"}
EPHEMERAL = {"type": "ephemeral"}


def read(*messages: dict[str, Any], **members: Any) -> Request:
    return TRANSLATOR.read_request({"messages": list(messages) or [USER], **members})


def parts(*given: dict[str, Any], role: str = "user") -> tuple[Any, ...]:
    return read({"role": role, "content": list(given)}).turns[0].parts


def call(arguments: str, call_id: str = "call_1", name: str = "look") -> dict[str, Any]:
    function = {"name": name, "arguments": arguments}
    return {"id": call_id, "type": "function", "function": function}


def test_case_001_system_and_user() -> None:
    request = read({"role": "system", "content": "S"}, USER)
    assert request.system == (Text("S"),)
    assert request.turns == (Turn("user", (Text("hi"),), "messages[1]"),)


def test_case_002_system_and_developer_stand_first_in_order() -> None:
    request = read({"role": "system", "content": "A"}, {"role": "developer", "content": "B"}, USER)
    assert request.system == (Text("A"), Text("B"))


def test_case_003_a_later_system_message_stays_in_its_place() -> None:
    request = read(USER, {"role": "assistant", "content": "yo"}, {"role": "system", "content": "F"})
    assert request.system == ()
    assert request.turns[2] == Turn("system", (Text("F"),), "messages[2]")


def test_case_004_no_limit_is_none() -> None:
    assert read().max_tokens is None


def test_case_005_the_newer_limit_counts() -> None:
    assert read(max_tokens=9, max_completion_tokens=7).max_tokens == 7
    assert read(max_tokens=9, max_completion_tokens=None).max_tokens == 9


def test_case_006_effort() -> None:
    assert read(reasoning_effort="high").reasoning == ReasoningSettings(effort="high")
    assert read(reasoning_effort=None).reasoning is None


def test_an_effort_of_no_dialect_is_left_over() -> None:
    request = read(reasoning_effort="furious")
    assert request.reasoning is None
    assert request.extras == {"reasoning_effort": "furious"}
    assert read(reasoning_effort="default").extras == {}


def test_case_009_sampling() -> None:
    request = read(temperature=0.2, top_p=0.9, top_k=3)
    assert (request.temperature, request.top_p, request.top_k) == (0.2, 0.9, 3)


@pytest.mark.parametrize(
    ("stop", "read_as"),
    [("END", ("END",)), (["END", "\n"], ("END", "\n")), (None, ()), ([], ())],
    ids=["10-string", "10-list", "null", "empty"],
)
def test_case_010_stop(stop: object, read_as: tuple[str, ...]) -> None:
    assert read(stop=stop).stop == read_as


def test_case_011_what_has_no_place_is_kept_beside() -> None:
    assert read(n=2, logprobs=True).extras == {"n": 2, "logprobs": True}
    sound = {"type": "input_audio", "input_audio": {"data": "AA==", "format": "wav"}}
    path = "messages[0].content[0]"
    assert parts(sound) == (Opaque(Dialect.CHAT, "input_audio", path, sound),)


def test_cases_012_013_tools() -> None:
    schema = {"type": "object"}
    request = read(
        tools=[
            {"type": "function", "function": {"name": "a"}},
            {
                "type": "function",
                "function": {
                    "name": "b",
                    "description": "B",
                    "parameters": schema,
                    "strict": True,
                },
            },
        ]
    )
    assert request.tools == (Tool("a"), Tool("b", "B", schema, True))


def test_a_tool_that_is_no_function_keeps_all_of_itself() -> None:
    custom = {"type": "custom", "custom": {"name": "sql"}}
    assert read(tools=[custom]).tools == (Tool("sql", kind="custom", raw=custom),)


@pytest.mark.parametrize(
    ("given", "choice"),
    [
        ("auto", Choice(ChoiceMode.AUTO)),
        ("required", Choice(ChoiceMode.REQUIRED)),
        ("none", Choice(ChoiceMode.NONE)),
        (
            {"type": "function", "function": {"name": "a"}},
            Choice(ChoiceMode.NAMED, "a"),
        ),
        (
            {
                "type": "allowed_tools",
                "allowed_tools": {
                    "mode": "required",
                    "tools": [{"type": "function", "function": {"name": "a"}}],
                },
            },
            Choice(ChoiceMode.REQUIRED, allowed=("a",)),
        ),
        (None, None),
    ],
    ids=["14-auto", "14-required", "14-none", "14-named", "16-allowed", "absent"],
)
def test_cases_014_016_choice(given: object, choice: Choice | None) -> None:
    assert read(tool_choice=given).choice == choice


def test_case_015_parallel_calls() -> None:
    assert read(parallel_tool_calls=False).parallel_tools is False
    assert read().parallel_tools is None


def test_cases_017_018_an_empty_text_is_none_and_empty_arguments_stay() -> None:
    request = read(USER, {"role": "assistant", "content": "", "tool_calls": [call("")]})
    assert request.turns[1].parts == (ToolCall("call_1", "look", ""),)


def test_case_019_the_reader_does_not_judge_arguments() -> None:
    request = read(USER, {"role": "assistant", "content": None, "tool_calls": [call('{"a":')]})
    assert request.turns[1].parts == (ToolCall("call_1", "look", '{"a":'),)


def test_case_020_results_are_users_turns() -> None:
    request = read(
        {"role": "tool", "tool_call_id": "a", "content": "A"},
        {"role": "tool", "tool_call_id": "b", "content": [{"type": "text", "text": "B"}]},
        {"role": "user", "content": "go"},
    )
    assert request.turns == (
        Turn("user", (ToolResult("a", (Text("A"),)),), "messages[0]"),
        Turn("user", (ToolResult("b", (Text("B"),)),), "messages[1]"),
        Turn("user", (Text("go"),), "messages[2]"),
    )


@pytest.mark.parametrize(
    ("url", "source"),
    [
        ("https://a.example/b.png", Source(url="https://a.example/b.png")),
        ("data:image/png;base64,QUI=", Source(data="QUI=", media_type="image/png")),
        ("DATA:image/JPG;base64,QUI=", Source(data="QUI=", media_type="image/jpeg")),
        ("data:image/svg+xml,%3Csvg", Source(data="PHN2Zw==", media_type="image/svg+xml")),
    ],
    ids=["22-https", "22-data", "22-jpg", "not-base64"],
)
def test_case_022_images(url: str, source: Source) -> None:
    image = {"type": "image_url", "image_url": {"url": url, "detail": "high"}}
    assert parts(image) == (Image(source, "high"),)


def test_cases_023_024_formats() -> None:
    schema = {"type": "object"}
    described = {"name": "n", "schema": schema, "strict": True, "description": "d"}
    request = read(response_format={"type": "json_schema", "json_schema": described})
    assert request.format == OutputFormat(schema, "n", "d", True)
    assert read(response_format={"type": "json_object"}).format == OutputFormat()
    assert read(response_format={"type": "text"}).format is None


def test_case_025_files() -> None:
    uri = "data:application/pdf;base64,QUI="
    source = Source(data="QUI=", media_type="application/pdf")
    file = {"type": "file", "file": {"file_data": uri, "filename": "a.pdf"}}
    assert parts(file) == (Document(source, "a.pdf"),)
    assert parts({"type": "file", "file": {"file_data": "QUI="}}) == (Document(source),)
    kept = {"type": "file", "file": {"file_id": "file-1"}}
    assert parts(kept) == (Document(Source(file_id="file-1")),)


def test_a_file_of_plain_text_is_text() -> None:
    uri = "data:text/plain;base64," + b64encode("Grüße".encode()).decode()
    assert parts({"type": "file", "file": {"file_data": uri}}) == (Document(Source(text="Grüße")),)
    broken = "data:text/plain;base64,!!"
    kept = Source(data="!!", media_type="text/plain")
    assert parts({"type": "file", "file": {"file_data": broken}}) == (Document(kept),)


def test_case_026_user() -> None:
    assert read(user="a@b.c").user == "a@b.c"


@pytest.mark.parametrize(
    ("mark", "cache"),
    [
        ({"prompt_cache_breakpoint": {"mode": "explicit"}}, EPHEMERAL),
        ({"prompt_cache_breakpoint": {"mode": "explicit", "ttl": "30m"}}, EPHEMERAL),
        (
            {"prompt_cache_breakpoint": {"mode": "explicit", "ttl": "12h"}},
            {**EPHEMERAL, "ttl": "1h"},
        ),
        ({"cache_control": EPHEMERAL}, EPHEMERAL),
        ({"cache_control": None}, None),
    ],
    ids=["27", "27-30m", "27-12h", "27-cache_control", "null"],
)
def test_case_027_cache_marks(mark: dict[str, Any], cache: object) -> None:
    assert parts({"type": "text", "text": "a", **mark}) == (Text("a", cache),)  # type: ignore[arg-type]
    assert read(prompt_cache_key="k").extras == {"prompt_cache_key": "k"}


def test_cases_028_029_the_rest_is_kept_beside_under_its_own_name() -> None:
    rest = {
        "service_tier": "priority",
        "seed": 1,
        "logit_bias": {"1": 2},
        "frequency_penalty": 0.5,
        "presence_penalty": 0.5,
        "verbosity": "low",
        "prediction": {"type": "content", "content": "x"},
        "store": True,
        "metadata": {"a": "b"},
        "made_up": 0,
    }
    assert read(**rest).extras == rest


def test_what_asks_for_nothing_is_not_kept() -> None:
    request = read(
        n=1,
        logprobs=False,
        frequency_penalty=0,
        logit_bias={},
        modalities=["text"],
        service_tier="auto",
        store=False,
        seed=None,
        routing_preferences=[],
    )
    assert request.extras == {}


def test_case_030_prefill() -> None:
    request = read(USER, {"role": "assistant", "content": "{"})
    assert request.turns[-1] == Turn("assistant", (Text("{"),), "messages[1]")


def test_case_031_stream_options() -> None:
    request = read(stream=True, stream_options={"include_usage": True})
    assert (request.streamed, request.include_usage, request.extras) == (True, True, {})
    assert read(stream=True).include_usage is False


def test_old_functions() -> None:
    request = read(
        USER,
        {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "{}"}},
        {"role": "function", "name": "f", "content": "42"},
        functions=[{"name": "f", "parameters": {"type": "object"}}],
        function_call={"name": "f"},
    )
    assert request.turns[1].parts == (ToolCall("call_1", "f", "{}"),)
    assert request.turns[2].parts == (ToolResult("call_1", (Text("42"),)),)
    assert request.tools == (Tool("f", None, {"type": "object"}),)
    assert request.choice == Choice(ChoiceMode.NAMED, "f")
    assert request.parallel_tools is False
    assert request.paths == {"tools": "functions"}
    assert read(functions=[], function_call="none").choice == Choice(ChoiceMode.NONE)


def test_thoughts_and_refusals_of_earlier_turns() -> None:
    message = {"role": "assistant", "reasoning_content": "hm", "content": "a", "refusal": "no"}
    assert read(USER, message).turns[1].parts == (Reasoning("hm"), Text("a"), Refusal("no"))
    refusal = {"type": "refusal", "refusal": "no"}
    assert parts(refusal, role="assistant") == (Refusal("no"),)


def test_a_message_of_the_sdk_can_be_sent_back_as_it_came() -> None:
    message: dict[str, Any] = {
        "role": "assistant",
        "content": "a",
        "refusal": None,
        "annotations": [],
        "audio": None,
        "function_call": None,
        "tool_calls": None,
    }
    request = read(USER, message)
    assert request.turns[1].parts == (Text("a"),)
    assert request.extras == {}


def test_members_inside_lists_are_not_lost_in_silence() -> None:
    request = read(
        {"role": "user", "name": "Ann", "content": [{"type": "text", "text": "a", "tone": "b"}]},
        tools=[{"type": "function", "function": {"name": "f", "price": 3}}],
        metadata={"a": "b"},
    )
    assert request.extras == {
        "metadata": {"a": "b"},
        "messages.name": "Ann",
        "content.tone": "b",
        "tools.price": 3,
    }
    assert request.paths == {
        "messages.name": "messages[0].name",
        "content.tone": "messages[0].content[0].tone",
        "tools.price": "tools[0].function.price",
    }


def test_a_call_whose_arguments_are_an_object() -> None:
    made = {"id": "a", "function": {"name": "f", "arguments": {"b": 1}}}
    assert read({"role": "assistant", "tool_calls": [made]}).turns[0].parts == (
        ToolCall("a", "f", '{"b":1}'),
    )


def test_what_only_chat_has_stands_where_it_stood() -> None:
    custom = {"id": "a", "type": "custom", "custom": {"name": "sql", "input": "x"}}
    message = {"role": "assistant", "audio": {"id": "audio_1"}, "tool_calls": [custom]}
    assert read(message).turns[0].parts == (
        Opaque(Dialect.CHAT, "audio", "messages[0].audio", {"id": "audio_1"}),
        Opaque(Dialect.CHAT, "custom_tool_call", "messages[0].tool_calls[0]", custom),
    )


def test_empty_parts_are_none() -> None:
    assert parts({"type": "text", "text": ""}, {"type": "text", "text": "a"}) == (Text("a"),)


NESTED: dict[str, Any] = {}
for _ in range(300):
    NESTED = {"a": NESTED}


@pytest.mark.parametrize(
    ("body", "param"),
    [
        (
            {
                "messages": [
                    {
                        "role": "assistant",
                        "tool_calls": [{"id": "a", "function": {"name": "f", "arguments": NESTED}}],
                    }
                ]
            },
            "messages[0].tool_calls[0].function.arguments",
        ),
        (
            {
                "messages": [
                    {
                        "role": "assistant",
                        "tool_calls": [{"id": "a", "function": {"name": "f", "arguments": 3}}],
                    }
                ]
            },
            "messages[0].tool_calls[0].function.arguments",
        ),
        (
            {"messages": [{"role": "assistant", "function_call": {"name": ""}}]},
            "messages[0].function_call.name",
        ),
        (
            {"messages": [{"role": "assistant", "tool_calls": [{"type": 3}]}]},
            "messages[0].tool_calls[0].type",
        ),
        ({"messages": [], "tools": [{"type": 3}]}, "tools[0].type"),
        (
            {"messages": [], "tools": [{"function": {"name": "a", "description": 3}}]},
            "tools[0].function.description",
        ),
        (
            {"messages": [], "tools": [{"function": {"name": "a", "strict": 3}}]},
            "tools[0].function.strict",
        ),
        (
            {"messages": [], "tool_choice": {"type": "allowed_tools", "allowed_tools": {}}},
            "tool_choice.allowed_tools",
        ),
        (
            {
                "messages": [],
                "tool_choice": {
                    "type": "allowed_tools",
                    "allowed_tools": {"mode": "none", "tools": []},
                },
            },
            "tool_choice.allowed_tools.mode",
        ),
        (
            {
                "messages": [],
                "tool_choice": {"type": "allowed_tools", "allowed_tools": {"tools": [3]}},
            },
            "tool_choice.allowed_tools.tools[0]",
        ),
        ({"messages": [], "function_call": 3}, "function_call"),
        (
            {"messages": [], "response_format": {"type": "json_schema"}},
            "response_format.json_schema",
        ),
        (
            {
                "messages": [],
                "response_format": {"type": "json_schema", "json_schema": {"schema": 3}},
            },
            "response_format.json_schema.schema",
        ),
        (
            {
                "messages": [],
                "response_format": {"type": "json_schema", "json_schema": {"name": 3}},
            },
            "response_format.json_schema.name",
        ),
        ({}, "messages"),
        ({"messages": "hi"}, "messages"),
        ({"messages": [1]}, "messages[0]"),
        ({"messages": [{"role": "robot"}]}, "messages[0].role"),
        ({"messages": [{"role": []}]}, "messages[0].role"),
        ({"messages": [{"role": "user", "content": 1}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": [1]}]}, "messages[0].content[0]"),
        ({"messages": [{"role": "user", "content": [{}]}]}, "messages[0].content[0].type"),
        (
            {"messages": [{"role": "user", "content": [{"type": "text"}]}]},
            "messages[0].content[0].text",
        ),
        (
            {"messages": [{"role": "user", "content": [{"type": "image_url"}]}]},
            "messages[0].content[0].image_url",
        ),
        (
            {"messages": [{"role": "user", "content": [{"type": "file", "file": {}}]}]},
            "messages[0].content[0].file.file_id",
        ),
        (
            {"messages": [{"role": "system", "content": [{"type": "x"}]}]},
            "messages[0].content",
        ),
        (
            {
                "messages": [
                    {
                        "role": "user",
                        "content": [{"type": "image_url", "image_url": {"url": "data:x"}}],
                    }
                ]
            },
            "messages[0].content[0].image_url.url",
        ),
        ({"messages": [{"role": "tool", "content": ""}]}, "messages[0].tool_call_id"),
        ({"messages": [{"role": "assistant", "tool_calls": 1}]}, "messages[0].tool_calls"),
        ({"messages": [{"role": "assistant", "tool_calls": [1]}]}, "messages[0].tool_calls[0]"),
        (
            {"messages": [{"role": "assistant", "tool_calls": [{"id": "a"}]}]},
            "messages[0].tool_calls[0].function",
        ),
        (
            {"messages": [{"role": "assistant", "tool_calls": [call("{}", call_id="")]}]},
            "messages[0].tool_calls[0].id",
        ),
        ({"messages": [], "tools": {}}, "tools"),
        ({"messages": [], "tools": [{"type": "function"}]}, "tools[0].function"),
        (
            {"messages": [], "tools": [{"function": {"name": "a", "parameters": 1}}]},
            "tools[0].function.parameters",
        ),
        ({"messages": [], "tool_choice": "maybe"}, "tool_choice"),
        ({"messages": [], "tool_choice": {"type": ["a"]}}, "tool_choice"),
        ({"messages": [], "max_tokens": "9"}, "max_tokens"),
        ({"messages": [], "max_tokens": True}, "max_tokens"),
        ({"messages": [], "temperature": "hot"}, "temperature"),
        ({"messages": [], "stop": [1]}, "stop"),
        ({"messages": [], "response_format": {"type": "xml"}}, "response_format"),
        ({"messages": [], "stream": "yes"}, "stream"),
        ({"messages": [], "stream_options": 1}, "stream_options"),
        ({"messages": [], "reasoning_effort": 3}, "reasoning_effort"),
        ({"messages": [], "model": 3}, "model"),
    ],
)
def test_what_is_malformed_is_named(body: dict[str, Any], param: str) -> None:
    with pytest.raises(ClientError) as caught:
        TRANSLATOR.read_request(body)
    assert caught.value.status == 400
    assert caught.value.param == param
    assert param in caught.value.message
