"""Streams that fail after they have begun: what the client gets, and what is learned."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from extproc.demo.provider import Behaviour
from tests.helpers.house import CONFIG, MESSAGES_MODELS, OFF_TOPIC, PROMPT, House
from tests.helpers.house import house as start

USER = [{"role": "user", "content": OFF_TOPIC}]
ASKED: dict[str, dict[str, Any]] = {
    "/v1/chat/completions": {"model": "gamma/model-c", "messages": USER},
    "/v1/responses": {"model": "gamma/model-c", "input": OFF_TOPIC},
    "/v1/messages": {"model": MESSAGES_MODELS[0], "messages": USER, "max_tokens": 9},
}
TRANSLATED = {
    "/v1/chat/completions": MESSAGES_MODELS[0],
    "/v1/responses": MESSAGES_MODELS[0],
    "/v1/messages": "gamma/model-c",
}
ENDS = {
    "finished": Behaviour(deltas=3),
    "error": Behaviour(deltas=3, error_after=2),
    "unfinished": Behaviour(deltas=3, end_after=2),
}


@pytest.fixture(scope="module")
async def shared_strict(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    directory = tmp_path_factory.mktemp("strict")
    async with start(directory, stream_idle_timeout="1s", attempt_timeout="5s") as running:
        yield running


@pytest.fixture
def strict(shared_strict: House) -> House:
    """A house in which no stream may be silent for longer than a second."""
    shared_strict.clear()
    return shared_strict


async def ask(house: House, path: str, behaviour: Behaviour, **more: Any) -> httpx.Response:
    house.clear()
    for provider in house.providers.values():
        provider.script(behaviour)
    return await house.client.post(path, json=ASKED[path] | {"stream": True} | more)


@pytest.mark.parametrize("path", ASKED)
@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("translated", [False, True])
async def test_how_a_stream_ended_is_in_the_receipt(
    strict: House, path: str, end: str, translated: bool
) -> None:
    more = {"model": TRANSLATED[path]} if translated else {}
    response = await ask(strict, path, ENDS[end], **more)
    assert response.status_code == 200
    receipt = await strict.receipt(response)
    (attempt,) = receipt["attempts"]
    assert (attempt["status"], attempt["flags"], attempt["stream_end"]) == (200, "", end)
    if translated and end != "finished":
        assert "error" in response.text


@pytest.mark.parametrize("path", ASKED)
async def test_a_stream_that_falls_silent_is_ended(strict: House, path: str) -> None:
    began = time.monotonic()
    with pytest.raises(httpx.RemoteProtocolError):
        await ask(strict, path, Behaviour(deltas=3, stall_after=2))
    assert 0.9 < time.monotonic() - began < 3


@pytest.mark.parametrize("path", ASKED)
async def test_a_translated_one_ends_with_an_error_of_its_dialect(strict: House, path: str) -> None:
    began = time.monotonic()
    stalled = Behaviour(deltas=3, stall_after=2)
    response = await ask(strict, path, stalled, model=TRANSLATED[path])
    assert 0.9 < time.monotonic() - began < 3
    assert "fell silent" in response.text
    (attempt,) = (await strict.receipt(response))["attempts"]
    assert (attempt["stream_end"], attempt["flags"]) == ("stalled", "")


async def test_whole_answers_and_slow_streams_are_not_silent(strict: House) -> None:
    response = await ask(strict, "/v1/chat/completions", Behaviour(delay_headers=2.0), stream=False)
    assert response.status_code == 200
    slow = Behaviour(deltas=5, delay_between=0.6)
    response = await ask(strict, "/v1/chat/completions", slow)
    assert "[DONE]" in response.text


async def test_what_breaks_off_sets_its_model_back(tmp_path: Path) -> None:
    async with start(tmp_path, cooldowns=True) as house:
        house.alpha.default = ENDS["error"]
        async with asyncio.timeout(10):
            while (await house.snapshot())["cooldowns"].get("alpha/model-a") is None:
                await house.receipt(await house.chat(stream=True))  # once that is learned from
        assert (await house.answering()) == "beta/model-b"
        metrics = (await house.admin.get("/metrics")).text
        assert 'dragoman_broken_streams_total{end="error",model_name="alpha/model-a"} 3' in metrics


BREAKS = {
    "error": Behaviour(deltas=6, error_after=3),
    "unfinished": Behaviour(deltas=6, end_after=3),
    "cut": Behaviour(deltas=6, delay_between=0.05, cut_after=3),
    "stalled": Behaviour(deltas=6, stall_after=3),
    "garbage": Behaviour(deltas=6, malformed="middle"),
}


@pytest.fixture(scope="module")
async def shared_holding(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    config = CONFIG.replace("dragoman:\n", "    hold_stream: true\ndragoman:\n")
    directory = tmp_path_factory.mktemp("holding")
    async with start(directory, config=config, stream_idle_timeout="1s") as running:
        yield running


@pytest.fixture
def holding(shared_holding: House) -> House:
    """A house whose route holds its streams."""
    shared_holding.clear()
    return shared_holding


@pytest.mark.parametrize("path", ASKED)
@pytest.mark.parametrize("broken", BREAKS)
async def test_a_held_stream_moves_on_wherever_it_breaks(
    holding: House, path: str, broken: str
) -> None:
    holding.alpha.script(BREAKS[broken])
    said = (
        {"input": PROMPT} if "responses" in path else {"messages": [USER[0] | {"content": PROMPT}]}
    )
    response = await holding.client.post(path, json=ASKED[path] | said | {"stream": True})
    assert response.status_code == 200, response.text
    assert response.headers["x-dragoman-attempts"] == "2"
    assert response.headers["x-dragoman-model"] == "beta/model-b"
    assert '"error":{' not in response.text.replace(" ", "")


async def test_a_held_stream_whose_candidates_all_break_is_an_error(holding: House) -> None:
    for provider in holding.providers.values():
        provider.default = BREAKS["unfinished"]
    response = await holding.chat(stream=True)
    assert response.status_code == 502
    assert response.json()["error"]["code"] == "ended_unfinished"
    assert response.headers["x-dragoman-attempts"] == "5"


async def test_a_held_stream_comes_whole(holding: House) -> None:
    holding.alpha.script(Behaviour(deltas=5000, delta_size=1000))
    response = await holding.chat(stream=True)
    assert response.headers["x-dragoman-attempts"] == "1"
    assert response.text.rstrip().endswith("data: [DONE]")
    assert len(response.text) > 5_000_000
