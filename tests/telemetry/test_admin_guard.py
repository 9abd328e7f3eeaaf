"""Web pages and the admin port."""

from __future__ import annotations

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from extproc.telemetry.admin_guard import AdminGuard


async def status(*hosts: str, host: str = "localhost:9092", **headers: str) -> int:
    pages = Starlette(routes=[Route("/", lambda _: PlainTextResponse("ours"))])
    transport = httpx.ASGITransport(AdminGuard(pages, hosts))
    async with httpx.AsyncClient(transport=transport, base_url="http://a") as client:
        answer = await client.get("/", headers={"host": host, **headers})
    assert answer.text == "ours" or answer.json()["error"]
    assert len(answer.content) < 500
    return answer.status_code


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", 200),
        ("LOCALHOST:9092", 200),
        ("127.0.0.1:9092", 200),
        ("10.1.2.3", 200),
        ("[::1]:9092", 200),
        ("router:9092", 200),
        ("Router", 200),
        ("evil.example", 403),
        ("evil.example:9092", 403),
        ("127.0.0.1.evil.example", 403),
        ("localhost.evil.example", 403),
        ("router.evil.example", 403),
        ("[::1", 403),
        ("", 403),
        ("x" * 10_000, 403),
    ],
)
async def test_hosts(host: str, expected: int) -> None:
    assert await status("router", host=host) == expected


async def test_any_host() -> None:
    assert await status("*", host="evil.example") == 200


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        ("https://evil.example", 403),
        ("null", 403),
        ("", 403),
        ("http://localhost:9093", 403),
        ("http://localhost", 403),
        ("http://localhost:9092", 200),
    ],
)
async def test_origins(origin: str, expected: int) -> None:
    assert await status(origin=origin) == expected
