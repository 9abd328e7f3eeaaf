"""The settings ``failover.on``: what moves on, of all requests and of a route's."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from extproc.config import ConfigError, Loaded, parse
from extproc.config.printing import effective
from extproc.core.config_json import from_json, to_json
from extproc.core.failover import DEFAULT_POLICY, SERVER_ERRORS, FailoverPolicy

TEXT = """
version: v0.4.0
model_providers: [{{model: openai/gpt-4o, access_key: $KEY}}]
routing_preferences:
  - name: code
    description: writing code
    models: [openai/gpt-4o]
{route}
dragoman: {{{everywhere}}}
"""


def load(everywhere: str = "", route: str = "") -> Loaded:
    own = f"    failover: {{on: {route}}}" if route else ""
    of_all = f"failover: {{on: {everywhere}}}" if everywhere else ""
    return parse(TEXT.format(route=own, everywhere=of_all), {"KEY": "a-key"})


def policy(items: str) -> FailoverPolicy:
    return load(items).config.failover


def test_without_it_the_default_moves_on() -> None:
    config = load().config
    assert config.failover == DEFAULT_POLICY
    assert config.routes[0].failover is None
    assert config.failover_policies == (DEFAULT_POLICY,)


def test_a_list_replaces_the_default_and_may_name_it() -> None:
    assert policy("[429, 5xx]") == FailoverPolicy((429, *SERVER_ERRORS))
    assert policy("[]") == FailoverPolicy(())
    assert policy("[503, invalid_prompt, 503]") == FailoverPolicy((503,), ("invalid_prompt",))
    more = policy("[default, content_filter, 451]")
    assert set(more.statuses) == {*DEFAULT_POLICY.statuses, 451}
    assert set(more.codes) == {*DEFAULT_POLICY.codes, "content_filter"}


def test_a_route_may_have_its_own() -> None:
    config = load("[5xx]", "[429]").config
    assert config.routes[0].failover == FailoverPolicy((429,))
    assert config.failover_policies == (FailoverPolicy(SERVER_ERRORS), FailoverPolicy((429,)))
    assert from_json(to_json(config)) == config


def test_equal_policies_are_one() -> None:
    assert len(load("[429]", "[429]").config.failover_policies) == 1


def test_it_is_printed_as_written(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    text = TEXT.format(route="    failover: {on: [429]}", everywhere="failover: {on: [default]}")
    path.write_text(text)
    shown = yaml.safe_load(effective(path, {"KEY": "a-key"}))
    assert shown["dragoman"]["failover"] == {"on": ["default"]}
    assert shown["routing_preferences"][0]["failover"] == {"on": [429]}


@pytest.mark.parametrize("item", ["200", "399", "600", "true", "4.5", "'429'", "'two words'", "''"])
def test_what_is_no_error_is_refused(item: str) -> None:
    with pytest.raises(ConfigError) as raised:
        load(f"[{item}]")
    assert "dragoman.failover.on[0]: must be a status from 400 to 599" in str(raised.value)


def test_a_list_is_required() -> None:
    with pytest.raises(ConfigError, match=r"dragoman\.failover"):
        load("503")
