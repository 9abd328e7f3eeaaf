"""The benchmark of guards runs over each of them, with texts of the lengths that it names."""

from __future__ import annotations

import json

import pytest

from benchmarks.guards import GUARDS, TEXTS, body, main, measure


@pytest.mark.parametrize("text", TEXTS)
def test_texts_are_as_long_as_they_say(text: str) -> None:
    (turn,) = json.loads(body(text, 2_000))["messages"]
    assert len(turn["content"]) == 2_000


def test_longer_texts_cost_more() -> None:
    costs = measure("pii", 1, (80, 20_000))
    assert {cost.text for cost in costs} == set(TEXTS)
    for short, long in zip(costs[::2], costs[1::2], strict=True):
        assert short.milliseconds < long.milliseconds


def test_every_guard_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--rounds", "1", "--lengths", "80", "2000", "--json"]) == 0
    costs = json.loads(capsys.readouterr().out)
    assert {cost["guard"] for cost in costs} == set(GUARDS)
    assert len(costs) == 2 * len(GUARDS) * len(TEXTS)


def test_the_figures_stand_in_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--rounds", "1", "--lengths", "80"]) == 0
    shown = capsys.readouterr().out
    for word in ("80 characters", *GUARDS, *TEXTS):
        assert word in shown
