"""A client that sends the largest bodies that are accepted, of the worst kind, disturbs nobody."""

from __future__ import annotations

import asyncio
import contextlib
import json

import httpx
import psutil
import pytest

from tests.helpers.house import PROMPT, House

MEBIBYTE = 1024 * 1024
SIZE = 31 * MEBIBYTE
BEGIN, END = b'{"model":"model-c","messages":[{"role":"user","content":"hi"}],"x":', b"}"


def filled(piece: bytes) -> bytes:
    """An array of as many of these as are accepted."""
    return b"[%b1]" % (piece * (SIZE // len(piece)))


HOSTILE = {
    "empty arrays": filled(b"[],"),
    "objects with a model": filled(b'{"model":1},'),
    "numbers": filled(b"1,"),
    "strings": filled(b'"",'),
    "nested": b"[" * (SIZE // 2) + b"]" * (SIZE // 2),
    "members": b"{%b}" % b",".join(b'"model%d":1' % number for number in range(2_000_000)),
}
HARMLESS = {
    "escapes": b'"%b"' % (b'\\"model\\":' * (SIZE // 11)),
    "one string": b'"%b"' % (b"x" * SIZE),
}


def body(value: bytes) -> bytes:
    return BEGIN + value + END


def resident(house: House) -> int:
    """The resident memory of the worker, in bytes."""
    size: int = psutil.Process(house.running.deciders.workers[0].pid).memory_info().rss
    return size


async def sent(house: House, raw: bytes) -> httpx.Response:
    headers = {"content-type": "application/json"}
    return await house.client.post("/v1/chat/completions", content=raw, headers=headers)


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE.keys())
async def test_a_body_of_too_many_values_is_refused(house: House, value: bytes) -> None:
    await sent(house, body(b'"%b"' % (b"x" * SIZE)))
    before = resident(house)
    response = await sent(house, body(value))
    assert response.status_code == 400, response.text
    assert "holds more than the 100,000 values" in response.json()["error"]["message"]
    assert resident(house) - before < 5 * SIZE


@pytest.mark.parametrize("value", HARMLESS.values(), ids=HARMLESS.keys())
async def test_a_body_that_is_only_large_goes_on_as_it_is(house: House, value: bytes) -> None:
    raw = b'{"model":"model-c","messages":[{"role":"user","content":%b}]}' % value
    response = await sent(house, raw)
    assert response.status_code == 200, response.text
    (exchange,) = [each for one in house.providers.values() for each in one.exchanges]
    assert exchange.body.partition(b",")[2] == raw.partition(b",")[2]


@pytest.mark.parametrize("value", [*HOSTILE.values(), HARMLESS["escapes"]])
async def test_others_are_served_meanwhile(house: House, value: bytes) -> None:
    """Where each value was made an object of, they waited for up to ten seconds."""
    attacks = asyncio.create_task(attack(house, body(value), times=2))
    waits: list[float] = []
    while not attacks.done():
        response = await house.chat(PROMPT)
        assert response.status_code == 200
        waits.append(response.elapsed.total_seconds())
    await attacks
    assert max(waits) < 3


async def attack(house: House, raw: bytes, times: int) -> None:
    for _ in range(times):
        with contextlib.suppress(httpx.WriteError):
            assert (await sent(house, raw)).status_code in (200, 400)


async def test_a_conversation_of_megabytes_is_routed_by_its_last_words(house: House) -> None:
    talk = [{"role": "user", "content": f"{n} Hello there. " * 50} for n in range(3000)]
    document = {"model": "model-c", "messages": [*talk, {"role": "user", "content": PROMPT}]}
    response = await sent(house, json.dumps(document).encode())
    assert response.status_code == 200
    assert response.headers["x-dragoman-route"] == "code generation"
