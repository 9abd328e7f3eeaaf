"""When a second candidate is asked besides the first."""

from __future__ import annotations

from dataclasses import replace

import pytest
from msgspec import structs

from extproc.core.models import Dialect, Endpoint, Model
from extproc.core.records import Ranked
from extproc.core.requirements import Ineligible
from extproc.core.routes import Hedge, Route
from extproc.ranking.hedging import hedge_after
from extproc.ranking.snapshot import Snapshot, Tail

ENDPOINT = Endpoint("https", "h", 443, "h")
A, B = (Ranked(Model(name, "p", name, ENDPOINT, {Dialect.CHAT: "/chat"})) for name in "ab")
BY_TAIL = Route("r", "d", ("a", "b"), hedge=Hedge())
KNOWN = Snapshot(tails={"a": Tail(0.5, 4.0), "b": Tail(0.1, 1.0)})


@pytest.mark.parametrize(("streamed", "seconds"), [(True, 0.5), (False, 4.0)])
def test_after_the_first_ones_own_time(streamed: bool, seconds: float) -> None:
    assert hedge_after(BY_TAIL, (A, B), KNOWN, streamed=streamed) == seconds


def test_how_long_a_stream_is_held_nobody_measures() -> None:
    holding = replace(BY_TAIL, hold_stream=True)
    assert hedge_after(holding, (A, B), KNOWN, streamed=True) is None
    assert hedge_after(holding, (A, B), KNOWN, streamed=False) == 4.0
    told = replace(holding, hedge=Hedge(30.0))
    assert hedge_after(told, (A, B), KNOWN, streamed=True) == 30.0


def test_after_the_time_that_the_route_says() -> None:
    route = replace(BY_TAIL, hedge=Hedge(0.8))
    assert hedge_after(route, (A, B), Snapshot(), streamed=True) == 0.8


@pytest.mark.parametrize(
    ("route", "ranked", "snapshot"),
    [
        (None, (A, B), KNOWN),
        (replace(BY_TAIL, hedge=None), (A, B), KNOWN),
        (BY_TAIL, (A,), KNOWN),
        (BY_TAIL, (A, B), Snapshot()),
        (BY_TAIL, (A, B), Snapshot(tails={"a": Tail(stream=0.5)})),
        (BY_TAIL, (A, structs.replace(B, cooldown="failures")), KNOWN),
        (BY_TAIL, (A, structs.replace(B, ineligible=Ineligible.TOOLS)), KNOWN),
    ],
)
def test_never(route: Route | None, ranked: tuple[Ranked[Model], ...], snapshot: Snapshot) -> None:
    assert hedge_after(route, ranked, snapshot, streamed=False) is None
