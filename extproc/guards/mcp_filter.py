"""A guard that is a tool of an MCP server, called over its Streamable HTTP transport.

The tool is called as Plano calls it: with ``body``, what is to be looked at, as JSON, and ``path``,
the request's. What it returns takes the place of the body; a tool that reports an error blocks.
https://modelcontextprotocol.io/specification/2025-03-26/basic/transports#streamable-http
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any, Final

import orjson

from extproc.core.guards import GuardSettings, McpFilter
from extproc.dialects.sse import EventReader
from extproc.guards.asking import Answer, Asking, headers_for
from extproc.guards.guard import Blocked, GuardedRequest, GuardError, Passed, Replaced
from extproc.guards.probes import Probe
from extproc.guards.remote import RemoteGuard

__all__ = ["McpGuard"]

_VERSION: Final = "2025-03-26"
"""Of the protocol; a server that speaks another one answers with that."""
_SESSION: Final = "mcp-session-id"
_PROTOCOL: Final = "mcp-protocol-version"
_SESSION_IS_GONE: Final = 404
_EVENTS: Final = "text/event-stream"


class McpGuard(RemoteGuard):
    """A guard of requests and of answers. It keeps its session with the server."""

    def __init__(self, settings: GuardSettings, filter_: McpFilter, asking: Asking) -> None:
        """
        Args:
            settings: its settings.
            filter_: where its server is, and which of its tools it is.
            asking: asks it.
        """
        super().__init__(settings)
        self._filter = filter_
        self._asking = asking
        self._session: Mapping[str, str] | None = None
        self._numbers = itertools.count(1)

    async def look(self, request: GuardedRequest) -> Passed | Replaced | Blocked:
        try:
            shown = await request.document()
        except ValueError:
            raise GuardError("malformed", "the request is no JSON") from None
        found = await self._call(request, shown)
        if isinstance(found, Blocked):
            return found
        if not isinstance(found, dict):
            raise GuardError("malformed", "what it gave back is no JSON object")
        return Passed() if found == shown else Replaced(orjson.dumps(found))

    async def look_at_text(self, request: GuardedRequest, probe: Probe, text: str) -> str | Blocked:
        found = await self._call(request, probe.holding(text))
        return found if isinstance(found, Blocked) else probe.text_of(found)

    async def _call(self, request: GuardedRequest, shown: Any) -> Any | Blocked:
        """What the tool returns for something that belongs to a request.

        Raises:
            GuardError: nothing that could take its place.
        """
        arguments = {"body": shown, "path": request.path}
        params = {"name": self._filter.tool, "arguments": arguments}
        told = headers_for(self._settings, request.headers)
        session = self._session or await self._greet()
        answer = await self._send(session, "tools/call", params, told)
        if answer.status == _SESSION_IS_GONE:
            session = await self._greet()
            answer = await self._send(session, "tools/call", params, told)
        if 400 <= answer.status < 500:
            return self._blocked(answer.status)
        result = _result(answer)
        if result.get("isError"):
            return self._blocked(400)
        return _returned(result)

    async def _greet(self) -> Mapping[str, str]:
        """Open a session."""
        client = {"name": "dragoman", "version": "1"}
        params = {"protocolVersion": _VERSION, "capabilities": {}, "clientInfo": client}
        answer = await self._send({}, "initialize", params, {})
        if not 200 <= answer.status < 300:
            raise GuardError("status", f"it answered {answer.status} to the greeting")
        session = {_PROTOCOL: str(_result(answer).get("protocolVersion", _VERSION))}
        if _SESSION in answer.headers:
            session[_SESSION] = answer.headers[_SESSION]
        await self._send(session, "notifications/initialized", None, {})
        self._session = session
        return session

    async def _send(
        self,
        session: Mapping[str, str],
        method: str,
        params: Mapping[str, Any] | None,
        told: Mapping[str, str],
    ) -> Answer:
        message: dict[str, Any] = {"jsonrpc": "2.0", "method": method}
        if params is not None:
            message |= {"id": next(self._numbers), "params": params}
        headers = {
            **told,
            **session,
            "content-type": "application/json",
            "accept": f"application/json, {_EVENTS}",
        }
        return await self._asking.post(self._filter.url, orjson.dumps(message), headers)


def _result(answer: Answer) -> Mapping[str, Any]:
    """The result in an answer: of JSON, or of events, the last of which that has one counts."""
    if not 200 <= answer.status < 300:
        raise GuardError("status", f"it answered {answer.status}")
    streamed = answer.headers.get("content-type", "").startswith(_EVENTS)
    found = EventReader().feed(answer.body + b"\n\n") if streamed else (answer.body,)
    for data in reversed([*found]):
        try:
            message = orjson.loads(data)
        except orjson.JSONDecodeError:
            continue
        if isinstance(message, dict) and isinstance(message.get("result"), dict):
            result: Mapping[str, Any] = message["result"]
            return result
        if isinstance(message, dict) and "error" in message:
            raise GuardError("status", "it answered with an error of the protocol")
    raise GuardError("malformed", "what came is no answer of the protocol")


def _returned(result: Mapping[str, Any]) -> Any:
    """What a tool returned: structured, or as JSON in its text."""
    structured = result.get("structuredContent")
    if isinstance(structured, dict):
        return structured["result"] if [*structured] == ["result"] else structured
    try:
        return orjson.loads(result["content"][0]["text"])
    except (LookupError, TypeError, orjson.JSONDecodeError):
        raise GuardError("malformed", "what the tool returned is no JSON") from None
