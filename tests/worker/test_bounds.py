"""Whose bounds hold for a request: its route's, everyone's, and its client's within these."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from extproc.core.bounds import Bounds
from extproc.core.config import Config
from extproc.core.routes import Route
from extproc.errors import ClientError
from extproc.ranking.bounds import CostBar, DeadlineBar
from extproc.worker.bounds import UNBOUNDED, Bounding
from extproc.worker.deadlines import Deadline

OWN = Route("own", "d", (), bounds=Bounds(max_cost=0.2, deadline=20.0))
PLAIN = Route("plain", "d", ())
GENERAL = Bounds(max_cost=0.1, deadline=40.0)
CONFIG = Config((), routes=(OWN, PLAIN), bounds=GENERAL)
COST, TIME = "x-dragoman-max-cost", "x-dragoman-deadline-ms"
BEGAN = 1_000.0


@pytest.mark.parametrize(
    ("headers", "route", "most"),
    [
        ({}, OWN, 0.2),
        ({}, PLAIN, 0.1),
        ({}, None, 0.1),
        ({COST: "0.15"}, OWN, 0.15),
        ({COST: "0.15"}, PLAIN, 0.1),
        ({COST: "5"}, OWN, 0.2),
    ],
)
def test_a_client_may_spend_less_than_its_route_allows(
    headers: Mapping[str, str], route: Route | None, most: float
) -> None:
    assert Bounding(CONFIG).of(headers, BEGAN).most(route) == most


@pytest.mark.parametrize(
    ("headers", "route", "deadline"),
    [
        ({}, OWN, Deadline(1_020.0, asked=True)),
        ({}, PLAIN, Deadline(1_040.0, asked=True)),
        ({TIME: "10000"}, OWN, Deadline(1_009.0, asked=True)),
        ({TIME: "30000"}, OWN, Deadline(1_020.0, asked=True)),
        ({TIME: "30000"}, PLAIN, Deadline(1_029.0, asked=True)),
        ({"x-stainless-timeout": "600"}, PLAIN, Deadline(1_040.0, asked=True)),
        ({"x-stainless-timeout": "5"}, PLAIN, Deadline(1_004.5)),
    ],
)
def test_the_earliest_deadline_counts(
    headers: Mapping[str, str], route: Route | None, deadline: Deadline
) -> None:
    assert Bounding(CONFIG).of(headers, BEGAN).deadline(route) == deadline


def test_nobody_bounds_a_request_unless_asked_to() -> None:
    for headers in ({}, {"x-stainless-timeout": "600"}):
        bounds = UNBOUNDED.of(headers, BEGAN)
        assert UNBOUNDED.bars(bounds, streamed=False) == ()
        assert bounds.most(None) is None
    assert UNBOUNDED.cost_bars({}) == ()


def test_a_client_alone_may_bound_its_request() -> None:
    bounding = Bounding(Config(()), clock=lambda: 1_002.0)
    (cost,) = bounding.bars(bounding.of({COST: "0.01"}, BEGAN), streamed=False)
    assert isinstance(cost, CostBar)
    assert cost.most(None) == 0.01
    (time,) = bounding.bars(bounding.of({TIME: "10000"}, BEGAN), streamed=True)
    assert isinstance(time, DeadlineBar)
    assert time.streamed
    assert time.left(None) == pytest.approx(7.0)


def test_what_an_sdk_waits_for_bars_nothing() -> None:
    bounding = Bounding(Config((), routes=(OWN,)), clock=lambda: BEGAN)
    bounds = bounding.of({"x-stainless-timeout": "5"}, BEGAN)
    _, time = bounding.bars(bounds, streamed=False)
    assert isinstance(time, DeadlineBar)
    assert (time.left(None), time.left(OWN)) == (None, None)


def test_what_is_not_routed_has_a_bound_on_its_cost() -> None:
    (cost,) = Bounding(CONFIG).cost_bars({COST: "0.01"})
    assert isinstance(cost, CostBar)
    assert cost.most(None) == 0.01


@pytest.mark.parametrize("value", ["much", "0", "-1", "nan", "inf", ""])
def test_an_amount_that_is_none(value: str) -> None:
    with pytest.raises(ClientError, match="x-dragoman-max-cost must be an amount") as raised:
        UNBOUNDED.of({COST: value}, BEGAN)
    assert (raised.value.status, raised.value.code) == (400, "invalid_max_cost")
