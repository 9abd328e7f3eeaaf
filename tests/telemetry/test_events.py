"""Server-sent events of receipts: bounded in readers, in size, and in what a reader may cost."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from prometheus_client import CollectorRegistry
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from extproc.core.config import Admin
from extproc.telemetry.admin import serving
from extproc.telemetry.admin_pages import admin_pages
from extproc.telemetry.events import MOST_AT_ONCE, EventStreams
from extproc.telemetry.receipts import Receipts
from extproc.telemetry.traces import Traces
from tests.helpers.telemetry_events import SNAPSHOT, attempt, completion, decision


@pytest.fixture
def receipts() -> Receipts:
    return Receipts(1000, lambda: SNAPSHOT)


@contextlib.asynccontextmanager
async def served(receipts: Receipts, **settings: Any) -> AsyncIterator[tuple[EventStreams, str]]:
    """The streams, and where they are."""
    streams = EventStreams(receipts, **({"period": 0.01} | settings))

    async def events(request: Request) -> Response:
        return streams.answer(int(request.query_params.get("latest", "10")))

    pages = admin_pages(
        Traces(receipts), CollectorRegistry(), lambda: SNAPSHOT, [Route("/events", events)]
    )
    async with serving(Admin("127.0.0.1", 0), pages) as port:
        yield streams, f"http://127.0.0.1:{port}/events"
        streams.close()


@contextlib.asynccontextmanager
async def reader(url: str) -> AsyncIterator[AsyncIterator[str]]:
    """The lines of a stream."""
    async with httpx.AsyncClient() as client, client.stream("GET", url) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield answer.aiter_lines()


async def event(lines: AsyncIterator[str]) -> dict[str, Any]:
    """The next one."""
    async with asyncio.timeout(5):
        async for line in lines:
            if line.startswith("data: "):
                content: dict[str, Any] = json.loads(line[len("data: ") :])
                return content
    raise AssertionError("the stream ended")


def ids(told: dict[str, Any]) -> list[str]:
    return [receipt["request_id"] for receipt in told["receipts"]]


async def test_first_the_latest_then_what_changes(receipts: Receipts) -> None:
    for number in range(5):
        receipts.decided(decision(f"{number}"))
    async with served(receipts) as (_, url), reader(f"{url}?latest=2") as lines:
        assert ids(await event(lines)) == ["3", "4"]
        receipts.attempted(attempt(request_id="0"))
        told = await event(lines)
        assert ids(told) == ["0"]
        assert [each["status"] for each in told["receipts"][0]["attempts"]] == [200]


async def test_a_reader_may_want_only_what_is_new(receipts: Receipts) -> None:
    receipts.decided(decision("old"))
    async with served(receipts) as (_, url), reader(f"{url}?latest=0") as lines:
        assert ids(await event(lines)) == []
        receipts.decided(decision("new"))
        assert ids(await event(lines)) == ["new"]


async def test_a_change_that_changes_again_is_told_as_it_is_now(receipts: Receipts) -> None:
    async with served(receipts, period=0.2) as (_, url), reader(url) as lines:
        await event(lines)
        receipts.decided(decision())
        receipts.attempted(attempt())
        receipts.completed(completion())
        (told,) = (await event(lines))["receipts"]
        assert told["status"] == 200
        assert told["attempts_made"] == 1


async def test_of_many_changes_the_latest_are_told_and_the_others_counted(
    receipts: Receipts,
) -> None:
    async with served(receipts, period=0.2) as (_, url), reader(url) as lines:
        await event(lines)
        for number in range(MOST_AT_ONCE + 7):
            receipts.decided(decision(f"{number}"))
        told = await event(lines)
        assert told["skipped"] == 7
        assert ids(told)[0] == "7"
        assert len(ids(told)) == MOST_AT_ONCE


async def test_there_are_so_many_readers_and_no_more(receipts: Receipts) -> None:
    async with served(receipts, streams=2) as (streams, url):
        async with reader(url) as first, reader(url) as second:
            await event(first)
            await event(second)
            async with httpx.AsyncClient() as client:
                refused = await client.get(url)
            assert refused.status_code == 503
            assert refused.headers["retry-after"] == "10"
            assert "close one" in refused.json()["error"]
        async with asyncio.timeout(5):
            while streams.open:
                await asyncio.sleep(0.01)
        async with reader(url) as third:
            await event(third)


async def test_nor_are_there_more_where_many_come_at_once(receipts: Receipts) -> None:
    async with served(receipts, streams=2) as (_, url):
        port = httpx.URL(url).port
        connections = [await asyncio.open_connection("127.0.0.1", port) for _ in range(20)]
        for _, writer in connections:
            writer.write(b"GET /events HTTP/1.1\r\nhost: localhost\r\n\r\n")
        lines = await asyncio.gather(*(reader.readline() for reader, _ in connections))
        for _, writer in connections:
            writer.close()
    assert sorted(line.split()[1] for line in lines) == [b"200"] * 2 + [b"503"] * 18


async def test_who_asks_for_the_headers_alone_is_no_reader(receipts: Receipts) -> None:
    async with served(receipts) as (streams, url), httpx.AsyncClient(timeout=5) as client:
        for _ in range(2):
            answer = await client.head(url)
            assert answer.headers["content-type"].startswith("text/event-stream")
            assert (answer.status_code, streams.open) == (200, 0)


async def test_a_reader_that_takes_nothing_is_let_go(receipts: Receipts) -> None:
    async with served(receipts, patience=0.2, period=0.001) as (streams, url):
        port = httpx.URL(url).port
        stalled, writer = await asyncio.open_connection("127.0.0.1", port, limit=1)
        writer.write(b"GET /events HTTP/1.1\r\nhost: localhost\r\n\r\n")
        await writer.drain()
        async with asyncio.timeout(30):
            while not streams.open:
                await asyncio.sleep(0.01)
            number = 0
            while streams.open:
                for _ in range(MOST_AT_ONCE):
                    number += 1
                    receipts.decided(decision(f"{number}", requested_model="m" * 5000))
                await asyncio.sleep(0.002)
        writer.close()
        assert stalled is not None


async def test_a_stream_says_that_it_is_there(receipts: Receipts) -> None:
    async with served(receipts, silence=0.05) as (_, url), reader(url) as lines:
        async with asyncio.timeout(5):
            async for line in lines:
                if line == ": still here":
                    break


async def test_the_end_is_not_held_up(receipts: Receipts) -> None:
    async with served(receipts) as (streams, url), reader(url) as lines:
        await event(lines)
        streams.close()
        async with asyncio.timeout(5):
            assert [line async for line in lines if line.startswith("data")] == []


async def test_a_name_cannot_end_a_line(receipts: Receipts) -> None:
    hostile = "a\n\ndata: {}\r\u2028\ud83d"
    receipts.decided(decision(requested_model=hostile))
    async with served(receipts) as (_, url), reader(url) as lines:
        (told,) = (await event(lines))["receipts"]
    assert told["requested_model"] == hostile


def test_no_stream_without_a_place(receipts: Receipts) -> None:
    with pytest.raises(HTTPException):
        EventStreams(receipts, streams=0).answer(1)
