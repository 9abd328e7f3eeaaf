"""Guards that are tools of an MCP server, as the official library serves it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from mcp.server.mcpserver import MCPServer
from starlette.types import ASGIApp

from extproc.core.aside import Aside
from extproc.core.guards import GuardSettings, McpFilter
from extproc.core.models import Dialect
from extproc.guards.asking import Asking
from extproc.guards.guard import (
    Blocked,
    GuardedRequest,
    GuardError,
    Passed,
    Released,
    Replaced,
    TextKind,
)
from extproc.guards.mcp_filter import McpGuard

BODY = {"model": "m", "messages": [{"role": "user", "content": "my SECRET"}]}


def tools() -> MCPServer:
    server = MCPServer("filters")

    @server.tool()
    async def redact(body: dict[str, Any], path: str) -> dict[str, Any]:
        assert path == "/v1/chat/completions"
        if "exploit" in json.dumps(body):
            raise ValueError("exploit!")
        found: dict[str, Any] = json.loads(json.dumps(body).replace("SECRET", "[gone]"))
        return found

    @server.tool()
    async def words(body: dict[str, Any], path: str) -> str:
        return f"{path} is fine, and so is {len(body)}"

    return server


@asynccontextmanager
async def served(app: ASGIApp) -> AsyncIterator[str]:
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        server.should_exit = True
        await serving


def guard_at(url: str, asking: Asking, tool: str = "redact") -> McpGuard:
    filter_ = McpFilter(url, tool)
    return McpGuard(GuardSettings("tools", mcp=filter_, window=4), filter_, asking)


def request(body: Any = BODY) -> GuardedRequest:
    headers = {"x-team": "red", "authorization": "Bearer k", ":path": "/v1/chat/completions"}
    raw = json.dumps(body).encode()
    return GuardedRequest("/v1/chat/completions", Dialect.CHAT, raw, headers, "r", Aside())


@pytest.mark.parametrize("json_response", [False, True])
async def test_a_tool_looks_at_requests_and_answers(json_response: bool) -> None:
    asking = Asking()
    async with served(tools().streamable_http_app(json_response=json_response)) as url:
        guard = guard_at(url, asking)
        changed = await guard.look(request())
        assert isinstance(changed, Replaced)
        assert json.loads(changed.body)["messages"][0]["content"] == "my [gone]"
        assert await guard.look(request({"a": "nothing"})) == Passed()
        assert await guard.look(request({"result": {"a": "nothing"}, "b": "else"})) == Passed()
        blocked = await guard.look(request({"a": "an exploit"}))
        assert isinstance(blocked, Blocked)
        assert (blocked.status, "exploit" in blocked.message) == (400, False)
        answering = guard.answering(request())
        whole = await answering.whole(b'{"choices":[{"message":{"content":"SECRET"}}]}')
        assert isinstance(whole, Replaced)
        assert b"[gone]" in whole.body
        piece = await answering.text(TextKind.TEXT, "SECRET", ended=True)
        assert piece == Released("[gone]")
        with pytest.raises(GuardError) as raised:
            await guard_at(url, asking, "words").look(request())
        assert raised.value.reason == "malformed"
        await asking.close()


async def test_a_session_that_is_gone_is_opened_again() -> None:
    asking = Asking()
    apps = [tools().streamable_http_app(), tools().streamable_http_app()]
    current = 0

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            first, second = (each.router.lifespan_context(each) for each in apps)
            async with first, second:
                await receive()
                await send({"type": "lifespan.startup.complete"})
                await receive()
                await send({"type": "lifespan.shutdown.complete"})
            return
        await apps[current](scope, receive, send)

    async with served(app) as url:
        guard = guard_at(url, asking)
        assert isinstance(await guard.look(request()), Replaced)
        current = 1
        assert isinstance(await guard.look(request()), Replaced)
        await asking.close()


async def test_a_server_that_is_none() -> None:
    async def app(scope: Any, _: Any, send: Any) -> None:
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 500, "headers": []})
            await send({"type": "http.response.body", "body": b"SECRET"})

    asking = Asking()
    async with served(app) as url:
        with pytest.raises(GuardError) as raised:
            await guard_at(url, asking).look(request())
        assert raised.value.reason == "status"
        assert "SECRET" not in str(raised.value)
    with pytest.raises(GuardError) as raised:
        await guard_at("http://127.0.0.1:1/mcp", asking).look(request())
    assert raised.value.reason == "unreachable"
    await asking.close()
