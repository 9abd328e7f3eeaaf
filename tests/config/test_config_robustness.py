"""Whatever is in a file, it loads or is explained; nothing else comes out."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from extproc.config import ConfigError, parse

KEYS = {"OPENAI_API_KEY": "k", "ANTHROPIC_API_KEY": "k"}
MINIMAL = """
version: v0.4.0
model_providers: [{model: openai/gpt-4o, access_key: $OPENAI_API_KEY, default: true}]
"""
QUICKSTART = (Path(__file__).parents[2] / "config" / "quickstart.yaml").read_text(encoding="utf-8")
ODD: list[Any] = [
    *[None, 0, -1, True, 1.5, 10**400, float("nan"), float("inf")],
    *["", " ", "x", "$", "${", "$UNSET", "a b", "*", "openai/*", "/", "é", "\x7f", "9" * 5000],
    *["http://[", "http://h:x", "http://é"],
    *[[], [None], ["x"], {}, {"a": 1}, {1: 2}, {"name": []}],
]
MORE_PLACES: list[tuple[Any, ...]] = [
    *[
        ("model_providers", 0, key)
        for key in ("name", "base_url", "http_host", "headers", "provider_interface")
    ],
    ("model_providers", 0, "routing_preferences"),
    ("model_providers", 0, "passthrough_auth"),
    *[
        ("overrides", key)
        for key in (
            "llm_routing_model",
            "orchestrator_model_context_length",
            "upstream_connect_timeout",
            "upstream_tls_ca_path",
        )
    ],
    *[
        ("dragoman", key)
        for key in ("router_url", "router_access_key", "router_prompt", "threshold")
    ],
    *[("routing", key) for key in ("llm_provider", "model")],
    *[("routing_preferences", 0, key) for key in ("examples", "threshold")],
]


def places(value: Any, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield here
    if isinstance(value, dict):
        for key, item in value.items():
            yield from places(item, (*here, key))
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from places(item, (*here, index))


def replaced(tree: Any, place: tuple[Any, ...], value: Any) -> Any:
    if not place:
        return value
    copy = deepcopy(tree)
    inside = copy
    for step in place[:-1]:
        inside = inside[step]
    inside[place[-1]] = value
    return copy


def written(tree: Any) -> str:
    text: str = yaml.dump(tree, Dumper=yaml.CSafeDumper)
    return text


def loads_or_is_explained(text: str) -> None:
    with suppress(ConfigError):
        assert parse(text, KEYS).config.models


@pytest.mark.unmeasured  # thousands of documents
@pytest.mark.parametrize("value", ODD, ids=lambda value: repr(value)[:20])
def test_odd_values_anywhere(value: Any) -> None:
    tree = yaml.safe_load(QUICKSTART) | {"overrides": {}, "routing": {}}
    tree["model_metrics_sources"] = [
        {"type": "cost_metrics", "url": "http://h", "auth": {"type": "bearer", "token": "t"}},
        {"type": "prometheus_metrics", "url": "http://p", "query": "q"},
    ]
    for place in [*places(tree), *MORE_PLACES]:
        loads_or_is_explained(written(replaced(tree, place, value)))


@pytest.mark.unmeasured  # thousands of documents
@pytest.mark.parametrize("value", ODD, ids=lambda value: repr(value)[:20])
def test_odd_values_anywhere_in_the_older_form(value: Any) -> None:
    tree = yaml.safe_load(QUICKSTART) | {
        "version": "v0.3.0",
        "listeners": {"egress_traffic": {"port": 1}, "ingress_traffic": {"port": 2}},
        "model_metrics_sources": [{"type": "cost", "provider": "models.dev"}],
    }
    tree["model_providers"][0]["routing_preferences"] = tree.pop("routing_preferences")[:1]
    del tree["model_providers"][0]["routing_preferences"][0]["models"]
    for place in places(tree):
        loads_or_is_explained(written(replaced(tree, place, value)))


def test_damaged_text() -> None:
    chance = random.Random(2)
    marks = ["", ":", "-", "[", "{", "\n", " ", "&a", "*a", "!", "\t", "'", '"', "<<", "%", "\0"]
    for _ in range(300):
        text = list(QUICKSTART)
        for _ in range(chance.randint(1, 6)):
            text[chance.randrange(len(text))] = chance.choice(marks)
        loads_or_is_explained("".join(text))


@pytest.mark.parametrize("where", ["name", "description"])
def test_half_a_character_is_a_problem_with_its_place(where: str) -> None:
    """JSON can write it, and nothing can encode it."""
    route = {"name": '"code"', "description": '"writing code"'} | {where: r'"a \ud83d b"'}
    line = f"  - {{name: {route['name']}, description: {route['description']}, models: [m/a]}}"
    with pytest.raises(ConfigError) as raised:
        parse(f"version: v0.4.0\nrouting_preferences:\n{line}\n", {})
    (problem,) = raised.value.problems
    assert problem.path.startswith("line 3, column ")
    assert problem.message == "holds half of a character, a surrogate; write the character itself"


def test_a_character_in_two_escapes_is_one_character() -> None:
    text = MINIMAL + 'model_aliases: {"\\ud83d\\ude00": {target: openai/gpt-4o}}\n'
    assert set(parse(text, KEYS).config.aliases) == {"😀"}


def test_a_variable_whose_value_is_not_utf_8() -> None:
    text = MINIMAL + 'overrides: {upstream_tls_ca_path: "$CA"}\n'
    with pytest.raises(ConfigError, match="must not hold bytes that are not UTF-8"):
        parse(text, KEYS | {"CA": "/a\udcff"})


@pytest.mark.parametrize("listener", ["", "listeners: [{type: model, name: l, port: 12000}]"])
def test_an_admin_address_that_is_the_listeners(listener: str) -> None:
    text = f"{MINIMAL}{listener}\ndragoman: {{admin_address: '127.0.0.1:12000'}}\n"
    with pytest.raises(ConfigError) as raised:
        parse(text, KEYS)
    (problem,) = raised.value.problems
    assert problem.path == "dragoman.admin_address"
    assert "is where the listener is (127.0.0.1:12000)" in problem.message
