"""The numbered cases of translation: requests, from a client's body to a provider's."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Any

import pytest

from extproc.core.traits import Thinking
from extproc.errors import ClientError
from tests.dialects.translation.pairs import HI, C, M, R, ask, obstacles, request

PNG = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "QUI="}}
LOOK = {"name": "look", "input_schema": {"type": "object", "properties": {}}}
FUNCTION = {"type": "function", "function": {"name": "look"}}
ADAPTIVE: dict[str, Any] = {
    "thinking": Thinking.ADAPTIVE,
    "efforts": ("low", "medium", "high", "xhigh", "max"),
}
BUDGET: dict[str, Any] = {"thinking": Thinking.BUDGET}


def said(*messages: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"model": "asked", "messages": list(messages), **members}


def user(content: Any = "hi") -> dict[str, Any]:
    return {"role": "user", "content": content}


def assistant(content: Any = "yo", **members: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": content, **members}


def chat_call(call_id: str = "a", arguments: str = "{}", name: str = "look") -> dict[str, Any]:
    function = {"name": name, "arguments": arguments}
    return {"id": call_id, "type": "function", "function": function}


def tool(call_id: str, content: Any = "seen") -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": call_id, "content": content}


def use(call_id: str = "a", name: str = "look", **given: Any) -> dict[str, Any]:
    return {"type": "tool_use", "id": call_id, "name": name, "input": given}


def result(call_id: str = "a", **members: Any) -> dict[str, Any]:
    return {"type": "tool_result", "tool_use_id": call_id, **members}


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def roles(body: dict[str, Any]) -> list[str]:
    return [message["role"] for message in body["messages"]]


# From chat to messages.


def test_case_001_system() -> None:
    sent = request(C, M, said({"role": "system", "content": "S"}, user()))
    assert sent.body["system"] == [text("S")]
    assert sent.body["messages"] == [user([text("hi")])]
    assert sent.losses == ()


def test_case_002_system_and_developer() -> None:
    words = ({"role": "system", "content": "A"}, {"role": "developer", "content": "B"})
    assert request(C, M, said(*words, user())).body["system"] == [text("A"), text("B")]


def test_case_003_system_in_the_middle() -> None:
    inner = {"role": "system", "content": "French now"}
    body = said(user(), assistant(), inner, user("go"))
    sent = request(C, M, body)
    assert sent.body["system"] == [text("French now")]
    assert roles(sent.body) == ["user", "assistant", "user"]
    assert sent.codes == ["moved:system"]
    kept = request(C, M, body, inner_system=True)
    assert roles(kept.body)[2:] in (["user", "system"], ["system", "user"])
    assert "system" not in kept.body
    assert kept.losses == ()


def test_case_004_no_limit() -> None:
    assert request(C, M, ask(C)).body["max_tokens"] >= 8192
    assert request(C, M, ask(C), output_ceiling=64_000).body["max_tokens"] == 64_000


def test_case_005_two_limits() -> None:
    sent = request(C, M, ask(C, max_tokens=9, max_completion_tokens=7))
    assert sent.body["max_tokens"] == 7


@pytest.mark.parametrize(
    ("asked", "effort"),
    [("minimal", "low"), ("low", "low"), ("high", "high"), ("xhigh", "xhigh"), ("max", "max")],
)
def test_case_006_effort_of_an_adaptive_model(asked: str, effort: str) -> None:
    sent = request(C, M, ask(C, reasoning_effort=asked), **ADAPTIVE)
    assert sent.body["thinking"] == {"type": "adaptive"}
    assert sent.body["output_config"] == {"effort": effort}
    assert sent.losses == ()
    none = request(C, M, ask(C, reasoning_effort="none"), **ADAPTIVE)
    assert not {"thinking", "output_config"} & none.body.keys()


def test_case_007_effort_of_a_model_with_budgets() -> None:
    sent = request(C, M, ask(C, reasoning_effort="high", max_tokens=4000), **BUDGET)
    assert sent.body["thinking"]["type"] == "enabled"
    assert 1024 <= sent.body["thinking"]["budget_tokens"] < 4000
    short = request(C, M, ask(C, reasoning_effort="high", max_tokens=1024), **BUDGET)
    assert "thinking" not in short.body
    assert short.codes == ["dropped:effort"]


def test_case_008_temperature() -> None:
    asked = ask(C, temperature=1.7)
    taken = request(C, M, asked)
    assert (taken.body["temperature"], taken.codes) == (1.0, ["clamped:temperature"])
    for refusing in (
        request(C, M, asked, sampling=False),
        request(C, M, asked, version="2026-10-21"),
    ):
        assert "temperature" not in refusing.body
        assert refusing.codes == ["dropped:temperature"]


def test_case_009_temperature_and_top_p() -> None:
    sent = request(C, M, ask(C, temperature=0.2, top_p=0.9))
    assert sent.body["temperature"] == 0.2
    assert "top_p" not in sent.body
    assert sent.codes == ["dropped:top_p"]


def test_case_010_stop() -> None:
    assert request(C, M, ask(C, stop="END")).body["stop_sequences"] == ["END"]
    sent = request(C, M, ask(C, stop=["END", "\n"]))
    assert sent.body["stop_sequences"] == ["END"]
    assert sent.codes == ["dropped:stop"]


def test_case_011_several_answers_probabilities_and_sound() -> None:
    assert obstacles(C, M, ask(C, n=2)) == ["skipped:n"]
    assert obstacles(C, M, ask(C, logprobs=True)) == ["skipped:logprobs"]
    heard = {"type": "input_audio", "input_audio": {"data": "QUI=", "format": "wav"}}
    assert obstacles(C, M, said(user([heard]))) == ["skipped:input_audio"]


def test_case_012_a_function_without_parameters() -> None:
    (written,) = request(C, M, ask(C, tools=[FUNCTION])).body["tools"]
    assert written == LOOK


def test_case_013_a_strict_tool() -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer", "minimum": 1}}}
    function = {"name": "look", "strict": True, "parameters": schema}
    sent = request(C, M, ask(C, tools=[{"type": "function", "function": function}]))
    (written,) = sent.body["tools"]
    assert written["strict"] is True
    assert written["input_schema"]["additionalProperties"] is False
    assert "minimum" not in written["input_schema"]["properties"]["n"]
    assert sent.codes == ["adapted:schema"]


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ("auto", {"type": "auto"}),
        ("required", {"type": "any"}),
        ("none", {"type": "none"}),
        ({"type": "function", "function": {"name": "look"}}, {"type": "tool", "name": "look"}),
    ],
)
def test_case_014_choice(asked: Any, written: dict[str, Any]) -> None:
    sent = request(C, M, ask(C, tools=[FUNCTION], tool_choice=asked))
    assert sent.body["tool_choice"] == written
    if isinstance(asked, str):
        assert "tool_choice" not in request(C, M, ask(C, tool_choice=asked)).body


def test_case_015_one_call_at_a_time() -> None:
    sent = request(C, M, ask(C, tools=[FUNCTION], parallel_tool_calls=False))
    assert sent.body["tool_choice"] == {"type": "auto", "disable_parallel_tool_use": True}


def test_case_016_allowed_tools() -> None:
    other = {"type": "function", "function": {"name": "other"}}
    allowed = {"mode": "required", "tools": [FUNCTION]}
    choice = {"type": "allowed_tools", "allowed_tools": allowed}
    sent = request(C, M, ask(C, tools=[FUNCTION, other], tool_choice=choice))
    assert [written["name"] for written in sent.body["tools"]] == ["look"]
    assert sent.body["tool_choice"] == {"type": "any"}
    assert sent.codes == ["adapted:allowed_tools"]


def test_case_017_calls_without_words() -> None:
    body = said(user(), assistant("", tool_calls=[chat_call()]), tool("a"))
    assert request(C, M, body).body["messages"][1]["content"] == [use()]


def test_case_018_empty_arguments() -> None:
    body = said(user(), assistant(None, tool_calls=[chat_call(arguments="")]), tool("a"))
    assert request(C, M, body).body["messages"][1]["content"][0]["input"] == {}


def test_case_019_arguments_that_are_cut_off() -> None:
    body = said(user(), assistant(None, tool_calls=[chat_call(arguments='{"a":')]), tool("a"))
    with pytest.raises(ClientError, match=r"messages\[1\]") as raised:
        request(C, M, body)
    assert raised.value.status == 400


def test_case_020_results_and_words_are_one_message() -> None:
    calls = assistant(None, tool_calls=[chat_call("a"), chat_call("b")])
    body = said(user(), calls, tool("a", "A"), tool("b", "B"), user("go"))
    sent = request(C, M, body)
    assert roles(sent.body) == ["user", "assistant", "user"]
    first, second, words = sent.body["messages"][2]["content"]
    assert (first["tool_use_id"], second["tool_use_id"], words) == ("a", "b", text("go"))


def test_case_021_ids_of_calls() -> None:
    body = said(user(), assistant(None, tool_calls=[chat_call("call|1")]), tool("call|1"))
    messages = request(C, M, body).body["messages"]
    written = messages[1]["content"][0]["id"]
    assert re.fullmatch(r"call_1_[0-9a-f]{8}", written)
    assert messages[2]["content"][0]["tool_use_id"] == written
    valid = said(user(), assistant(None, tool_calls=[chat_call("call_1")]), tool("call_1"))
    assert request(C, M, valid).body["messages"][1]["content"][0]["id"] == "call_1"


def shown(url: str, **members: Any) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url, **members}}


def test_case_022_images() -> None:
    body = said(
        user([shown("https://h/a.png", detail="high"), shown("data:image/png;base64,QUI=")])
    )
    sent = request(C, M, body)
    linked, inline = sent.body["messages"][0]["content"]
    assert linked == {"type": "image", "source": {"type": "url", "url": "https://h/a.png"}}
    assert inline == PNG
    assert sent.codes == ["dropped:detail"]
    assert obstacles(C, M, said(user([shown("data:image/tiff;base64,QUI=")]))) == ["skipped:image"]


def test_case_023_schema_of_the_answer() -> None:
    schema = {
        "type": "object",
        "properties": {
            "z": {"type": "integer", "minimum": 1},
            "a": {"type": "array", "items": {"type": "string"}, "minItems": 3},
            "m": {"oneOf": [{"type": "string"}, {"type": "null"}]},
        },
        "required": ["z"],
    }
    wanted = {"type": "json_schema", "json_schema": {"name": "n", "schema": schema}}
    sent = request(C, M, ask(C, response_format=wanted))
    written = sent.body["output_config"]["format"]
    assert written["type"] == "json_schema"
    properties = written["schema"]["properties"]
    assert list(properties) == ["z", "a", "m"]
    assert written["schema"]["additionalProperties"] is False
    assert "minimum: 1" in properties["z"]["description"]
    assert "minItems: 3" in properties["a"]["description"]
    assert "anyOf" in properties["m"]
    assert sent.codes == ["adapted:schema"]


def test_case_024_any_json() -> None:
    sent = request(C, M, ask(C, response_format={"type": "json_object"}))
    (loss,) = sent.losses
    assert (loss.code, loss.severity.value) == ("adapted:json_object", "reluctant")
    assert "JSON" in sent.body["system"][-1]["text"]


def test_case_025_files() -> None:
    file = {"filename": "a.pdf", "file_data": "data:application/pdf;base64,QUI="}
    sent = request(C, M, said(user([{"type": "file", "file": file}])))
    source = {"type": "base64", "media_type": "application/pdf", "data": "QUI="}
    (written,) = sent.body["messages"][0]["content"]
    assert written == {"type": "document", "source": source, "title": "a.pdf"}
    kept = said(user([{"type": "file", "file": {"file_id": "file-1"}}]))
    assert obstacles(C, M, kept) == ["skipped:file_id"]


def test_case_026_user() -> None:
    written = request(C, M, ask(C, user="a@b.c")).body["metadata"]["user_id"]
    assert written == sha256(b"a@b.c").hexdigest()


def test_case_027_caches() -> None:
    marked = [{**text(str(n)), "prompt_cache_breakpoint": {"mode": "explicit"}} for n in range(6)]
    sent = request(C, M, said(user(marked), prompt_cache_key="k"))
    blocks = sent.body["messages"][0]["content"]
    assert [block.get("cache_control") for block in blocks].count({"type": "ephemeral"}) == 4
    assert "prompt_cache_key" not in sent.body
    assert set(sent.codes) == {"dropped:cache_control", "dropped:prompt_cache_key"}


def test_case_028_tiers() -> None:
    assert request(C, M, ask(C, service_tier="default")).body["service_tier"] == "standard_only"
    sent = request(C, M, ask(C, service_tier="priority"))
    assert "service_tier" not in sent.body
    assert sent.codes == ["dropped:service_tier"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("seed", 1),
        ("logit_bias", {"1": 2}),
        ("frequency_penalty", 0.5),
        ("presence_penalty", 0.5),
        ("verbosity", "low"),
        ("prediction", {"type": "content", "content": "x"}),
        ("store", True),
    ],
)
def test_case_029_what_only_chat_has(name: str, value: Any) -> None:
    sent = request(C, M, ask(C, **{name: value}))
    assert sent.codes == [f"dropped:{name}"]
    assert name not in sent.body


def test_case_030_prefill() -> None:
    body = said(user(), assistant("The answer:"))
    assert request(C, M, body).body["messages"][-1]["role"] == "assistant"
    assert obstacles(C, M, body, prefill=False) == ["skipped:prefill"]


def test_case_031_stream_options() -> None:
    options = {"include_usage": True}
    sent = request(C, M, ask(C, stream=True, stream_options=options))
    assert sent.body["stream"] is True
    assert "stream_options" not in sent.body
    assert sent.echo.request.include_usage
    assert sent.losses == ()


# From messages to chat.


def test_case_032_limits() -> None:
    for at, name in (
        ("openai", "max_completion_tokens"),
        ("azure_openai", "max_completion_tokens"),
        ("groq", "max_tokens"),
    ):
        body = request(M, C, ask(M, max_tokens=50), at=at).body
        assert {key for key in body if key.startswith("max_")} == {name}
        assert body[name] == 50


def test_case_033_cache_warming() -> None:
    assert obstacles(M, C, ask(M, max_tokens=0)) == ["skipped:max_tokens"]
    assert obstacles(M, R, ask(M, max_tokens=0)) == ["skipped:max_tokens"]


def turn_of_two_calls() -> list[dict[str, Any]]:
    return [user(), assistant([text("Both."), use("a", x=1), use("b")])]


def test_case_034_words_and_calls_are_one_message() -> None:
    back = user([result("a", content="A"), result("b", content="B")])
    written = request(M, C, said(*turn_of_two_calls(), back, max_tokens=9)).body["messages"][1]
    assert written == assistant(
        "Both.", tool_calls=[chat_call("a", '{"x":1}'), chat_call("b", "{}")]
    )


def test_case_035_results_then_words() -> None:
    back = user([result("a", content="A"), result("b", content="B"), text("go")])
    sent = request(M, C, said(*turn_of_two_calls(), back, max_tokens=9))
    assert sent.body["messages"][2:] == [tool("a", "A"), tool("b", "B"), user("go")]


def test_case_036_an_image_in_a_result() -> None:
    back = user([result("a", content=[text("A"), PNG]), result("b", content="B")])
    sent = request(M, C, said(*turn_of_two_calls(), back, max_tokens=9))
    first, second, last = sent.body["messages"][2:]
    assert (first, second) == (tool("a", "A"), tool("b", "B"))
    assert last["role"] == "user"
    assert last["content"] == [shown("data:image/png;base64,QUI=")]


def test_case_037_a_failed_tool() -> None:
    back = user([result("a", content="no such file", is_error=True), result("b")])
    sent = request(M, C, said(*turn_of_two_calls(), back, max_tokens=9))
    assert sent.body["messages"][2] == tool("a", "Error: no such file")


def test_case_038_a_result_without_content() -> None:
    back = user([result("a"), result("b")])
    sent = request(M, C, said(*turn_of_two_calls(), back, max_tokens=9))
    assert sent.body["messages"][2:] == [tool("a", ""), tool("b", "")]


def test_case_039_thoughts_of_earlier_turns() -> None:
    thought = {"type": "thinking", "thinking": "hm", "signature": "s"}
    redacted = {"type": "redacted_thinking", "data": "r"}
    body = said(user(), assistant([thought, redacted]), user("go"), max_tokens=9)
    sent = request(M, C, body)
    assert roles(sent.body) == ["user", "user"]
    assert sent.codes == ["dropped:reasoning"]
    spoken = said(user(), assistant([thought, text("yo")]), user("go"), max_tokens=9)
    back = request(M, C, spoken, at="deepseek", reasoning_back=True)
    assert back.body["messages"][1] == assistant("yo", reasoning_content="hm")


def test_case_040_reasoning_with_tools_on_chat() -> None:
    body = ask(M, tools=[LOOK], thinking={"type": "adaptive"}, output_config={"effort": "high"})
    newest: dict[str, Any] = {"tool_reasoning": False, "efforts": ("none", "low", "high")}
    sent = request(M, C, body, **newest)
    assert [(loss.code, loss.severity.value) for loss in sent.losses] == [
        ("dropped:effort", "reluctant")
    ]
    assert sent.body["reasoning_effort"] == "none"
    on_responses = request(M, R, body, **newest)
    assert on_responses.body["reasoning"]["effort"] == "high"
    assert on_responses.losses == ()


def test_case_041_a_long_user() -> None:
    long = "u" * 65
    for provider in (C, R):
        sent = request(M, provider, ask(M, metadata={"user_id": long}))
        assert sent.body["safety_identifier"] == sha256(long.encode()).hexdigest()
        assert "metadata" not in sent.body


def test_case_042_a_tool_that_the_provider_runs() -> None:
    search = {"type": "web_search_20250305", "name": "web_search"}
    sent = request(M, R, ask(M, tools=[search, LOOK]))
    assert [written["type"] for written in sent.body["tools"]] == ["web_search", "function"]
    assert sent.losses == ()
    dropped = request(M, C, ask(M, tools=[search, LOOK]))
    assert [written["function"]["name"] for written in dropped.body["tools"]] == ["look"]
    (loss,) = dropped.losses
    assert (loss.code, loss.severity.value) == ("dropped:web_search_20250305", "reluctant")


def test_case_043_choice() -> None:
    for choice, written in (
        ({"type": "any"}, "required"),
        ({"type": "tool", "name": "look"}, FUNCTION),
        ({"type": "none"}, "none"),
    ):
        assert (
            request(M, C, ask(M, tools=[LOOK], tool_choice=choice)).body["tool_choice"] == written
        )
    alone = {"type": "auto", "disable_parallel_tool_use": True}
    sent = request(M, C, ask(M, tools=[LOOK], tool_choice=alone))
    assert sent.body["parallel_tool_calls"] is False


def test_case_044_stop_sequences() -> None:
    body = ask(M, stop_sequences=list("abcde"))
    sent = request(M, C, body)
    assert (sent.body["stop"], sent.codes) == (list("abcd"), ["clamped:stop"])
    refusing = request(M, C, body, stop=False)
    assert "stop" not in refusing.body
    assert refusing.codes == ["dropped:stop"]


def test_case_045_what_only_anthropic_has() -> None:
    assert request(M, C, ask(M, top_k=5)).codes == ["dropped:top_k"]
    for name, value in (("container", "c"), ("inference_geo", "us"), ("speed", "fast")):
        assert obstacles(M, C, ask(M, **{name: value})) == [f"skipped:{name}"]
        assert obstacles(M, R, ask(M, **{name: value})) == [f"skipped:{name}"]


def test_case_046_schema_of_the_answer() -> None:
    wanted = {"type": "json_schema", "schema": {"type": "object"}}
    for body in (ask(M, output_config={"format": wanted}), ask(M, output_format=wanted)):
        written = request(M, C, body).body["response_format"]
        assert written["type"] == "json_schema"
        assert written["json_schema"]["schema"] == {"type": "object"}
        assert written["json_schema"]["name"]


def document(**source: Any) -> dict[str, Any]:
    return {"type": "document", "source": source, "title": "a.pdf"}


def test_case_047_documents() -> None:
    pdf = document(type="base64", media_type="application/pdf", data="QUI=")
    file = {"filename": "a.pdf", "file_data": "data:application/pdf;base64,QUI="}
    sent = request(M, C, said(user([pdf]), max_tokens=9))
    assert sent.body["messages"][0]["content"] == [{"type": "file", "file": file}]
    plain = document(type="text", media_type="text/plain", data="words")
    assert (
        "words" in request(M, C, said(user([plain]), max_tokens=9)).body["messages"][0]["content"]
    )
    linked = said(user([document(type="url", url="https://h/a.pdf")]), max_tokens=9)
    assert obstacles(M, C, linked) == ["skipped:document_url"]
    (written,) = request(M, R, linked).body["input"][0]["content"]
    assert written["file_url"] == "https://h/a.pdf"


@pytest.mark.parametrize("provider", [C, R])
def test_case_048_a_long_name(provider: Any) -> None:
    name = "n" * 70
    body = said(
        user(),
        assistant([use("a", name)]),
        user([result("a")]),
        max_tokens=9,
        tools=[{**LOOK, "name": name}],
        tool_choice={"type": "tool", "name": name},
    )
    sent = request(M, provider, body)
    (short,) = sent.echo.tool_names
    assert len(short) == 64
    assert sent.echo.tool_names[short] == name
    assert name not in str(sent.body)
    assert str(sent.body).count(short) == 3


def test_case_049_marks_of_the_cache() -> None:
    marked = {**text("S"), "cache_control": {"type": "ephemeral"}}
    sent = request(M, C, ask(M, system=[marked]))
    assert sent.body["messages"][0] == {"role": "system", "content": "S"}
    assert sent.codes == ["dropped:cache_control"]


def test_case_050_usage_of_a_stream() -> None:
    sent = request(M, C, ask(M, stream=True))
    assert sent.body["stream_options"] == {"include_usage": True}


def test_case_052_what_only_anthropics_tools_have() -> None:
    more = {
        "input_examples": [{"a": 1}],
        "defer_loading": True,
        "allowed_callers": ["direct"],
        "eager_input_streaming": True,
        "cache_control": {"type": "ephemeral"},
    }
    for provider in (C, R):
        sent = request(M, provider, ask(M, tools=[{**LOOK, **more}]))
        assert not set(more) & set(str(sent.body["tools"]))
        assert set(sent.codes) == {f"dropped:{name}" for name in more}
        assert sent.skips == []


def test_case_053_system_in_the_middle() -> None:
    body = said(user(), {"role": "system", "content": "French"}, assistant(), user(), max_tokens=9)
    assert roles(request(M, C, body).body) == ["user", "developer", "assistant", "user"]
    items = request(M, R, body).body["input"]
    assert [item["role"] for item in items] == ["user", "developer", "assistant", "user"]


# To and from responses.


def test_case_054_nothing_is_stored() -> None:
    assert request(C, R, ask(C)).body["store"] is False
    assert request(C, R, ask(C, store=True)).body["store"] is True
    assert request(M, R, ask(M)).body["store"] is False


def test_case_055_tools() -> None:
    function = {"name": "look", "description": "d", "parameters": {"type": "object"}}
    sent = request(C, R, ask(C, tools=[{"type": "function", "function": function}]))
    assert sent.body["tools"] == [{"type": "function", **function, "strict": False}]


def test_case_056_settings() -> None:
    schema = {"name": "n", "schema": {"type": "object"}, "strict": True}
    asked = ask(
        C,
        response_format={"type": "json_schema", "json_schema": schema},
        reasoning_effort="low",
        max_completion_tokens=50,
    )
    sent = request(C, R, asked)
    assert sent.body["text"] == {"format": {"type": "json_schema", **schema}}
    assert sent.body["reasoning"] == {"effort": "low"}
    assert sent.body["max_output_tokens"] == 50
    assert sent.losses == ()


def test_case_057_calls_and_results() -> None:
    long = "c" * 70
    body = said(user(), assistant(None, tool_calls=[chat_call(long, "")]), tool(long))
    _, call, output = request(C, R, body).body["input"]
    assert call["type"] == "function_call"
    assert (call["name"], call["arguments"]) == ("look", "{}")
    assert len(call["call_id"]) <= 64
    assert output == {
        "type": "function_call_output",
        "call_id": call["call_id"],
        "output": "seen",
    }


def test_case_058_items_without_a_type() -> None:
    sent = request(R, C, {"model": "m", "input": [{"role": "user", "content": "hi"}]})
    assert sent.body["messages"] == HI
    with pytest.raises(ClientError, match=r"input\[0\]") as raised:
        request(R, C, {"model": "m", "input": [{"content": "hi"}]})
    assert raised.value.status == 400


def item(kind: str, **members: Any) -> dict[str, Any]:
    return {"type": kind, **members}


REASONED = item("reasoning", id="rs_1", summary=[], encrypted_content="e")
CALLED = item("function_call", call_id="a", name="look", arguments="{}")
GIVEN = item("function_call_output", call_id="a", output="seen")


def test_case_059_reasoning_is_no_message() -> None:
    body = {"model": "m", "input": [user(), REASONED, CALLED, GIVEN]}
    messages = request(R, C, body).body["messages"]
    assert [message["role"] for message in messages] == ["user", "assistant", "tool"]
    assert messages[1]["content"] is None
    turns = request(R, M, body).body["messages"]
    assert turns[1]["content"] == [use()]


@pytest.mark.parametrize(
    "more",
    [
        {"previous_response_id": "resp_1"},
        {"conversation": "conv_1"},
        {"input": [{"type": "item_reference", "id": "msg_1"}]},
    ],
    ids=["previous", "conversation", "reference"],
)
@pytest.mark.parametrize("provider", [C, M])
def test_case_060_what_a_provider_keeps(provider: Any, more: dict[str, Any]) -> None:
    (code,) = obstacles(R, provider, {**ask(R), **more})
    assert code.startswith("skipped:")


def test_case_061_input() -> None:
    parts = [
        {"type": "input_text", "text": "see"},
        {"type": "input_image", "image_url": "data:image/png;base64,QUI=", "detail": "auto"},
        {
            "type": "input_file",
            "filename": "a.pdf",
            "file_data": "data:application/pdf;base64,QUI=",
        },
    ]
    spoken = {
        "type": "message",
        "role": "assistant",
        "content": [{"type": "output_text", "text": "yo", "annotations": []}],
    }
    body = {"model": "m", "instructions": "S", "input": [user(parts), spoken, user("go")]}
    messages = request(R, C, body).body["messages"]
    assert messages[0] == {"role": "system", "content": "S"}
    assert [part["type"] for part in messages[1]["content"]] == ["text", "image_url", "file"]
    assert messages[2:] == [assistant(), user("go")]
    sent = request(R, M, body).body
    assert sent["system"] == [text("S")]
    kinds = [block["type"] for block in sent["messages"][0]["content"]]
    assert kinds == ["text", "image", "document"]
    assert request(R, M, {"model": "m", "input": "hi"}).body["messages"] == [user([text("hi")])]


def test_case_062_signatures_stay_with_their_provider() -> None:
    thought = {"type": "thinking", "thinking": "hm", "signature": "sig-of-anthropic"}
    body = said(user(), assistant([thought, text("yo")]), user(), max_tokens=9)
    assert "sig-of-anthropic" not in str(request(M, R, body).body)
    back = {"model": "m", "input": [user(), {**REASONED, "encrypted_content": "of-openai"}, user()]}
    assert "of-openai" not in str(request(R, M, back).body)


def test_case_063_encrypted_reasoning_elsewhere() -> None:
    body = {"model": "m", "input": [user(), REASONED, assistant(), user()]}
    for provider in (C, M):
        sent = request(R, provider, body)
        assert "encrypted_content" not in str(sent.body)
        assert sent.codes == ["dropped:reasoning"]


@pytest.mark.parametrize("provider", [C, M])
def test_case_064_what_only_responses_has(provider: Any) -> None:
    sent = request(R, provider, ask(R, include=["reasoning.encrypted_content"]))
    assert sent.codes == ["dropped:include"]
    for name, value in (
        ("truncation", "auto"),
        ("background", True),
        ("max_tool_calls", 3),
        ("prompt", {"id": "p"}),
    ):
        assert obstacles(R, provider, ask(R, **{name: value})) == [f"skipped:{name}"]
    for kind in ("mcp", "file_search", "computer"):
        assert obstacles(R, provider, ask(R, tools=[{"type": kind}])) == [f"skipped:{kind}"]
    # Otherwise than the table has it: only OpenAI's models read it, and a session may move on.
    phased = {**assistant(), "phase": "commentary"}
    sent = request(R, provider, {"model": "m", "input": [user(), phased, user()]})
    assert sent.codes == ["dropped:phase"]
    assert "commentary" not in str(sent.body)


@pytest.mark.parametrize("provider", [C, M])
def test_case_065_tools_of_its_own(provider: Any) -> None:
    free = {"type": "custom", "name": "shout", "description": "d"}
    sent = request(R, provider, ask(R, tools=[free]))
    assert "shout" in str(sent.body["tools"])
    assert sent.losses == ()
    grammar = {"type": "grammar", "syntax": "lark", "definition": "start: 'a'"}
    sent = request(R, provider, ask(R, tools=[{**free, "format": grammar}]))
    assert sent.codes == ["adapted:grammar"]
    assert "`input` must follow this grammar (lark):\\nstart: 'a'" in repr(sent.body["tools"])
    other = {**free, "format": {"type": "other"}}
    assert obstacles(R, provider, ask(R, tools=[other])) == ["skipped:custom"]
    for kind in ("namespace", "local_shell", "apply_patch"):
        assert obstacles(R, provider, ask(R, tools=[{"type": kind, "name": kind}])) == [
            f"skipped:{kind}"
        ]


@pytest.mark.parametrize("provider", [C, R])
def test_a_thread_is_its_providers(provider: Any) -> None:
    assert request(M, provider, ask(M, thread={"type": "create"})).codes == ["dropped:thread"]
    goes_on = ask(M, thread={"type": "continue", "previous_message_id": "msg_1"})
    (lost,) = request(M, provider, goes_on).losses
    assert (lost.code, lost.path) == (
        "skipped:previous_message_id",
        "thread.previous_message_id",
    )
