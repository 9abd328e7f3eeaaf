"""Mixed traffic as a busy day brings it, and what each kind of request must come to."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeAlias

import httpx

from extproc.demo.provider import Behaviour, FakeProvider

__all__ = ["CONFIGURATION", "KINDS", "TrafficError", "behaving"]

CONFIGURATION: Final = """
version: v0.4.0
listeners:
  - {{type: model, name: llm, address: 127.0.0.1, port: {port}}}
model_providers:
  - {{model: fake/steady, base_url: "{url}", provider_interface: openai, access_key: ${key},
     default: true}}
  - {{model: fake/slow, base_url: "{url}", provider_interface: openai, access_key: ${key}}}
  - {{model: fake/failing, base_url: "{url}", provider_interface: openai, access_key: ${key}}}
  - {{model: fake/breaking, base_url: "{url}", provider_interface: openai, access_key: ${key}}}
  - {{model: anthropic/claude, base_url: "{url}", access_key: ${key}}}
routing_preferences:
  - name: code generation
    description: writing Python functions, generating new code
    models: [fake/failing, fake/breaking, fake/steady]
  - name: poetry
    description: poems, rhymes and verses
    models: [anthropic/claude, fake/steady]
dragoman:
  admin_address: 127.0.0.1:{admin_port}
{more}
"""
"""A route whose first two models fail, so that requests move on until these cool down."""

_CHAT: Final = "/v1/chat/completions"
_MESSAGES: Final = "/v1/messages"
_CODE: Final = "Write a Python function that sorts a list of integers"
_VERSE: Final = "Write a poem with rhymes on the sea"
_SESSIONS: Final = 20_000
_BIG: Final = "All of this is one long document. " * 60_000


class TrafficError(Exception):
    """A request came to something else than it should; the message says what."""


def behaving(provider: FakeProvider) -> None:
    """Let a provider's models behave as their names say."""
    provider.behave("slow", Behaviour(delay_between=0.05))
    provider.behave("failing", Behaviour(status=503))
    provider.behave("breaking", Behaviour(first_event_error=True))


def _asks(text: str = "hi", **more: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": text}], "max_tokens": 64, **more}


async def _answered(
    client: httpx.AsyncClient,
    path: str,
    body: Mapping[str, Any],
    expected: int = 200,
    headers: Mapping[str, str] | None = None,
) -> None:
    response = await client.post(path, json=body, headers=headers)
    if response.status_code != expected:
        raise TrafficError(f"status {response.status_code} instead of {expected}")
    response.json()


async def _streamed(
    client: httpx.AsyncClient, path: str, body: Mapping[str, Any], last: str
) -> None:
    async with client.stream("POST", path, json={**body, "stream": True}) as response:
        told = [line async for line in response.aiter_lines() if line]
    if response.status_code != httpx.codes.OK:
        raise TrafficError(f"status {response.status_code} instead of 200")
    if not told or last not in told[-1]:
        raise TrafficError("a stream that did not end as it should")


async def _whole(client: httpx.AsyncClient) -> None:
    await _answered(client, _CHAT, _asks(model="fake/steady"))


async def _moved_on(client: httpx.AsyncClient) -> None:
    await _answered(client, _CHAT, _asks(_CODE))


async def _stream(client: httpx.AsyncClient) -> None:
    await _streamed(client, _CHAT, _asks(model="fake/steady"), "[DONE]")


async def _moved_stream(client: httpx.AsyncClient) -> None:
    await _streamed(client, _CHAT, _asks(_CODE), "[DONE]")


async def _translated(client: httpx.AsyncClient) -> None:
    await _answered(client, _CHAT, _asks(_VERSE))


async def _translated_stream(client: httpx.AsyncClient) -> None:
    await _streamed(client, _MESSAGES, _asks(model="fake/steady"), "message_stop")


async def _cancelled(client: httpx.AsyncClient) -> None:
    body = _asks(model="fake/slow", stream=True)
    async with client.stream("POST", _CHAT, json=body) as response:
        async for _ in response.aiter_bytes():
            break


async def _session(client: httpx.AsyncClient) -> None:
    session = f"session-{random.randrange(_SESSIONS)}"
    await _answered(client, _CHAT, _asks(_CODE), headers={"x-model-affinity": session})


async def _big(client: httpx.AsyncClient) -> None:
    await _answered(client, _CHAT, _asks(_BIG, model="fake/steady"))


async def _own_routes(client: httpx.AsyncClient) -> None:
    number = random.randrange(10**9)
    routes = [
        {"name": f"route {n}", "description": f"matter {number} {n}", "models": ["fake/steady"]}
        for n in range(3)
    ]
    await _answered(client, _CHAT, _asks(_CODE, routing_preferences=routes))


async def _decided(client: httpx.AsyncClient) -> None:
    await _answered(client, f"/routing{_CHAT}", _asks(_CODE))


async def _no_json(client: httpx.AsyncClient) -> None:
    response = await client.post(_CHAT, content=b'{"model":')
    if response.status_code != httpx.codes.BAD_REQUEST:
        raise TrafficError(f"status {response.status_code} instead of 400")


async def _no_such_model(client: httpx.AsyncClient) -> None:
    await _answered(client, _MESSAGES, _asks(model="no/such"), 404)


Kind: TypeAlias = Callable[[httpx.AsyncClient], Awaitable[None]]

KINDS: Final[Mapping[str, tuple[int, Kind]]] = {
    "whole answer": (20, _whole),
    "stream": (20, _stream),
    "moved to another model": (10, _moved_on),
    "moved stream": (10, _moved_stream),
    "translated": (10, _translated),
    "translated stream": (10, _translated_stream),
    "session": (20, _session),
    "routes of its own": (2, _own_routes),
    "cancelled stream": (5, _cancelled),
    "2 MB body": (1, _big),
    "decision alone": (5, _decided),
    "no JSON": (5, _no_json),
    "no such model": (5, _no_such_model),
}
"""How often each comes, as a weight, and what does it; it raises what is not as it should be."""
