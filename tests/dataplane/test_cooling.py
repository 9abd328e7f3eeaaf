"""Models that fail are left alone, probed and taken back."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from extproc.demo.provider import Behaviour
from tests.helpers.house import CHAT_MODELS, MESSAGES_MODELS, House
from tests.helpers.house import house as start

ALPHA, BETA, GAMMA = CHAT_MODELS
MODEL_A = "model-a"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with start(tmp_path, cooldowns=True, workers=2) as running:
        yield running


async def phase(house: House, model: str = ALPHA) -> str | None:
    cooldown = (await house.snapshot())["cooldowns"].get(model)
    return cooldown["phase"] if cooldown else None


async def test_a_model_that_asks_for_five_seconds_gets_them(house: House) -> None:
    house.alpha.behave(MODEL_A, Behaviour(status=429, retry_after="5"))
    began = time.monotonic()
    assert await house.answering() == BETA
    assert len(house.alpha.exchanges) == 1
    answers: Counter[str] = Counter()

    async def client() -> None:
        while time.monotonic() - began < 4.5:
            answers[await house.answering()] += 1
            await asyncio.sleep(0.02)

    await asyncio.gather(*(client() for _ in range(4)))
    assert answers[BETA] > 100
    assert set(answers) == {BETA}
    assert len(house.alpha.exchanges) == 1, "only the first request"

    # Its time is up and it still refuses: one probe, and then it is left alone again.
    await asyncio.sleep(1)
    probing = [await house.answering() for _ in range(60)]
    assert set(probing) == {BETA}
    assert len(house.alpha.exchanges) == 2

    # Now it is well: the next probe answers, and then it gets a growing part of the requests.
    house.alpha.behave(MODEL_A, Behaviour())
    probes = 0

    async def back() -> bool:
        nonlocal probes
        if await house.answering() == ALPHA:
            probes += 1
        return await phase(house) == "returning"

    await house.until(back)
    assert 1 <= probes <= 2
    returning = Counter([await house.answering() for _ in range(60)])
    assert set(returning) == {ALPHA, BETA}

    async def well() -> bool:
        return await phase(house) is None

    await house.until(well, patience=20)
    assert [await house.answering() for _ in range(10)] == [ALPHA] * 10


async def test_a_receipt_tells_of_the_cooldown(house: House) -> None:
    house.alpha.behave(MODEL_A, Behaviour(status=429, retry_after="30"))
    await house.chat()
    response = await house.chat()
    receipt = await house.receipt(response)
    assert receipt["candidates"][0]["model"] == BETA
    set_back = {one["model"]: one["cooldown"] for one in receipt["candidates"] if one["cooldown"]}
    assert set_back in ({ALPHA: "retry_after"}, {ALPHA: "failed_just_now"})


async def test_a_model_that_keeps_failing_is_left_alone(house: House) -> None:
    house.alpha.behave(MODEL_A, Behaviour(status=500))
    for _ in range(3):
        assert await house.answering() == BETA
        await asyncio.sleep(0.6)  # a suspicion has passed by then
    assert len(house.alpha.exchanges) == 3
    assert await phase(house) == "cooling"
    assert [await house.answering() for _ in range(10)] == [BETA] * 10
    assert len(house.alpha.exchanges) == 3


async def test_where_all_refuse_all_are_tried(house: House) -> None:
    for provider in house.providers.values():
        provider.default = Behaviour(status=429, retry_after="20")
    for _ in range(2):
        response = await house.chat()
        assert response.status_code == 429
        assert response.headers["x-dragoman-attempts"] == str(len(CHAT_MODELS + MESSAGES_MODELS))


async def test_a_model_that_is_asked_for_is_asked(house: House) -> None:
    """A cooldown reorders; it never refuses what a client wants and no route decides."""
    house.gamma.behave("model-c", Behaviour(status=429, retry_after="20"))
    off: dict[str, Any] = {"routing_preferences": []}
    for count in (1, 2):
        assert (await house.chat(**off)).status_code == 429
        assert len(house.gamma.exchanges) == count


async def test_of_six_workers_one_probes_and_any_of_them_will_do(tmp_path: Path) -> None:
    """While many ask, one request at a time is a probe; while few ask, the next one is."""
    async with start(tmp_path, cooldowns=True, workers=6) as house:
        house.alpha.behave(MODEL_A, Behaviour(status=429, delay_headers=0.5))
        assert await house.answering() == BETA
        began = time.monotonic()

        async def client() -> None:
            while time.monotonic() - began < 9:
                assert await house.answering() == BETA
                await asyncio.sleep(0.02)

        await asyncio.gather(*(client() for _ in range(6)))
        tried = [exchange.received_at for exchange in house.alpha.exchanges]
        assert len(tried) == 3, "one fails, and two probes do"
        assert tried[1] - tried[0] > 2
        assert tried[2] - tried[1] > 4

        # It is to be left alone for 8 s more. Meanwhile it is well again.
        house.alpha.behave(MODEL_A, Behaviour())
        while await house.answering() != ALPHA:
            await asyncio.sleep(1.5)
        assert time.monotonic() - began < 20
