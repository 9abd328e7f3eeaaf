"""The admin port: a real server, its answers and its end."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from extproc.core.config import Admin
from extproc.errors import StartError
from extproc.ranking.snapshot import Cooldown, Phase, Price, Snapshot, Tail, Tier
from extproc.telemetry.admin import serving
from extproc.telemetry.admin_pages import PATHS, admin_pages
from extproc.telemetry.costs_page import costs_route
from extproc.telemetry.metrics import Metrics
from extproc.telemetry.receipt_json import receipt_json
from extproc.telemetry.receipts import Receipts
from extproc.telemetry.state import State
from extproc.telemetry.traces import Traces
from tests.helpers.older_receipts import OlderReceipts
from tests.helpers.telemetry_events import (
    CLAUDE,
    MINI,
    MINI_COST,
    NOW,
    REQUEST,
    SNAPSHOT,
    TRACE,
    attempt,
    completion,
    configuration,
    cost_book,
    decision,
)

UNKNOWN: dict[str, Any] = {
    "cached_input": None,
    "cache_write": None,
    "cache_write_1h": None,
    "reasoning": None,
    "input_audio": None,
    "output_audio": None,
    "tiers": [],
}
ANYWHERE = Admin("127.0.0.1", 0)


def told(kept: int = 100) -> Receipts:
    receipts = Receipts(kept, lambda: SNAPSHOT)
    receipts.decided(decision("first", route="chat"))
    receipts.decided(decision())
    receipts.attempted(attempt(1, CLAUDE, 429))
    receipts.attempted(attempt(2, MINI))
    receipts.completed(completion(2))
    receipts.decided(decision("third", "a" * 32, route=None, candidates=()))
    return receipts


@asynccontextmanager
async def admin(
    receipts: Receipts | None = None, snapshot: Snapshot = SNAPSHOT, where: Admin = ANYWHERE
) -> AsyncIterator[httpx.AsyncClient]:
    registry = Metrics(configuration(), lambda: State(snapshot)).registry
    receipts = told() if receipts is None else receipts
    costs = cost_book(snapshot)
    costs.add(receipts.take_finished())
    pages = admin_pages(Traces(receipts), registry, lambda: snapshot, [costs_route(costs)])
    host = "[::1]" if ":" in where.address else where.address
    async with (
        serving(where, pages) as port,
        httpx.AsyncClient(base_url=f"http://{host}:{port}") as client,
    ):
        yield client


async def test_one_decision() -> None:
    receipts = told()
    async with admin(receipts) as client:
        response = await client.get(f"/decisions/{TRACE}")
    newest = receipts.find(TRACE)[0]
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert response.json() == {**receipt_json(newest), "other_requests": ["first"]}


@pytest.mark.parametrize(
    ("key", "request_id"), [(TRACE, REQUEST), (REQUEST, REQUEST), ("first", "first")]
)
async def test_a_request_id_finds_its_own_decision(key: str, request_id: str) -> None:
    async with admin() as client:
        assert (await client.get(f"/decisions/{key}")).json()["request_id"] == request_id


@pytest.mark.parametrize(
    ("kept", "message"),
    [
        (
            100,
            (
                "no decision of trace or request zzz is kept. Only the latest 100 are "
                "(dragoman.kept_decisions), 3 now; dragoman logs and GET /decisions list them. "
                "One of a moment ago may take a second to arrive."
            ),
        ),
        (0, "no decisions are kept: dragoman.kept_decisions is 0"),
    ],
)
async def test_a_decision_that_is_not_kept(kept: int, message: str) -> None:
    async with admin(told(kept)) as client:
        response = await client.get("/decisions/zzz")
    assert (response.status_code, response.json()) == (404, {"error": message})


async def test_what_memory_has_no_longer_is_looked_for_elsewhere() -> None:
    older = OlderReceipts("an-old-trace", "third", REQUEST, "old", "older")
    registry = Metrics(configuration(), lambda: State(SNAPSHOT)).registry
    pages = admin_pages(Traces(told(), older), registry, lambda: SNAPSHOT)
    async with (
        serving(ANYWHERE, pages) as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        found = (await client.get("/decisions/an-old-trace")).json()
        assert found["other_requests"] == [REQUEST, "old", "older"]
        assert (await client.get(f"/decisions/{REQUEST}")).json()["request_id"] == REQUEST
        assert (await client.get("/decisions/zzz")).status_code == 404

        async def listed(query: str) -> list[str]:
            answer = (await client.get(f"/decisions{query}")).json()
            assert answer["kept"] == 3
            return [receipt["request_id"] for receipt in answer["decisions"]]

        assert await listed("?limit=3") == ["third", REQUEST, "first"]
        assert older.asked == []
        assert await listed("?limit=4") == ["third", REQUEST, "first", "old"]
        assert await listed("?route=code") == [REQUEST, "third", "old", "older"]
        assert older.asked == [(1, {}), (49, {"route": "code"})]


@pytest.mark.parametrize(
    ("query", "requests"),
    [
        ("", ["third", REQUEST, "first"]),
        ("?limit=1", ["third"]),
        ("?route=code", [REQUEST]),
        (f"?model={MINI}", [REQUEST, "first"]),
        (f"?model={MINI}&route=chat", ["first"]),
        (f"?trace_id={TRACE}&limit=1000", [REQUEST, "first"]),
        ("?route=nothing", []),
    ],
)
async def test_the_latest_decisions(query: str, requests: list[str]) -> None:
    async with admin() as client:
        answer = (await client.get(f"/decisions{query}")).json()
    assert answer["kept"] == 3
    assert [receipt["request_id"] for receipt in answer["decisions"]] == requests


async def test_the_list_is_bounded() -> None:
    receipts = Receipts(500, lambda: SNAPSHOT)
    for number in range(500):
        receipts.decided(decision(f"{number}"))
    async with admin(receipts) as client:
        assert len((await client.get("/decisions")).json()["decisions"]) == 50


@pytest.mark.parametrize("limit", ["0", "-1", "1001", "many", "", "1.5", "9" * 5000, "²"])
async def test_a_limit_that_is_none(limit: str) -> None:
    async with admin() as client:
        response = await client.get("/decisions", params={"limit": limit})
    error = "limit must be a whole number from 1 to 1000"
    assert (response.status_code, response.json()) == (400, {"error": error})


async def test_a_filter_that_is_none() -> None:
    async with admin() as client:
        response = await client.get("/decisions?rout=code")
    error = "unknown: rout; known are limit, route, model, trace_id"
    assert (response.status_code, response.json()) == (400, {"error": error})


async def test_the_snapshot() -> None:
    tiers = (Tier(200_000, Price(6, 22.5)),)
    claude = Price(3, 15, 0.3, 3.75, 6, 16, 40, 80, tiers)
    snapshot = Snapshot(
        version=3,
        prices={
            MINI: Price(0.15, 0.6, 0.075),
            CLAUDE: claude,
        },
        prices_at=NOW,
        cooldowns={CLAUDE: Cooldown(Phase.RETURNING, "failures", NOW + 60, share=0.25)},
        output_tokens={"code": 321.5},
        tails={MINI: Tail(stream=0.5)},
    )
    async with admin(snapshot=snapshot) as client:
        answer = (await client.get("/snapshot")).json()
    assert answer == {
        "version": 3,
        "prices_at": "2027-01-15T08:00:00.000+00:00",
        "prices": {
            MINI: UNKNOWN | {"input": 0.15, "output": 0.6, "cached_input": 0.075},
            CLAUDE: {
                "input": 3,
                "output": 15,
                "cached_input": 0.3,
                "cache_write": 3.75,
                "cache_write_1h": 6,
                "reasoning": 16,
                "input_audio": 40,
                "output_audio": 80,
                "tiers": [{"above": 200_000} | UNKNOWN | {"input": 6, "output": 22.5}],
            },
        },
        "latencies_at": None,
        "latencies": {},
        "cooldowns": {
            CLAUDE: {
                "phase": "returning",
                "reason": "failures",
                "until": "2027-01-15T08:01:00.000+00:00",
                "share": 0.25,
            }
        },
        "output_tokens": {"code": 321.5},
        "p95": {MINI: {"stream": 0.5, "whole": None}},
    }


async def test_costs() -> None:
    async with admin() as client:
        answer = (await client.get("/costs")).json()
    assert answer["since"] == "2027-01-15T08:00:00.000+00:00"
    assert answer["step_s"] == 900
    assert answer["total"]["requests"] == 1
    assert answer["total"]["cost_usd"] == pytest.approx(MINI_COST)
    assert [*answer["routes"]] == ["code"]
    assert [*answer["models"]] == [CLAUDE, MINI]
    assert [(each["route"], each["model"]) for each in answer["over_time"]] == [
        ("code", CLAUDE),
        ("code", MINI),
    ]
    assert answer["over_time"][1] == {
        "at": answer["since"],
        "route": "code",
        "model": MINI,
        **answer["models"][MINI],
    }


@pytest.mark.parametrize(
    ("since", "requests"), [("2027-01-15T08:14:59Z", 1), ("2027-01-15T08:15", 0), ("9w", 1)]
)
async def test_costs_since_a_time(since: str, requests: int) -> None:
    async with admin() as client:
        answer = (await client.get("/costs", params={"since": since})).json()
    assert answer["total"]["requests"] == requests


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ({"until": "1h"}, "unknown: until; known is since"),
        (
            {"since": "yesterday"},
            "since must be an age such as 24h or 7d, or a date such as 2027-01-15",
        ),
    ],
)
async def test_costs_that_nobody_can_tell(query: dict[str, str], error: str) -> None:
    async with admin() as client:
        response = await client.get("/costs", params=query)
    assert (response.status_code, response.json()) == (400, {"error": error})


async def test_health() -> None:
    async with admin() as client:
        response = await client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize("path", ["/", "/decision", "/decisions/a/b", "/quitquitquit"])
async def test_another_path(path: str) -> None:
    async with admin() as client:
        response = await client.get(path)
    expected = {"error": "there is no such path", "paths": [*PATHS, "/costs"]}
    assert (response.status_code, response.json()) == (404, expected)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
async def test_nothing_can_be_changed(method: str) -> None:
    async with admin() as client:
        responses = [
            await client.request(method, path)
            for path in (path.replace("{trace_id}", TRACE) for path in PATHS)
        ]
    assert {response.status_code for response in responses} == {405}
    assert responses[0].json() == {"error": "everything here is read with GET"}


async def test_large_answers_are_compressed() -> None:
    async with admin() as client:
        response = await client.get("/metrics", headers={"accept-encoding": "gzip"})
    assert response.headers["content-encoding"] == "gzip"
    assert "dragoman_snapshot_version 7.0" in response.text


async def test_a_taken_port_is_said_before_anything_is_served() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StartError) as raised:
            async with admin(where=Admin("127.0.0.1", port)):
                pytest.fail("served on a port that is taken")
    assert str(raised.value) == (
        f"cannot serve metrics and decisions on 127.0.0.1:{port}: Address already in use. "
        "Name another address as dragoman.admin_address, or stop what listens there."
    )


async def test_the_end_closes_the_port_also_with_clients_connected() -> None:
    async with admin() as client:
        await client.get("/healthz")
        port = client.base_url.port
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    assert await reader.read() == b""
    writer.close()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)


async def test_it_ends_when_its_task_is_cancelled() -> None:
    ports: list[int | None] = []

    async def forever() -> None:
        async with admin() as client:
            await client.get("/healthz")
            ports.append(client.base_url.port)
            await asyncio.Event().wait()

    task = asyncio.create_task(forever())
    while not ports:
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", ports[0])


async def test_signals_are_left_to_the_process() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    async with admin() as client:
        await client.get("/healthz")
        within = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    assert within == before


async def test_the_port_can_be_had_again_at_once() -> None:
    async with admin() as client:
        port = client.base_url.port
        await client.get("/healthz")
    assert port is not None
    async with admin(where=Admin("127.0.0.1", port)) as client:
        assert (await client.get("/healthz")).status_code == 200


async def test_names_that_clients_chose_are_plain_json() -> None:
    receipts = Receipts(10, lambda: SNAPSHOT)
    receipts.decided(decision(route='a "route"\x1b[31m\u2028', requested_model="\ud83d"))
    async with admin(receipts) as client:
        answer = json.loads((await client.get(f"/decisions/{TRACE}")).content)
    assert answer["route"] == 'a "route"\x1b[31m\u2028'
    assert answer["requested_model"] == "?"


async def test_answers_on_a_kept_connection_do_not_wait_for_an_acknowledgement() -> None:
    """Which comes after 40 ms where the answer's head and body are sent apart."""
    async with admin() as client:
        await client.get("/healthz")
        took = [(await client.get("/healthz")).elapsed.total_seconds() for _ in range(10)]
    assert min(took) < 0.03
