"""Environment variables anywhere in a file, and nowhere in what is shown of it."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from extproc.bootstrap import Surroundings, render, to_yaml
from extproc.config import ConfigError, examine, parse
from extproc.config.printing import printed
from extproc.core.config_json import to_json
from extproc.run_directory import RunDirectory

TEXT = dedent(
    """
    version: ${VERSION}
    listeners:
      - {type: "${KIND}", name: "${WHO}", port: "${PORT}", timeout: "${TIMEOUT}"}
    model_providers:
      - {model: "openai/${MODEL}", name: "${NAME}", access_key: "${OPENAI_API_KEY}",
         default: "${YES}"}
    model_aliases: {fast: {target: "${NAME}"}}
    routing_preferences:
      - name: ${ROUTE}
        description: what ${WHO} wants
        models: ["${NAME}"]
        threshold: ${THRESHOLD}
        examples: ["echo $HOME", "print $${NAME}"]
        selection_policy: {prefer: "${PREFER}"}
    model_metrics_sources:
      - {type: "${COST}", provider: "models.dev", refresh_interval: "${INTERVAL}",
         model_aliases: {a: "${NAME}"}}
    routing:
      session_ttl_seconds: ${TTL}
      session_cache: {type: "${STORE}", url: "${REDIS}", tenant_header: "${TENANT}"}
    dragoman: {max_candidates: "${MOST}"}
    """
)
ENVIRON = {
    "VERSION": "v0.4.0",
    "KIND": "model",
    "WHO": "the team",
    "PORT": "12345",
    "TIMEOUT": "90s",
    "MODEL": "gpt-4o",
    "NAME": "big",
    "OPENAI_API_KEY": "the-secret-value",
    "YES": "true",
    "ROUTE": "code",
    "THRESHOLD": "0.5",
    "PREFER": "cheapest",
    "COST": "cost",
    "INTERVAL": "60",
    "TTL": "900",
    "STORE": "redis",
    "REDIS": "redis://:pass-word@cache:6379/0",
    "TENANT": "X-Tenant",
    "MOST": "3",
}


def test_every_value_may_be_a_variable() -> None:
    config = parse(TEXT, ENVIRON).config
    assert config.listener.port == 12345
    assert config.listener.timeout == 90
    (model,) = config.models
    assert (model.name, model.model_id, model.default) == ("big", "gpt-4o", True)
    assert config.aliases == {"fast": "big"}
    (route,) = config.routes
    assert (route.name, route.description, route.models) == (
        "code",
        "what the team wants",
        ("big",),
    )
    assert (route.threshold, route.examples) == (0.5, ("echo $HOME", "print ${NAME}"))
    assert config.costs is not None
    assert (config.costs.refresh_interval, config.costs.model_aliases) == (60, {"a": "big"})
    assert (config.sessions.ttl, config.sessions.tenant_header) == (900, "x-tenant")
    assert config.limits.max_candidates == 3


def test_what_is_shown_holds_references_and_no_secret(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(TEXT)
    examined = examine(path, ENVIRON)
    shown = printed(examined)
    assert "access_key: ${OPENAI_API_KEY}" in shown
    assert "model: openai/${MODEL}" in shown
    assert "print $${NAME}" in shown
    bootstrap = to_yaml(render(examined.loaded.config, Surroundings(RunDirectory(tmp_path))))
    for text in (shown, bootstrap, repr(examined), to_json(examined.loaded.config).decode()):
        assert "the-secret-value" not in text
        assert "pass-word" not in text
    again = tmp_path / "again.yaml"
    again.write_text(shown)
    assert examine(again, ENVIRON).loaded.config == examined.loaded.config


def test_each_variable_that_is_not_set_is_told_once_with_its_places() -> None:
    with pytest.raises(ConfigError) as raised:
        parse(TEXT, {"VERSION": "v0.4.0", "KIND": "model", "COST": "cost", "HOME": "/root"})
    told = [str(problem) for problem in raised.value.problems]
    note = " (for the characters themselves write $${{{}}})"
    unset = {
        "listeners[0].name, routing_preferences[0].description": "WHO",
        "listeners[0].port": "PORT",
        "listeners[0].timeout": "TIMEOUT",
        "model_providers[0].model": "MODEL",
        (
            "model_providers[0].name, model_aliases.fast.target, "
            "routing_preferences[0].models and 1 more"
        ): "NAME",
        "model_providers[0].default": "YES",
        "routing_preferences[0].name": "ROUTE",
        "routing_preferences[0].threshold": "THRESHOLD",
        "routing_preferences[0].selection_policy.prefer": "PREFER",
        "model_metrics_sources[0].refresh_interval": "INTERVAL",
        "routing.session_ttl_seconds": "TTL",
        "routing.session_cache.type": "STORE",
        "routing.session_cache.tenant_header": "TENANT",
        "dragoman.max_candidates": "MOST",
    }
    bare = ("port", "timeout", "default", "refresh_interval", "max_candidates")
    assert sorted(told) == sorted(
        f"{path}: environment variable {name} is not set"
        + ("" if path.rpartition(".")[2] in bare else note.format(name))
        for path, name in unset.items()
    )


ONE = "version: v0.4.0\nmodel_providers: [{model: openai/gpt-4o, access_key: $KEY%s}]\n"


@pytest.mark.parametrize(
    "value", ["base_url: 'https://h/${A_TOKEN}/v1'", "http_host: $OPENAI_API_KEY"]
)
def test_a_secret_is_refused_where_it_would_be_shown(value: str) -> None:
    environ = {"KEY": "k", "A_TOKEN": "hunter2-hunter2", "OPENAI_API_KEY": "hunter2-hunter2"}
    with pytest.raises(ConfigError, match="is a secret by its name") as raised:
        parse(ONE % f", {value}", environ)
    assert "hunter2" not in str(raised.value)


def test_of_a_secret_under_an_unknown_key_only_that_is_told() -> None:
    with pytest.raises(ConfigError) as raised:
        parse(ONE % ", acces_key: $OPENAI_API_KEY", {"KEY": "k", "OPENAI_API_KEY": "hunter2"})
    (problem,) = raised.value.problems
    assert problem.message == "unknown key; did you mean 'access_key'?"


def test_what_a_variable_holds_is_taken_as_it_stands() -> None:
    environ = {"KEY": "k", "A_HOST": "$KEY.example", "KEY_": "no"}
    (model,) = parse(ONE % ", http_host: '${A_HOST}'", environ).config.models
    assert model.endpoint.http_host == "$KEY.example"


def test_a_number_in_quotes_is_still_no_number() -> None:
    with pytest.raises(ConfigError, match="must be a whole number"):
        parse(ONE % "" + "listeners: [{type: model, port: '12001'}]", {"KEY": "k"})
