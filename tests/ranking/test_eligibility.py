"""Which candidates go behind the others because they cannot serve the request."""

from __future__ import annotations

import pytest

from extproc.core.models import Dialect, Endpoint, Model
from extproc.core.records import Ranked
from extproc.core.requirements import Ineligible, Requirements
from extproc.core.traits import Traits
from extproc.ranking.eligibility import Eligibility

ENDPOINT = Endpoint("https", "h", 443, "h")
CHAT = {Dialect.CHAT: "/chat"}
BOTH = CHAT | {Dialect.RESPONSES: "/responses"}
SMALL = Requirements(100)


def model(traits: Traits, name: str = "m", paths: dict[Dialect, str] = CHAT) -> Model:
    return Model(name, "p", name, ENDPOINT, paths, traits=traits)


@pytest.mark.parametrize(
    ("required", "traits", "reason"),
    [
        (Requirements(10**9, 10**9, True, True, True, True), Traits(), None),
        (SMALL, Traits(context_window=100), None),
        (SMALL, Traits(context_window=99), Ineligible.CONTEXT_WINDOW),
        (Requirements(60, 40), Traits(context_window=100), None),
        (Requirements(60, 41), Traits(context_window=100), Ineligible.CONTEXT_WINDOW),
        (Requirements(60, 10**6), Traits(output_ceiling=40, context_window=100), None),
        (Requirements(60, 40), Traits(output_ceiling=1000, context_window=100), None),
        (Requirements(9, images=True), Traits(images=False), Ineligible.IMAGES),
        (Requirements(9, images=True), Traits(images=True, documents=False, tools=False), None),
        (Requirements(9, documents=True), Traits(documents=False), Ineligible.DOCUMENTS),
        (Requirements(9, tools=True), Traits(tools=False), Ineligible.TOOLS),
        (SMALL, Traits(images=False, documents=False, tools=False, tool_reasoning=False), None),
        (
            Requirements(9, tools=True, tool_reasoning=True),
            Traits(tools=True, tool_reasoning=False),
            Ineligible.TOOL_REASONING,
        ),
        (Requirements(9, tools=True), Traits(tools=True, tool_reasoning=False), None),
    ],
)
def test_what_speaks_against_a_model(
    required: Requirements, traits: Traits, reason: Ineligible | None
) -> None:
    assert Eligibility(Dialect.CHAT, lambda: required).against(model(traits)) is reason


@pytest.mark.parametrize(
    ("dialect", "paths", "reason"),
    [
        (Dialect.CHAT, CHAT, Ineligible.TOOL_REASONING),
        (Dialect.CHAT, BOTH, Ineligible.TOOL_REASONING),
        (Dialect.RESPONSES, BOTH, None),
        # A translation that leads to chat judges for itself.
        (Dialect.MESSAGES, CHAT, None),
        (Dialect.MESSAGES, BOTH, None),
        (Dialect.RESPONSES, CHAT, None),
        (Dialect.CHAT, {Dialect.RESPONSES: "/responses"}, None),
    ],
)
def test_tools_with_an_effort_are_refused_where_a_client_speaks_chat_to_chat(
    dialect: Dialect, paths: dict[Dialect, str], reason: Ineligible | None
) -> None:
    required = Requirements(9, tools=True, tool_reasoning=True)
    refusing = model(Traits(tool_reasoning=False), paths=paths)
    assert Eligibility(dialect, lambda: required).against(refusing) is reason


def test_those_that_cannot_go_behind_in_their_order() -> None:
    blind = Traits(images=False)
    names = {"a": blind, "b": Traits(), "c": blind, "d": Traits(images=True)}
    ranked = [Ranked(model(traits, name), 1.0) for name, traits in names.items()]
    ordered = Eligibility(Dialect.CHAT, lambda: Requirements(9, images=True)).order(ranked)
    found = [(each.model.name, each.ineligible) for each in ordered]
    assert found == [("b", None), ("d", None), ("a", "images"), ("c", "images")]
    assert {each.value for each in ordered} == {1.0}


def test_where_none_can_the_order_stays() -> None:
    ranked = [Ranked(model(Traits(tools=False), name)) for name in "ab"]
    ordered = Eligibility(Dialect.CHAT, lambda: Requirements(9, tools=True)).order(ranked)
    assert [each.model.name for each in ordered] == ["a", "b"]
    assert {each.ineligible for each in ordered} == {Ineligible.TOOLS}


def test_a_request_is_read_once_and_only_if_it_matters() -> None:
    read: list[int] = []

    def requirements() -> Requirements:
        read.append(1)
        return SMALL

    unlimited = Ranked(model(Traits(images=True, tools=True, output_ceiling=5)))
    limited = Ranked(model(Traits(images=False)))
    assert Eligibility(Dialect.CHAT, requirements).order([unlimited, unlimited]) == (
        unlimited,
        unlimited,
    )
    assert Eligibility(Dialect.CHAT, requirements).order([limited]) == (limited,)
    assert not read
    assert Eligibility(Dialect.CHAT, requirements).order([limited, limited]) == (limited, limited)
    assert len(read) == 1
