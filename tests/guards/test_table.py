"""Which guards a configuration makes: a row for each kind of them, and none where none is named."""

from __future__ import annotations

from dataclasses import fields

import pytest

from extproc.core.aside import Aside
from extproc.core.config import Config
from extproc.core.guards import GuardReport, GuardSettings, HttpFilter, McpFilter, Unguarded
from extproc.core.injection import InjectionRules
from extproc.core.models import Dialect
from extproc.core.pii import PiiAction, PiiKind, PiiRules
from extproc.errors import ClientError
from extproc.guards.asking import Asking
from extproc.guards.guard import GuardedRequest
from extproc.guards.http_filter import HttpGuard
from extproc.guards.injection import InjectionGuard
from extproc.guards.mcp_filter import McpGuard
from extproc.guards.pii import PiiGuard
from extproc.guards.requests import RequestGuards
from extproc.guards.table import GUARDS, Means, guards_for

HTTP = GuardSettings("http", http=HttpFilter("http://filter"))
MCP = GuardSettings("mcp", mcp=McpFilter("http://filter", "tool"))
MASKS = GuardSettings("masks", pii=PiiRules({PiiKind.EMAIL: PiiAction.MASK}))
REDACTS = GuardSettings("redacts", pii=PiiRules({PiiKind.EMAIL: PiiAction.REDACT}))
ATTACKS = GuardSettings("attacks", injection=InjectionRules())
MEANS = Means(Asking())


def made(config: Config) -> RequestGuards:
    guards = guards_for(config, MEANS, lambda _: None)
    assert guards is not None
    return guards


def test_a_configuration_without_guards_has_none() -> None:
    assert guards_for(Config(()), MEANS, lambda _: None) is None


def test_every_kind_that_can_be_configured_has_a_row() -> None:
    kinds = {field.name for field in fields(GuardSettings) if "None" in str(field.type)}
    assert set(GUARDS) == kinds


@pytest.mark.parametrize(
    ("settings", "kind", "answers"),
    [
        (HTTP, HttpGuard, True),
        (MCP, McpGuard, True),
        (MASKS, PiiGuard, False),
        (ATTACKS, InjectionGuard, False),
    ],
)
def test_what_looks_at_requests_and_at_answers(
    settings: GuardSettings, kind: type, answers: bool
) -> None:
    for name, row in GUARDS.items():
        mine = getattr(settings, name) is not None
        assert row.of_requests is not None
        assert isinstance(row.of_requests(settings, MEANS), kind) is mine
        if mine:
            assert (row.of_answers is not None) is answers
        if row.of_answers is not None:
            assert isinstance(row.of_answers(settings, MEANS), kind) is mine


@pytest.mark.parametrize(
    "config",
    [Config((), input_guards=(GuardSettings("of no kind"),)), Config((), output_guards=(MASKS,))],
)
def test_what_was_to_be_guarded_does_not_pass_where_no_guard_can_be_made(config: Config) -> None:
    with pytest.raises(ValueError, match="no guard can be made of"):
        made(config)


@pytest.mark.parametrize(
    ("config", "requests", "answers", "may"),
    [
        (Config((), input_guards=(HTTP,)), True, False, False),
        (Config((), output_guards=(HTTP,)), False, True, True),
        (Config((), input_guards=(HTTP,), output_guards=(MCP,)), True, True, True),
        (Config((), input_guards=(ATTACKS, REDACTS)), True, False, False),
        (Config((), input_guards=(ATTACKS, MASKS)), True, False, True),
    ],
)
def test_what_is_looked_at(config: Config, requests: bool, answers: bool, may: bool) -> None:
    guards = made(config)
    assert (guards.look_at_requests, guards.look_at_answers) == (requests, answers)
    assert guards.may_look_at_answers is may


def test_guards_of_answers_stand_in_their_order() -> None:
    shown = GuardedRequest("/v1/x", Dialect.CHAT, b"{}", {}, "r-1", Aside())
    looks = made(Config((), output_guards=(MCP, HTTP))).answering(shown)
    assert [each.settings for each in looks] == [MCP, HTTP]


def test_what_cannot_be_looked_at_passes_only_where_it_may() -> None:
    with pytest.raises(ClientError, match="A form cannot be looked at") as raised:
        made(Config((), input_guards=(HTTP,))).unseen("A form")
    assert (raised.value.status, raised.value.code) == (400, "not_guarded")
    made(Config((), input_guards=(HTTP,), unguarded=Unguarded.PASS)).unseen("A form")


async def test_what_they_say_is_told() -> None:
    told: list[GuardReport] = []
    guards = guards_for(Config((), input_guards=(REDACTS,)), MEANS, told.append)
    assert guards is not None
    body = b'{"messages":[{"content":"jane@example.com"}]}'
    shown = GuardedRequest("/v1/x", Dialect.CHAT, body, {}, "r-1", Aside())
    guarded = await guards.look(shown)
    assert guarded.body == body.replace(b"jane@example.com", b"[REDACTED_EMAIL]")
    assert [each.guard for each in told[0].verdicts] == ["redacts"]
