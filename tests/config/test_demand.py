"""Which secrets a configuration is read without."""

from __future__ import annotations

from pathlib import Path

import pytest

from extproc.config import ConfigError, Loaded, load, load_to_classify

TEXT = """
version: v0.4.0
listeners:
  - {type: model, name: all, address: 127.0.0.1, port: 12000, api_keys: [$CLIENTS]}
model_providers:
  - {model: openai/gpt-4o, access_key: $OPENAI, default: true}
  - {model: groq/llama, access_key: $GROQ, proxy: $PROXY, headers: {X-Team: $TEAM, X-Two: a$A-$B}}
  - {model: openai/router, base_url: 'http://r', access_key: $ROUTER, headers: {X-Router: $EXTRA}}
routing_preferences:
  - {name: code, description: writing code, models: [gpt-4o, groq/llama]}
model_metrics_sources:
  - {type: cost_metrics, url: 'http://h', auth: {type: bearer, token: $PRICES}}
routing: {session_cache: {type: redis, url: $SESSIONS}}
dragoman: {admin_token: $ADMIN, counters: {type: redis, url: 'redis://:${COUNTERS}@h'}}
"""
BY_NAME = "overrides: {llm_routing_model: openai/router}\n"
BY_URL = "dragoman: {router_url: 'http://r/v1', router_access_key: $ROUTER}\n"
SECRETS = [
    *("A", "ADMIN", "B", "CLIENTS", "COUNTERS", "EXTRA", "GROQ", "OPENAI", "PRICES", "PROXY"),
    *("ROUTER", "SESSIONS", "TEAM"),
]


def classify(text: str, folder: Path, *, asks_router: bool = True, **environ: str) -> Loaded:
    path = folder / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return load_to_classify(path, environ, asks_router=asks_router)


def variables(error: ConfigError) -> list[str | None]:
    return [problem.variable for problem in error.problems]


def test_who_classifies_needs_no_secret_of_others(tmp_path: Path) -> None:
    loaded = classify(TEXT, tmp_path)
    assert [model.name for model in loaded.config.models][:2] == ["openai/gpt-4o", "groq/llama"]
    assert loaded.config.routes[0].models == ("openai/gpt-4o", "groq/llama")
    assert loaded.secrets.values == {}


def test_who_serves_needs_them_all(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(TEXT, encoding="utf-8")
    with pytest.raises(ConfigError) as raised:
        load(path, {})
    assert sorted(map(str, variables(raised.value))) == SECRETS


@pytest.mark.parametrize("value", ["", " ", "not\nsendable"])
def test_values_that_are_no_keys_are_none(tmp_path: Path, value: str) -> None:
    loaded = classify(TEXT, tmp_path, OPENAI=value, GROQ="the-groq-key", SESSIONS=value)
    assert loaded.secrets.values == {"GROQ": "the-groq-key"}


def test_a_header_and_a_proxy_of_which_a_part_is_unset_are_left_out(tmp_path: Path) -> None:
    model = classify(TEXT, tmp_path, B="b", TEAM="core").config.models[1]
    assert model.headers == {}
    assert [credential.header for credential in model.secret_headers] == ["x-team"]
    assert model.proxy is None


def test_the_secrets_of_a_router_that_is_declared_are_needed(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        classify(TEXT + BY_NAME, tmp_path)
    assert sorted(map(str, variables(raised.value))) == ["EXTRA", "ROUTER"]
    loaded = classify(TEXT + BY_NAME, tmp_path, EXTRA="more", ROUTER="the-router-key")
    assert loaded.secrets.values == {"ROUTER": "the-router-key", "EXTRA": "more"}


def test_the_key_of_a_router_at_an_address_is_needed_and_says_what_for(tmp_path: Path) -> None:
    text = TEXT.partition("dragoman")[0] + BY_URL
    with pytest.raises(ConfigError) as raised:
        classify(text, tmp_path)
    assert str(raised.value) == (
        f"{tmp_path / 'config.yaml'}: dragoman.router_access_key: environment variable ROUTER is "
        "not set, and the router model is asked with it; --embedded asks the classifier in the box "
        "instead"
    )


@pytest.mark.parametrize("router", [BY_NAME, ""])
def test_a_router_that_is_not_asked_needs_nothing(tmp_path: Path, router: str) -> None:
    assert classify(TEXT + router, tmp_path, asks_router=False).config.routes


def test_what_is_wrong_with_the_file_is_told_all_the_same(tmp_path: Path) -> None:
    wrong = TEXT.replace("'http://r'", "$ADDRESS")
    with pytest.raises(ConfigError) as raised:
        classify(wrong.replace("$GROQ", "'${GROQ:?}'"), tmp_path)
    assert [problem.path for problem in raised.value.problems] == [
        "model_providers[2].base_url",
        "model_providers[1].access_key",
    ]
