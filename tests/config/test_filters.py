"""The sections of filters, and what listeners refer to in them."""

from __future__ import annotations

import pytest

from extproc.config import ConfigError, parse
from extproc.config.filter_types import TYPES
from extproc.core.config import Config
from extproc.core.guards import GuardSettings, HttpFilter, McpFilter, OnFailure, Unguarded
from extproc.guards.table import GUARDS

BASE = "version: v0.4.0\nmodel_providers: [{model: openai/gpt-4o, access_key: k}]\n"
LISTENER = "listeners: [{type: model, name: llm, input_filters: [a, b], output_filters: [a]}]\n"


def read(text: str) -> Config:
    return parse(BASE + text, {"HOST": "h"}).config


def problems(text: str) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        parse(BASE + text, {})
    return [str(problem) for problem in raised.value.problems]


def test_what_filters_mean() -> None:
    config = read(
        f"{LISTENER}dragoman: {{unguarded: pass}}\n"
        "filters:\n"
        "  - {id: b, type: http, url: 'http://$HOST:1/x', deadline: 200ms, on_failure: open,\n"
        "     pass_credentials: true, window: 20}\n"
        "agents: [{id: a, url: 'http://h:2/mcp'}]"
    )
    a = GuardSettings("a", mcp=McpFilter("http://h:2/mcp", "a"))
    b = GuardSettings(
        "b",
        deadline=0.2,
        on_failure=OnFailure.OPEN,
        window=20,
        http=HttpFilter("http://h:1/x", pass_credentials=True),
    )
    assert config.input_guards == (a, b)
    assert config.output_guards == (a,)
    assert config.unguarded is Unguarded.PASS
    assert config.may_guard_answers


def test_a_filter_chain_is_what_looks_at_requests() -> None:
    text = (
        "filters: [{id: f, url: 'http://h'}]\nlisteners: [{type: model, filter_chain: [f]}]\n"
        "dragoman: {acknowledge_ignored: [input_filters]}"
    )
    loaded = parse(BASE + text, {})
    assert [guard.name for guard in loaded.config.input_guards] == ["f"]
    assert loaded.config.output_guards == ()
    assert list(loaded.warnings) == [
        "config.yaml: listeners[0].filter_chain: deprecated: write input_filters instead",
        (
            "config.yaml: listeners[0].filter_chain: is acted on, although "
            "dragoman.acknowledge_ignored says that it is not"
        ),
    ]


def test_nothing_is_guarded_by_default() -> None:
    config = read("")
    assert config.guards == ()
    assert not config.may_guard_answers
    assert config.unguarded is Unguarded.REFUSE


def test_a_filter_that_nobody_names_guards_nothing() -> None:
    loaded = parse(f"{BASE}filters: [{{id: a, url: 'http://h'}}]", {})
    assert loaded.config.guards == ()
    assert any("filters[0]: guards nothing" in warning for warning in loaded.warnings)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            f"{LISTENER}filters: [{{id: a, url: 'http://h'}}]",
            (
                "listeners[0].input_filters[1]: Listener 'llm' references input_filters id 'b' "
                "which is not defined in agents or filters. Available ids: a"
            ),
        ),
        (
            "filters: [{id: a, url: 'http://h'}, {id: a, url: 'http://h'}]",
            "filters[0].id: Duplicate agent id a, please provide unique id for each agent",
        ),
        ("filters: [{id: a, type: grpc, url: 'http://h'}]", "filters[0].type: must be one of"),
        ("filters: [{id: a, type: [http], url: 'http://h'}]", "filters[0].type: must be one of"),
        ("filters: [{id: a, type: rest, url: 'http://h'}]", "filters[0].type: is called http now"),
        ("filters: [{id: a, type: http}]", "filters[0].url: is required"),
        ("filters: [{id: a, type: http, url: 'h:1'}]", "filters[0].url: must be a URL"),
        ("filters: [{url: 'http://h'}]", "filters[0].id: is required"),
        ("filters: [{id: a, url: 'http://h', on_failure: shut}]", "filters[0].on_failure"),
        ("filters: [{id: a, url: 'http://h', window: 0}]", "filters[0].window"),
        ("filters: [{id: a, url: 'http://h', deadlin: 1s}]", "filters[0].deadlin: unknown key"),
        ("filters: [7]", "filters[0]: must be a mapping"),
        ("filters: {a: b}", "filters: must be a list"),
        ("dragoman: {unguarded: ignore}", "dragoman.unguarded"),
    ],
)
def test_what_is_wrong_is_told_at_its_place(text: str, told: str) -> None:
    assert any(problem.startswith(told) for problem in problems(text)), problems(text)


def test_an_id_is_listed_once_however_often_it_stands_there() -> None:
    twice = "filters: [{id: a, url: 'http://h'}, {id: a, url: 'http://h'}]"
    assert any(problem.endswith("Available ids: a") for problem in problems(LISTENER + twice))


def test_every_type_has_its_guard() -> None:
    assert {*TYPES} == {*GUARDS}
