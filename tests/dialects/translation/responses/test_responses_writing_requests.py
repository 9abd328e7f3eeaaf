"""What a provider of the responses dialect is asked."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

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
from extproc.dialects.translation.losses import Severity, told
from extproc.dialects.translation.responses import TRANSLATOR
from extproc.dialects.translation.translator import Target
from extproc.errors import ClientError
from tests.dialects.translation.responses.responses_sdk import (
    FIRST_TURN,
    created_with,
    request,
    target,
)

CLOSED = {
    "type": "object",
    "properties": {"a": {"type": "string"}},
    "required": ["a"],
    "additionalProperties": False,
}
OPEN = {"type": "object", "properties": {"a": {"type": "string"}}}


def _losses(asked: Request, to: Target | None = None) -> str:
    return told(TRANSLATOR.write_request(asked, to or target()).losses)


def _skipped(asked: Request, to: Target | None = None) -> str:
    losses = TRANSLATOR.obstacles(asked, to or target())
    written = TRANSLATOR.write_request(asked, to or target()).losses
    assert set(losses) <= set(written)
    return told(loss for loss in losses if loss.severity is Severity.SKIP)


def _reluctant(asked: Request) -> str:
    losses = TRANSLATOR.obstacles(asked, target())
    return told(loss for loss in losses if loss.severity is Severity.RELUCTANT)


def _messages(*turns: Turn, **members: Any) -> Request:
    return request(Dialect.MESSAGES, *turns, **members)


def _user(*parts: Part) -> Turn:
    return Turn("user", parts, "messages[0]")


def _assistant(*parts: Part) -> Turn:
    return Turn("assistant", parts, "messages[1]")


@pytest.mark.parametrize("dialect", [Dialect.CHAT, Dialect.MESSAGES])
def test_case_054_nothing_is_stored(dialect: Dialect) -> None:
    assert created_with(request(dialect)) == {
        "model": "gpt-5",
        "input": [
            {
                "type": "message",
                "role": "user",
                "content": [{"type": "input_text", "text": "hi"}],
            }
        ],
        "store": False,
    }


def test_case_054_unless_the_client_says_so() -> None:
    assert created_with(request(extras={"store": True}))["store"] is True


def test_case_055_tools_are_flat_and_not_strict() -> None:
    body = created_with(
        request(tools=(Tool("f", "d", OPEN), Tool("g"), Tool("h", parameters=CLOSED, strict=True)))
    )
    assert body["tools"] == [
        {
            "type": "function",
            "name": "f",
            "description": "d",
            "parameters": OPEN,
            "strict": False,
        },
        {
            "type": "function",
            "name": "g",
            "parameters": {"type": "object", "properties": {}},
            "strict": False,
        },
        {"type": "function", "name": "h", "parameters": CLOSED, "strict": True},
    ]


def test_case_056_form_effort_and_limit() -> None:
    body = created_with(
        request(
            format=OutputFormat(CLOSED, "n", "d", strict=True),
            reasoning=ReasoningSettings(effort="high"),
            max_tokens=100,
            extras={"verbosity": "low"},
        )
    )
    assert body["text"] == {
        "format": {
            "type": "json_schema",
            "name": "n",
            "schema": CLOSED,
            "description": "d",
            "strict": True,
        },
        "verbosity": "low",
    }
    assert body["reasoning"] == {"effort": "high"}
    assert body["max_output_tokens"] == 100


def test_case_056_any_json_object() -> None:
    body = created_with(request(format=OutputFormat()))
    assert body["text"] == {"format": {"type": "json_object"}}


def test_case_057_turns_of_tools() -> None:
    long_id = "toolu_" + "x" * 70
    body = created_with(
        request(
            Dialect.CHAT,
            _assistant(Text("so"), ToolCall("c1", "f", ""), ToolCall(long_id, "f", '{"a":1}')),
            _user(ToolResult("c1", (Text("1"),))),
            _user(ToolResult(long_id, ()), Text("go on")),
        )
    )
    said, first, second, one, two, user = body["input"]
    assert said == {"type": "message", "role": "assistant", "content": "so"}
    assert first == {"type": "function_call", "call_id": "c1", "name": "f", "arguments": "{}"}
    assert second["arguments"] == '{"a":1}'
    assert len(second["call_id"]) == 64
    assert one == {"type": "function_call_output", "call_id": "c1", "output": "1"}
    assert two == {"type": "function_call_output", "call_id": second["call_id"], "output": ""}
    assert user["content"] == [{"type": "input_text", "text": "go on"}]


def test_case_062_a_signature_is_not_what_openai_encrypts() -> None:
    asked = _messages(
        FIRST_TURN,
        _assistant(Reasoning("hmm", signature="proof"), Reasoning(redacted="black"), Text("hello")),
        _user(Text("more")),
    )
    written = TRANSLATOR.write_request(asked, target())
    assert not any(word in written.body for word in (b"hmm", b"proof", b"black"))
    assert told(written.losses) == "dropped:reasoning"
    assert [item["role"] for item in created_with(asked)["input"]] == ["user", "assistant", "user"]


def test_case_033_cache_warming_is_skipped() -> None:
    assert _skipped(_messages(max_tokens=0)) == "skipped:max_tokens"


def test_case_037_and_036_a_failed_result_with_an_image() -> None:
    image = Image(Source(data="AA", media_type="image/png"))
    body = created_with(
        _messages(_user(ToolResult("c", (Text("no"), image), is_error=True), Text("x")))
    )
    assert body["input"][0]["output"] == [
        {"type": "input_text", "text": "Error: no"},
        {"type": "input_image", "detail": "auto", "image_url": "data:image/png;base64,AA"},
    ]


def test_case_037_a_failed_result_without_words() -> None:
    body = created_with(_messages(_user(ToolResult("c", (), is_error=True))))
    assert body["input"][0]["output"] == "Error:"


def test_case_041_a_long_user_id_is_hashed() -> None:
    body = created_with(_messages(user="u" * 65))
    assert len(body["safety_identifier"]) == 64
    assert "metadata" not in body
    assert created_with(_messages(user="u"))["safety_identifier"] == "u"
    assert created_with(request(user="u"))["user"] == "u"


def test_case_042_web_search_is_run_by_either() -> None:
    raw = {
        "type": "web_search_20250305",
        "name": "web_search",
        "max_uses": 3,
        "allowed_domains": ["a.org"],
        "user_location": {"type": "approximate", "city": "Bern"},
    }
    asked = _messages(tools=(Tool("web_search", kind="web_search_20250305", raw=raw), Tool("f")))
    body = created_with(asked)
    assert body["tools"][0] == {
        "type": "web_search",
        "filters": {"allowed_domains": ["a.org"]},
        "user_location": {"type": "approximate", "city": "Bern"},
    }
    assert _losses(asked) == "dropped:max_uses"


def test_case_042_other_tools_of_a_server_are_left_to_others() -> None:
    kind = "code_execution_20250825"
    asked = _messages(tools=(Tool("code_execution", kind=kind, raw={"type": kind}), Tool("f")))
    assert _reluctant(asked) == f"dropped:{kind}"
    assert len(created_with(asked)["tools"]) == 1


def test_case_042_what_a_servers_tool_found_is_left_to_others() -> None:
    kind = "web_search_tool_result"
    opaque = Opaque(Dialect.MESSAGES, kind, "messages[1].content[0]", {"type": kind})
    asked = _messages(FIRST_TURN, _assistant(opaque, Text("found")), _user(Text("and?")))
    assert _reluctant(asked) == f"dropped:{kind}"
    assert created_with(asked)["input"][1]["content"] == "found"


@pytest.mark.parametrize(
    ("choice", "written"),
    [
        (Choice(ChoiceMode.AUTO), "auto"),
        (Choice(ChoiceMode.REQUIRED), "required"),
        (Choice(ChoiceMode.NONE), "none"),
        (Choice(ChoiceMode.NAMED, "f"), {"type": "function", "name": "f"}),
        (
            Choice(ChoiceMode.REQUIRED, allowed=("f",)),
            {
                "type": "allowed_tools",
                "mode": "required",
                "tools": [{"type": "function", "name": "f"}],
            },
        ),
    ],
)
def test_case_043_the_choice_of_tools(choice: Choice, written: object) -> None:
    body = created_with(request(tools=(Tool("f"),), choice=choice, parallel_tools=False))
    assert body["tool_choice"] == written
    assert body["parallel_tool_calls"] is False


def test_case_043_no_choice_where_there_are_no_tools() -> None:
    body = created_with(request(choice=Choice(ChoiceMode.AUTO), parallel_tools=True))
    assert body.keys() == {"model", "input", "store"}


def test_case_043_the_choice_of_web_search() -> None:
    kind = "web_search_20250305"
    search = Tool("web_search", kind=kind, raw={"type": kind, "name": "web_search"})
    asked = _messages(tools=(search, Tool("f")), choice=Choice(ChoiceMode.NAMED, "web_search"))
    assert created_with(asked)["tool_choice"] == {
        "type": "allowed_tools",
        "mode": "required",
        "tools": [{"type": "web_search"}],
    }


@pytest.mark.parametrize(
    ("choice", "written", "loss"),
    [
        (Choice(ChoiceMode.NAMED, "run"), "auto", "dropped:tool_choice"),
        (
            Choice(ChoiceMode.AUTO, allowed=("f", "run")),
            {
                "type": "allowed_tools",
                "mode": "auto",
                "tools": [{"type": "function", "name": "f"}],
            },
            "dropped:allowed_tools",
        ),
    ],
)
def test_case_043_a_tool_that_is_not_carried_is_not_chosen(
    choice: Choice, written: object, loss: str
) -> None:
    run = Tool("run", kind="code_execution_20250825", raw={"name": "run"})
    asked = _messages(tools=(run, Tool("f")), choice=choice)
    assert created_with(asked)["tool_choice"] == written
    assert loss in _losses(asked)


def test_where_only_the_system_speaks_there_is_an_input() -> None:
    body = created_with(Request(Dialect.CHAT, "m", (), system=(Text("S"),)))
    assert body["input"] == [{"type": "message", "role": "developer", "content": "S"}]
    assert "instructions" not in body


def test_what_the_assistant_cannot_have_shown_is_named() -> None:
    image = Image(Source(url="https://x/a.png"))
    asked = request(Dialect.CHAT, FIRST_TURN, _assistant(Text("see"), image))
    assert created_with(asked)["input"][1]["content"] == "see"
    assert _losses(asked) == "dropped:assistant_media"


def test_images_go_as_they_are() -> None:
    body = created_with(request(Dialect.CHAT, _user(Image(Source(url="https://x/a.png"), "low"))))
    assert body["input"][0]["content"] == [
        {"type": "input_image", "detail": "low", "image_url": "https://x/a.png"}
    ]


@pytest.mark.parametrize("place", ["tool", "text"])
def test_case_052_cache_marks_are_named_once(place: str) -> None:
    mark = {"type": "ephemeral"}
    tools = (Tool("f", cache=mark),) if place == "tool" else ()
    text = Text("hi", mark if place == "text" else None)
    asked = _messages(_user(text, text), tools=tools)
    assert b"ephemeral" not in TRANSLATOR.write_request(asked, target()).body
    assert _losses(asked) == "dropped:cache_control"


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "array", "items": CLOSED},
        {**CLOSED, "properties": {"a": OPEN}},
        {**CLOSED, "properties": {"a": {"anyOf": [OPEN]}}},
        {**CLOSED, "properties": {"a": {"oneOf": []}}},
        {**CLOSED, "properties": {"a": {"type": "array", "items": OPEN}}},
        {**CLOSED, "properties": {"a": 7}},
        {**CLOSED, "required": "a"},
        {**CLOSED, "additionalProperties": True},
    ],
)
def test_case_046_a_schema_that_openai_refuses_is_not_strict(schema: dict[str, Any]) -> None:
    written = created_with(_messages(format=OutputFormat(schema)))["text"]["format"]
    assert written["strict"] is False


def test_case_044_this_dialect_takes_no_stop_sequences() -> None:
    asked = _messages(stop=("END",))
    (loss,) = TRANSLATOR.write_request(asked, target()).losses
    assert (loss.code, loss.path) == ("dropped:stop", "stop_sequences")
    assert loss.severity is Severity.WARN


@pytest.mark.parametrize(
    ("extras", "skipped"),
    [
        ({"container": "c"}, "skipped:container"),
        ({"inference_geo": "us"}, "skipped:inference_geo"),
        ({"speed": "fast"}, "skipped:speed"),
        ({"speed": "standard"}, ""),
    ],
)
def test_case_045_only_anthropic_has_these(extras: dict[str, Any], skipped: str) -> None:
    assert _skipped(_messages(extras=extras, top_k=3)) == skipped
    assert _losses(_messages(top_k=3)) == "dropped:top_k"


@pytest.mark.parametrize(("schema", "strict"), [(CLOSED, True), (OPEN, False)])
def test_case_046_a_form_gets_a_name(schema: dict[str, Any], strict: bool) -> None:
    asked = _messages(format=OutputFormat(schema))
    written = created_with(asked)["text"]["format"]
    assert written == {"type": "json_schema", "name": "answer", "schema": schema, "strict": strict}
    assert _losses(asked) == ("" if strict else "dropped:strict")


def test_case_047_documents() -> None:
    body = created_with(
        _messages(
            _user(
                Document(Source(data="AA", media_type="application/pdf"), "a.pdf"),
                Document(Source(data="AA", media_type="application/pdf")),
                Document(Source(text="plain")),
                Document(Source(url="https://x/a.pdf")),
            )
        )
    )
    data = "data:application/pdf;base64,AA"
    assert body["input"][0]["content"] == [
        {"type": "input_file", "filename": "a.pdf", "file_data": data},
        {"type": "input_file", "filename": "document.pdf", "file_data": data},
        {"type": "input_text", "text": "plain"},
        {"type": "input_file", "file_url": "https://x/a.pdf"},
    ]


@pytest.mark.parametrize("part", [Image(Source(file_id="f")), Document(Source(file_id="f"))])
def test_case_025_a_files_id_is_skipped(part: Part) -> None:
    assert _skipped(_messages(_user(part))) == "skipped:file_id"
    assert _skipped(_messages(_user(ToolResult("c", (part,))))) == "skipped:file_id"


def test_case_048_a_long_name_is_shortened_everywhere() -> None:
    name = "n" * 70
    asked = _messages(
        FIRST_TURN,
        _assistant(ToolCall("c", name, "{}")),
        _user(ToolResult("c", ())),
        tools=(Tool(name),),
        choice=Choice(ChoiceMode.NAMED, name),
    )
    body = created_with(asked)
    short = body["tools"][0]["name"]
    assert len(short) == 64
    assert body["input"][1]["name"] == body["tool_choice"]["name"] == short
    assert TRANSLATOR.write_request(asked, target()).tool_names == {short: name}


def test_case_049_the_text_of_marked_blocks_is_kept() -> None:
    asked = _messages(system=(Text("A", {"type": "ephemeral"}), Text("B")))
    assert created_with(asked)["instructions"] == "A\n\nB"
    assert _losses(asked) == "dropped:cache_control"


def test_case_053_the_system_in_mid_conversation() -> None:
    inner = Turn("system", (Text("French now"),), "messages[1]")
    body = created_with(_messages(FIRST_TURN, inner))
    assert body["input"][1] == {
        "type": "message",
        "role": "developer",
        "content": [{"type": "input_text", "text": "French now"}],
    }


def test_case_011_several_answers_log_probabilities_and_audio_are_skipped() -> None:
    audio = Opaque(Dialect.CHAT, "input_audio", "messages[0].content[0]", {})
    asked = request(Dialect.CHAT, _user(audio), extras={"n": 2, "logprobs": True})
    assert _skipped(asked) == "skipped:n, skipped:logprobs, skipped:input_audio"
    assert _skipped(request(extras={"web_search_options": {}})) == "skipped:web_search_options"
    neutral = {"n": 1, "logprobs": False, "modalities": ["text"], "audio": None}
    assert _losses(request(extras=neutral)) == ""


def test_case_029_what_the_dialect_lacks_is_named() -> None:
    extras = {"seed": 1, "logit_bias": {"1": 2}, "frequency_penalty": 0, "we ird\n": 1}
    assert _losses(request(extras=extras)) == "dropped:seed, dropped:logit_bias, dropped:weird"


def test_case_030_words_put_into_the_assistants_mouth() -> None:
    asked = _messages(FIRST_TURN, _assistant(Text("{")))
    assert _skipped(asked) == ""
    assert _skipped(asked, target(Traits(prefill=False))) == "skipped:prefill"


def test_case_028_service_tiers() -> None:
    assert created_with(request(extras={"service_tier": "priority"}))["service_tier"] == "priority"
    body = created_with(_messages(extras={"service_tier": "standard_only"}))
    assert body["service_tier"] == "default"
    assert _losses(_messages(extras={"service_tier": "auto"})) == ""


def test_what_chat_shares_is_carried() -> None:
    extras = {
        "metadata": {"a": "b"},
        "prompt_cache_key": "k",
        "safety_identifier": "s",
        "prompt_cache_retention": "24h",
    }
    body = created_with(request(extras=extras, streamed=True))
    assert {name: body[name] for name in extras} == extras
    assert body["stream"] is True


@pytest.mark.parametrize("dialect", [Dialect.CHAT, Dialect.MESSAGES])
def test_custom_tools_are_skipped(dialect: Dialect) -> None:
    kind = {"chat": "custom", "messages": "bash_20250124"}[dialect]
    asked = request(dialect, tools=(Tool("x", kind=kind, raw={"type": kind}),))
    assert _skipped(asked) == f"skipped:{kind}"


@pytest.mark.parametrize(
    ("settings", "traits", "written", "losses"),
    [
        (ReasoningSettings(effort="low"), Traits(), {"effort": "low"}, ""),
        (ReasoningSettings(budget=1_024), Traits(), {"effort": "low"}, ""),
        (ReasoningSettings(budget=10_000), Traits(), {"effort": "medium"}, ""),
        (ReasoningSettings(budget=32_000), Traits(), {"effort": "high"}, ""),
        (ReasoningSettings(adaptive=True, summary="summarized"), Traits(), {"summary": "auto"}, ""),
        (ReasoningSettings(enabled=False), Traits(), None, ""),
        (ReasoningSettings(enabled=False), Traits(efforts=("none", "low")), {"effort": "none"}, ""),
        (
            ReasoningSettings(enabled=False),
            Traits(efforts=("minimal", "low")),
            {"effort": "minimal"},
            "clamped:effort",
        ),
        (
            ReasoningSettings(effort="max"),
            Traits(efforts=("low", "high")),
            {"effort": "high"},
            "clamped:effort",
        ),
        (
            ReasoningSettings(effort="high"),
            Traits(thinking=Thinking.NONE),
            None,
            "dropped:effort",
        ),
        (ReasoningSettings(effort="none"), Traits(thinking=Thinking.NONE), None, ""),
    ],
)
def test_how_much_to_reason(
    settings: ReasoningSettings, traits: Traits, written: object, losses: str
) -> None:
    asked = _messages(reasoning=settings)
    assert created_with(asked, target(traits)).get("reasoning") == written
    assert _losses(asked, target(traits)) == losses


@pytest.mark.parametrize(
    ("asked", "ceiling", "written", "losses"),
    [
        (100, None, 100, ""),
        (1, None, 16, "clamped:max_tokens"),
        (64_000, 4_096, 4_096, "clamped:max_tokens"),
    ],
)
def test_limits_are_kept(asked: int, ceiling: int | None, written: int, losses: str) -> None:
    to = target(Traits(output_ceiling=ceiling))
    assert created_with(_messages(max_tokens=asked), to)["max_output_tokens"] == written
    assert _losses(_messages(max_tokens=asked), to) == losses


def test_sampling_is_dropped_where_it_is_refused() -> None:
    asked = request(temperature=0.2, top_p=1)
    assert created_with(asked)["temperature"] == 0.2
    to = target(Traits(sampling=False))
    assert created_with(asked, to).keys() == {"model", "input", "store"}
    assert _losses(asked, to) == "dropped:temperature"


def test_a_refusal_is_what_the_assistant_said() -> None:
    body = created_with(request(Dialect.CHAT, FIRST_TURN, _assistant(Refusal("No."))))
    assert body["input"][1]["content"] == "No."


def test_this_dialects_own_goes_through_whole() -> None:
    body = {
        "input": [
            {"role": "user", "content": "hi"},
            {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "xyz"},
            {"type": "item_reference", "id": "msg_1"},
            {"role": "assistant", "content": "x", "phase": "commentary"},
        ],
        "include": ["reasoning.encrypted_content"],
        "reasoning": {"effort": "low", "context": "all_turns"},
        "tools": [{"type": "local_shell"}],
        "previous_response_id": "resp_1",
    }
    asked = TRANSLATOR.read_request(body)
    written = orjson.loads(TRANSLATOR.write_request(asked, target()).body)
    assert _losses(asked) == ""
    assert written["input"][1:] == [
        body["input"][1],  # type: ignore[index]
        body["input"][2],  # type: ignore[index]
        {"type": "message", "role": "assistant", "content": "x", "phase": "commentary"},
    ]
    for name in ("include", "reasoning", "tools", "previous_response_id"):
        assert written[name] == body[name]


def test_what_is_nested_too_deeply_is_an_error() -> None:
    schema: dict[str, Any] = {}
    for _ in range(600):
        schema = {"items": schema}
    with pytest.raises(ClientError, match="nested more than 200 levels") as caught:
        TRANSLATOR.write_request(request(tools=(Tool("f", parameters=schema),)), target())
    assert caught.value.status == 400


def test_half_a_character_is_no_failure() -> None:
    asked = request(Dialect.CHAT, _user(Text("\ud83d")))
    assert created_with(asked)["input"][0]["content"][0]["text"] == "?"


def test_a_thousand_losses_of_one_kind_are_one() -> None:
    turns = [Turn("assistant", (Reasoning("x"),), f"messages[{index}]") for index in range(1_000)]
    (loss,) = TRANSLATOR.write_request(_messages(*turns), target()).losses
    assert loss.path == "messages[0].content[0]"


def test_a_name_of_the_clients_is_cut_to_what_a_header_can_hold() -> None:
    (loss,) = TRANSLATOR.write_request(request(extras={"ü, x: " * 50: 1}), target()).losses
    assert loss.code.removeprefix("dropped:").strip("x") == ""
    (loss,) = TRANSLATOR.write_request(request(extras={"ü": 1}), target()).losses
    assert loss.code == "dropped:member"
