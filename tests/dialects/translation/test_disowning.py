"""Reasoning that translation brought into a history is taken out again before a provider of the
client's own dialect sees it, and nothing else is."""

from __future__ import annotations

from typing import Any

import pytest

from extproc.core.models import Dialect
from extproc.core.traits import Traits
from extproc.dialects.translation.table import TRANSLATORS
from extproc.dialects.translation.translator import Adaptation, Target

USER = {"role": "user", "content": "hi"}
SIGNED = {"type": "thinking", "thinking": "Hm.", "signature": "s"}
UNSIGNED = {"type": "thinking", "thinking": "Hm.", "signature": ""}
TEXT = {"type": "text", "text": "yes"}
OWN_ITEM = {"type": "reasoning", "id": "rs_68af", "summary": []}
SEALED = {"type": "reasoning", "id": "rs_68af_0", "summary": [], "encrypted_content": "e"}
MADE_HERE = {"type": "reasoning", "id": "rs_68af_0", "summary": []}
SAID = {"type": "message", "role": "assistant", "content": "yes"}


def assistant(*blocks: dict[str, Any]) -> dict[str, Any]:
    return {"role": "assistant", "content": list(blocks)}


def disowned(dialect: Dialect, body: dict[str, Any], provider: str = "openai") -> Adaptation:
    return TRANSLATORS[dialect].disown(body, Target("m", provider, Traits(output_ceiling=1)))


@pytest.mark.parametrize(
    ("dialect", "body", "left"),
    [
        (
            Dialect.MESSAGES,
            {"messages": [USER, assistant(SIGNED, UNSIGNED, TEXT), assistant(UNSIGNED), USER]},
            {"messages": [USER, assistant(SIGNED, TEXT), USER]},
        ),
        (
            Dialect.RESPONSES,
            {"input": [USER, OWN_ITEM, SEALED, SAID, MADE_HERE, SAID]},
            {"input": [USER, OWN_ITEM, SEALED, SAID, SAID]},
        ),
        (
            Dialect.CHAT,
            {"messages": [USER, {"role": "assistant", "content": "a", "reasoning_content": "Hm."}]},
            {"messages": [USER, {"role": "assistant", "content": "a"}]},
        ),
    ],
    ids=["messages", "responses", "chat"],
)
def test_what_is_another_providers(
    dialect: Dialect, body: dict[str, Any], left: dict[str, Any]
) -> None:
    found = disowned(dialect, body)
    assert found.members == left
    assert not found.removed
    assert [loss.code for loss in found.losses] == ["dropped:reasoning"]


@pytest.mark.parametrize(
    ("dialect", "body"),
    [
        (Dialect.MESSAGES, {"messages": [USER, assistant(SIGNED, TEXT), {"content": [3]}, 4]}),
        (Dialect.MESSAGES, {"messages": 3, "max_tokens": 9, "temperature": 2}),
        (Dialect.RESPONSES, {"input": [USER, OWN_ITEM, SEALED, SAID, 4]}),
        (Dialect.RESPONSES, {"input": "hi", "max_output_tokens": 9}),
        (Dialect.CHAT, {"messages": [USER, 4], "max_tokens": 9}),
        (Dialect.CHAT, {"messages": "hi", "max_tokens": 9}),
    ],
)
def test_everything_else_stays_as_the_client_wrote_it(
    dialect: Dialect, body: dict[str, Any]
) -> None:
    assert not disowned(dialect, body).changes


def test_providers_that_tell_reasoning_in_chat_get_it_back() -> None:
    said = {"role": "assistant", "content": "a", "reasoning_content": "Hm."}
    assert not disowned(Dialect.CHAT, {"messages": [USER, said]}, "deepseek").changes
    assert disowned(Dialect.CHAT, {"messages": [USER, said]}, "mistral").changes


@pytest.mark.parametrize(("wanted", "kept"), [(True, True), (False, False), (None, False)])
def test_another_model_of_chat_gets_only_reasoning_that_it_wants(
    wanted: bool | None, kept: bool
) -> None:
    said = {"role": "assistant", "content": "a", "reasoning_content": "Hm."}
    target = Target("m", "acme", Traits(reasoning_back=wanted))
    adaptation = TRANSLATORS[Dialect.CHAT].adapt({"messages": [USER, said]}, target)
    assert adaptation.changes is not kept
    assert [loss.code for loss in adaptation.losses] == ([] if kept else ["dropped:reasoning"])
