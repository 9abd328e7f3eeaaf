"""Bodies of the responses dialect for another model than they were written for."""

from __future__ import annotations

from typing import Any

import pytest

from extproc.core.traits import Thinking, Traits
from extproc.dialects.translation.losses import told
from extproc.dialects.translation.responses import TRANSLATOR
from tests.dialects.translation.responses.responses_sdk import target

NO_REASONING = Traits(thinking=Thinking.NONE)


@pytest.mark.parametrize(
    ("body", "traits", "members", "removed", "losses"),
    [
        ({"temperature": 0.2, "max_output_tokens": 9}, Traits(), {}, set(), ""),
        (
            {"max_output_tokens": 9_000},
            Traits(output_ceiling=4_096),
            {"max_output_tokens": 4_096},
            set(),
            "clamped:max_tokens",
        ),
        (
            {"temperature": 0.2, "top_p": 1},
            Traits(sampling=False),
            {},
            {"temperature", "top_p"},
            "dropped:temperature",
        ),
        (
            {"reasoning": {"effort": "xhigh", "summary": "auto"}},
            Traits(efforts=("low", "medium", "high")),
            {"reasoning": {"effort": "high", "summary": "auto"}},
            set(),
            "clamped:effort",
        ),
        ({"reasoning": {"effort": "low"}}, NO_REASONING, {}, {"reasoning"}, "dropped:effort"),
        ({"reasoning": {"effort": "none"}}, NO_REASONING, {}, {"reasoning"}, ""),
        ({"include": ["reasoning.encrypted_content"]}, NO_REASONING, {}, {"include"}, ""),
        (
            {"include": ["reasoning.encrypted_content", "web_search_call.results"]},
            NO_REASONING,
            {"include": ["web_search_call.results"]},
            set(),
            "",
        ),
    ],
)
def test_members_fit_the_model(
    body: dict[str, Any],
    traits: Traits,
    members: dict[str, Any],
    removed: set[str],
    losses: str,
) -> None:
    adaptation = TRANSLATOR.adapt({"input": "hi", **body}, target(traits))
    assert adaptation.members == members
    assert adaptation.removed == removed
    assert told(adaptation.losses) == losses
    assert adaptation.changes is bool(members or removed)


THOUGHT = {"type": "reasoning", "id": "rs_0a1b2c", "summary": [], "encrypted_content": "xyz"}
SAID = {"type": "message", "id": "msg_1", "role": "assistant", "content": []}


def test_case_063_what_is_encrypted_does_not_go_to_another_provider() -> None:
    body = {"model": "azure/gpt-5", "input": [THOUGHT, SAID]}
    adaptation = TRANSLATOR.adapt(body, target())
    assert adaptation.members == {
        "input": [{"type": "message", "role": "assistant", "content": []}]
    }
    assert told(adaptation.losses) == "dropped:reasoning"


@pytest.mark.parametrize("model", ["openai/gpt-5", "gpt-5", None])
def test_case_063_it_stays_at_its_provider(model: str | None) -> None:
    assert not TRANSLATOR.adapt({"model": model, "input": [THOUGHT, SAID]}, target()).changes


def test_reasoning_that_was_translated_is_known_to_no_provider() -> None:
    made = {"type": "reasoning", "id": "rs_dragoman_01AB_0", "summary": []}
    adaptation = TRANSLATOR.adapt({"input": [made, SAID]}, target())
    assert adaptation.members == {"input": [SAID]}


@pytest.mark.parametrize(
    "body",
    [
        {"max_output_tokens": "many", "temperature": [], "reasoning": 7, "include": 7, "input": 7},
        {"reasoning": {"effort": 7}, "input": [7, {"type": []}, {"type": "reasoning", "id": 7}]},
    ],
)
def test_what_is_malformed_is_left_to_the_provider(body: dict[str, Any]) -> None:
    traits = Traits(output_ceiling=9, efforts=("low",))
    assert not TRANSLATOR.adapt(body, target(traits)).changes
