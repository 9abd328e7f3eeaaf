"""A model with a budget does not think in a turn of calls that began without signed thinking."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from extproc.core.models import Dialect
from extproc.core.traits import Thinking, Traits
from extproc.dialects.translation.form import (
    Reasoning,
    ReasoningSettings,
    Request,
    Text,
    ToolCall,
    ToolResult,
    Turn,
)
from extproc.dialects.translation.messages import TRANSLATOR
from extproc.dialects.translation.translator import Target

ASKED = Turn("user", (Text("hi"),), "messages[0]")
CALL = ToolCall("call_1", "look", "{}")
ANSWERED = Turn("user", (ToolResult("call_1", (Text("rain"),)),), "messages[2]")
SIGNED = Reasoning("Hm.", signature="s")


def written(dialect: Dialect, thinking: Thinking, *turns: Turn) -> tuple[dict[str, Any], list[str]]:
    request = Request(
        dialect, "x", turns, max_tokens=9000, reasoning=ReasoningSettings(effort="high")
    )
    told = TRANSLATOR.write_request(
        request, Target("claude-x", "anthropic", Traits(thinking=thinking))
    )
    body: dict[str, Any] = orjson.loads(told.body)
    return body, [loss.code for loss in told.losses]


@pytest.mark.parametrize("said", [(CALL,), (Text("I look."), CALL), (Reasoning("Hm."), CALL)])
def test_calls_without_signed_thinking(said: tuple[Any, ...]) -> None:
    turns = (ASKED, Turn("assistant", said, "messages[1]"), ANSWERED)
    body, lost = written(Dialect.CHAT, Thinking.BUDGET, *turns)
    assert "thinking" not in body
    assert "dropped:effort" in lost


@pytest.mark.parametrize(
    ("thinking", "said"), [(Thinking.BUDGET, (Text("yes"),)), (Thinking.ADAPTIVE, (CALL,))]
)
def test_other_turns(thinking: Thinking, said: tuple[Any, ...]) -> None:
    last = ANSWERED if CALL in said else Turn("user", (Text("go on"),), "messages[2]")
    turns = (ASKED, Turn("assistant", said, "messages[1]"), last)
    body, lost = written(Dialect.CHAT, thinking, *turns)
    assert "thinking" in body
    assert not lost


def test_the_next_question_may_be_thought_about_again() -> None:
    turns = (
        ASKED,
        Turn("assistant", (CALL,), "messages[1]"),
        ANSWERED,
        Turn("assistant", (Text("rain"),), "messages[3]"),
        Turn("user", (Text("and now?"),), "messages[4]"),
    )
    body, lost = written(Dialect.CHAT, Thinking.BUDGET, *turns)
    assert body["thinking"]["type"] == "enabled"
    assert not lost
