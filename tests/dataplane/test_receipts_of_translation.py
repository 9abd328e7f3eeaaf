"""What a translation could not do, and what was added for a cache's sake, is told afterwards: in
the receipt and in the access log."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from extproc.demo.provider import Behaviour
from extproc.demo.provider.exchange import Exchange
from tests.helpers.house import CHAT_MODELS, CONFIG, GREETING, MESSAGES_MODELS, House, greeting
from tests.helpers.house import house as start

POOL = (
    "models: [alpha/model-a, beta/model-b, gamma/model-c, anthropic/claude-a, anthropic/claude-d]"
)
MESSAGES_FIRST = CONFIG.replace(POOL, "models: [anthropic/claude-a, alpha/model-a]", 1)
CACHING = "prompt_caching: {enabled: true, session_affinity: false, min_prefix_tokens: 100}"

LONG = "You are a helpful assistant. " * 20
SAID = {"role": "user", "content": GREETING}
MARKED = {"type": "text", "text": LONG, "cache_control": {"type": "ephemeral"}}


@pytest.fixture(scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    assert MESSAGES_FIRST != CONFIG
    path = tmp_path_factory.mktemp("receipts")
    async with start(path, config=MESSAGES_FIRST, more=CACHING) as running:
        yield running


@pytest.fixture(autouse=True)
def _clear(house: House) -> None:
    house.clear()


def of_attempts(line: dict[str, Any]) -> bool:
    return bool(line["log"] == "attempt")


async def test_what_was_lost_and_who_was_skipped(house: House) -> None:
    since = house.log_length()
    translated = await house.chat(seed=7)
    assert translated.headers["x-dragoman-model"] == MESSAGES_MODELS[0]
    receipt = await house.receipt(translated)
    assert receipt["skipped"] == []
    assert [each["translation"] for each in receipt["attempts"]] == [["dropped:seed"]]
    (line,) = await house.logged(of_attempts, since=since)
    assert line["translation"] == "dropped:seed"
    since = house.log_length()
    native = await house.chat(n=2)
    assert native.headers["x-dragoman-model"] == CHAT_MODELS[0]
    receipt = await house.receipt(native)
    (skipped,) = receipt["skipped"]
    assert (skipped["model"], skipped["code"]) == (MESSAGES_MODELS[0], "skipped:n")
    assert [each["model"] for each in receipt["candidates"]] == [CHAT_MODELS[0]]
    assert [each["translation"] for each in receipt["attempts"]] == [[]]
    (line,) = await house.logged(of_attempts, since=since)
    assert line["translation"] is None


def kept(exchange: Exchange) -> list[str]:
    """The texts behind which the provider was told to keep what it has read."""
    contents = [
        exchange.json.get("system"),
        *(turn["content"] for turn in exchange.json["messages"]),
    ]
    blocks = [block for content in contents if isinstance(content, list) for block in content]
    return [block["text"] for block in blocks if "cache_control" in block]


@pytest.mark.parametrize(
    ("headers", "system", "marked", "told"),
    [
        ({}, LONG, [LONG, GREETING], ["added:cache_control"]),
        ({"x-plano-cache": "off"}, LONG, [], []),
        ({}, "Be brief.", [], []),
        ({}, [MARKED], [LONG], []),
    ],
    ids=["marked", "off", "short", "own marks"],
)
async def test_what_is_worth_caching_is_marked(
    house: House, headers: dict[str, str], system: Any, marked: list[str], told: list[str]
) -> None:
    """In the requested model's own dialect all else stays byte for byte."""
    asked = {"model": "anthropic/claude-d", "max_tokens": 9, "temperature": 1.0, "system": system}
    content = {**asked, "messages": [SAID], "routing_preferences": []}
    response = await house.client.post("/v1/messages", json=content, headers=headers)
    assert response.status_code == 200, response.text
    (exchange,) = house.delta.exchanges
    assert kept(exchange) == marked
    assert b'"temperature":1.0,' in exchange.body
    assert [each["translation"] for each in (await house.receipt(response))["attempts"]] == [told]
    assert response.headers.get("x-dragoman-translation", "") == "".join(told)


async def test_a_later_attempt_is_marked_where_it_goes_to_who_takes_marks(house: House) -> None:
    house.beta.script(Behaviour(status=503))
    chain = greeting("beta/model-b", "anthropic/claude-d")
    said = [{"role": "system", "content": LONG}, SAID]
    response = await house.chat(model="beta/model-b", messages=said, routing_preferences=chain)
    assert response.headers["x-dragoman-model"] == "anthropic/claude-d", response.text
    (first,), (second,) = house.beta.exchanges, house.delta.exchanges
    assert b"cache_control" not in first.body
    assert kept(second) == [LONG, GREETING]
    receipt = await house.receipt(response)
    assert [each["translation"] for each in receipt["attempts"]] == [[], ["added:cache_control"]]
