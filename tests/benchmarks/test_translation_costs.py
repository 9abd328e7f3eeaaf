"""The benchmark of translation runs over every pair, with bodies of the sizes that it names."""

from __future__ import annotations

import json

import pytest

from benchmarks.translation import bodies, main
from extproc.core.models import Dialect


@pytest.mark.parametrize("dialect", Dialect)
@pytest.mark.parametrize("size", [2_000, 100_000])
def test_bodies_are_as_large_as_they_say(dialect: Dialect, size: int) -> None:
    assert 0.8 * size < len(bodies(dialect, size)) < 1.2 * size


def test_every_pair_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--rounds", "1", "--json"]) == 0
    costs = json.loads(capsys.readouterr().out)
    assert len({(cost["client"], cost["provider"]) for cost in costs}) == 6
    assert all(cost[name] > 0 for cost in costs for name in ("small_request", "answer", "event"))


def test_the_figures_stand_beside_their_aims(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--rounds", "1"]) == 0
    shown = capsys.readouterr().out
    assert "2 KB request" in shown
    assert "aim" in shown
