"""``bounds`` of all requests, and those of a route."""

from __future__ import annotations

from pathlib import Path

import pytest

from extproc.config import ConfigError, load
from extproc.core.bounds import Bounds
from extproc.core.config import Config
from extproc.core.config_json import from_json, to_json

ENVIRON = {"KEY": "k"}


def configured(folder: Path, *, bounds: str = "{}", route: str = "") -> Config:
    path = folder / "config.yaml"
    path.write_text(
        "version: v0.4.0\n"
        "model_providers: [{model: openai/gpt-4o, access_key: $KEY}]\n"
        f"routing_preferences: [{{name: a, description: d, models: [openai/gpt-4o], {route}}}]\n"
        f"dragoman: {{bounds: {bounds}}}\n"
    )
    config = load(path, ENVIRON).config
    assert from_json(to_json(config)) == config
    return config


def test_without_bounds_there_are_none(tmp_path: Path) -> None:
    config = configured(tmp_path)
    assert (config.bounds, config.routes[0].bounds) == (Bounds(), None)


@pytest.mark.parametrize(
    ("route", "own"),
    [
        ("", None),
        ("max_cost: 0.5", Bounds(0.5, 20.0, refuses_unpriced=True)),
        ("deadline_ms: 1500", Bounds(1.0, 1.5, refuses_unpriced=True)),
        ("max_cost: 2, deadline_ms: 90000", Bounds(2.0, 90.0, refuses_unpriced=True)),
    ],
)
def test_a_routes_own_go_before_everyones(tmp_path: Path, route: str, own: Bounds | None) -> None:
    bounds = "{max_cost: 1, deadline_ms: 20000, unpriced: refuse}"
    config = configured(tmp_path, bounds=bounds, route=route)
    assert config.bounds == Bounds(1.0, 20.0, refuses_unpriced=True)
    assert config.routes[0].bounds == own


@pytest.mark.parametrize(
    ("bounds", "route", "problem"),
    [
        ("{max_cost: 0}", "", "dragoman.bounds.max_cost: must be an amount of US dollars"),
        ("{max_cost: '1'}", "", "dragoman.bounds.max_cost: must be an amount of US dollars"),
        ("{max_cost: .inf}", "", "dragoman.bounds.max_cost: must be an amount of US dollars"),
        ("{deadline_ms: 0}", "", "dragoman.bounds.deadline_ms"),
        ("{unpriced: maybe}", "", "dragoman.bounds.unpriced"),
        ("{}", "max_cost: -1", "routing_preferences[0].max_cost: must be an amount of US dollars"),
        ("{}", "deadline_ms: 1.5", "routing_preferences[0].deadline_ms"),
    ],
)
def test_what_is_no_bound(tmp_path: Path, bounds: str, route: str, problem: str) -> None:
    with pytest.raises(ConfigError) as raised:
        configured(tmp_path, bounds=bounds, route=route)
    assert problem in str(raised.value)
