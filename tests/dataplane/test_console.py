"""What the console asks for, of a sidecar through which requests go."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx

from extproc.demo.provider import Behaviour
from tests.helpers.house import ROUTE, House


async def events(answer: httpx.Response) -> AsyncIterator[list[dict[str, Any]]]:
    """The receipts in each event."""
    async for line in answer.aiter_lines():
        if line.startswith("data: "):
            yield json.loads(line.removeprefix("data: "))["receipts"]


async def told(following: AsyncIterator[list[dict[str, Any]]], trace_id: str) -> Mapping[str, Any]:
    """How events tell of a request, once it has ended."""
    async for receipts in following:
        for receipt in receipts:
            all_told = len(receipt["attempts"]) == receipt["attempts_made"]
            if receipt["trace_id"] == trace_id and all_told:
                return receipt
    raise AssertionError("the stream ended")


async def test_a_request_is_told_of_as_it_goes(house: House) -> None:
    trace_id = "4bf92f3577b34da6a3ce929d0e0e4736"
    house.alpha.behave("model-a", Behaviour(status=429))
    async with (
        asyncio.timeout(10),
        house.admin.stream("GET", "/events?latest=0", timeout=10) as stream,
    ):
        following = events(stream)
        assert await anext(following) == []
        answer = await house.chat(headers={"traceparent": f"00-{trace_id}-00f067aa0ba902b7-01"})
        assert answer.status_code == 200
        receipt = await told(following, trace_id)
    assert [attempt["status"] for attempt in receipt["attempts"]] == [429, 200]
    assert receipt["received_at"] <= receipt["at"] <= receipt["attempts"][0]["at"]
    story = (await house.admin.get(f"/decisions/{trace_id}/story")).json()
    assert story["receipt"]["request_id"] == receipt["request_id"]
    assert "answered after alpha/model-a (429) failed" in story["reasons"]


async def test_models_and_routes_are_counted(house: House) -> None:
    async def counted() -> int:
        activity = (await house.admin.get("/activity?minutes=60")).json()
        return sum(each["requests"] for each in activity["routes"] if each["route"] == ROUTE)

    before = await counted()
    await house.receipt(await house.chat())
    assert await counted() == before + 1


async def test_no_key_is_in_the_configuration(house: House) -> None:
    answer = await house.admin.get("/configuration")
    assert "ALPHA_KEY" in answer.text
    assert "key-of-alpha" not in answer.text
