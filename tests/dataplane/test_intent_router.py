"""A remote intent router: asked over an OpenAI-compatible endpoint, never waited for too long."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from extproc.demo.provider import Behaviour
from house import CONFIG, PROMPT, ROUTE, House
from house import house as start

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


@pytest.fixture(scope="module")
async def routed(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    directory: Path = tmp_path_factory.mktemp("routed")
    async with start(directory, more=MORE, config=WITH_ROUTER) as house:
        yield house


async def test_it_is_asked_and_obeyed(routed: House) -> None:
    routed.clear()
    routed.delta.script(Behaviour(text=f'{{"route": "{ROUTE}"}}'))
    response = await routed.chat("zzz")
    assert response.headers["x-dragoman-route"] == ROUTE
    (asked,) = routed.delta.exchanges
    assert asked.header("authorization") == "Bearer key-of-delta"
    assert asked.json["model"] == "arch-router"
    assert '[{"role":"user","content":"zzz"}]' in asked.json["messages"][0]["content"].replace(
        '": "', '":"'
    ).replace('", "', '","')


async def test_other_means_no_route(routed: House) -> None:
    routed.clear()
    routed.delta.script(Behaviour(text='{"route": "other"}'))
    response = await routed.chat()
    assert response.headers["x-dragoman-model"] == "gamma/model-c"
    assert "x-dragoman-unrouted" not in response.headers


@pytest.mark.parametrize(
    ("failing", "reason"),
    [
        (Behaviour(before_headers="silence"), "timeout"),
        (Behaviour(before_headers="reset"), "unreachable"),
        (Behaviour(status=500), "status"),
        (Behaviour(text="I would rather not say"), "malformed"),
    ],
)
async def test_when_it_fails_the_request_goes_on(
    routed: House, failing: Behaviour, reason: str
) -> None:
    routed.clear()
    routed.delta.script(failing)
    response = await routed.chat(PROMPT)
    assert response.status_code == 200
    assert response.headers["x-dragoman-model"] == "gamma/model-c"
    assert response.headers["x-dragoman-unrouted"] == reason
    assert "x-dragoman-route" not in response.headers
