"""A router model: asked over an OpenAI-compatible endpoint, never waited for too long."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from extproc.demo.provider import Behaviour
from tests.helpers.house import CONFIG, ROUTE, House
from tests.helpers.house import house as start

MORE = """
  intent_timeout: 400ms
overrides:
  llm_routing_model: router/arch-router
"""
WITH_ROUTER = CONFIG.replace(
    "model_aliases:",
    """  - {{model: router/arch-router, base_url: "{delta}", provider_interface: openai,
     access_key: $DELTA_KEY}}
model_aliases:""",
)
AT_URL = CONFIG.replace(
    "{more}",
    """
  router_url: "{delta}/v1"
  router_access_key: $DELTA_KEY
overrides:
  llm_routing_model: Plano-Orchestrator
""",
)
WELL = Behaviour(text=f'{{"route": "{ROUTE}"}}')


def code(number: int) -> str:
    """A prompt that the embedded classifier knows, each time another: answers are remembered."""
    return f"Write a Python function that sorts a list of {number} integers"


def conversation_in(asked: Any) -> Any:
    prompt = asked.json["messages"][0]["content"]
    return json.loads(prompt.partition("<conversation>\n")[2].partition("\n</conversation>")[0])


@pytest.fixture(scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    directory: Path = tmp_path_factory.mktemp("routed")
    async with start(directory, more=MORE, config=WITH_ROUTER) as house:
        yield house


@pytest.fixture
def routed(shared: House) -> House:
    shared.clear()
    return shared


async def test_it_is_asked_and_obeyed(routed: House) -> None:
    routed.delta.script(WELL)
    for _ in range(3):
        response = await routed.chat("zzz")
        assert response.headers["x-dragoman-route"] == ROUTE
    (asked,) = routed.delta.exchanges
    assert asked.header("authorization") == "Bearer key-of-delta"
    assert asked.json["model"] == "arch-router"
    assert conversation_in(asked) == [{"role": "user", "content": "zzz"}]
    receipt = await routed.receipt(response)
    assert (receipt["classifier"], receipt["fallback"]) == ("arch-router", None)


async def test_other_means_no_route(routed: House) -> None:
    routed.delta.script(Behaviour(text='{"route": "other"}'))
    response = await routed.chat(code(0))
    assert response.headers["x-dragoman-model"] == "gamma/model-c"
    assert "x-dragoman-route" not in response.headers
    assert "x-dragoman-unrouted" not in response.headers


@pytest.mark.parametrize(
    ("number", "failing", "reason"),
    [
        (11, Behaviour(before_headers="silence"), "timeout"),
        (12, Behaviour(slow_body=30.0, text='{"route": "other"}'), "timeout"),
        (13, Behaviour(before_headers="reset"), "interrupted"),
        (14, Behaviour(status=500), "status"),
        (15, Behaviour(text="I would rather not say"), "malformed"),
    ],
    ids=["silent", "dripping", "broken", "failing", "wrong"],
)
async def test_when_it_fails_the_embedded_classifier_answers(
    routed: House, number: int, failing: Behaviour, reason: str
) -> None:
    routed.delta.script(WELL, failing)
    await routed.chat(f"zzz {number}")
    response = await routed.chat(code(number))
    assert response.status_code == 200
    assert response.headers["x-dragoman-route"] == ROUTE
    assert response.headers["x-dragoman-model"] == "alpha/model-a"
    assert "x-dragoman-unrouted" not in response.headers
    assert len(routed.delta.exchanges) == 2
    receipt = await routed.receipt(response)
    assert (receipt["classifier"], receipt["fallback"]) == ("embedded", reason)
    counted = (await routed.admin.get("/metrics")).text
    assert f'classification_fallbacks_total{{classifier="embedded",reason="{reason}"}}' in counted


async def test_one_that_keeps_failing_is_left_alone_and_tried_again(routed: House) -> None:
    routed.delta.script(WELL, *[Behaviour(status=503)] * 5)
    await routed.chat("zzz, but not for the first time")
    for number in range(1, 6):
        assert (await routed.chat(code(number))).headers["x-dragoman-route"] == ROUTE
    assert len(routed.delta.exchanges) == 6
    routed.delta.default = Behaviour(text='{"route": "other"}')
    response = await routed.chat(code(6))
    assert response.headers["x-dragoman-route"] == ROUTE
    assert (await routed.receipt(response))["fallback"] == "circuit_open"
    assert len(routed.delta.exchanges) == 6, "it was asked although it kept failing"
    async with asyncio.timeout(10):
        number = 7
        while "x-dragoman-route" in (await routed.chat(code(number))).headers:
            number += 1
            await asyncio.sleep(0.1)
    assert len(routed.delta.exchanges) == 7


async def test_one_that_is_nobody_s_model(tmp_path: Path) -> None:
    async with start(tmp_path, config=AT_URL) as house:
        house.delta.script(Behaviour(text=f'{{"route": ["nonsense", "{ROUTE}"]}}'))
        response = await house.chat("zzz")
        assert response.headers["x-dragoman-route"] == ROUTE
        (asked,) = house.delta.exchanges
    assert asked.header("authorization") == "Bearer key-of-delta"
    assert asked.json["model"] == "Plano-Orchestrator"
    assert conversation_in(asked) == [{"role": "user", "content": "zzz"}]
