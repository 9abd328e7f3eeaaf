"""The console's files: whole, its own, and told to the browser as such."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from importlib.resources import files

import httpx
import pytest
from starlette.applications import Starlette

from extproc.web_console.assets import asset_routes, is_asset

PAGE = files("extproc.web_console") / "page"
FILES = {entry.name: entry.read_text(encoding="utf-8") for entry in PAGE.iterdir()}
SCRIPTS = {name: text for name, text in FILES.items() if name.endswith(".js")}


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(Starlette(routes=asset_routes()))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client


async def test_the_page(client: httpx.AsyncClient) -> None:
    answer = await client.get("/", follow_redirects=True)
    assert answer.url.path == "/console/"
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


@pytest.mark.parametrize("name", FILES)
async def test_a_file(client: httpx.AsyncClient, name: str) -> None:
    answer = await client.get(f"/console/{name}")
    assert answer.status_code == 200
    assert answer.headers["x-content-type-options"] == "nosniff"
    again = await client.get(f"/console/{name}", headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("path", ["/console/none.js", "/console/../assets.py", "/console/a/b"])
async def test_no_other_file(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 404


@pytest.mark.parametrize("path", ["/", "/console", "/console/", "/console/main.js"])
def test_what_anybody_may_have(path: str) -> None:
    assert is_asset(path)


@pytest.mark.parametrize("path", ["/decisions", "/console.json", "/events", "/configuration", ""])
def test_what_not_anybody_may_have(path: str) -> None:
    assert not is_asset(path)


def test_every_script_is_used_and_there() -> None:
    imported = {
        name for text in SCRIPTS.values() for name in re.findall(r'from "\./([\w.]+)"', text)
    }
    assert imported | {"main.js"} == set(SCRIPTS)


def test_nothing_comes_from_elsewhere() -> None:
    for name, text in FILES.items():
        addresses = set(re.findall(r"https?://[^\s\"')]+", text))
        assert addresses <= {"http://www.w3.org/2000/svg"}, name


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_script_writes_html(name: str) -> None:
    forbidden = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function"
    assert not re.search(forbidden, SCRIPTS[name])


def test_the_page_has_nothing_inline() -> None:
    page = FILES["index.html"]
    assert not re.search(r"\son\w+=|\sstyle=|<style|javascript:", page)
    assert re.findall(r"<script[^>]*>", page) == ['<script type="module" src="main.js">']


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_is_one_idea(name: str) -> None:
    assert len(SCRIPTS[name].splitlines()) <= 250
