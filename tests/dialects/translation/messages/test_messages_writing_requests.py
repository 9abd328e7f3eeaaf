"""Requests of any dialect, written for Anthropic's models. Numbers are the cases of translation."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import orjson
import pytest
from anthropic.types.message_create_params import (
    MessageCreateParamsNonStreaming,
    MessageCreateParamsStreaming,
)

from extproc.core.models import Dialect
from extproc.core.traits import Thinking, Traits
from extproc.dialects.translation.form import (
    Choice,
    ChoiceMode,
    Document,
    Image,
    Opaque,
    OutputFormat,
    Part,
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
from extproc.dialects.translation.losses import Severity
from extproc.dialects.translation.messages import TRANSLATOR
from extproc.dialects.translation.translator import Target, Written
from extproc.errors import ClientError
from tests.helpers.sdk_types import strictly

OLD, NEW = "2023-06-01", "2026-10-21"
HI = Turn("user", (Text("hi"),), "messages[0]")
_UNDECLARED = ("temperature", "top_p", "top_k")
"""The SDK of the newer API version has no longer what the older one takes."""


def target(api_version: str = OLD, **traits: Any) -> Target:
    return Target("claude-x", "anthropic", Traits(**traits), api_version)


def request(*turns: Turn, **members: Any) -> Request:
    return Request(Dialect.CHAT, "gpt-x", turns or (HI,), **members)


def write(asked: Request, to: Target | None = None) -> tuple[dict[str, Any], Written]:
    """The body, which the SDK takes, and what came with it."""
    written = TRANSLATOR.write_request(asked, to or target())
    body: dict[str, Any] = orjson.loads(written.body)
    declared = {name: value for name, value in body.items() if name not in _UNDECLARED}
    streamed = MessageCreateParamsStreaming if asked.streamed else MessageCreateParamsNonStreaming
    strictly(streamed, declared)
    return body, written


def codes(written: Written) -> list[str]:
    return [loss.code for loss in written.losses]


def user(*parts: Part, path: str = "messages[0]") -> Turn:
    return Turn("user", parts, path)


def assistant(*parts: Part, path: str = "messages[1]") -> Turn:
    return Turn("assistant", parts, path)


def text_of(message: dict[str, Any]) -> list[str]:
    return [block["text"] for block in message["content"]]


def test_case_001_system() -> None:
    body, written = write(request(system=(Text("S"),)))
    assert body["system"] == [{"type": "text", "text": "S"}]
    assert body["messages"] == [{"role": "user", "content": [{"type": "text", "text": "hi"}]}]
    assert written.losses == ()


def test_case_002_system_and_developer_in_order() -> None:
    body, _ = write(request(system=(Text("A"), Text("B"))))
    assert [block["text"] for block in body["system"]] == ["A", "B"]


def inner(text: str, path: str = "messages[2]") -> Turn:
    return Turn("system", (Text(text),), path)


def roles(body: dict[str, Any]) -> list[str]:
    return [message["role"] for message in body["messages"]]


def test_case_003_system_in_the_middle_is_hoisted() -> None:
    body, written = write(request(HI, assistant(Text("yo")), inner("French"), HI))
    assert [block["text"] for block in body["system"]] == ["French"]
    assert [(loss.code, loss.path) for loss in written.losses] == [("moved:system", "messages[2]")]


@pytest.mark.parametrize(
    ("turns", "order"),
    [
        ((HI, inner("S"), assistant(Text("a")), HI), "user system assistant user"),
        ((HI, assistant(Text("a")), inner("S"), HI), "user assistant user system"),
        ((HI, inner("S"), inner("T"), HI), "user system"),
        ((HI, inner("S"), assistant(Reasoning("t")), HI), "user system"),
        (
            (HI, assistant(ToolCall("a", "f", "")), inner("S"), user(ToolResult("a", ()))),
            "user assistant user system",
        ),
    ],
)
def test_case_003_system_where_the_model_takes_it(turns: tuple[Turn, ...], order: str) -> None:
    """Anthropic wants it behind a user's turn, and before the assistant's or last."""
    body, written = write(request(*turns), target(inner_system=True))
    assert roles(body) == order.split()
    assert "system" not in body
    assert "moved:system" not in codes(written)


def test_case_003_system_between_turns_of_the_assistant() -> None:
    turns = (HI, assistant(Text("a")), inner("S"), assistant(Text("b")))
    body, written = write(request(*turns), target(inner_system=True))
    assert roles(body) == ["user", "assistant"]
    assert codes(written) == ["moved:system"]


def test_system_alone_is_answered() -> None:
    body, written = write(request(Turn("system", (Text("S"),), "messages[0]")))
    assert [text_of(message) for message in body["messages"]] == [["S"]]
    assert "moved:system" in codes(written)


def test_an_assistant_that_opens_gets_a_user_in_front() -> None:
    body, written = write(request(assistant(Text("Hello!")), HI))
    assert roles(body) == ["user", "assistant", "user"]
    assert "added:user_message" in codes(written)


def test_nothing_said_is_refused() -> None:
    with pytest.raises(ClientError, match="messages"):
        write(request(user(Text(""))))


@pytest.mark.parametrize(
    ("wanted", "ceiling", "written"),
    [(None, None, 8192), (None, 64_000, 64_000), (7, 64_000, 7), (90_000, 64_000, 64_000)],
)
def test_case_004_max_tokens(wanted: int | None, ceiling: int | None, written: int) -> None:
    body, told = write(request(max_tokens=wanted), target(output_ceiling=ceiling))
    assert body["max_tokens"] == written
    assert codes(told) == (["clamped:max_tokens"] if wanted == 90_000 else [])


@pytest.mark.parametrize(
    ("effort", "written"),
    [(e, e) for e in ("low", "medium", "high", "xhigh", "max")] + [("minimal", "low")],
)
def test_case_006_effort_of_an_adaptive_model(effort: str, written: str) -> None:
    asked = request(reasoning=ReasoningSettings(effort))
    body, told = write(asked, target(thinking=Thinking.ADAPTIVE))
    assert body["thinking"] == {"type": "adaptive"}
    assert body["output_config"] == {"effort": written}
    assert told.losses == ()


def test_case_006_none_does_not_think() -> None:
    asked = request(reasoning=ReasoningSettings("none"))
    body, told = write(asked, target(thinking=Thinking.ADAPTIVE))
    assert "thinking" not in body
    assert "output_config" not in body
    assert told.losses == ()


def test_case_006_effort_that_the_model_does_not_know() -> None:
    asked = request(reasoning=ReasoningSettings("max"))
    known = target(thinking=Thinking.ADAPTIVE, efforts=("low", "medium", "high"))
    body, told = write(asked, known)
    assert body["output_config"] == {"effort": "high"}
    assert codes(told) == ["clamped:effort"]


@pytest.mark.parametrize(("limit", "budget"), [(64_000, 32_000), (10_000, 8_000), (1_100, 1_024)])
def test_case_007_budget(limit: int, budget: int) -> None:
    asked = request(reasoning=ReasoningSettings("high"), max_tokens=limit)
    body, told = write(asked, target(thinking=Thinking.BUDGET))
    assert body["thinking"] == {"type": "enabled", "budget_tokens": budget}
    assert budget < body["max_tokens"]
    assert "output_config" not in body
    assert told.losses == ()


def test_case_007_no_room_for_a_budget() -> None:
    asked = request(reasoning=ReasoningSettings("high"), max_tokens=1024)
    body, told = write(asked, target(thinking=Thinking.BUDGET))
    assert "thinking" not in body
    assert codes(told) == ["dropped:effort"]


def test_thinking_and_a_forced_call_exclude_each_other() -> None:
    asked = request(
        reasoning=ReasoningSettings("high"),
        tools=(Tool("f"),),
        choice=Choice(ChoiceMode.REQUIRED),
    )
    body, told = write(asked, target(thinking=Thinking.ADAPTIVE))
    assert "thinking" not in body
    assert body["output_config"] == {"effort": "high"}
    assert codes(told) == ["dropped:effort"]


@pytest.mark.parametrize(
    ("to", "written", "lost"),
    [
        (target(), 1.0, ["clamped:temperature"]),
        (target(sampling=False), None, ["dropped:temperature"]),
        (target(NEW), None, ["dropped:temperature"]),
    ],
)
def test_case_008_temperature(to: Target, written: float | None, lost: list[str]) -> None:
    body, told = write(request(temperature=1.7), to)
    assert body.get("temperature") == written
    assert codes(told) == lost


def test_case_008_defaults_go_without_a_word_where_they_are_refused() -> None:
    body, told = write(request(temperature=1, top_p=1.0), target(NEW))
    assert not body.keys() & set(_UNDECLARED)
    assert told.losses == ()


def test_case_008_thinking_takes_no_temperature() -> None:
    asked = request(temperature=0.2, reasoning=ReasoningSettings("low"))
    body, told = write(asked, target(thinking=Thinking.ADAPTIVE))
    assert "temperature" not in body
    assert codes(told) == ["dropped:temperature"]


def test_case_009_temperature_or_top_p() -> None:
    body, told = write(request(temperature=0.2, top_p=0.9))
    assert body["temperature"] == 0.2
    assert "top_p" not in body
    assert codes(told) == ["dropped:top_p"]


def test_case_010_stop() -> None:
    body, told = write(request(stop=("END", "\n")))
    assert body["stop_sequences"] == ["END"]
    assert codes(told) == ["dropped:stop"]
    body, _ = write(request(stop=("END",)), target(stop=False))
    assert "stop_sequences" not in body


@pytest.mark.parametrize(
    "asked",
    [
        request(extras={"n": 2}),
        request(extras={"logprobs": True}),
        request(extras={"audio": {"voice": "a"}}),
        request(user(Opaque(Dialect.CHAT, "input_audio", "messages[0].content[0]", {}), Text("a"))),
    ],
    ids=["n", "logprobs", "audio", "input_audio"],
)
def test_case_011_skips(asked: Request) -> None:
    (obstacle,) = TRANSLATOR.obstacles(asked, target())
    assert obstacle.severity is Severity.SKIP
    assert write(asked)[1].losses == (obstacle,)


def test_case_011_values_that_ask_for_nothing() -> None:
    extras = {"n": 1, "logprobs": False, "presence_penalty": 0, "store": False, "seed": None}
    assert write(request(extras=extras))[1].losses == ()


def test_case_012_function_without_parameters() -> None:
    body, _ = write(request(tools=(Tool("f"),)))
    empty = {"type": "object", "properties": {}}
    assert body["tools"] == [{"name": "f", "input_schema": empty}]


def test_case_013_strict_tool() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "integer", "minimum": 1}}}
    body, told = write(request(tools=(Tool("f", "d", schema, strict=True),)))
    (tool,) = body["tools"]
    assert tool["strict"] is True
    assert tool["input_schema"]["additionalProperties"] is False
    assert codes(told) == ["adapted:schema"]


@pytest.mark.parametrize(
    ("choice", "written"),
    [
        (Choice(ChoiceMode.AUTO), {"type": "auto"}),
        (Choice(ChoiceMode.REQUIRED), {"type": "any"}),
        (Choice(ChoiceMode.NONE), {"type": "none"}),
        (Choice(ChoiceMode.NAMED, "f"), {"type": "tool", "name": "f"}),
    ],
)
def test_case_014_tool_choice(choice: Choice, written: dict[str, str]) -> None:
    body, _ = write(request(tools=(Tool("f"),), choice=choice))
    assert body["tool_choice"] == written
    assert "tool_choice" not in write(request(choice=choice))[0]


def test_case_015_one_call_at_a_time() -> None:
    body, _ = write(request(tools=(Tool("f"),), parallel_tools=False))
    assert body["tool_choice"] == {"type": "auto", "disable_parallel_tool_use": True}
    asked = request(tools=(Tool("f"),), parallel_tools=False, choice=Choice(ChoiceMode.NAMED, "f"))
    assert write(asked)[0]["tool_choice"]["disable_parallel_tool_use"] is True


def test_case_016_allowed_tools() -> None:
    choice = Choice(ChoiceMode.REQUIRED, allowed=("g",))
    body, told = write(request(tools=(Tool("f"), Tool("g")), choice=choice))
    assert [tool["name"] for tool in body["tools"]] == ["g"]
    assert body["tool_choice"] == {"type": "any"}
    assert codes(told) == ["adapted:allowed_tools"]


def test_cases_017_018_020_021_a_turn_of_tools() -> None:
    body, told = write(
        request(
            HI,
            assistant(Text(""), ToolCall("call|1", "f", ""), ToolCall("b", "g", '{"n": 1}')),
            user(ToolResult("call|1", (Text("1"),)), path="messages[2]"),
            user(ToolResult("b", (Text(""),), is_error=True), path="messages[3]"),
            user(Text("go"), path="messages[4]"),
        )
    )
    calls, results = body["messages"][1], body["messages"][2]
    clean = calls["content"][0]["id"]
    assert clean.startswith("call_1_")
    assert len(clean) == len("call_1_") + 8
    assert [block["type"] for block in calls["content"]] == ["tool_use", "tool_use"]
    assert calls["content"][0]["input"] == {}
    assert results["role"] == "user"
    assert results["content"] == [
        {
            "type": "tool_result",
            "tool_use_id": clean,
            "content": [{"type": "text", "text": "1"}],
        },
        {"type": "tool_result", "tool_use_id": "b", "is_error": True},
        {"type": "text", "text": "go"},
    ]
    assert len(body["messages"]) == 3
    assert told.losses == ()


def test_case_018_numbers_keep_their_spelling() -> None:
    arguments = '{"b": 12345678901234567890123, "a": 1.10}'
    asked = request(HI, assistant(ToolCall("a", "f", arguments)), user(ToolResult("a", ())))
    assert arguments.encode() in TRANSLATOR.write_request(asked, target()).body


@pytest.mark.parametrize("arguments", ['{"a":', "[1]", "1", '"\ud800"', "nonsense"])
def test_case_019_broken_arguments_are_refused(arguments: str) -> None:
    asked = request(HI, assistant(Text("a"), ToolCall("a", "f", arguments)))
    with pytest.raises(ClientError) as refused:
        write(asked)
    assert refused.value.status == 400
    assert refused.value.param == "messages[1].tool_calls[0].function.arguments"


def test_case_020_results_come_first() -> None:
    body, _ = write(
        request(
            HI,
            assistant(ToolCall("a", "f", "")),
            user(Text("x")),
            user(Text("y"), ToolResult("a", ())),
        )
    )
    kinds = [block["type"] for block in body["messages"][2]["content"]]
    assert kinds == ["tool_result", "text", "text"]


def test_case_021_tool_names_are_cleaned_and_told() -> None:
    name = "n" * 130
    asked = request(
        HI,
        assistant(ToolCall("a", name, "")),
        user(ToolResult("a", ())),
        tools=(Tool(name), Tool("a.b"), Tool("ok")),
        choice=Choice(ChoiceMode.NAMED, name),
    )
    body, told = write(asked)
    clean = body["tools"][0]["name"]
    assert len(clean) == 128
    assert body["tool_choice"]["name"] == body["messages"][1]["content"][0]["name"] == clean
    assert dict(told.tool_names) == {clean: name, body["tools"][1]["name"]: "a.b"}


@pytest.mark.parametrize(
    ("source", "written"),
    [
        (Source(url="https://a/b.png"), {"type": "url", "url": "https://a/b.png"}),
        (
            Source(data="AAAA", media_type="image/png"),
            {"type": "base64", "media_type": "image/png", "data": "AAAA"},
        ),
        (
            Source(data="AAAA", media_type="image/jpg"),
            {"type": "base64", "media_type": "image/jpeg", "data": "AAAA"},
        ),
    ],
)
def test_case_022_images(source: Source, written: dict[str, str]) -> None:
    body, told = write(request(user(Image(source, detail="high"))))
    assert body["messages"][0]["content"] == [{"type": "image", "source": written}]
    assert codes(told) == ["dropped:detail"]


@pytest.mark.parametrize(
    "part",
    [
        Image(Source(data="AAAA", media_type="image/tiff")),
        Image(Source(url="http://a/b.png")),
        Image(Source(file_id="file-1")),
        Document(Source(file_id="file-1")),
        Document(Source(data="AAAA", media_type="application/msword")),
    ],
)
def test_cases_022_025_skips(part: Part) -> None:
    asked = request(user(Text("see"), part))
    (obstacle,) = TRANSLATOR.obstacles(asked, target())
    assert (obstacle.severity, obstacle.path) == (Severity.SKIP, "messages[0].content[1]")
    assert write(asked)[1].losses == (obstacle,)


def test_case_023_schema() -> None:
    schema = {
        "type": "object",
        "properties": {
            "z": {"type": "integer", "minimum": 1, "description": "Zed"},
            "a": {"type": "array", "items": {"oneOf": [{"type": "string"}]}, "minItems": 3},
        },
        "required": ["z", "a"],
    }
    asked = request(format=OutputFormat(schema), reasoning=ReasoningSettings("low"))
    body, told = write(asked)
    written = body["output_config"]["format"]
    assert body["output_config"]["effort"] == "low"
    assert list(written["schema"]["properties"]) == ["z", "a"]
    assert written == {
        "type": "json_schema",
        "schema": {
            "type": "object",
            "properties": {
                "z": {"type": "integer", "description": "Zed\n\n{minimum: 1}"},
                "a": {
                    "type": "array",
                    "items": {"anyOf": [{"type": "string"}]},
                    "description": "{minItems: 3}",
                },
            },
            "required": ["z", "a"],
            "additionalProperties": False,
        },
    }
    assert [(loss.code, loss.path) for loss in told.losses] == [
        ("adapted:schema", "response_format")
    ]


def test_case_024_any_json_object() -> None:
    asked = request(format=OutputFormat(), system=(Text("S"),))
    (obstacle,) = TRANSLATOR.obstacles(asked, target())
    assert obstacle.severity is Severity.RELUCTANT
    body, told = write(asked)
    assert "JSON object" in body["system"][1]["text"]
    assert told.losses == (obstacle,)


def test_case_025_documents() -> None:
    plain = base64.b64encode(b"a,b\n").decode()
    body, told = write(
        request(
            user(
                Document(Source(data="AAAA", media_type="application/pdf"), "report.pdf"),
                Document(Source(data=plain, media_type="text/csv")),
                Document(Source(url="https://a/b.pdf")),
                Document(Source(text="words")),
            )
        )
    )
    pdf, csv, url, text = body["messages"][0]["content"]
    assert pdf["title"] == "report.pdf"
    assert pdf["source"] == {"type": "base64", "media_type": "application/pdf", "data": "AAAA"}
    assert csv["source"] == {"type": "text", "media_type": "text/plain", "data": "a,b\n"}
    assert url["source"] == {"type": "url", "url": "https://a/b.pdf"}
    assert text["source"]["data"] == "words"
    assert told.losses == ()


def test_case_025_broken_base64_is_refused() -> None:
    with pytest.raises(ClientError) as refused:
        write(request(user(Document(Source(data="%%", media_type="text/csv")))))
    assert refused.value.param == "messages[0].content[0]"


@pytest.mark.parametrize(("version", "skipped"), [(OLD, False), (NEW, True)])
def test_documents_of_the_assistant(version: str, skipped: bool) -> None:
    pdf = Document(Source(data="AAAA", media_type="application/pdf"))
    asked = request(HI, assistant(Text("see"), pdf), HI)
    obstacles = TRANSLATOR.obstacles(asked, target(version))
    assert [loss.code for loss in obstacles] == (["skipped:document"] if skipped else [])
    plain = request(HI, assistant(Document(Source(text="words"))), HI)
    body, told = write(plain, target(version))
    assert body["messages"][1]["content"] == [{"type": "text", "text": "words"}]
    assert told.losses == ()


def test_case_026_user_is_hashed() -> None:
    body, told = write(request(user="a@b.c"))
    assert "@" not in body["metadata"]["user_id"]
    assert body["metadata"] == write(request(extras={"safety_identifier": "a@b.c"}))[0]["metadata"]
    assert told.losses == ()


def test_case_027_four_breakpoints_and_no_key() -> None:
    mark = {"type": "ephemeral", "ttl": "1h", "more": 1}
    asked = request(
        user(*(Text(str(number), mark) for number in range(3))),
        system=(Text("S", mark),),
        tools=(Tool("f", cache=mark),),
        extras={"prompt_cache_key": "k"},
    )
    body, told = write(asked)
    kept = {"type": "ephemeral", "ttl": "1h"}
    assert "cache_control" not in body["tools"][0]
    assert body["system"][0]["cache_control"] == kept
    assert [block["cache_control"] for block in body["messages"][0]["content"]] == [kept] * 3
    assert codes(told) == ["dropped:prompt_cache_key", "dropped:cache_control"]


@pytest.mark.parametrize(
    ("tier", "written", "lost"),
    [("default", "standard_only", []), ("priority", None, ["dropped:service_tier"])],
)
def test_case_028_service_tier(tier: str, written: str | None, lost: list[str]) -> None:
    body, told = write(request(extras={"service_tier": tier}))
    assert body.get("service_tier") == written
    assert codes(told) == lost


def test_case_029_what_is_dropped_is_named() -> None:
    extras = {
        "seed": 1,
        "logit_bias": {"1": 1},
        "presence_penalty": 1,
        "verbosity": "low",
        "prediction": {"type": "content"},
        "store": True,
        "weird name\n" + "x" * 60: 1,
    }
    asked = request(extras=extras, paths={"verbosity": "text.verbosity"})
    _, told = write(asked)
    assert codes(told) == [
        "dropped:seed",
        "dropped:logit_bias",
        "dropped:presence_penalty",
        "dropped:verbosity",
        "dropped:prediction",
        "dropped:store",
        "dropped:weirdname" + "x" * 29,
    ]
    assert told.losses[3].path == "text.verbosity"


@pytest.mark.parametrize(("prefill", "skipped"), [(None, False), (True, False), (False, True)])
def test_case_030_prefill(prefill: bool | None, skipped: bool) -> None:
    asked = request(HI, assistant(Text("The answer is (  ")))
    obstacles = TRANSLATOR.obstacles(asked, target(prefill=prefill))
    assert [loss.code for loss in obstacles] == (["skipped:prefill"] if skipped else [])
    body, _ = write(asked, target(prefill=prefill))
    assert text_of(body["messages"][-1]) == ["The answer is ("]


def test_case_031_streamed() -> None:
    extras = {"stream_options": {"include_usage": True}}
    body, told = write(request(streamed=True, include_usage=True, extras=extras))
    assert body["stream"] is True
    assert "stream_options" not in body
    assert told.losses == ()


def test_case_036_a_result_with_an_image() -> None:
    image = Image(Source(url="https://a/b.png"))
    body, _ = write(
        request(HI, assistant(ToolCall("a", "f", "")), user(ToolResult("a", (Text("t"), image))))
    )
    (result,) = body["messages"][2]["content"]
    assert [block["type"] for block in result["content"]] == ["text", "image"]


@pytest.mark.parametrize(
    ("dialect", "reasoning", "kept"),
    [
        (Dialect.MESSAGES, Reasoning("t", signature="s"), "thinking"),
        (Dialect.MESSAGES, Reasoning(redacted="r"), "redacted_thinking"),
        (Dialect.MESSAGES, Reasoning("t"), None),
        (Dialect.CHAT, Reasoning("t"), None),
        (Dialect.RESPONSES, Reasoning("t", encrypted="e", id="rs_1"), None),
    ],
)
def test_cases_062_063_094_only_signed_thinking_goes_back(
    dialect: Dialect, reasoning: Reasoning, kept: str | None
) -> None:
    asked = replace(request(HI, assistant(reasoning, Text("a")), HI), dialect=dialect)
    body, told = write(asked)
    kinds = [block["type"] for block in body["messages"][1]["content"]]
    assert kinds == ([kept] if kept else []) + ["text"]
    assert codes(told) == ([] if kept else ["dropped:reasoning"])


def test_an_assistant_left_empty_is_removed_and_its_neighbours_joined() -> None:
    body, _ = write(request(HI, assistant(Reasoning("t")), HI))
    assert [text_of(message) for message in body["messages"]] == [["hi", "hi"]]


def test_a_refusal_of_the_history_is_text() -> None:
    body, _ = write(request(HI, assistant(Refusal("No.")), HI))
    assert text_of(body["messages"][1]) == ["No."]


def test_cases_042_064_065_tools_of_providers() -> None:
    search = Tool(
        "",
        kind="web_search",
        raw={
            "type": "web_search",
            "filters": {"allowed_domains": ["a.b"]},
            "user_location": {"type": "approximate", "country": "DE", "city": None},
        },
    )
    custom = Tool("c", kind="custom", raw={"type": "custom"})
    asked = replace(request(tools=(search, custom)), dialect=Dialect.RESPONSES)
    body, told = write(asked)
    assert body["tools"] == [
        {
            "type": "web_search_20250305",
            "name": "web_search",
            "allowed_domains": ["a.b"],
            "user_location": {"type": "approximate", "country": "DE"},
        }
    ]
    assert [(loss.code, loss.path) for loss in told.losses] == [("skipped:custom", "tools[1]")]


@pytest.mark.parametrize(
    "extras",
    [
        {"previous_response_id": "r"},
        {"conversation": "c"},
        {"background": True},
        {"max_tool_calls": 3},
        {"truncation": "auto"},
        {"prompt": {"id": "p"}},
    ],
)
def test_cases_060_064_only_the_provider_can(extras: dict[str, Any]) -> None:
    asked = replace(request(extras=extras), dialect=Dialect.RESPONSES)
    (obstacle,) = TRANSLATOR.obstacles(asked, target())
    assert obstacle.severity is Severity.SKIP


def test_case_064_include_is_dropped() -> None:
    asked = replace(
        request(extras={"include": ["x"], "truncation": "disabled"}), dialect=Dialect.RESPONSES
    )
    assert codes(write(asked)[1]) == ["dropped:include"]


def test_nesting_that_cannot_be_written_is_refused() -> None:
    schema: dict[str, Any] = {"type": "object"}
    for _ in range(400):
        schema = {"type": "object", "properties": {"a": schema}}
    with pytest.raises(ClientError, match="nested"):
        write(request(tools=(Tool("f", parameters=schema),)))
