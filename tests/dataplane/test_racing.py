"""Attempts that race, and copies of requests, on Envoy: which answer counts, who is blamed."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from extproc.demo.provider import Behaviour
from tests.helpers.house import CHAT_MODELS, CONFIG, GREETING, MESSAGES_MODELS, PROMPT, House
from tests.helpers.house import house as start

ALPHA, BETA, GAMMA = CHAT_MODELS
SHADOW = MESSAGES_MODELS[1]
AFTER = 0.2
SLOW = Behaviour(delay_headers=2.0)
LATER = Behaviour(delay_headers=1.5 * AFTER)
BUSY = Behaviour(status=409)
"""What moves on and is held against nobody, so that the next test finds all in their places."""
LATE_CONTENT = Behaviour(delay_first_content=2.0)
RACING = CONFIG.replace(
    ", anthropic/claude-a, anthropic/claude-d]\n",
    f"]\n    hedge: {{{{after: {AFTER}}}}}\n"
    "  - {{name: greeting, description: 'saying hello, greetings', fallback: true,\n"
    "      models: [beta/model-b, gamma/model-c], hedge: true}}\n"
    "  - {{name: translation, description: translating text into other languages,\n"
    "      models: [beta/model-b, gamma/model-c],\n"
    "      shadow: {{model: anthropic/claude-d, percent: 100}}}}\n",
)
TO_COPY = "Translate this text into French: the weather is nice"


@pytest.fixture(scope="module")
async def racing(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    directory: Path = tmp_path_factory.mktemp("racing")
    async with start(directory, config=RACING, cooldowns=True) as running:
        yield running


@pytest.fixture
def house(racing: House) -> House:
    racing.clear()
    return racing


def attempts(receipt: dict[str, Any]) -> list[tuple[str, int, bool]]:
    return [(each["model"], each["status"], each["lost"]) for each in receipt["attempts"]]


async def whole_receipt(house: House, response: Any) -> dict[str, Any]:
    """The receipt once all of its attempts have been told of."""
    found: dict[str, Any] = {}

    async def told() -> bool:
        found.update(await house.receipt(response))
        told_of: int = found["attempts_made"]
        return len(found["attempts"]) == told_of

    await house.until(told)
    return found


async def test_a_model_that_answers_in_time_is_asked_alone(house: House) -> None:
    response = await house.chat()
    assert response.headers["x-dragoman-attempts"] == "1"
    receipt = await house.receipt(response)
    assert (receipt["hedge_after_ms"], attempts(receipt)) == (1000 * AFTER, [(ALPHA, 200, False)])


async def test_the_slower_one_is_given_up_without_blame(house: House) -> None:
    house.alpha.default = SLOW
    began = house.log_length()
    response = await house.chat()
    assert response.headers["x-dragoman-model"] == BETA
    assert response.elapsed.total_seconds() < SLOW.delay_headers
    receipt = await whole_receipt(house, response)
    assert attempts(receipt) == [(ALPHA, 0, True), (BETA, 200, False)]
    assert (receipt["answered_by"], receipt["attempts"][0]["cost_usd"]) == (BETA, None)
    assert receipt["cost_usd"] is None, "what the other one wants is not known"
    (line,) = await house.logged(lambda line: line.get("attempt") == "1", since=began)
    assert line["duration_ms"] < 1000 * SLOW.delay_headers
    assert (await house.snapshot())["cooldowns"] == {}


async def test_the_first_one_may_still_be_the_faster(house: House) -> None:
    house.alpha.default, house.beta.default, house.gamma.default = LATER, SLOW, SLOW
    response = await house.chat()
    assert response.headers["x-dragoman-model"] == ALPHA
    receipt = await whole_receipt(house, response)
    assert attempts(receipt)[:2] == [(ALPHA, 200, False), (BETA, 0, True)]


@pytest.mark.parametrize("stream", [False, True])
async def test_one_that_fails_ends_nothing(house: House, stream: bool) -> None:
    """Here Envoy would crash if ingress kept the errors of attempts that race."""
    later = 3 * AFTER
    house.alpha.default = (
        Behaviour(delay_first_content=later) if stream else Behaviour(delay_headers=later)
    )
    house.beta.default = Behaviour(first_event_error=True) if stream else BUSY
    house.gamma.default = LATE_CONTENT if stream else SLOW
    response = await house.chat(stream=stream)
    assert (response.status_code, response.headers["x-dragoman-model"]) == (200, ALPHA)
    receipt = await whole_receipt(house, response)
    assert [lost for _, _, lost in attempts(receipt)] == [False, False, True]


async def test_where_all_fail_the_client_gets_an_error(house: House) -> None:
    for provider in house.providers.values():
        provider.default = BUSY
    house.alpha.default = Behaviour(status=409, delay_headers=3 * AFTER)
    response = await house.chat()
    assert response.status_code == 409
    assert response.headers["x-dragoman-attempts"] == "3"


async def test_a_session_follows_from_a_model_that_failed(house: House) -> None:
    session = {"x-model-affinity": "races"}
    house.alpha.default = BUSY
    assert await house.answering(headers=session) == BETA
    house.alpha.default = Behaviour()

    async def followed() -> bool:
        return await house.answering(headers=session) == BETA

    await house.until(followed)


@pytest.mark.parametrize("stream", [False, True])
async def test_nobody_loses_where_the_client_leaves(house: House, stream: bool) -> None:
    house.alpha.default = house.beta.default = SLOW
    body = {"messages": [{"role": "user", "content": PROMPT}], "stream": stream}
    with pytest.raises(httpx.ReadTimeout):
        await house.client.post("/v1/chat/completions", json=body, timeout=1.5 * AFTER)
    found: list[dict[str, Any]] = []

    async def told() -> bool:
        found[:] = (await house.admin.get("/decisions?limit=1")).json()["decisions"]
        told_of = len(found[0]["attempts"])
        return found[0]["streamed"] is stream and found[0]["attempts_made"] == told_of == 2

    await house.until(told)
    assert attempts(found[0]) == [(ALPHA, 0, False), (BETA, 0, False)]
    assert (found[0]["status"], found[0]["answered_by"]) == (0, None)


async def test_of_streams_the_first_content_counts_not_the_first_headers(house: House) -> None:
    house.alpha.default = LATE_CONTENT
    response = await house.chat(stream=True)
    assert response.headers["x-dragoman-model"] == BETA
    events = [line for line in response.text.splitlines() if line.startswith("data: {")]
    assert {json.loads(event[6:])["model"] for event in events} == {"model-b"}
    receipt = await whole_receipt(house, response)
    assert attempts(receipt) == [(ALPHA, 200, True), (BETA, 200, False)]


async def test_a_models_own_time_says_when(house: House) -> None:
    asked: dict[str, Any] = {"prompt": GREETING}
    for _ in range(20):
        assert await house.answering(**asked) == BETA

    async def known() -> bool:
        return BETA in (await house.snapshot())["p95"]

    await house.until(known)
    house.beta.default = SLOW
    response = await house.chat(**asked)
    assert response.headers["x-dragoman-model"] == GAMMA
    receipt = await whole_receipt(house, response)
    assert 0 < receipt["hedge_after_ms"] < 500
    assert attempts(receipt) == [(BETA, 0, True), (GAMMA, 200, False)]


async def copied(house: House, response: Any) -> dict[str, Any]:
    """What became of the copy of a request, once that is told."""
    found: dict[str, Any] = {}

    async def told() -> bool:
        found.update((await house.receipt(response))["shadow"])
        return found["attempt"] is not None

    await house.until(told)
    attempt: dict[str, Any] = found["attempt"]
    return attempt


@pytest.mark.parametrize("stream", [False, True])
async def test_a_copy_goes_to_the_shadow_in_its_own_terms(house: House, stream: bool) -> None:
    house.delta.default = Behaviour(delay_headers=0.4)
    response = await house.chat(TO_COPY, stream=stream)
    assert response.headers["x-dragoman-model"] == BETA
    shadow = await copied(house, response)
    took = response.elapsed.total_seconds() * 1000
    assert took < shadow["duration_ms"], "nobody waits for the copy"
    assert (shadow["model"], shadow["number"], shadow["status"]) == (SHADOW, 0, 200)
    assert shadow["duration_ms"] > 400
    assert shadow["usage"]["output_tokens"] is not None
    receipt = await house.receipt(response)
    assert attempts(receipt) == [(BETA, 200, False)]
    assert receipt["usage"] == receipt["attempts"][0]["usage"]
    (copy,) = house.delta.exchanges
    assert (copy.path, copy.header("x-api-key")) == ("/v1/messages", "key-of-delta")
    assert copy.header("authorization") is None
    assert "shadow" not in str(copy.headers)
    assert "x-forwarded" not in str(copy.headers)


async def test_a_copy_that_fails_harms_nobody(house: House) -> None:
    house.delta.default = Behaviour(status=429, retry_after="60")
    house.beta.default = BUSY
    response = await house.chat(TO_COPY)
    assert (response.status_code, response.headers["x-dragoman-model"]) == (200, GAMMA)
    assert (await copied(house, response))["status"] == 429
    assert len(house.delta.exchanges) == 1, "one copy, however many attempts are made"
    assert SHADOW not in (await house.snapshot())["cooldowns"]
    metrics = (await house.admin.get("/metrics")).text
    assert f'dragoman_shadow_attempts_total{{model_name="{SHADOW}",status="429"}} 1.0' in metrics


async def test_a_large_request_waits_for_no_shadow_that_hangs(house: House) -> None:
    house.be_lenient()
    house.delta.default = Behaviour(before_headers="silence")
    response = await house.chat(TO_COPY + " please" * 1_000_000)
    assert response.status_code == 200
    # The model that was busy a moment ago may be passed over.
    (original,) = (*house.beta.exchanges, *house.gamma.exchanges)
    assert len(original.body) > 7_000_000


async def test_what_is_not_of_that_route_is_not_copied(house: House) -> None:
    receipt = await house.receipt(await house.chat())
    assert receipt["shadow"] is None
