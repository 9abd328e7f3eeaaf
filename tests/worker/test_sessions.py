"""Which session a request belongs to."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from extproc.core.models import Dialect
from extproc.core.sessions import SESSION_HEADERS, Sessions
from extproc.core.switching import RoutingBudget, SessionCosts
from extproc.dialects.prefixes import prefix_of
from extproc.dialects.request import ClientRequest, parse
from extproc.worker.sessions import Session, session_of, turn_of

DEFAULT = Sessions()


def request(model: str | None = "m", **more: Any) -> ClientRequest:
    return parse(Dialect.CHAT, json.dumps({"model": model, "messages": []} | more).encode())


def test_our_own_header_names_the_session_alone() -> None:
    assert session_of(request(), {"x-model-affinity": " ours "}, DEFAULT) == Session("ours", "ours")


@pytest.mark.parametrize("name", SESSION_HEADERS[1:-1])
def test_an_agent_s_header_names_a_session_of_the_requested_model(name: str) -> None:
    assert session_of(request(), {name: "s"}, DEFAULT) == Session("s", f"{name}:s:m")
    assert session_of(request(None), {name: "s"}, DEFAULT) == Session("s", f"{name}:s:")


def test_so_does_the_body_s_prompt_cache_key() -> None:
    found = session_of(request(prompt_cache_key="s"), {}, DEFAULT)
    assert found == Session("s", "prompt_cache_key:s:m")
    assert session_of(request(), {"prompt_cache_key": "a header"}, DEFAULT) is None


@pytest.mark.parametrize("value", [None, 7, "", " ", ["s"], {"s": 1}])
def test_a_prompt_cache_key_that_is_no_name_names_nothing(value: object) -> None:
    assert session_of(request(prompt_cache_key=value), {}, DEFAULT) is None


def test_the_first_of_the_list_counts() -> None:
    given = {"x-session-id": "later", "session-id": "group", "thread-id": "one"}
    assert session_of(request(prompt_cache_key="last"), given, DEFAULT) == Session(
        "one", "thread-id:one:m"
    )
    ours = given | {"x-model-affinity": "ours"}
    assert session_of(request(), ours, DEFAULT) == Session("ours", "ours")
    assert session_of(request(), {"session-id": " ", "x-session-id": "s"}, DEFAULT) == Session(
        "s", "x-session-id:s:m"
    )


def test_only_what_is_configured_counts() -> None:
    given = {"x-model-affinity": "ours", "x-claude-code-session-id": "theirs", "x-mine": "mine"}
    assert session_of(request(), given, Sessions(headers=())) is None
    assert session_of(request(), given, Sessions(headers=("x-mine",))) == Session(
        "mine", "x-mine:mine:m"
    )


def test_tenants_are_kept_apart() -> None:
    settings = Sessions(tenant_header="x-org")
    given = {"session-id": "s", "x-org": "red"}
    assert session_of(request(), given, settings) == Session("s", "red:session-id:s:m")
    assert session_of(request(), {"session-id": "s"}, settings) == Session("s", ":session-id:s:m")


def test_a_name_that_is_too_long_to_keep_is_none() -> None:
    assert session_of(request(), {"session-id": "s" * 300}, DEFAULT) is None


def test_clients_with_different_keys_are_kept_apart() -> None:
    for given, key in (
        ({"x-model-affinity": "s"}, "s"),
        ({"session-id": "s"}, "session-id:s:m"),
    ):
        owned = {**given, "x-dragoman-client": "hash"}
        assert session_of(request(), owned, DEFAULT) == Session("s", f"hash:{key}")
        tenants = session_of(request(), owned, Sessions(tenant_header="x-tenant"))
        assert tenants == Session("s", f":{key}")
    owner = {"x-dragoman-client": "hash"}
    assert session_of(request(prompt_cache_key="s"), owner, DEFAULT) == Session(
        "s", "hash:prompt_cache_key:s:m"
    )


def test_what_is_only_asked_is_apart_from_what_is_sent() -> None:
    given = {"session-id": "s"}
    asked = session_of(request(), given, DEFAULT, decision_only=True)
    assert asked == Session("s", "decision:session-id:s:m")
    mine = {**given, "x-dragoman-client": "hash"}
    assert session_of(request(), mine, DEFAULT, decision_only=True) == Session(
        "s", "hash:session-id:s:m"
    )


BUDGET = RoutingBudget(most=0.25, records_counterfactual=True)
SPEND, CACHE = "x-plano-max-switch-spend-pct", "x-plano-cache"
HI = request(messages=[{"role": "user", "content": "hi"}])
ANSWERED = request(
    messages=[
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": "let me see"},
        {"role": "tool", "tool_call_id": "t", "content": "done"},
    ]
)


def test_a_conversation_is_a_session_where_that_is_configured() -> None:
    implicit = Sessions(implicit=True, tenant_header="x-org")
    assert session_of(HI, {}, DEFAULT) is None
    found = session_of(HI, {"x-org": "acme"}, implicit)
    assert found is not None
    assert found.id.startswith("implicit:")
    assert found.key == f"acme:{found.id}"
    assert session_of(ANSWERED, {"x-org": "acme"}, implicit) == found
    assert session_of(request(), {}, implicit) is None, "nothing was said"
    assert session_of(HI, {CACHE: " OFF "}, implicit) is None
    named = session_of(HI, {CACHE: "off", "x-model-affinity": "ours"}, implicit)
    assert named == Session("ours", ":ours")


@pytest.mark.parametrize(
    ("configured", "said", "most"),
    [
        (None, None, None),
        (BUDGET, None, 0.25),
        (BUDGET, "40", 0.4),
        (None, "40", 0.4),
        (BUDGET, "101", 0.25),
        (BUDGET, "-1", 0.25),
        (BUDGET, "much", 0.25),
        (None, "nan", None),
    ],
)
def test_a_client_s_budget_goes_before_the_configured_one(
    configured: RoutingBudget | None, said: str | None, most: float | None
) -> None:
    settings = Sessions(budget=configured, takes_budgets=True)
    turn = turn_of(HI, {} if said is None else {SPEND: said}, settings, None, 9.0)
    if most is None:
        assert turn is None
    else:
        assert turn is not None
        assert turn.budget == replace(configured or RoutingBudget(0.0), most=most)


def test_without_prices_a_client_has_no_budget() -> None:
    assert turn_of(HI, {SPEND: "40"}, DEFAULT, None, 9.0) is None


@pytest.mark.parametrize(
    ("asked", "now", "replays"), [(ANSWERED, 9.0, True), (HI, 9.0, False), (ANSWERED, 999.0, False)]
)
def test_while_tools_answer_a_warm_session_goes_on(
    asked: ClientRequest, now: float, replays: bool
) -> None:
    costs = SessionCosts("one/m", prefix_of(HI), used_at=1.0)
    turn = turn_of(asked, {}, Sessions(on_user_only=True), costs, now)
    assert turn is not None
    assert (turn.replays, turn.budget) == (replays, None)
    begun = turn_of(asked, {}, Sessions(on_user_only=True), None, now)
    assert begun is not None
    assert not begun.replays
    anew = turn_of(asked, {}, Sessions(budget=BUDGET), costs, now)
    assert anew is not None
    assert not anew.replays


def test_a_beginning_that_is_not_looked_at_never_changes() -> None:
    turn = turn_of(HI, {CACHE: "off"}, Sessions(budget=BUDGET), None, 9.0)
    assert turn is not None
    assert turn.prefix == ""
