"""What sessions may spend on changing their model, and what makes a conversation one."""

from __future__ import annotations

from pathlib import Path

import pytest

from extproc.config import ConfigError, Loaded, load
from extproc.core.config_json import from_json, to_json
from extproc.core.sessions import Sessions
from extproc.core.switching import RoutingBudget

MODELS = "version: v0.4.0\nmodel_providers: [{model: openai/gpt-4o, access_key: $KEY}]\n"
PRICES = "model_metrics_sources: [{type: cost, provider: models.dev}]\n"


def configured(folder: Path, text: str, *, prices: str = PRICES) -> Loaded:
    path = folder / "config.yaml"
    path.write_text(f"{MODELS}{prices}{text}\n")
    loaded = load(path, {"KEY": "k"})
    assert from_json(to_json(loaded.config)) == loaded.config
    return loaded


def sessions(folder: Path, text: str, *, prices: str = PRICES) -> Sessions:
    return configured(folder, text, prices=prices).config.sessions


def test_by_default_sessions_keep_their_model(tmp_path: Path) -> None:
    assert sessions(tmp_path, "", prices="") == Sessions()


def test_a_budget(tmp_path: Path) -> None:
    found = sessions(tmp_path, "routing: {routing_budget: {max_switch_spend_pct: 20}}")
    assert found.budget == RoutingBudget(most=0.2)
    assert (found.implicit, found.takes_budgets, found.on_user_only) == (True, True, False)
    assert {"x-plano-cache", "x-plano-max-switch-spend-pct"} <= {*found.read_headers}
    text = (
        "{max_switch_spend_pct: 0, replenish_on_rebind: false, cache_read_discount: 1, "
        "record_counterfactual: true}"
    )
    found = sessions(tmp_path, f"routing: {{routing_budget: {text}}}")
    assert found.budget == RoutingBudget(0.0, False, 1.0, True)


def test_with_prices_clients_may_bring_a_budget(tmp_path: Path) -> None:
    found = sessions(tmp_path, "")
    assert (found.budget, found.takes_budgets, found.implicit) == (None, True, False)


def test_route_on_user_only(tmp_path: Path) -> None:
    found = sessions(tmp_path, "routing: {route_on_user_only: true}", prices="")
    assert (found.on_user_only, found.implicit, found.takes_budgets) == (True, True, False)
    assert "x-plano-cache" in found.read_headers
    assert "x-plano-max-switch-spend-pct" not in found.read_headers


@pytest.mark.parametrize(
    ("text", "implicit", "marks_from"),
    [
        ("{enabled: true}", True, 1024),
        ("{enabled: true, session_affinity: false, min_prefix_tokens: 1}", False, 1),
        ("{enabled: true, inject_cache_control: false}", True, None),
        ("{enabled: false, inject_cache_control: true}", False, None),
        ("{session_affinity: true}", False, None),
    ],
)
def test_prompt_caching(tmp_path: Path, text: str, implicit: bool, marks_from: int | None) -> None:
    loaded = configured(tmp_path, f"prompt_caching: {text}")
    assert loaded.config.sessions.implicit is implicit
    assert loaded.config.cache_marks_from == marks_from
    assert not [one for one in loaded.warnings if "prompt_caching" in str(one)]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{min_prefix_tokens: 0}", "prompt_caching.min_prefix_tokens"),
        ("{inject_cache_control: 7}", "prompt_caching.inject_cache_control"),
        ("{inject_cache_controls: true}", "prompt_caching.inject_cache_controls"),
    ],
)
def test_what_is_no_prompt_caching(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(ConfigError) as raised:
        configured(tmp_path, f"prompt_caching: {text}")
    assert problem in str(raised.value)


def test_a_budget_needs_prices(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        sessions(tmp_path, "routing: {routing_budget: {max_switch_spend_pct: 20}}", prices="")
    assert "routing.routing_budget: is configured but no cost metrics source is configured" in str(
        raised.value
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{}", "max_switch_spend_pct"),
        ("{max_switch_spend_pct: 101}", "max_switch_spend_pct: must be a number from 0 to 100"),
        (
            "{max_switch_spend_pct: 1, cache_read_discount: 1.1}",
            "cache_read_discount: must be a number from 0 to 1",
        ),
        ("{max_switch_spend_pct: 1, max_overhead_pct: 1}", "max_overhead_pct"),
    ],
)
def test_what_is_no_budget(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(ConfigError) as raised:
        sessions(tmp_path, f"routing: {{routing_budget: {text}}}")
    assert f"routing.routing_budget.{problem}" in str(raised.value)
