"""What guards requests is never ignored in silence."""

from __future__ import annotations

import pytest

from extproc.config import ConfigError, parse

BASE = "version: v0.4.0\nmodel_providers: [{model: openai/gpt-4o, access_key: k}]\n"

GUARDS = {
    "listeners: [{type: model}, {type: agent, output_filters: [f]}]": (
        "listeners[1].output_filters",
        "output_filters",
    ),
    "listeners: [{type: model, agents: [{id: a}, {id: b, input_filters: [f]}]}]": (
        "listeners[0].agents[1].input_filters",
        "input_filters",
    ),
    "listeners: [{type: model, agents: [{id: a, filter_chain: [f]}]}]": (
        "listeners[0].agents[0].filter_chain",
        "input_filters",
    ),
    "listeners: [{type: agent, filter_chain: [f]}]": (
        "listeners[0].filter_chain",
        "input_filters",
    ),
    "agents: [{id: a, url: 'http://h', input_filters: [f]}]": (
        "agents[0].input_filters",
        "input_filters",
    ),
}


@pytest.mark.parametrize(("text", "expected"), GUARDS.items())
def test_a_guard_stops_the_start_unless_it_is_acknowledged(
    text: str, expected: tuple[str, str]
) -> None:
    path, name = expected
    with pytest.raises(ConfigError) as raised:
        parse(BASE + text, {})
    assert [str(problem) for problem in raised.value.problems] == [
        (
            f"{path}: would guard requests, and Dragoman does not act on it: remove it, or go on "
            f"without it by adding {name} to dragoman.acknowledge_ignored"
        )
    ]
    others = {"input_filters", "output_filters", "prompt_guards", "ratelimits"} - {name}
    with pytest.raises(ConfigError):
        parse(f"{BASE}{text}\ndragoman: {{acknowledge_ignored: [{', '.join(others)}]}}", {})
    assert parse(f"{BASE}{text}\ndragoman: {{acknowledge_ignored: [{name}]}}", {}).config.models


def test_each_guard_is_told_at_its_place() -> None:
    text = "listeners: [{type: agent, input_filters: [f], output_filters: [g]}]\n"
    with pytest.raises(ConfigError) as raised:
        parse(BASE + text, {})
    assert [problem.path for problem in raised.value.problems] == [
        "listeners[0].input_filters",
        "listeners[0].output_filters",
    ]


def test_an_empty_guard_guards_nothing() -> None:
    text = "prompt_guards: {}\nlisteners: [{type: model, input_filters: []}]"
    loaded = parse(BASE + text, {})
    ignored = [warning for warning in loaded.warnings if "ignored:" in warning]
    assert ignored == []
    assert loaded.config.input_guards == ()


def test_what_is_acted_on_needs_no_word_and_is_acted_on_in_spite_of_one() -> None:
    text = (
        f"{BASE}filters: [{{id: f, url: 'http://h'}}]\n"
        "listeners: [{type: model, input_filters: [f]}]\n"
    )
    assert not [each for each in parse(text, {}).warnings if "acknowledge_ignored" in each]
    loaded = parse(f"{text}dragoman: {{acknowledge_ignored: [input_filters]}}", {})
    assert [guard.name for guard in loaded.config.input_guards] == ["f"]
    (warning,) = (each for each in loaded.warnings if "acknowledge_ignored" in each)
    assert "listeners[0].input_filters: is acted on" in warning


def test_only_guards_can_be_acknowledged() -> None:
    with pytest.raises(ConfigError) as raised:
        parse(f"{BASE}dragoman: {{acknowledge_ignored: [tracing]}}", {})
    (problem,) = raised.value.problems
    assert problem.path == "dragoman.acknowledge_ignored[0]"
    assert "'ratelimits'" in problem.message
