"""Preferences that a client sends along."""

from __future__ import annotations

from typing import Any

import pytest

from extproc.core.routes import CostBasis, Preference, Route
from extproc.dialects.inline_routes import INLINE_MEMBERS, inline_routes
from extproc.errors import ClientError

GOOD = {"name": "code", "description": "writing code", "models": ["a", "b"]}


def test_what_is_stripped() -> None:
    assert set(INLINE_MEMBERS) == {"routing_preferences", "routing_policy"}


@pytest.mark.parametrize(
    ("document", "routes"),
    [
        ({}, None),
        ({"routing_preferences": None}, None),
        ({"routing_policy": None}, None),
        ({"routing_preferences": []}, ()),
        ({"routing_policy": []}, ()),
        ({"routing_preferences": [], "routing_policy": [{"model": 7}]}, ()),
    ],
)
def test_none_sent_and_none_wanted(
    document: dict[str, Any], routes: tuple[Route, ...] | None
) -> None:
    assert inline_routes(document) == routes


@pytest.mark.parametrize(
    ("policy", "prefer"),
    [
        (None, Preference.NONE),
        ({}, Preference.NONE),
        ({"prefer": None}, Preference.NONE),
        ({"prefer": ""}, Preference.NONE),
        ({"prefer": "none"}, Preference.NONE),
        ({"prefer": "random"}, Preference.RANDOM),
    ],
)
def test_a_preference_and_its_policy(policy: Any, prefer: Preference) -> None:
    sent = {"routing_preferences": [GOOD | {"selection_policy": policy}, GOOD | {"name": "other"}]}
    assert inline_routes(sent) == (
        Route("code", "writing code", ("a", "b"), prefer),
        Route("other", "writing code", ("a", "b"), Preference.NONE),
    )


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ("code", "routing_preferences: must be an array."),
        ({}, "routing_preferences: must be an array."),
        (0, "routing_preferences: must be an array."),
        (False, "routing_preferences: must be an array."),
        ([GOOD, 7], "routing_preferences[1]: must be an object."),
        ([GOOD | {"name": " "}], "routing_preferences[0].name: must be a non-empty string."),
        ([GOOD | {"name": 7}], "routing_preferences[0].name: must be a non-empty string."),
        (
            [GOOD | {"description": None}],
            "routing_preferences[0].description: must be a non-empty string.",
        ),
        ([GOOD | {"models": None}], "routing_preferences[0].models: must be an array."),
        ([GOOD | {"models": "a"}], "routing_preferences[0].models: must be an array."),
        ([GOOD | {"models": []}], "routing_preferences[0].models: must name at least one model."),
        (
            [GOOD | {"models": ["a", ""]}],
            "routing_preferences[0].models[1]: must be a non-empty string.",
        ),
        (
            [GOOD, GOOD | {"description": "x"}],
            'routing_preferences[1].name: "code" is already taken by another preference.',
        ),
        (
            [GOOD | {"selection_policy": "random"}],
            "routing_preferences[0].selection_policy: must be an object.",
        ),
        (
            [GOOD | {"selection_policy": {"prefer": "best"}}],
            (
                "routing_preferences[0].selection_policy.prefer: must be one of "
                "none, random, cheapest, fastest."
            ),
        ),
        (
            [GOOD, GOOD | {"name": "x" * 257}],
            "routing_preferences[1].name: must not be longer than 256 characters.",
        ),
        (
            [GOOD | {"name": f"r{index}"} for index in range(65)],
            "routing_preferences: must not hold more than 64 routes.",
        ),
        (
            [GOOD | {"selection_policy": {"prefer": "cheapest", "cost_basis": "sum"}}],
            ("routing_preferences[0].selection_policy.cost_basis: must be one of total, request."),
        ),
    ],
)
def test_preferences_that_are_not_valid(sent: Any, says: str) -> None:
    with pytest.raises(ClientError) as raised:
        inline_routes({"routing_preferences": sent})
    error = raised.value
    assert (error.status, error.message) == (400, says)
    assert error.code == "invalid_routing_preferences"
    assert error.param == says.partition(":")[0]


def test_a_threshold_and_examples() -> None:
    examples = ["Write quicksort", "x" * 1000]
    sent = [
        GOOD | {"threshold": 0, "examples": examples},
        GOOD | {"name": "law", "threshold": -0.25, "examples": []},
        GOOD | {"name": "chess", "threshold": None, "examples": None},
    ]
    routes = inline_routes({"routing_preferences": sent})
    assert routes is not None
    assert [(route.threshold, route.examples) for route in routes] == [
        (0.0, tuple(examples)),
        (-0.25, ()),
        (None, ()),
    ]


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"threshold": 1.5}, "threshold: must be a number from -1 to 1."),
        ({"threshold": True}, "threshold: must be a number from -1 to 1."),
        ({"threshold": "0.5"}, "threshold: must be a number from -1 to 1."),
        ({"threshold": float("nan")}, "threshold: must be a number from -1 to 1."),
        ({"examples": "Write"}, "examples: must be an array."),
        ({"examples": ["a", " "]}, "examples[1]: must be a non-empty string."),
        ({"examples": [7]}, "examples[0]: must be a non-empty string."),
        ({"examples": ["x" * 1001]}, "examples[0]: must not be longer than 1000 characters."),
    ],
)
def test_a_threshold_and_examples_that_are_not_valid(fields: dict[str, Any], says: str) -> None:
    with pytest.raises(ClientError) as raised:
        inline_routes({"routing_preferences": [GOOD | fields]})
    assert raised.value.message == f"routing_preferences[0].{says}"


