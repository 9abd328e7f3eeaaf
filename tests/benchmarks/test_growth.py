"""The growth curve can be had: sidecars of each size start, answer, and yield figures."""

from __future__ import annotations

import pytest

from benchmarks.growth import main
from benchmarks.setups import routes_over, yaml_of
from extproc.config import parse


def test_a_configuration_of_each_size() -> None:
    text = yaml_of(12000, "https://provider.invalid/v1", 20, routes_over(20, 50))
    config = parse(text, {"BENCHMARK_KEY": "no-secret"}).config
    assert len(config.models) == 20
    assert len(config.routes) == 50
    assert len({route.description for route in config.routes}) == 50


def test_the_figures_are_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "150")
    sizes = ["--models", "3", "--routes", "2", "--sessions", "0", "5", "--body-bytes", "2048"]
    load = ["--rounds", "1", "--seconds", "0.3", "--connections", "2"]
    assert main([*sizes, *load]) == 0
    shown = capsys.readouterr().out
    for told in ("supervisor", "worker", "observer", "envoy", "3 models, 2 routes"):
        assert told in shown
    assert "3 models, 2 routes, 5 sessions, 2,048 bytes" in shown


def test_sizes_that_cannot_be() -> None:
    for sizes in (["--models", "1"], ["--routes", "0"], ["--body-bytes", "5"]):
        with pytest.raises(SystemExit):
            main(sizes)
