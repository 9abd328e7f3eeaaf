"""Rate limits in a file: Dragoman's own list, and the configuration language's."""

from __future__ import annotations

from pathlib import Path

import pytest

from extproc.config import ConfigError, load, parse
from extproc.config.printing import effective
from extproc.contract import CLIENT
from extproc.core.rate_limits import Counted, Per, RateLimit
from extproc.core.windows import Window

BASE = """
version: v0.4.0
model_providers:
  - {model: openai/gpt-4o, access_key: k, default: true}
  - {model: azure_openai/gpt-4o, access_key: k, base_url: "https://azure.example"}
  - {model: anthropic/*, access_key: k}
routing_preferences:
  - {name: code, description: writing code, models: [openai/gpt-4o]}
"""
COUNTERS = "counters: {path: counters.db}"


def limits_of(limits: str, *, counters: str = COUNTERS, more: str = "") -> tuple[RateLimit, ...]:
    text = f"{BASE}{more}\ndragoman:\n  limits: [{limits}]\n  {counters}\n"
    return parse(text, {}).config.rate_limits


def problems_of(limits: str, *, counters: str = COUNTERS, more: str = "") -> list[str]:
    with pytest.raises(ConfigError) as raised:
        limits_of(limits, counters=counters, more=more)
    return [str(problem) for problem in raised.value.problems]


@pytest.mark.parametrize(
    ("written", "models"),
    [
        ("models: [openai/gpt-4o]", ("openai/gpt-4o",)),
        ("models: [gpt-4o]", ("openai/gpt-4o", "azure_openai/gpt-4o")),
        ("models: [claude-opus-4-1]", ("anthropic/claude-opus-4-1",)),
        ("models: ['openai/*', '*']", ("openai/*", "*")),
        ("models: ['anthropic/claude-*']", ("anthropic/claude-*",)),
        ("providers: [anthropic, openai]", ("openai/gpt-4o", "anthropic/*")),
        ("models: [openai/gpt-4o], providers: [openai]", ("openai/gpt-4o",)),
    ],
)
def test_models_are_found_by_every_name_that_they_have(
    written: str, models: tuple[str, ...]
) -> None:
    (limit,) = limits_of(f"{{name: a, requests: 5, per: minute, {written}}}")
    assert limit == RateLimit("a", Counted.REQUESTS, 5, Window.MINUTE, models)


def test_a_limit_is_of_routes_and_of_who_asks() -> None:
    limits = limits_of(
        "{name: a, total_tokens: 7, per: day, routes: [code], by: X-Team},"
        "{name: b, output_tokens: 8, per: month, by: api_key}"
    )
    assert limits == (
        RateLimit("a", Counted.TOTAL_TOKENS, 7, Window.DAY, routes=("code",), per=Per("x-team")),
        RateLimit("b", Counted.OUTPUT_TOKENS, 8, Window.MONTH, per=Per(CLIENT)),
    )


def test_without_counters_envoy_counts_requests_by_itself() -> None:
    (limit,) = limits_of("{name: a, requests: 5, per: minute}", counters="cooldowns: true")
    assert limit.is_local
    (limit,) = limits_of("{name: a, requests: 5, per: minute}")
    assert not limit.is_local


@pytest.mark.parametrize("more", ["by: x-team, requests: 1", "input_tokens: 1"])
def test_all_else_needs_counters(more: str) -> None:
    (problem,) = problems_of(f"{{name: a, per: day, {more}}}", counters="cooldowns: true")
    assert problem.startswith("dragoman.limits[0]: needs a place where it is counted")


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("requests: 1, total_tokens: 1", "must say one of requests, input_tokens, output_tokens"),
        ("models: [openai/gpt-4o]", "must say one of requests, input_tokens, output_tokens"),
        ("requests: 0", ".requests: "),
        ("requests: 1, models: [gpt-5o]", ".models[0]: 'gpt-5o' is not declared"),
        ("requests: 1, models: ['cohere/*']", ".models[0]: 'cohere/*' is not declared"),
        ("requests: 1, providers: [antropic]", "there is no 'antropic'; did you mean 'anthropic'?"),
        ("requests: 1, routes: [drafts]", ".routes[0]: there is no 'drafts'"),
        ("requests: 1, by: x-api-key", ".by: usually carries a key: write api_key"),
        ("requests: 1, models: []", ".models: "),
    ],
)
def test_mistakes_are_told_at_their_place(written: str, problem: str) -> None:
    (told,) = problems_of(f"{{name: a, per: day, {written}}}")
    assert told.startswith("dragoman.limits[0]")
    assert problem in told


def test_no_two_limits_have_one_name() -> None:
    one = "{name: a, requests: 1, per: day}"
    assert problems_of(f"{one}, {one}") == [
        f"dragoman.limits[{index}].name: 'a' is the name of several limits" for index in (0, 1)
    ]


PLANOS = """
ratelimits:
  - {model: gpt-4o, selector: {key: X-Tenant, value: acme}, limit: {tokens: 5, unit: second}}
  - {model: "*", selector: {key: x-user}, limit: {tokens: 9, unit: hour}}
  - {model: "*", selector: {key: x-org, value: "*"}, limit: {tokens: 8, unit: hour}}
"""


def test_the_languages_limits_are_of_tokens_that_go_into_a_model() -> None:
    names = ("openai/gpt-4o", "azure_openai/gpt-4o")
    assert limits_of("", more=PLANOS) == (
        RateLimit(
            "ratelimits[0]",
            Counted.INPUT_TOKENS,
            300,
            Window.MINUTE,
            names,
            per=Per("x-tenant", "acme", absent_too=False),
        ),
        RateLimit(
            "ratelimits[1]",
            Counted.INPUT_TOKENS,
            9,
            Window.HOUR,
            ("*",),
            per=Per("x-user", absent_too=False),
        ),
        RateLimit(
            "ratelimits[2]",
            Counted.INPUT_TOKENS,
            8,
            Window.HOUR,
            ("*",),
            per=Per("x-org", absent_too=False),
        ),
    )


def test_they_are_never_ignored_in_silence() -> None:
    told = problems_of("", more=PLANOS.replace("gpt-4o", "gpt-5o"), counters="cooldowns: true")
    assert [problem.partition(":")[0] for problem in told] == [
        "ratelimits[0]",
        "ratelimits[0].model",
        "ratelimits[1]",
        "ratelimits[2]",
    ]


def test_a_file_that_knows_them_to_be_ignored_goes_on_so() -> None:
    loaded = parse(f"{BASE}{PLANOS}\ndragoman: {{acknowledge_ignored: [ratelimits]}}", {})
    assert not loaded.config.rate_limits
    (warning,) = (each for each in loaded.warnings if "ratelimits: " in each)
    assert "take it out there" in warning


def test_what_is_printed_means_the_same(tmp_path: Path) -> None:
    more = "{name: a, requests: 5, per: minute, models: [gpt-4o], by: x-team}"
    text = f"{BASE}{PLANOS}\ndragoman:\n  limits: [{more}]\n  {COUNTERS}\n"
    written, again = tmp_path / "config.yaml", tmp_path / "again.yaml"
    written.write_text(text)
    again.write_text(effective(written, {}).replace("'***'", "k"))
    assert load(again, {}).config.rate_limits == load(written, {}).config.rate_limits
