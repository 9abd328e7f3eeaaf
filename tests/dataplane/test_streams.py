"""Streams: the first-content gate, and bytes that pass untouched."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest

from extproc.demo.provider import Behaviour, FakeProvider
from tests.helpers.house import CHAT_MODELS, MESSAGES_MODELS, PROMPT, ROUTE, House
from tests.helpers.house import house as start


def body(models: Sequence[str], **said: Any) -> dict[str, Any]:
    """A request for which only these models are candidates."""
    route = {"name": ROUTE, "description": "writing Python functions, generating new code"}
    return said | {"routing_preferences": [route | {"models": list(models)}]}


USER = [{"role": "user", "content": PROMPT}]
BODIES: dict[str, tuple[str, dict[str, Any]]] = {
    "chat": ("/v1/chat/completions", body(CHAT_MODELS, messages=USER)),
    "responses": ("/v1/responses", body(CHAT_MODELS, input=PROMPT)),
    "messages": ("/v1/messages", body(MESSAGES_MODELS, max_tokens=10, messages=USER)),
}
"""Models of the client's own dialect, so that nothing needs to be translated."""
ORDER = {
    "chat": ("alpha", "beta", "gamma"),
    "responses": ("alpha", "beta", "gamma"),
    "messages": ("alpha", "delta"),
}
BAD_STARTS = {
    "error event first": Behaviour(first_event_error=True),
    "not JSON first": Behaviour(malformed="first"),
    "cut before content": Behaviour(cut_after=0),
    "not a stream": Behaviour(status=503),
}


async def stream(house: House, dialect: str) -> httpx.Response:
    path, body = BODIES[dialect]
    return await house.client.post(path, json={"model": "x", "stream": True} | body)


async def direct(provider: FakeProvider) -> str:
    """What the provider answers when it is asked directly what it was asked last."""
    exchange = provider.exchanges[-1]
    async with httpx.AsyncClient() as client:
        response = await client.post(
            provider.url + exchange.path,
            content=exchange.body,
            headers={"anthropic-version": "2023-06-01"},
        )
    return response.text


def shape(events: str) -> list[str]:
    """The event lines of a stream without what differs from request to request."""
    return [line.partition(":")[0] + str(len(line)) for line in events.splitlines()]


@pytest.mark.parametrize("dialect", BODIES)
async def test_a_stream_passes_unchanged(house: House, dialect: str) -> None:
    response = await stream(house, dialect)
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.headers["x-dragoman-attempts"] == "1"
    assert shape(response.text) == shape(await direct(house.alpha))


@pytest.mark.parametrize("dialect", BODIES)
@pytest.mark.parametrize("bad", BAD_STARTS)
async def test_a_bad_start_moves_to_the_next_model(house: House, dialect: str, bad: str) -> None:
    first, second, *_ = ORDER[dialect]
    house.providers[first].script(BAD_STARTS[bad])
    response = await stream(house, dialect)
    assert response.status_code == 200
    assert response.headers["x-dragoman-attempts"] == "2"
    good = house.providers[second]
    assert f"{good.name}" in response.text
    assert shape(response.text) == shape(await direct(good))


@pytest.mark.parametrize("dialect", BODIES)
async def test_the_last_candidates_stream_is_the_clients(house: House, dialect: str) -> None:
    for name in ORDER[dialect]:
        house.providers[name].script(Behaviour(first_event_error=True))
    response = await stream(house, dialect)
    assert response.status_code == 200
    assert response.headers["x-dragoman-attempts"] == str(len(ORDER[dialect]))
    assert "error" in response.text


async def test_three_bad_starts_in_a_row(house: House) -> None:
    house.alpha.script(Behaviour(first_event_error=True))
    house.beta.script(Behaviour(first_event_error=True))
    response = await stream(house, "chat")
    assert response.headers["x-dragoman-attempts"] == "3"
    assert "gamma" in response.text
    assert [exchange.json["model"] for exchange in house.gamma.exchanges] == ["model-c"]


async def test_a_final_status_of_a_stream_is_final(house: House) -> None:
    house.alpha.script(Behaviour(status=400))
    response = await stream(house, "chat")
    assert response.status_code == 400
    assert not house.beta.exchanges


async def test_events_arrive_as_they_are_sent(house: House) -> None:
    house.alpha.script(Behaviour(deltas=5, delay_between=0.3))
    path, body = BODIES["chat"]
    async with house.client.stream("POST", path, json={"model": "x", "stream": True} | body) as got:
        arrivals = [time.monotonic() async for _ in got.aiter_bytes()]
    gaps = [later - earlier for earlier, later in pairwise(arrivals)]
    assert len([gap for gap in gaps if gap > 0.15]) >= 4, "events were held together"


async def test_a_stream_that_is_cut_after_its_content_is_cut_for_the_client(house: House) -> None:
    house.alpha.script(Behaviour(deltas=10, delay_between=0.1, cut_after=3))
    with pytest.raises(httpx.RemoteProtocolError):
        await stream(house, "chat")
    assert not house.beta.exchanges, "content has been sent: the request belongs to that model"


async def test_no_content_within_the_deadline_moves_on(tmp_path: Path) -> None:
    async with start(tmp_path, first_content_timeout="600ms") as house:
        for slow in (Behaviour(delay_first_content=20), Behaviour(stall_after=0)):
            house.clear()
            house.alpha.script(slow)
            began = time.monotonic()
            response = await stream(house, "chat")
            assert "beta" in response.text
            assert 0.5 < time.monotonic() - began < 5
        house.clear()
        house.alpha.script(Behaviour(delay_first_content=0.2))
        response = await stream(house, "chat")
        assert response.headers["x-dragoman-attempts"] == "1"


async def test_a_single_candidate_may_take_its_time(tmp_path: Path) -> None:
    async with start(tmp_path, first_content_timeout="300ms") as house:
        house.gamma.script(Behaviour(delay_first_content=1.0))
        response = await house.chat("What is the capital of France?", stream=True)
        assert "gamma" in response.text
        assert len(house.gamma.exchanges) == 1


async def test_many_gated_streams_lose_no_byte(house: House) -> None:
    """Also https://github.com/envoyproxy/envoy/issues/47458: the client half-closes early."""
    house.alpha.default = Behaviour(deltas=50, delta_size=200)
    try:
        expected = shape((await stream(house, "chat")).text)
        limits = httpx.Limits(max_connections=100)
        async with httpx.AsyncClient(base_url=house.url, limits=limits, timeout=60) as client:
            path, body = BODIES["chat"]
            got = await asyncio.gather(
                *(client.post(path, json={"model": "x", "stream": True} | body) for _ in range(200))
            )
    finally:
        house.alpha.default = Behaviour()
    assert all(shape(response.text) == expected for response in got)


async def test_a_client_that_leaves_ends_the_attempt(house: House) -> None:
    before = house.log_length()
    house.alpha.script(Behaviour(deltas=1000, delay_between=0.05))
    path, body = BODIES["chat"]
    async with house.client.stream("POST", path, json={"model": "x", "stream": True} | body) as got:
        async for _ in got.aiter_bytes():
            break
    line, *_ = await house.logged(
        lambda line: line["log"] == "attempt" and line["flags"] == "DC", since=before
    )
    assert line["model"] == "alpha/model-a"
