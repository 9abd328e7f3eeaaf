"""Bodies that stay in Anthropic's dialect and go to another of its models."""

from __future__ import annotations

from typing import Any

import pytest

from extproc.core.traits import Thinking, Traits
from extproc.dialects.translation.messages import TRANSLATOR
from extproc.dialects.translation.translator import Adaptation, Target

ADAPTIVE, BUDGET, NONE = Thinking.ADAPTIVE, Thinking.BUDGET, Thinking.NONE
BODY = {"model": "m", "max_tokens": 10_000, "messages": [{"role": "user", "content": "hi"}]}


def adapt(body: dict[str, Any], version: str = "2023-06-01", **traits: Any) -> Adaptation:
    return TRANSLATOR.adapt({**BODY, **body}, Target("x", "anthropic", Traits(**traits), version))


def codes(adaptation: Adaptation) -> list[str]:
    return [loss.code for loss in adaptation.losses]


def test_nothing_is_known_and_nothing_changes() -> None:
    body = {
        "thinking": {"type": "enabled", "budget_tokens": 2048},
        "output_config": {"effort": "max"},
        "temperature": 0.5,
        "stop_sequences": ["a"],
    }
    assert not adapt(body).changes


def test_max_tokens_within_the_ceiling() -> None:
    adaptation = adapt({}, output_ceiling=4096)
    assert adaptation.members == {"max_tokens": 4096}
    assert codes(adaptation) == ["clamped:max_tokens"]


@pytest.mark.parametrize(("budget", "effort"), [(2048, "low"), (9000, "medium"), (32_000, "high")])
def test_a_budget_becomes_an_effort(budget: int, effort: str) -> None:
    body = {"thinking": {"type": "enabled", "budget_tokens": budget, "display": "omitted"}}
    adaptation = adapt(body, thinking=ADAPTIVE)
    assert adaptation.members == {
        "thinking": {"type": "adaptive", "display": "omitted"},
        "output_config": {"effort": effort},
    }
    assert codes(adaptation) == ["adapted:thinking"]


def test_an_effort_becomes_a_budget() -> None:
    form = {"type": "json_schema", "schema": {}}
    body = {"thinking": {"type": "adaptive"}, "output_config": {"effort": "low", "format": form}}
    adaptation = adapt(body, thinking=BUDGET)
    assert adaptation.members == {
        "thinking": {"type": "enabled", "budget_tokens": 2000},
        "output_config": {"format": form},
    }
    assert codes(adaptation) == ["dropped:effort"]


def test_a_budget_stays_below_the_clamped_limit() -> None:
    body = {"thinking": {"type": "enabled", "budget_tokens": 9000}}
    adaptation = adapt(body, thinking=BUDGET, output_ceiling=4096)
    assert adaptation.members["thinking"]["budget_tokens"] == 4095
    assert codes(adaptation) == ["clamped:max_tokens", "clamped:effort"]


def test_no_room_for_a_budget() -> None:
    body = {"thinking": {"type": "adaptive"}, "max_tokens": 1000}
    adaptation = adapt(body, thinking=BUDGET)
    assert adaptation.removed == {"thinking"}
    assert codes(adaptation) == ["dropped:effort"]


def test_a_model_that_does_not_think() -> None:
    body = {"thinking": {"type": "adaptive"}, "output_config": {"effort": "low"}}
    adaptation = adapt(body, thinking=NONE)
    assert adaptation.removed == {"thinking", "output_config"}
    assert codes(adaptation) == ["dropped:effort"]
    assert not adapt({"thinking": {"type": "disabled"}}, thinking=NONE).changes


def test_an_effort_that_the_model_does_not_know() -> None:
    body = {"output_config": {"effort": "xhigh"}}
    adaptation = adapt(body, efforts=("low", "medium", "high"))
    assert adaptation.members == {"output_config": {"effort": "high"}}
    assert codes(adaptation) == ["clamped:effort"]
    assert not adapt({"output_config": {"effort": "low"}}, efforts=("low",)).changes


@pytest.mark.parametrize(
    ("version", "traits"), [("2026-10-21", {}), ("2023-06-01", {"sampling": False})]
)
def test_sampling_where_it_is_refused(version: str, traits: dict[str, Any]) -> None:
    adaptation = adapt({"temperature": 1.0, "top_p": 0.9, "top_k": 5}, version, **traits)
    assert adaptation.removed == {"temperature", "top_p", "top_k"}
    assert codes(adaptation) == ["dropped:top_p", "dropped:top_k"]


def test_stop_sequences_where_none_are_taken() -> None:
    adaptation = adapt({"stop_sequences": ["a"]}, stop=False)
    assert adaptation.removed == {"stop_sequences"}
    assert codes(adaptation) == ["dropped:stop"]


def test_only_signed_thinking_stays() -> None:
    signed = {"type": "thinking", "thinking": "t", "signature": "s"}
    unsigned = {"type": "thinking", "thinking": "t", "signature": ""}
    text = {"type": "text", "text": "a"}
    kept = [{"role": "assistant", "content": [signed, text]}]
    assert not adapt({"messages": kept}).changes
    mixed = [
        {"role": "assistant", "content": [unsigned, signed, text]},
        {"role": "assistant", "content": [unsigned]},
    ]
    adaptation = adapt({"messages": mixed})
    assert adaptation.members == {"messages": kept}
    assert codes(adaptation) == ["dropped:reasoning"]


def test_the_systems_words_in_front() -> None:
    messages = [*BODY["messages"], {"role": "system", "content": "B"}]  # type: ignore[misc]
    adaptation = adapt({"system": "A", "messages": messages}, inner_system=False)
    assert adaptation.members == {
        "system": [{"type": "text", "text": "A"}, {"type": "text", "text": "B"}],
        "messages": BODY["messages"],
    }
    assert codes(adaptation) == ["moved:system"]
    assert not adapt({"system": "A", "messages": messages}).changes


def test_what_is_malformed_is_the_providers_to_judge() -> None:
    body = {
        "max_tokens": "many",
        "messages": [1, {"role": "system", "content": 3}],
        "thinking": [1],
        "output_config": 5,
    }
    traits: dict[str, Any] = {
        "output_ceiling": 1,
        "thinking": BUDGET,
        "efforts": (),
        "inner_system": False,
    }
    assert not adapt(body, **traits).changes
