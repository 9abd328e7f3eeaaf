"""What clients may ask for in routing preferences of their own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from extproc.core.inline_caps import InlineCaps
from extproc.core.models import Dialect, Endpoint, Model
from extproc.errors import ClientError
from extproc.ranking.inline_caps import check_models, check_routes
from extproc.ranking.snapshot import Price, Snapshot

PATHS = {Dialect.CHAT: "/chat"}
ONE, TWO, NEW = (
    Model(f"p/{name}", "p", name, Endpoint("https", "h", 443, "h"), PATHS)
    for name in ("one", "two", "new")
)
COVERED = replace(ONE, name="w/many", entry="w/*")
KNOWN = Snapshot(prices={"p/one": Price(2.0, 8.0), "p/two": Price(5.0, 15.0)})


def refusal(caps: InlineCaps, *models: Model) -> ClientError | None:
    try:
        check_models(caps, {"empty": (), "code": models}, KNOWN)
    except ClientError as error:
        return error
    return None


def test_by_default_all_is_allowed() -> None:
    check_routes(InlineCaps(), 64)
    check_models(InlineCaps(), {"code": (ONE, TWO, NEW)}, Snapshot())


@pytest.mark.parametrize("count", [0, 1])
def test_preferences_can_be_forbidden(count: int) -> None:
    with pytest.raises(ClientError, match=r"dragoman\.inline_preferences\.allowed") as raised:
        check_routes(InlineCaps(allowed=False), count)
    assert (raised.value.status, raised.value.code) == (403, "forbidden")
    assert raised.value.param == "routing_preferences"


def test_so_many_routes() -> None:
    caps = InlineCaps(max_routes=2)
    check_routes(caps, 2)
    with pytest.raises(ClientError, match=r"more than 2 routes .*max_routes") as raised:
        check_routes(caps, 3)
    assert (raised.value.status, raised.value.code) == (400, "too_many_routes")
    with pytest.raises(ClientError, match=r"more than 1 route \("):
        check_routes(InlineCaps(max_routes=1), 2)


def test_these_models() -> None:
    caps = InlineCaps(models=("p/one", "w/*"))
    assert refusal(caps, ONE, COVERED) is None
    error = refusal(caps, ONE, TWO)
    assert error is not None
    assert (error.status, error.code) == (403, "model_not_allowed")
    assert error.message == (
        "routing_preferences: 'code' names 'p/two', which is not among those that they may name: "
        "p/one, w/* (dragoman.inline_preferences.models)."
    )


def test_a_list_of_no_models_allows_none() -> None:
    assert refusal(InlineCaps(models=()), ONE) is not None


def test_up_to_this_price() -> None:
    assert refusal(InlineCaps(max_price=10.0), ONE, NEW) is None
    error = refusal(InlineCaps(max_price=10.0), ONE, TWO)
    assert error is not None
    assert (error.status, error.code) == (403, "model_too_dear")
    assert "'p/two', which costs $20, and may cost $10 per million tokens" in error.message


def test_a_price_that_is_not_known() -> None:
    error = refusal(InlineCaps(max_price=10.0, refuses_unpriced=True), NEW)
    assert error is not None
    assert "has no known price" in error.message
