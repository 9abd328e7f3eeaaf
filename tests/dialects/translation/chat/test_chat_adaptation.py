"""A chat request for another chat model than it was written for."""

from __future__ import annotations

from typing import Any

import pytest

from extproc.core.traits import Thinking, Traits
from extproc.dialects.translation.chat import TRANSLATOR
from extproc.dialects.translation.translator import Adaptation, Target

MESSAGES = [{"role": "user", "content": "hi"}]


def adapt(body: dict[str, Any], provider: str = "openai", **traits: Any) -> Adaptation:
    target = Target("x", provider, Traits(**traits))
    return TRANSLATOR.adapt({"messages": MESSAGES, **body}, target)


def codes(adaptation: Adaptation) -> list[str]:
    return [loss.code for loss in adaptation.losses]


def test_nothing_to_change() -> None:
    body = {"temperature": 1.3, "stop": "x", "reasoning_effort": "high", "tools": [1]}
    assert not adapt(body).changes
    assert not adapt({"max_completion_tokens": 5}).changes
    assert not adapt({"max_tokens": 5}, "groq").changes


def test_openai_takes_the_newer_limit() -> None:
    assert adapt({"max_tokens": 5}) == Adaptation(
        {"max_completion_tokens": 5}, frozenset({"max_tokens"})
    )


def test_others_take_the_older_limit() -> None:
    assert adapt({"max_completion_tokens": 5}, "groq") == Adaptation(
        {"max_tokens": 5}, frozenset({"max_completion_tokens"})
    )


def test_of_two_limits_the_newer_counts() -> None:
    both = {"max_tokens": 9, "max_completion_tokens": 7}
    assert adapt(both) == Adaptation({}, frozenset({"max_tokens"}))
    assert adapt(both, "groq").members == {"max_tokens": 7}


def test_limits_are_clamped() -> None:
    adaptation = adapt({"max_tokens": 9}, "groq", output_ceiling=5)
    assert adaptation.members == {"max_tokens": 5}
    assert [(loss.code, loss.path) for loss in adaptation.losses] == [
        ("clamped:max_tokens", "max_tokens")
    ]
    assert adapt({"max_tokens": "9"}, "groq", output_ceiling=5) == Adaptation()


def test_sampling() -> None:
    adaptation = adapt({"temperature": 0, "top_p": 1, "top_k": 4}, sampling=False)
    assert adaptation.removed == {"temperature", "top_p", "top_k"}
    assert codes(adaptation) == ["dropped:temperature", "dropped:top_k"]


def test_stop() -> None:
    adaptation = adapt({"stop": ["a"]}, stop=False)
    assert adaptation.removed == {"stop"}
    assert codes(adaptation) == ["dropped:stop"]


@pytest.mark.parametrize(
    ("effort", "traits", "members", "removed", "told"),
    [
        ("high", {"efforts": ("low", "high")}, {}, set(), []),
        (
            "minimal",
            {"efforts": ("low", "high")},
            {"reasoning_effort": "low"},
            set(),
            ["clamped:effort"],
        ),
        (
            "high",
            {"thinking": Thinking.NONE},
            {},
            {"reasoning_effort"},
            ["dropped:effort"],
        ),
        ("none", {"thinking": Thinking.NONE}, {}, {"reasoning_effort"}, []),
        (
            "high",
            {"efforts": ("none", "high"), "tool_reasoning": False},
            {"reasoning_effort": "none"},
            set(),
            ["clamped:effort"],
        ),
        (
            "high",
            {"tool_reasoning": False},
            {},
            {"reasoning_effort"},
            ["dropped:effort"],
        ),
    ],
)
def test_efforts(
    effort: str,
    traits: dict[str, Any],
    members: dict[str, Any],
    removed: set[str],
    told: list[str],
) -> None:
    adaptation = adapt({"reasoning_effort": effort, "tools": [{}]}, **traits)
    assert adaptation.members == members
    assert adaptation.removed == removed
    assert codes(adaptation) == told


def test_the_developer_is_the_system_elsewhere() -> None:
    developer = {"role": "developer", "content": "D"}
    body = {"messages": [developer, *MESSAGES]}
    assert not adapt(body).changes
    changed = adapt(body, "groq")
    assert changed.members == {"messages": [{"role": "system", "content": "D"}, *MESSAGES]}
    assert developer["role"] == "developer"


@pytest.mark.parametrize(
    "body", [{"messages": 1}, {"messages": [1]}, {"reasoning_effort": []}, {"max_tokens": []}]
)
def test_what_is_malformed_is_the_providers_to_judge(body: dict[str, Any]) -> None:
    adapt(body, "groq", efforts=("low",), output_ceiling=3)
