"""The table stays readable on narrow terminals."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from rich.console import Console

from extproc.config import Config
from extproc.demo.config import PROVIDERS, configuration
from extproc.demo.outcome import Attempt, Mismatch, mismatches
from extproc.demo.performance import Performance
from extproc.demo.scenarios import SCENARIOS
from extproc.demo.table import performances_table


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    urls = dict.fromkeys(PROVIDERS, "http://127.0.0.1:1")
    return configuration(tmp_path_factory.mktemp("demo"), urls).config


def table(config: Config, width: int, *performances: Performance) -> str:
    console = Console(file=io.StringIO(), width=width)
    with console.capture() as captured:
        console.print(performances_table(performances, config, width))
    return captured.get()


@pytest.mark.parametrize("width", [80, 100, 120])
def test_it_fits(config: Config, width: int) -> None:
    performances = [Performance(scenario, scenario.expected, 12, ()) for scenario in SCENARIOS]
    shown = table(config, width, *performances)
    assert max(map(len, shown.splitlines())) <= width
    for whole in ("complex_reasoning", "claude-sonnet-4-5", "gpt-4o 429", "mistral-large"):
        assert whole in shown


def test_what_was_seen_is_shown_not_what_was_expected(config: Config) -> None:
    scenario = SCENARIOS[0]
    seen = replace(
        scenario.expected,
        route=None,
        attempts=(Attempt("openai/gpt-4o", 418),),
        client_saw="APIStatusError 418",
    )
    performance = Performance(scenario, seen, None, mismatches(scenario.expected, seen))
    shown = table(config, 120, performance)
    assert "no match" in shown
    assert "gpt-4o 418" in shown
    assert "APIStatusError 418" in shown
    assert (
        "✗ Claude answers an OpenAI client: route\n    expected code_generation\n    seen     none"
        in shown
    )


def test_a_kept_model_is_marked(config: Config) -> None:
    scenario = SCENARIOS[0]
    marks = [
        re.search(r" pinned ", table(config, 120, Performance(scenario, seen, 1, ())))
        for seen in (scenario.expected, replace(scenario.expected, pinned=True))
    ]
    assert [mark is not None for mark in marks] == [False, True]


def test_only_an_answer_of_another_format_is_marked(config: Config) -> None:
    title = "A reasoning prompt"
    native = next(scenario for scenario in SCENARIOS if scenario.title == title)
    marks = [
        re.search(r"(?m)  translated +$", table(config, 120, Performance(one, one.expected, 1, ())))
        for one in (SCENARIOS[0], native)
    ]
    assert [mark is not None for mark in marks] == [True, False]


def test_what_the_client_saw_is_shown_where_it_is_no_greeting(config: Config) -> None:
    scenario = SCENARIOS[0]
    seen = replace(scenario.expected, client_saw="calls search")
    assert "calls search" in table(config, 120, Performance(scenario, seen, 1, ()))
    greeted = table(config, 120, Performance(scenario, scenario.expected, 1, ()))
    assert "Hello" not in greeted


def test_mismatches_name_all_that_differs() -> None:
    expected = SCENARIOS[0].expected
    assert mismatches(expected, expected) == ()
    assert mismatches(expected, replace(expected, answered_by=None, attempts=())) == (
        Mismatch("attempts", "claude-sonnet-4-5 200", "none"),
        Mismatch("answered by", "anthropic/claude-sonnet-4-5", "none"),
    )
