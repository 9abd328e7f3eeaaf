"""What a request is expected to cost, and how long its answer is expected to be."""

from __future__ import annotations

import pytest

from extproc.core.models import Dialect, Endpoint, Model
from extproc.core.requirements import Requirements
from extproc.core.routes import Route
from extproc.core.traits import Traits
from extproc.ranking.expectation import Expectation
from extproc.ranking.snapshot import Price, Snapshot

PATHS = {Dialect.CHAT: "/chat"}
ENDPOINT = Endpoint("https", "h", 443, "h")
ONE = Model("p/one", "p", "one", ENDPOINT, PATHS)
SHORT = Model("p/short", "p", "short", ENDPOINT, PATHS, traits=Traits(output_ceiling=50))
KNOWN = Snapshot(
    prices={"p/one": Price(2.0, 10.0), "p/short": Price(2.0, 10.0)},
    output_tokens={"code": 900.0},
)


def expectation(route: str | None = None, *, asked_for: int = 0) -> Expectation:
    required = Requirements(input_tokens=1_000, output_tokens=asked_for)
    found = None if route is None else Route(route, "d", ())
    return Expectation(found, KNOWN, lambda: required)


@pytest.mark.parametrize(
    ("route", "asked_for", "model", "tokens"),
    [
        (None, 0, ONE, 500),
        ("prose", 0, ONE, 500),
        ("code", 0, ONE, 900),
        ("code", 300, ONE, 300),
        ("code", 3_000, ONE, 900),
        ("code", 0, SHORT, 50),
        ("code", 20, SHORT, 20),
    ],
)
def test_the_usual_answer_within_what_is_asked_for_and_possible(
    route: str | None, asked_for: int, model: Model, tokens: float
) -> None:
    assert expectation(route, asked_for=asked_for).output_tokens(model) == tokens


def test_the_cost_is_that_of_all_input_and_the_expected_answer() -> None:
    assert expectation("code").cost(ONE) == pytest.approx((1_000 * 2 + 900 * 10) / 1e6)
    unpriced = Model("p/new", "p", "new", ENDPOINT, PATHS)
    assert expectation("code").cost(unpriced) is None
