"""A trace is found in memory first, then where older ones are kept."""

from __future__ import annotations

import pytest
from starlette.exceptions import HTTPException

from extproc.telemetry.receipts import Receipts
from extproc.telemetry.traces import Traces
from tests.helpers.older_receipts import OlderReceipts
from tests.helpers.telemetry_events import SNAPSHOT, TRACE, decision, turned_away

older = OlderReceipts("an-old-trace", "newer", "older")


def kept(most: int = 10) -> Receipts:
    receipts = Receipts(most, lambda: SNAPSHOT)
    receipts.decided(decision())
    return receipts


async def test_memory_goes_first() -> None:
    assert (await Traces(kept(), older).find(TRACE))["trace_id"] == TRACE


async def test_what_is_older() -> None:
    found = await Traces(kept(), older).find("an-old-trace")
    assert found == {"request_id": "newer", "other_requests": ["older"]}


@pytest.mark.parametrize(
    ("most", "message"),
    [(10, "Only the latest 10 are"), (0, "no decisions are kept: dragoman.kept_decisions is 0")],
)
async def test_what_is_nowhere(most: int, message: str) -> None:
    with pytest.raises(HTTPException, match=message) as raised:
        await Traces(kept(most), older).find("none")
    assert raised.value.status_code == 404


async def test_who_asks_for_one_of_many_is_told_where_they_are() -> None:
    receipts = kept()
    for number in range(12):
        receipts.completed(turned_away(f"request {number}"))
    with pytest.raises(HTTPException, match="2 that ended before they were decided left none"):
        await Traces(receipts).find("request 11")
