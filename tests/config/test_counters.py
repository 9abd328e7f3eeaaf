"""``dragoman.counters``: where limits and budgets are counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from extproc.config import ConfigError, Loaded, load
from extproc.config.printing import effective
from extproc.core.config_json import from_json, to_json
from extproc.core.counting import CounterStore, OnStoreFailure
from extproc.sidecar.preparation import pythons_environment

MODELS = """
version: v0.4.0
model_providers:
  - {model: openai/gpt-4o, access_key: $KEY}
"""
ENVIRON = {"KEY": "k", "REDIS_URL": "redis://:hunter2@cache", "PASSWORD": "hunter2"}


def configured(folder: Path, counters: str) -> Loaded:
    path = folder / "config.yaml"
    path.write_text(f"{MODELS}dragoman: {{counters: {counters}}}\n")
    loaded = load(path, ENVIRON)
    assert from_json(to_json(loaded.config)) == loaded.config
    return loaded


def test_a_file_lies_beside_the_configuration(tmp_path: Path) -> None:
    found = configured(tmp_path, "{path: counters.db}").config.counters
    assert found == CounterStore(path=str(tmp_path / "counters.db"))
    closed = configured(tmp_path, "{type: sqlite, path: /tmp/c, on_failure: closed}")
    assert closed.config.counters == CounterStore("/tmp/c", on_failure=OnStoreFailure.CLOSED)


@pytest.mark.parametrize(
    ("url", "variable"),
    [("${REDIS_URL}", "REDIS_URL"), ("redis://:${PASSWORD}@cache", "DRAGOMAN_KEY_1")],
)
def test_the_url_of_redis_is_kept_apart(tmp_path: Path, url: str, variable: str) -> None:
    loaded = configured(tmp_path, f"{{type: redis, url: '{url}'}}")
    assert loaded.config.counters == CounterStore(redis_variable=variable)
    environment = pythons_environment({}, loaded.config, loaded.secrets)
    assert environment == {variable: "redis://:hunter2@cache"}
    assert b"hunter2" not in to_json(loaded.config)
    assert url in effective(tmp_path / "config.yaml", ENVIRON)


def test_a_password_that_is_written_out_is_masked(tmp_path: Path) -> None:
    configured(tmp_path, "{type: redis, url: 'redis://:written-out@cache'}")
    shown = effective(tmp_path / "config.yaml", ENVIRON)
    assert "written-out" not in shown
    assert "redis://:***@cache" in shown


@pytest.mark.parametrize(
    ("counters", "problem"),
    [
        ("{}", "dragoman.counters: path is required"),
        ("{type: redis}", "dragoman.counters: url is required when type is redis"),
        ("{type: redis, url: $REDIS_URL, path: a.db}", "dragoman.counters.path: is a file of"),
        ("{path: a.db, url: $REDIS_URL}", "dragoman.counters.url: is a Redis server"),
        ("{type: redis, url: $NOWHERE}", "dragoman.counters.url: environment variable NOWHERE"),
        ("{type: redis, url: 'http://cache'}", "dragoman.counters.url: must be a URL such as"),
        ("{path: nowhere/a.db}", "dragoman.counters.path: there is no folder "),
        ("{path: .}", "dragoman.counters.path: is a folder: "),
        ("{path: a.db, on_failure: maybe}", "dragoman.counters.on_failure: must be"),
        ("{type: memory}", "dragoman.counters.type: must be"),
    ],
)
def test_what_is_wrong_with_it(tmp_path: Path, counters: str, problem: str) -> None:
    with pytest.raises(ConfigError) as raised:
        configured(tmp_path, counters)
    assert problem in str(raised.value)