def test_the_most_examples() -> None:
    sent = [GOOD | {"name": name, "examples": ["a"] * 32} for name in ("one", "two")]
    routes = inline_routes({"routing_preferences": sent})
    assert routes is not None
    assert sum(len(route.examples) for route in routes) == 64
    with pytest.raises(ClientError, match="must not hold more than 64 examples in all"):
        inline_routes({"routing_preferences": [*sent, GOOD | {"examples": ["a"]}]})


@pytest.mark.parametrize("prefer", [[], {}, ["random"], 7])
def test_a_policy_that_is_no_word(prefer: Any) -> None:
    with pytest.raises(ClientError, match="must be one of") as raised:
        inline_routes({"routing_preferences": [GOOD | {"selection_policy": {"prefer": prefer}}]})
    where = "routing_preferences[0].selection_policy.prefer"
    assert (raised.value.status, raised.value.param) == (400, where)


@pytest.mark.parametrize(
    ("sent", "prefer", "cost_basis"),
    [
        ({"prefer": "cheapest"}, Preference.CHEAPEST, CostBasis.TOTAL),
        (
            {"prefer": "cheapest", "cost_basis": "request"},
            Preference.CHEAPEST,
            CostBasis.REQUEST,
        ),
        ({"prefer": "fastest", "cost_basis": None}, Preference.FASTEST, CostBasis.TOTAL),
        ({"prefer": "", "cost_basis": ""}, Preference.NONE, CostBasis.TOTAL),
    ],
)
def test_policies(sent: Any, prefer: Preference, cost_basis: CostBasis) -> None:
    routes = inline_routes({"routing_preferences": [GOOD | {"selection_policy": sent}]})
    assert routes is not None
    assert [(route.prefer, route.cost_basis) for route in routes] == [(prefer, cost_basis)]


def test_the_longest_name_and_the_most_routes() -> None:
    names = [f"{index:é>256}" for index in range(64)]
    routes = inline_routes({"routing_preferences": [GOOD | {"name": name} for name in names]})
    assert routes is not None
    assert [route.name for route in routes] == names


def policy(model: object, *preferences: object) -> dict[str, object]:
    return {"model": model, "routing_preferences": list(preferences)}


def test_the_older_policy_is_turned_round() -> None:
    code = {"name": "code", "description": "writing code"}
    prose = {"name": "prose", "description": "writing prose"}
    sent = [
        policy("a", code, prose),
        policy("b", {"name": "code", "description": "said otherwise"}),
        policy("c"),
    ]
    assert inline_routes({"routing_policy": sent}) == (
        Route("code", "writing code", ("a", "b")),
        Route("prose", "writing prose", ("a",)),
    )


def test_preferences_go_before_the_older_policy() -> None:
    code = {"name": "old", "description": "d"}
    sent = {"routing_preferences": [GOOD], "routing_policy": [policy("a", code)]}
    routes = inline_routes(sent)
    assert routes is not None
    assert [route.name for route in routes] == ["code"]


@pytest.mark.parametrize(
    ("sent", "where"),
    [
        ({}, "routing_policy"),
        (["a"], "routing_policy[0]"),
        ([policy(None)], "routing_policy[0].model"),
        ([policy("")], "routing_policy[0].model"),
        ([{"model": "a", "routing_preferences": {}}], "routing_policy[0].routing_preferences"),
        ([policy("a", "code")], "routing_policy[0].routing_preferences[0]"),
        (
            [policy("a"), policy("b", {"description": "d"})],
            "routing_policy[1].routing_preferences[0].name",
        ),
        (
            [policy("a", {"name": "n", "description": ""})],
            "routing_policy[0].routing_preferences[0].description",
        ),
    ],
)
def test_an_older_policy_that_is_not_valid(sent: Any, where: str) -> None:
    with pytest.raises(ClientError) as raised:
        inline_routes({"routing_policy": sent})
    assert (raised.value.status, raised.value.param) == (400, where)
    assert raised.value.message.startswith(f"{where}: must be ")


def test_names_and_routes_of_an_older_policy_are_limited_too() -> None:
    long = {"name": "x" * 257, "description": "d"}
    with pytest.raises(ClientError, match="longer than 256 characters") as raised:
        inline_routes({"routing_policy": [policy("a", long)]})
    where = "routing_policy[0].routing_preferences[0].name"
    assert (raised.value.status, raised.value.param) == (400, where)
    many = [{"name": f"r{index}", "description": "d"} for index in range(65)]
    most = inline_routes({"routing_policy": [policy("a", *many[:64]), policy("b", *many[:64])]})
    assert most is not None
    assert len(most) == 64
    with pytest.raises(ClientError, match="more than 64") as raised:
        inline_routes({"routing_policy": [policy("a", *many[:40]), policy("b", *many[40:])]})
    assert raised.value.status == 400


def test_one_route_may_take_the_rest() -> None:
    route: dict[str, Any] = {"name": "a", "description": "d", "models": ["m"]}
    sent: list[dict[str, Any]] = [
        route,
        route | {"name": "b", "fallback": True},
        route | {"name": "c", "fallback": None},
    ]
    read = inline_routes({"routing_preferences": sent})
    assert read is not None
    assert [one.fallback for one in read] == [False, True, False]
    with pytest.raises(ClientError, match=r"\[0\]\.fallback: must be true or false"):
        inline_routes({"routing_preferences": [route | {"fallback": "yes"}]})
    with pytest.raises(ClientError, match="must not hold more than one fallback"):
        inline_routes({"routing_preferences": [one | {"fallback": True} for one in sent]})
