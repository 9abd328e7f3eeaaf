"""Figures, against ones worked out by hand."""

from __future__ import annotations

import json
import random

import pytest

from extproc.core.routes import Route
from extproc.evaluation.figures import RouteFigures, auroc, figures
from tests.helpers.scripted import ROUTES, answer

ANSWERS = (
    answer("code", "code", (0.9, 0.1), seconds=0.001),
    answer("code", "law", (0.3, 0.4), seconds=0.002),
    answer("code", None, (0.15, 0.1), seconds=0.003),
    answer("law", "law", (0.1, 0.5), seconds=0.004),
    answer(None, None, (0.1, 0.05), seconds=0.005),
    answer(None, "law", (0.1, 0.35), seconds=0.006),
)


def test_all_of_them() -> None:
    found = figures(ANSWERS)
    assert found.cases == 6
    assert found.accuracy == 3 / 6
    assert found.forced_accuracy == 3 / 4
    assert found.auroc == pytest.approx((4 + 3) / 8)
    assert found.p50 == 3.5
    assert found.p99 == 5.95
    assert found.routes == (
        RouteFigures("code", expected=3, answered=1, both=1),
        RouteFigures("law", expected=1, answered=3, both=1),
        RouteFigures(None, expected=2, answered=2, both=1),
    )
    assert [each.precision for each in found.routes] == [1, 1 / 3, 1 / 2]
    assert [each.recall for each in found.routes] == [1 / 3, 1, 1 / 2]
    assert found.confusion == {
        ("code", "code"): 1,
        ("code", "law"): 1,
        ("code", None): 1,
        ("law", "law"): 1,
        (None, None): 1,
        (None, "law"): 1,
    }


def test_as_json() -> None:
    found = json.loads(json.dumps(figures(ANSWERS).as_json()))
    assert found == {
        "cases": 6,
        "forced_accuracy": 0.75,
        "accuracy": 0.5,
        "null_precision": 0.5,
        "null_recall": 0.5,
        "auroc": 0.875,
        "latency_ms": {"p50": 3.5, "p99": 5.95},
    }


def test_what_cannot_be_told_is_null() -> None:
    found = figures([answer("code", "code"), answer("law", "law")]).as_json()
    assert found["accuracy"] == 1
    for key in ("forced_accuracy", "null_precision", "null_recall", "auroc"):
        assert found[key] is None


def test_the_best_route_by_name_where_cases_have_routes_of_their_own() -> None:
    others = (Route("law", "legal advice", ()), Route("chess", "openings", ()))
    found = figures(
        [answer("law", "law", (0.9, 0.1), routes=others), answer("law", "law", (0.1, 0.9))]
    )
    assert found.forced_accuracy == 1
    assert [each.route for each in found.routes] == ["law", "chess", "code", None]
    assert ROUTES[1].name == "law"


def test_what_takes_the_rest_is_not_found_by_its_score() -> None:
    routes = (*ROUTES, Route("other", "Everything else", ()))
    found = figures(
        [
            answer("code", "code", (0.3, 0.1, 0.6), routes=routes),
            answer("law", "law", (0.1, 0.4, 0.2), routes=routes),
            answer("other", "other", (0.2, 0.1, 0.7), routes=routes),
        ]
    )
    assert found.forced_accuracy == 1
    assert found.auroc == 1


@pytest.mark.parametrize(
    ("higher", "lower", "area"),
    [
        ([0.9, 0.8], [0.1, 0.2], 1),
        ([0.1], [0.9], 0),
        ([0.5, 0.5], [0.5], 0.5),
        ([0.7, 0.3], [0.5], 0.5),
        ([0.9, 0.5], [0.5, 0.1], 0.875),
        ([], [0.5], None),
        ([0.5], [], None),
    ],
)
def test_auroc(higher: list[float], lower: list[float], area: float | None) -> None:
    assert auroc(higher, lower) == area


def test_auroc_is_the_share_of_pairs_in_order() -> None:
    chance = random.Random(3)
    higher = [round(chance.random(), 1) for _ in range(40)]
    lower = [round(chance.random(), 1) for _ in range(30)]
    pairs = [(high > low) + (high == low) / 2 for high in higher for low in lower]
    assert auroc(higher, lower) == pytest.approx(sum(pairs) / len(pairs))
