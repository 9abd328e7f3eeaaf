"""Which bare ids belong to which provider."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import get_args

import pytest
from anthropic.types import Model
from openai.types.shared import AllModels, ChatModel

from extproc.core.spelling import dated
from extproc.providers import KNOWN, OWN_MODELS


def owners(model_id: str) -> set[str]:
    return {
        name
        for name, own in OWN_MODELS.items()
        if any(fnmatchcase(model_id, pattern) for pattern in own.families)
    }


@pytest.mark.parametrize(
    ("model_id", "expected"),
    [
        ("gpt-4o-mini", {"openai", "azure_openai", "chatgpt"}),
        ("gpt-5.3-codex", {"openai", "azure_openai", "chatgpt"}),
        ("o3", {"openai", "azure_openai"}),
        ("text-embedding-3-small", {"openai", "azure_openai"}),
        ("claude-sonnet-4-5-20250929", {"anthropic"}),
        ("gemini-2.5-flash", {"gemini"}),
        ("grok-4", {"xai"}),
        ("deepseek-chat", {"deepseek"}),
        ("mistral-large-latest", {"mistral"}),
        ("gpt-oss-120b", set()),
        ("llama-3.3-70b-versatile", set()),
        ("orca", set()),
        ("openai/gpt-4o", set()),
    ],
)
def test_whose_a_bare_id_is(model_id: str, expected: set[str]) -> None:
    assert owners(model_id) == expected


def test_every_owner_is_a_known_provider() -> None:
    assert OWN_MODELS.keys() <= KNOWN.keys()


@pytest.mark.parametrize("name", OWN_MODELS)
def test_known_ids_belong_to_a_family_of_their_provider(name: str) -> None:
    known = OWN_MODELS[name].known
    assert [model_id for model_id in known if name not in owners(model_id)] == []
    assert len(set(known)) == len(known)


def literals(types: object) -> set[str]:
    """The strings in a type that is made of literals."""
    inner = get_args(types)
    return {types} if isinstance(types, str) else set().union(*map(literals, inner))


@pytest.mark.parametrize(
    ("name", "types"), [("openai", (ChatModel, AllModels)), ("anthropic", (Model,))]
)
def test_known_ids_are_those_of_the_sdk(name: str, types: tuple[object, ...]) -> None:
    told = set().union(*map(literals, types))
    assert len(told) > 10
    assert set(OWN_MODELS[name].known) <= told
    assert all(not dated(model_id)[1] for model_id in OWN_MODELS[name].known)
