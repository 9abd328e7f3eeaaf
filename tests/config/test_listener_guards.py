"""Who may use a listener, as a configuration says it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from extproc.config import ConfigError, Loaded, parse
from extproc.config.loading import examine
from extproc.config.printing import printed

ENVIRON = {"KEY": "k", "TEAM_KEY": "team-secret"}
START = "version: v0.4.0\nmodel_providers: [{model: openai/m, access_key: $KEY}]\n"


def read(listener: str, more: str = "") -> Loaded:
    return parse(f"{START}listeners: [{{type: model, {listener}}}]\n{more}\n", ENVIRON)


def test_keys_are_kept_apart() -> None:
    loaded = read("api_keys: [$TEAM_KEY, written-out]")
    assert loaded.config.listener.key_variables == ("TEAM_KEY", "DRAGOMAN_KEY_1")
    assert loaded.secrets.values["TEAM_KEY"] == "team-secret"
    assert loaded.secrets.values["DRAGOMAN_KEY_1"] == "written-out"
    assert "team-secret" not in repr(loaded)


@pytest.mark.parametrize(
    ("listener", "problem"),
    [
        ("api_keys: [$NONE]", "listeners[0].api_keys[0]: environment variable NONE is not set"),
        ("api_keys: ['']", "listeners[0].api_keys[0]: the key is empty"),
        ("cors: {origins: [app.example]}", "listeners[0].cors.origins[0]: must be an origin"),
        ("cors: {origins: ['https://a/b']}", "listeners[0].cors.origins[0]: must be an origin"),
        ("cors: {origin: []}", "listeners[0].cors.origin: unknown key"),
    ],
)
def test_problems(listener: str, problem: str) -> None:
    with pytest.raises(ConfigError) as raised:
        read(listener)
    assert f"config.yaml: {problem}" in str(raised.value)


@pytest.mark.parametrize("name", ["a:80", "a/b", "", "*.a", "a."])
def test_names_that_are_none(name: str) -> None:
    with pytest.raises(ConfigError) as raised:
        read("port: 1", f"dragoman: {{allowed_hosts: ['{name}']}}")
    assert "dragoman.allowed_hosts[0]: must be a name" in str(raised.value)


def test_origins_and_names() -> None:
    loaded = read(
        "cors: {origins: ['https://app.example', 'null://x', '*']}",
        "dragoman: {allowed_hosts: [Router.Example, '*']}",
    )
    assert loaded.config.listener.cors_origins == ("https://app.example", "null://x", "*")
    assert loaded.config.hosts == ("router.example", "*")


@pytest.mark.parametrize(
    ("listener", "warned"),
    [
        ("port: 1", False),
        ("address: 127.0.0.2", False),
        ("address: '::1'", False),
        ("address: 0.0.0.0", True),
        ("address: 10.0.0.7", True),
        ("address: 0.0.0.0, api_keys: [$TEAM_KEY]", False),
    ],
)
def test_an_open_door_is_told(listener: str, warned: bool) -> None:
    warnings = read(listener).warnings
    assert any("can spend the providers' keys" in warning for warning in warnings) is warned


def test_what_is_printed_holds_no_key(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(f"{START}listeners: [{{type: model, api_keys: [$TEAM_KEY, written-out]}}]\n")
    shown = printed(examine(path, ENVIRON))
    assert yaml.safe_load(shown)["listeners"][0]["api_keys"] == ["$TEAM_KEY", "***"]
