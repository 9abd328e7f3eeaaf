"""Web pages and the admin port."""

from __future__ import annotations

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from extproc.telemetry.admin_guard import AdminGuard

PUBLIC = "/console"


async def answered(
    *hosts: str,
    host: str = "localhost:9092",
    token: str | None = None,
    path: str = "/",
    **headers: str,
) -> httpx.Response:
    pages = Starlette(
        routes=[Route(each, lambda _: PlainTextResponse("ours")) for each in ("/", PUBLIC)]
    )
    guard = AdminGuard(pages, hosts, token, lambda path: path == PUBLIC)
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(guard), base_url="http://a"
    ) as client:
        answer = await client.get(path, headers=httpx.Headers({"host": host, **sent}, "latin-1"))
    assert answer.text == "ours" or answer.json()["error"]
    assert len(answer.content) < 500
    return answer


async def status(*hosts: str, host: str = "localhost:9092", **headers: str) -> int:
    return (await answered(*hosts, host=host, **headers)).status_code


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


LINK = {"sec_fetch_mode": "navigate", "sec_fetch_dest": "document"}
FRAME = {"sec_fetch_mode": "navigate", "sec_fetch_dest": "iframe"}
SCRIPT = {"sec_fetch_mode": "no-cors", "sec_fetch_dest": "script"}


@pytest.mark.parametrize(
    ("site", "path", "how", "expected"),
    [
        ("same-origin", "/", {}, 200),
        ("none", "/", LINK, 200),
        ("cross-site", "/", SCRIPT, 403),
        ("same-site", "/", SCRIPT, 403),
        ("cross-site", "/", LINK, 403),
        ("cross-site", PUBLIC, SCRIPT, 403),
        ("cross-site", PUBLIC, FRAME, 403),
        ("cross-site", PUBLIC, LINK, 200),
        ("cross-site", PUBLIC, LINK | {"origin": "https://evil.example"}, 403),
    ],
)
async def test_of_another_site_only_a_link_leads_here(
    site: str, path: str, how: dict[str, str], expected: int
) -> None:
    answer = await answered(path=path, sec_fetch_site=site, **how)
    assert answer.status_code == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("Bearer s3cret", 200),
        ("bearer  s3cret ", 200),
        ("Bearer s3cre", 401),
        ("Bearer ", 401),
        ("Basic s3cret", 401),
        ("s3cret", 401),
        ("Bearer s3cr\u00e9t", 401),
        (None, 401),
    ],
)
async def test_the_token(given: str | None, expected: int) -> None:
    headers = {} if given is None else {"authorization": given}
    answer = await answered(token="s3cret", **headers)
    assert answer.status_code == expected
    if expected == 401:
        assert answer.headers["www-authenticate"] == "Bearer"
        assert "DRAGOMAN_ADMIN_TOKEN" in answer.json()["error"]


async def test_what_is_public_takes_no_token() -> None:
    assert (await answered(token="s3cret", path=PUBLIC)).status_code == 200


async def test_a_token_opens_nothing_to_other_sites() -> None:
    answer = await answered(
        token="s3cret", authorization="Bearer s3cret", origin="https://evil.example"
    )
    assert answer.status_code == 403
