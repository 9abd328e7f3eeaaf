"""Requests of this dialect itself, written again: nothing that Anthropic has is lost."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from extproc.core.models import Dialect
from extproc.core.traits import Thinking, Traits
from extproc.dialects.translation.form import (
    Opaque,
    ReasoningSettings,
    Request,
    Text,
    ToolCall,
    Turn,
)
from extproc.dialects.translation.losses import Severity
from extproc.dialects.translation.messages import TRANSLATOR
from extproc.dialects.translation.translator import Target, Written
from extproc.errors import ClientError

HI = {"role": "user", "content": [{"type": "text", "text": "hi"}]}
ADAPTIVE, BUDGET, EFFORT, NONE = (
    Thinking.ADAPTIVE,
    Thinking.BUDGET,
    Thinking.EFFORT,
    Thinking.NONE,
)


def rewrite(body: dict[str, Any], **traits: Any) -> tuple[dict[str, Any], Written]:
    whole = {"model": "x", "max_tokens": 10_000, "messages": [HI], **body}
    target = Target("x", "anthropic", Traits(**traits), "2023-06-01")
    written = TRANSLATOR.write_request(TRANSLATOR.read_request(whole), target)
    return orjson.loads(written.body), written


def codes(written: Written) -> list[str]:
    return [loss.code for loss in written.losses]


@pytest.mark.parametrize(
    "body",
    [
        {"thinking": {"type": "disabled"}},
        {"thinking": {"type": "adaptive", "display": "omitted"}},
        {"thinking": {"type": "enabled", "budget_tokens": 2048}},
        {"output_config": {"effort": "low"}},
        {"output_config": {"task_budget": {"type": "tokens", "total": 1}}},
        {"metadata": {"user_id": "u", "more": 1}},
        {"container": "c", "inference_geo": "eu", "service_tier": "standard_only"},
        {"tools": [{"type": "bash_20250124", "name": "bash"}]},
        {"top_k": 5},
        {"thinking": {"type": "between_tools"}},
        {
            "messages": [
                HI,
                {"role": "assistant", "content": [{"type": "server_tool_use", "id": "s"}]},
                HI,
            ]
        },
        {"messages": [{"role": "user", "content": [
            {"type": "image", "source": {"type": "file", "file_id": "f"}}]}]},
    ],
)  # fmt: skip
def test_written_as_it_was_read(body: dict[str, Any]) -> None:
    written, told = rewrite(body)
    assert written == {"model": "x", "max_tokens": 10_000, "messages": [HI], **body}
    assert told.losses == ()


def test_members_of_blocks_are_named() -> None:
    cited = {"type": "document", "source": {"type": "text", "data": "t"}, "context": "c"}
    _, told = rewrite({"messages": [{"role": "user", "content": [cited]}]})
    assert [(loss.code, loss.path) for loss in told.losses] == [
        ("dropped:context", "messages[0].content[0].context")
    ]


@pytest.mark.parametrize(
    ("asked", "style", "written", "lost"),
    [
        (
            {"thinking": {"type": "enabled", "budget_tokens": 9000}},
            ADAPTIVE,
            {"thinking": {"type": "adaptive"}, "output_config": {"effort": "medium"}},
            ["adapted:thinking"],
        ),
        (
            {"thinking": {"type": "enabled", "budget_tokens": 12_000}},
            BUDGET,
            {"thinking": {"type": "enabled", "budget_tokens": 9999}},
            ["clamped:effort"],
        ),
        (
            {"thinking": {"type": "adaptive"}},
            BUDGET,
            {"thinking": {"type": "enabled", "budget_tokens": 5000}},
            [],
        ),
        ({"thinking": {"type": "adaptive"}}, NONE, {}, ["dropped:effort"]),
        ({"output_config": {"effort": "low"}}, NONE, {}, []),
        ({"output_config": {"effort": "low"}}, BUDGET, {}, []),
        (
            {"thinking": {"type": "adaptive"}, "output_config": {"effort": "low"}},
            EFFORT,
            {"output_config": {"effort": "low"}},
            [],
        ),
        (
            {"thinking": {"type": "adaptive"}, "output_config": {"effort": "heroic"}},
            ADAPTIVE,
            {"thinking": {"type": "adaptive"}},
            ["dropped:effort"],
        ),
    ],
)
def test_cases_006_007_thinking_in_the_models_way(
    asked: dict[str, Any], style: Thinking, written: dict[str, Any], lost: list[str]
) -> None:
    body, told = rewrite(asked, thinking=style)
    assert {name: body[name] for name in ("thinking", "output_config") if name in body} == written
    assert codes(told) == lost


def test_a_prefilled_turn_is_continued_without_thinking() -> None:
    opened = {"role": "assistant", "content": "{"}
    body, told = rewrite({"messages": [HI, opened], "thinking": {"type": "adaptive"}})
    assert "thinking" not in body
    assert codes(told) == ["dropped:effort"]
    budget = {"type": "enabled", "budget_tokens": 2048}
    body, told = rewrite({"messages": [HI, opened], "thinking": budget})
    assert "thinking" not in body


def _of(dialect: Dialect, *parts: Any, **members: Any) -> Request:
    turns = (Turn("user", (Text("hi"),), "input[0]"), Turn("assistant", parts, "input[1]"))
    return Request(dialect, "m", turns, **members)


def test_what_a_provider_did_by_itself_goes_where_no_other_candidate_can() -> None:
    ran = Opaque(Dialect.RESPONSES, "web_search_call", "input[1]", {})
    (loss,) = TRANSLATOR.obstacles(_of(Dialect.RESPONSES, ran), Target("x", "anthropic"))
    assert (loss.code, loss.severity) == ("dropped:web_search_call", Severity.RELUCTANT)
    asked = _of(Dialect.CHAT, Text("a"), extras={"web_search_options": {"a": 1}})
    (loss,) = TRANSLATOR.obstacles(asked, Target("x", "anthropic"))
    assert (loss.code, loss.severity) == ("dropped:web_search_options", Severity.RELUCTANT)
    assert TRANSLATOR.write_request(asked, Target("x", "anthropic")).losses == (loss,)


@pytest.mark.parametrize(
    ("dialect", "param"),
    [
        (Dialect.MESSAGES, "input[1].content[0].input"),
        (Dialect.RESPONSES, "input[1].arguments"),
    ],
)
def test_case_019_names_the_place_in_the_clients_dialect(dialect: Dialect, param: str) -> None:
    with pytest.raises(ClientError) as refused:
        TRANSLATOR.write_request(_of(dialect, ToolCall("a", "f", "{")), Target("x", "anthropic"))
    assert refused.value.param == param


def test_a_summary_of_the_reasoning_is_shown() -> None:
    asked = _of(Dialect.RESPONSES, reasoning=ReasoningSettings("low", summary="detailed"))
    written = TRANSLATOR.write_request(asked, Target("x", "anthropic"))
    assert orjson.loads(written.body)["thinking"] == {"type": "adaptive", "display": "summarized"}
