"""Chat as the provider: what a request of another dialect becomes."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from openai.types.chat.completion_create_params import (
    CompletionCreateParamsNonStreaming,
    CompletionCreateParamsStreaming,
)

from extproc.core.models import Dialect
from extproc.core.traits import Thinking, Traits
from extproc.dialects.translation.chat import TRANSLATOR
from extproc.dialects.translation.common.strictness import is_strict
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
from extproc.dialects.translation.losses import Loss, Severity
from extproc.dialects.translation.translator import Target, Written
from extproc.errors import ClientError
from tests.helpers.sdk_types import THOUGHTS, strictly

_REQUESTS = (CompletionCreateParamsNonStreaming, CompletionCreateParamsStreaming)
OPENAI = Target("gpt-x", "openai")
OTHER = Target("model-x", "groq")
HI = Turn("user", (Text("hi"),), "messages[0]")
PNG = Source(data="QUI=", media_type="image/png")
PNG_PART = {"type": "image_url", "image_url": {"url": "data:image/png;base64,QUI="}}
LOOK = Tool("look", "Looks.", {"type": "object", "properties": {}})


def request(*turns: Turn, dialect: Dialect = Dialect.MESSAGES, **members: Any) -> Request:
    return Request(dialect=dialect, model="m", turns=turns or (HI,), **members)


def user(*parts: Part) -> Turn:
    return Turn("user", parts, "messages[9]")


def assistant(*parts: Part) -> Turn:
    return Turn("assistant", parts, "messages[8]")


def write(given: Request, target: Target = OPENAI) -> tuple[dict[str, Any], tuple[Loss, ...]]:
    written = TRANSLATOR.write_request(given, target)
    body: dict[str, Any] = orjson.loads(written.body)
    if target is OPENAI:
        strictly(_REQUESTS[given.streamed], body, THOUGHTS)
    return body, written.losses


def messages(*turns: Turn, target: Target = OPENAI, **members: Any) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = write(request(*turns, **members), target)[0]["messages"]
    return listed


def codes(losses: tuple[Loss, ...], severity: Severity = Severity.WARN) -> list[str]:
    return [loss.code for loss in losses if loss.severity is severity]


def test_the_simplest() -> None:
    body, losses = write(request())
    assert body == {"model": "gpt-x", "messages": [{"role": "user", "content": "hi"}]}
    assert losses == ()


@pytest.mark.parametrize(
    ("provider", "member"),
    [
        ("openai", "max_completion_tokens"),
        ("azure_openai", "max_completion_tokens"),
        ("groq", "max_tokens"),
        ("anything", "max_tokens"),
    ],
)
def test_case_032_limits(provider: str, member: str) -> None:
    body, losses = write(request(max_tokens=50), Target("x", provider))
    assert body.keys() == {"model", "messages", member}
    assert body[member] == 50
    assert losses == ()


def test_a_limit_above_the_ceiling_is_clamped() -> None:
    target = Target("x", "openai", Traits(output_ceiling=40))
    body, losses = write(request(max_tokens=50), target)
    assert body["max_completion_tokens"] == 40
    assert [(loss.code, loss.path) for loss in losses] == [("clamped:max_tokens", "max_tokens")]


def test_case_033_cache_warming_is_skipped() -> None:
    (loss,) = TRANSLATOR.obstacles(request(max_tokens=0), OPENAI)
    assert (loss.code, loss.severity) == ("skipped:max_tokens", Severity.SKIP)


def test_case_034_text_and_calls_are_one_message() -> None:
    said = assistant(Text("Both."), ToolCall("a", "look", '{"x": 1}'), ToolCall("b", "look", ""))
    function = {"name": "look", "arguments": '{"x": 1}'}
    empty = {"name": "look", "arguments": "{}"}
    assert messages(HI, said)[1] == {
        "role": "assistant",
        "content": "Both.",
        "tool_calls": [
            {"id": "a", "type": "function", "function": function},
            {"id": "b", "type": "function", "function": empty},
        ],
    }


def test_case_035_results_come_first_in_their_order() -> None:
    turn = user(Text("go"), ToolResult("a", (Text("A"),)), ToolResult("b", (Text("B"),)))
    assert messages(turn) == [
        {"role": "tool", "tool_call_id": "a", "content": "A"},
        {"role": "tool", "tool_call_id": "b", "content": "B"},
        {"role": "user", "content": "go"},
    ]


def test_case_036_images_of_results_follow_all_of_them() -> None:
    listed = messages(user(ToolResult("a", (Text("A"), Image(PNG))), ToolResult("b", (Text("B"),))))
    assert listed == [
        {"role": "tool", "tool_call_id": "a", "content": "A"},
        {"role": "tool", "tool_call_id": "b", "content": "B"},
        {"role": "user", "content": [PNG_PART]},
    ]


def test_images_of_results_of_neighbouring_turns_follow_all_and_say_whose_they_are() -> None:
    listed = messages(
        user(ToolResult("a", (Image(PNG),))),
        user(ToolResult("b", (Image(PNG),))),
        user(Text("go")),
    )
    assert [message["role"] for message in listed] == ["tool", "tool", "user"]
    assert all(message["content"] for message in listed)
    assert listed[2]["content"] == [
        {"type": "text", "text": "Result of the call a:"},
        PNG_PART,
        {"type": "text", "text": "Result of the call b:"},
        PNG_PART,
        {"type": "text", "text": "go"},
    ]


def test_case_037_an_error_is_marked() -> None:
    listed = messages(user(ToolResult("a", (Text("no file"),), is_error=True)))
    assert listed[0]["content"] == "Error: no file"
    assert messages(user(ToolResult("a", (), is_error=True)))[0]["content"] == "Error"


def test_case_038_a_result_without_content() -> None:
    assert messages(user(ToolResult("a", ()))) == [
        {"role": "tool", "tool_call_id": "a", "content": ""}
    ]


def test_case_039_thoughts_are_never_text() -> None:
    thought = Reasoning("hm", signature="s")
    body, losses = write(request(HI, assistant(thought, Reasoning(redacted="r")), user(Text("b"))))
    assert [message["role"] for message in body["messages"]] == ["user", "user"]
    assert codes(losses) == ["dropped:reasoning"]
    back = Target("x", "deepseek", Traits(reasoning_back=True))
    said = assistant(thought, ToolCall("a", "look", ""))
    message = messages(HI, said, target=back)[1]
    assert message["reasoning_content"] == "hm"
    assert "s" not in message.values()


def test_case_040_reasoning_beside_tools_where_the_model_refuses_it() -> None:
    traits = Traits(efforts=("none", "low", "high"), tool_reasoning=False)
    given = request(tools=(LOOK,), reasoning=ReasoningSettings(effort="high"))
    target = Target("x", "openai", traits)
    body, losses = write(given, target)
    assert body["reasoning_effort"] == "none"
    assert codes(losses, Severity.RELUCTANT) == ["dropped:effort"]
    assert TRANSLATOR.obstacles(given, target) == losses
    without = request(reasoning=ReasoningSettings(effort="high"))
    assert write(without, target)[0]["reasoning_effort"] == "high"


def test_case_041_a_long_user_is_hashed() -> None:
    body, _ = write(request(user="u" * 65))
    assert len(body["safety_identifier"]) == 64
    assert "u" * 10 not in body["safety_identifier"]
    assert "metadata" not in body
    assert write(request(user="u" * 64))[0]["safety_identifier"] == "u" * 64
    assert write(request(user="u"), OTHER)[0]["user"] == "u"
    assert write(request(user="u", dialect=Dialect.RESPONSES))[0]["user"] == "u"


def test_case_042_a_server_tool_is_dropped_with_reluctance() -> None:
    search = Tool("web_search", kind="web_search_20250305", raw={})
    given = request(tools=(search, LOOK))
    body, losses = write(given)
    assert [tool["function"]["name"] for tool in body["tools"]] == ["look"]
    assert [(loss.code, loss.path, loss.severity) for loss in losses] == [
        ("dropped:web_search_20250305", "tools[0]", Severity.RELUCTANT)
    ]
    assert TRANSLATOR.obstacles(given, OPENAI) == losses


def test_a_server_tool_that_must_be_called_is_skipped() -> None:
    search = Tool("web_search", kind="web_search_20250305", raw={})
    given = request(tools=(search, LOOK), choice=Choice(ChoiceMode.NAMED, "web_search"))
    assert codes(TRANSLATOR.obstacles(given, OPENAI), Severity.SKIP) == ["skipped:tool_choice"]


@pytest.mark.parametrize(
    ("choice", "written"),
    [
        (Choice(ChoiceMode.AUTO), "auto"),
        (Choice(ChoiceMode.REQUIRED), "required"),
        (Choice(ChoiceMode.NONE), "none"),
        (
            Choice(ChoiceMode.NAMED, "look"),
            {"type": "function", "function": {"name": "look"}},
        ),
    ],
    ids=["43-auto", "43-any", "43-none", "43-tool"],
)
def test_case_043_choice(choice: Choice, written: object) -> None:
    body, losses = write(request(tools=(LOOK,), choice=choice))
    assert body["tool_choice"] == written
    assert losses == ()


def test_case_043_parallel_calls() -> None:
    body, _ = write(request(tools=(LOOK,), parallel_tools=False))
    assert body["parallel_tool_calls"] is False
    assert "parallel_tool_calls" not in write(request(tools=(LOOK,), parallel_tools=True))[0]


def test_choice_without_tools() -> None:
    assert "tool_choice" not in write(request(choice=Choice(ChoiceMode.AUTO)))[0]
    body, losses = write(request(choice=Choice(ChoiceMode.REQUIRED)))
    assert "tool_choice" not in body
    assert codes(losses) == ["dropped:tool_choice"]


def test_allowed_tools() -> None:
    given = request(
        dialect=Dialect.RESPONSES,
        tools=(LOOK, Tool("b")),
        choice=Choice(ChoiceMode.REQUIRED, allowed=("look",)),
    )
    body, losses = write(given)
    assert len(body["tools"]) == 2
    assert body["tool_choice"]["allowed_tools"]["mode"] == "required"
    assert losses == ()
    body, losses = write(given, OTHER)
    assert [tool["function"]["name"] for tool in body["tools"]] == ["look"]
    assert body["tool_choice"] == "required"
    assert codes(losses) == ["adapted:allowed_tools"]


def test_case_044_stop_sequences() -> None:
    body, losses = write(request(stop=("1", "2", "3", "4", "5")))
    assert body["stop"] == ["1", "2", "3", "4"]
    assert [(loss.code, loss.path) for loss in losses] == [("clamped:stop", "stop_sequences")]
    body, losses = write(request(stop=("1",)), Target("x", "openai", Traits(stop=False)))
    assert "stop" not in body
    assert codes(losses) == ["dropped:stop"]


def test_case_045_what_only_anthropic_has() -> None:
    body, losses = write(request(top_k=5))
    assert body.keys() == {"model", "messages"}
    assert codes(losses) == ["dropped:top_k"]
    for name in ("container", "inference_geo", "speed"):
        (loss,) = TRANSLATOR.obstacles(request(extras={name: "x"}), OPENAI)
        assert (loss.code, loss.path, loss.severity) == (f"skipped:{name}", name, Severity.SKIP)
    assert TRANSLATOR.obstacles(request(extras={"speed": "standard"}), OPENAI) == ()


def test_case_046_a_format_gets_a_name() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string"}}}
    body, _ = write(request(format=OutputFormat(schema)))
    assert body["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "answer", "schema": schema},
    }
    strict = {**schema, "required": ["a"], "additionalProperties": False}
    body, _ = write(request(format=OutputFormat(strict)))
    assert body["response_format"]["json_schema"]["strict"] is True
    body, _ = write(request(format=OutputFormat(strict), dialect=Dialect.RESPONSES))
    assert "strict" not in body["response_format"]["json_schema"]
    assert write(request(format=OutputFormat()))[0]["response_format"] == {"type": "json_object"}


def test_case_047_documents() -> None:
    pdf = Source(data="QUI=", media_type="application/pdf")
    listed = messages(user(Document(pdf, "a.pdf"), Document(Source(text="plain"), "t")))
    assert listed[0]["content"] == [
        {
            "type": "file",
            "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,QUI="},
        },
        {"type": "text", "text": "t\n\nplain"},
    ]
    remote = request(user(Text("a"), Document(Source(url="https://a.example/b.pdf"))))
    (loss,) = TRANSLATOR.obstacles(remote, OPENAI)
    assert (loss.code, loss.path) == ("skipped:document_url", "messages[9].content[1]")
    assert loss.severity is Severity.SKIP


def test_case_048_long_names_are_shortened_everywhere_the_same() -> None:
    long, odd = "n" * 70, "a.b"
    given = request(
        HI,
        assistant(ToolCall("a", long, ""), ToolCall("b", odd, "")),
        tools=(Tool(long), Tool(odd)),
        choice=Choice(ChoiceMode.NAMED, long),
    )
    written: Written = TRANSLATOR.write_request(given, OPENAI)
    body = orjson.loads(written.body)
    short, clean = (tool["function"]["name"] for tool in body["tools"])
    assert len(short) <= 64
    assert clean.startswith("a_b_")
    assert body["tool_choice"]["function"]["name"] == short
    calls = body["messages"][1]["tool_calls"]
    assert [call["function"]["name"] for call in calls] == [short, clean]
    assert written.tool_names == {short: long, clean: odd}


def test_case_049_marks_for_caches_are_dropped() -> None:
    system = (Text("A", {"type": "ephemeral"}), Text("B"))
    body, losses = write(request(system=system))
    assert body["messages"][0] == {
        "role": "system",
        "content": [{"type": "text", "text": "A"}, {"type": "text", "text": "B"}],
    }
    assert codes(losses) == ["dropped:cache_control"]
    assert write(request(system=system), OTHER)[0]["messages"][0]["content"] == "A\n\nB"


def test_case_050_streams_tell_usage() -> None:
    body, _ = write(request(streamed=True))
    assert body["stream"] is True
    assert body["stream_options"] == {"include_usage": True}


def test_case_052_marks_on_tools_and_unknown_members_are_no_failure() -> None:
    tool = Tool("look", cache={"type": "ephemeral"})
    extras = {"tools.defer_loading": True}
    body, losses = write(request(tools=(tool,), extras=extras))
    assert body["tools"] == [{"type": "function", "function": {"name": "look"}}]
    assert codes(losses) == ["dropped:cache_control", "dropped:tools.defer_loading"]


@pytest.mark.parametrize(
    ("target", "role"), [(OPENAI, "developer"), (OTHER, "system")], ids=["53", "53-other"]
)
def test_case_053_the_system_in_the_middle_stays_there(target: Target, role: str) -> None:
    listed = messages(HI, Turn("system", (Text("French"),), "messages[1]"), HI, target=target)
    assert [message["role"] for message in listed] == ["user", role, "user"]


def test_the_system_in_the_middle_moves_where_it_is_not_heard() -> None:
    target = Target("x", "groq", Traits(inner_system=False))
    given = request(HI, Turn("system", (Text("F"),), "messages[1]"), HI, system=(Text("S"),))
    body, losses = write(given, target)
    assert body["messages"][0] == {"role": "system", "content": "S\n\nF"}
    assert [message["role"] for message in body["messages"]] == ["system", "user", "user"]
    assert codes(losses) == ["moved:system"]


def test_case_059_a_reasoning_item_is_no_message() -> None:
    listed = messages(
        HI,
        assistant(Reasoning(encrypted="e", id="rs_1")),
        assistant(ToolCall("a", "look", "{}")),
        assistant(ToolCall("b", "look", "{}")),
        user(ToolResult("a", ())),
        user(ToolResult("b", ())),
        dialect=Dialect.RESPONSES,
    )
    assert [message["role"] for message in listed] == ["user", "assistant", "tool", "tool"]
    assert [call["id"] for call in listed[1]["tool_calls"]] == ["a", "b"]


def test_messages_of_the_assistant_without_calls_stay_apart() -> None:
    listed = messages(HI, assistant(Text("a")), assistant(Text("b"), ToolCall("c", "look", "")))
    assert [message["content"] for message in listed] == ["hi", "a", "b"]


def test_case_060_what_only_its_provider_has_is_skipped() -> None:
    for name in ("previous_response_id", "conversation"):
        given = request(dialect=Dialect.RESPONSES, extras={name: "x"})
        assert codes(TRANSLATOR.obstacles(given, OPENAI), Severity.SKIP) == [f"skipped:{name}"]
    reference = Opaque(Dialect.RESPONSES, "item_reference", "input[0]", {})
    given = request(user(reference), dialect=Dialect.RESPONSES)
    (loss,) = TRANSLATOR.obstacles(given, OPENAI)
    assert (loss.code, loss.path) == ("skipped:item_reference", "input[0]")


def test_cases_062_063_proofs_of_reasoning_are_never_sent() -> None:
    target = Target("x", "openai", Traits(reasoning_back=True))
    thought = Reasoning("hm", signature="sig", redacted="red", encrypted="enc", id="rs")
    body, _ = write(request(HI, assistant(thought, Text("a"))), target)
    text = orjson.dumps(body).decode()
    assert not any(secret in text for secret in ("sig", "red", "enc", "rs"))
    _, losses = write(request(HI, assistant(Reasoning(encrypted="e"))))
    assert codes(losses) == ["dropped:reasoning"]


def test_case_064_what_only_responses_has() -> None:
    extras = {"include": ["x"], "truncation": "auto", "background": True, "max_tool_calls": 3}
    body, losses = write(request(dialect=Dialect.RESPONSES, extras=extras))
    assert body.keys() == {"model", "messages"}
    assert codes(losses) == ["dropped:include"]
    assert codes(losses, Severity.SKIP) == [
        "skipped:truncation",
        "skipped:background",
        "skipped:max_tool_calls",
    ]
    neutral = {"truncation": "disabled", "background": False, "include": []}
    assert write(request(dialect=Dialect.RESPONSES, extras=neutral))[1] == ()
    for kind in ("mcp", "file_search", "computer_use_preview"):
        given = request(dialect=Dialect.RESPONSES, tools=(Tool("", kind=kind, raw={}),))
        assert codes(TRANSLATOR.obstacles(given, OPENAI), Severity.SKIP) == [f"skipped:{kind}"]


@pytest.mark.parametrize("kind", ["custom", "namespace", "local_shell", "apply_patch"])
def test_case_065_tools_that_are_no_functions_are_skipped(kind: str) -> None:
    given = request(dialect=Dialect.RESPONSES, tools=(Tool("t", kind=kind, raw={}),))
    assert codes(TRANSLATOR.obstacles(given, OPENAI), Severity.SKIP) == [f"skipped:{kind}"]


def test_what_openais_dialects_share_is_carried_to_openai_only() -> None:
    extras = {
        "store": False,
        "metadata": {"a": "b"},
        "verbosity": "low",
        "prompt_cache_key": "k",
        "safety_identifier": "s",
        "service_tier": "flex",
    }
    body, losses = write(request(dialect=Dialect.RESPONSES, extras=extras))
    assert {name: body[name] for name in extras} == extras
    assert losses == ()
    body, losses = write(request(dialect=Dialect.RESPONSES, extras=extras), OTHER)
    assert body.keys() == {"model", "messages"}
    assert codes(losses) == [f"dropped:{name}" for name in extras if name != "store"]


def test_anthropics_tier() -> None:
    assert write(request(extras={"service_tier": "standard_only"}))[0]["service_tier"] == "default"
    assert write(request(extras={"metadata": {"other": 1}}))[1][0].code == "dropped:metadata"


def test_sampling_where_the_model_refuses_it() -> None:
    given = request(temperature=0.5, top_p=0.5)
    assert write(given)[0]["temperature"] == 0.5
    body, losses = write(given, Target("x", "openai", Traits(sampling=False)))
    assert body.keys() == {"model", "messages"}
    assert codes(losses) == ["dropped:temperature", "dropped:top_p"]
    neutral = request(temperature=1, top_p=1)
    assert write(neutral, Target("x", "openai", Traits(sampling=False)))[1] == ()


def test_losses_name_their_places() -> None:
    marked = {"type": "ephemeral"}
    turns = (user(Text("a"), Text("b", marked)), assistant(Text("c"), Reasoning("hm")))
    system = (Text("a"), Text("b", marked))
    (loss, *_) = write(request(*turns, system=system))[1]
    assert loss.path == "system[1]"
    assert [(loss.code, loss.path) for loss in write(request(*turns))[1]] == [
        ("dropped:cache_control", "messages[9].content[1]"),
        ("dropped:reasoning", "messages[8].content[1]"),
    ]


@pytest.mark.parametrize(
    ("settings", "traits", "effort", "told"),
    [
        (ReasoningSettings(effort="high"), Traits(), "high", []),
        (
            ReasoningSettings(effort="max"),
            Traits(efforts=("low", "high")),
            "high",
            ["clamped:effort"],
        ),
        (ReasoningSettings(budget=2000), Traits(), "low", []),
        (ReasoningSettings(budget=10000), Traits(), "medium", []),
        (ReasoningSettings(budget=60000), Traits(), "high", []),
        (ReasoningSettings(adaptive=True), Traits(), None, []),
        (ReasoningSettings(adaptive=True, effort="low"), Traits(), "low", []),
        (ReasoningSettings(enabled=False), Traits(), None, []),
        (ReasoningSettings(enabled=False), Traits(efforts=("none", "low")), "none", []),
        (
            ReasoningSettings(enabled=False),
            Traits(efforts=("minimal", "low")),
            "minimal",
            ["clamped:effort"],
        ),
        (
            ReasoningSettings(effort="high"),
            Traits(thinking=Thinking.NONE),
            None,
            ["dropped:effort"],
        ),
        (ReasoningSettings(enabled=False), Traits(thinking=Thinking.NONE), None, []),
        (ReasoningSettings(summary="auto"), Traits(), None, ["dropped:summary"]),
    ],
)
def test_efforts(
    settings: ReasoningSettings, traits: Traits, effort: str | None, told: list[str]
) -> None:
    body, losses = write(request(reasoning=settings), Target("x", "openai", traits))
    assert body.get("reasoning_effort") == effort
    assert codes(losses) == told


def test_media_that_the_model_does_not_take_is_skipped() -> None:
    target = Target("x", "openai", Traits(images=False, documents=False, tools=False))
    pdf = Document(Source(data="QUI=", media_type="application/pdf"))
    given = request(user(ToolResult("a", (Image(PNG),)), pdf), tools=(LOOK,))
    assert codes(TRANSLATOR.obstacles(given, target), Severity.SKIP) == [
        "skipped:tools",
        "skipped:image",
        "skipped:document",
    ]
    kept = request(user(Image(Source(file_id="f")), Document(Source(file_id="f"))))
    assert codes(TRANSLATOR.obstacles(kept, OPENAI), Severity.SKIP) == [
        "skipped:file_id",
    ]


def test_prefill_where_the_model_does_not_take_it() -> None:
    given = request(HI, assistant(Text("{")))
    assert TRANSLATOR.obstacles(given, OPENAI) == ()
    target = Target("x", "openai", Traits(prefill=False))
    assert codes(TRANSLATOR.obstacles(given, target), Severity.SKIP) == ["skipped:prefill"]


def test_what_a_provider_did_by_itself_is_dropped_with_reluctance() -> None:
    use = Opaque(Dialect.MESSAGES, "server_tool_use", "messages[1].content[0]", {})
    result = Opaque(Dialect.MESSAGES, "web_search_tool_result", "messages[1].content[1]", {})
    body, losses = write(request(HI, assistant(use, result, Text("a"))))
    assert body["messages"][1] == {"role": "assistant", "content": "a"}
    assert codes(losses, Severity.RELUCTANT) == [
        "dropped:server_tool_use",
        "dropped:web_search_tool_result",
    ]


def test_refusals_of_earlier_turns() -> None:
    said = assistant(Refusal("No."))
    assert messages(HI, said)[1]["content"] == [{"type": "refusal", "refusal": "No."}]
    assert messages(HI, said, target=OTHER)[1]["content"] == "No."


def test_ids_of_calls_fit_their_provider() -> None:
    long = "toolu_" + "x" * 60
    turns = (HI, assistant(ToolCall(long, "look", "")), user(ToolResult(long, ())))
    listed = messages(*turns)
    assert len(listed[1]["tool_calls"][0]["id"]) == 40
    assert listed[2]["tool_call_id"] == listed[1]["tool_calls"][0]["id"]
    mistral = messages(*turns, target=Target("x", "mistral"))
    assert len(mistral[1]["tool_calls"][0]["id"]) == 9
    assert mistral[2]["tool_call_id"] == mistral[1]["tool_calls"][0]["id"]


def test_one_loss_of_a_code_is_enough_and_their_number_is_bounded() -> None:
    extras = {f"odd{number}\r\n: {'x' * 100}": 1 for number in range(1000)}
    _, losses = write(request(extras=extras))
    assert len(losses) == 65
    assert losses[-1].code == "dropped:more"
    assert all(len(loss.code) < 50 and "\n" not in loss.code for loss in losses)


def test_what_cannot_be_written_is_the_clients_error() -> None:
    schema: dict[str, Any] = {}
    for _ in range(500):
        schema = {"properties": {"a": schema}}
    with pytest.raises(ClientError, match="nested") as caught:
        TRANSLATOR.write_request(request(tools=(Tool("t", None, schema),)), OPENAI)
    assert caught.value.status == 400
    body, _ = write(request(format=OutputFormat({"type": "object"})))
    assert "strict" not in body["response_format"]["json_schema"]


def test_gemini_is_told_that_calls_are_not_its_own() -> None:
    listed = messages(HI, assistant(ToolCall("a", "look", "")), target=Target("x", "gemini"))
    (call,) = listed[1]["tool_calls"]
    assert call["extra_content"]["google"]["thought_signature"]
    assert (
        "extra_content" not in messages(HI, assistant(ToolCall("a", "b", "")))[1]["tool_calls"][0]
    )


@pytest.mark.parametrize(
    ("schema", "strict"),
    [
        ({"type": "object", "properties": {}, "required": [], "additionalProperties": False}, True),
        ({"type": "object", "properties": {}}, False),
        ({"type": "object", "additionalProperties": False, "properties": 3}, False),
        ({"type": "string"}, False),
        ({"type": "object", "minProperties": 1}, False),
    ],
)
def test_what_can_be_told_strict(schema: dict[str, Any], strict: bool) -> None:
    assert is_strict(schema) is strict
    outer = {
        "type": "object",
        "properties": {"a": {"anyOf": [{"type": "null"}, {"type": "array", "items": schema}]}},
        "required": ["a"],
        "additionalProperties": False,
    }
    inside_too = strict or schema == {"type": "string"}
    assert is_strict(outer) is inside_too
    deep = schema
    for _ in range(10):
        deep = {**outer, "properties": {"a": deep}}
    assert not is_strict(deep)


def test_a_format_keeps_its_own_words() -> None:
    given = OutputFormat({"type": "object"}, "an odd name", "d", False)
    described = write(request(format=given))[0]["response_format"]["json_schema"]
    assert described["name"].startswith("an_odd_name_")
    assert (described["description"], described["strict"]) == ("d", False)


def test_images_keep_their_address_and_detail() -> None:
    listed = messages(user(Image(Source(url="https://a.example/b.png"), detail="low")))
    assert listed[0]["content"] == [
        {"type": "image_url", "image_url": {"url": "https://a.example/b.png", "detail": "low"}}
    ]


def test_an_assistant_shows_no_images() -> None:
    body, losses = write(request(HI, assistant(Text("a"), Image(PNG))))
    assert body["messages"][1]["content"] == "a"
    assert codes(losses) == ["dropped:assistant_media"]


def test_what_cannot_be_carried_is_left_out_where_it_is_written_nonetheless() -> None:
    gone = (Image(Source(file_id="f")), Document(Source(url="https://a.example")))
    assert messages(user(Text("a"), *gone)) == [{"role": "user", "content": "a"}]
    listed = messages(user(ToolResult("a", gone)))
    assert listed == [{"role": "tool", "tool_call_id": "a", "content": ""}]


def test_choices_among_tools_that_cannot_be_offered() -> None:
    for choice in (Choice(ChoiceMode.NAMED, "x"), Choice(ChoiceMode.AUTO, allowed=("x",))):
        body, losses = write(request(tools=(LOOK,), choice=choice))
        assert "tool_choice" not in body
        assert codes(losses) == ["dropped:tool_choice"]


def test_a_strict_tool() -> None:
    body, _ = write(request(tools=(Tool("a", strict=True),)))
    assert body["tools"][0]["function"] == {"name": "a", "strict": True}
