"""What ingress's processors are shown of a request and of its answer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from extproc.bootstrap.ingress_processors import ingress, instead
from extproc.bootstrap.tree import tree
from extproc.contract import Role
from extproc.core.config import Config
from extproc.core.guards import GuardSettings, HttpFilter
from extproc.core.injection import InjectionRules
from extproc.core.sessions import SESSION_HEADERS, Sessions
from extproc.core.tracing import Tracing
from tests.bootstrap.test_render import model

CONFIG = Config((model("a/b"),))
ASKED = GuardSettings("asked", http=HttpFilter("http://127.0.0.1:1/"))
BUILT_IN = GuardSettings("built in", injection=InjectionRules())


def settings(config: Config) -> dict[str, Any]:
    found: dict[str, Any] = tree(ingress(config))["typed_config"]
    return found


def headers_sent(config: Config) -> set[str]:
    patterns = settings(config)["forward_rules"]["allowed_headers"]["patterns"]
    return {pattern.get("exact") or f"{pattern['prefix']}*" for pattern in patterns}


def headers_kept_back(config: Config) -> set[str]:
    patterns = settings(config)["forward_rules"]["disallowed_headers"]["patterns"]
    return {pattern["exact"] for pattern in patterns}


def test_it_is_sent_what_tells_sessions_and_traces_apart() -> None:
    read = headers_sent(CONFIG)
    assert {"x-model-affinity", "traceparent", "x-request-id"} <= read
    told_apart = replace(CONFIG, sessions=Sessions(tenant_header="x-org"))
    assert headers_sent(told_apart) == read | {"x-org"}
    mine = replace(CONFIG, sessions=Sessions(headers=("x-mine", "prompt_cache_key")))
    assert headers_sent(mine) == read - set(SESSION_HEADERS) | {"x-mine"}


def test_it_is_sent_what_spans_tell_of() -> None:
    traced = replace(CONFIG, tracing=Tracing(header_prefixes=("x-team-",)))
    assert headers_sent(traced) == headers_sent(CONFIG) | {"tracestate", "x-team-*"}


def test_guards_that_are_asked_are_told_all_headers_but_credentials() -> None:
    kept_back = headers_kept_back(replace(CONFIG, input_guards=(ASKED,)))
    assert {"authorization", "x-api-key", "cookie"} <= kept_back
    trusted = replace(ASKED, http=HttpFilter("http://127.0.0.1:1/", pass_credentials=True))
    assert not settings(replace(CONFIG, input_guards=(ASKED, trusted)))["forward_rules"]


def test_what_sessions_are_told_apart_by_is_sent_though_it_is_a_credential() -> None:
    by_key = replace(CONFIG, sessions=Sessions(tenant_header="x-api-key"), input_guards=(ASKED,))
    assert "x-api-key" not in headers_kept_back(by_key)
    assert "authorization" in headers_kept_back(by_key)


def test_guards_of_our_own_are_told_no_more_than_they_need() -> None:
    guarded = replace(CONFIG, input_guards=(BUILT_IN,))
    assert headers_sent(guarded) == headers_sent(CONFIG) | {":method", ":status"}


def shown(mode: dict[str, Any]) -> set[str]:
    """The parts of an exchange that are sent to Python."""
    return {part.removesuffix("_mode") for part, how in mode.items() if how not in ("SKIP", "NONE")}


REQUEST = {"request_header", "request_body", "request_trailer"}
ANSWER = {"response_header", "response_body", "response_trailer"}


@pytest.mark.parametrize(
    ("role", "unguarded", "guarded"),
    [
        (Role.INGRESS, REQUEST, REQUEST | ANSWER),
        (Role.MODELS, {"request_header"}, {"request_header"}),
        (Role.BY_MODEL, REQUEST, REQUEST | ANSWER),
        (Role.BY_ID, {"request_header"}, {"request_header"} | ANSWER),
    ],
)
def test_answers_are_shown_where_guards_may_look_at_them(
    role: Role, unguarded: set[str], guarded: set[str]
) -> None:
    for config, expected in (
        (CONFIG, unguarded),
        (replace(CONFIG, output_guards=(BUILT_IN,)), guarded),
    ):
        if role is Role.INGRESS:
            assert shown(settings(config)["processing_mode"]) == expected
            continue
        overrides = instead(role, config)["overrides"]
        assert shown(overrides["processing_mode"]) == expected
        assert overrides["grpc_initial_metadata"] == [{"key": "x-dragoman-role", "value": role}]
