from __future__ import annotations

import asyncio
import json

import pytest

from extproc.demo.provider import Behaviour, FakeProvider
from tests.helpers.quick_client import QuickClient

PATH = "/v1/chat/completions"


def body(**more: object) -> bytes:
    messages = [{"role": "user", "content": "Hello"}]
    return json.dumps({"model": "a-model", "messages": messages} | more).encode()


async def test_answers_are_read_to_their_end() -> None:
    async with FakeProvider("alpha") as provider, QuickClient(provider.url) as client:
        for streamed in (True, False, True):
            assert await client.post(PATH, body(stream=streamed)) == 200
        provider.script(Behaviour(status=503))
        assert await client.post(PATH, body(), "x-team: red") == 503
        assert await client.post(PATH, body()) == 200
    assert provider.exchanges[3].header("x-team") == "red"
    assert [exchange.json.get("stream") for exchange in provider.exchanges[:3]] == [
        True,
        False,
        True,
    ]


async def test_a_torn_answer_is_told() -> None:
    async with FakeProvider("alpha") as provider, QuickClient(provider.url) as client:
        provider.default = Behaviour(cut_after=1)
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            await client.post(PATH, body(stream=True))
