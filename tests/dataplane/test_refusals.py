"""A 400 about the model moves on to the next candidate; one about the request is final."""

from __future__ import annotations

import pytest

from extproc.core.failover import DEFAULT_POLICY
from extproc.demo.provider import Behaviour
from tests.helpers.house import GREETING, House, greeting

CLAUDE, GPT, OTHER = "anthropic/claude-d", "beta/model-b", "gamma/model-c"


def refusing(code: str) -> Behaviour:
    return Behaviour(status=400, code=code)


@pytest.mark.parametrize("code", DEFAULT_POLICY.codes)
@pytest.mark.parametrize("streamed", [False, True])
async def test_what_a_model_does_not_take_another_may(
    house: House, code: str, streamed: bool
) -> None:
    house.beta.script(refusing(code))
    response = await house.chat(
        GREETING, model=GPT, stream=streamed, routing_preferences=greeting(GPT, OTHER)
    )
    assert response.status_code == 200, response.text
    assert response.headers["x-dragoman-model"] == OTHER
    assert response.headers["x-dragoman-attempts"] == "2"
    assert "x-dragoman-another-may" not in response.headers
    receipt = await house.receipt(response)
    assert [attempt["status"] for attempt in receipt["attempts"]] == [400, 200]


async def test_anthropic_has_no_code_for_a_prompt_that_is_too_long(house: House) -> None:
    house.delta.script(refusing("context_length_exceeded"))
    response = await house.chat(GREETING, model=CLAUDE, routing_preferences=greeting(CLAUDE, GPT))
    assert response.headers["x-dragoman-model"] == GPT
    assert response.headers["x-dragoman-attempts"] == "2"


@pytest.mark.parametrize("code", ["invalid_value", "unknown_parameter"])
async def test_a_400_about_the_request_is_final(house: House, code: str) -> None:
    house.beta.script(refusing(code))
    response = await house.chat(GREETING, model=GPT, routing_preferences=greeting(GPT, OTHER))
    assert response.status_code == 400
    assert response.headers["x-dragoman-attempts"] == "1"
    assert response.json()["error"]["code"] == code
    assert not house.gamma.exchanges


async def test_the_last_candidates_400_is_the_clients(house: House) -> None:
    for provider in (house.beta, house.gamma):
        provider.script(refusing("context_length_exceeded"))
    response = await house.chat(GREETING, model=GPT, routing_preferences=greeting(GPT, OTHER))
    assert response.status_code == 400
    assert response.headers["x-dragoman-attempts"] == "2"
    assert "x-dragoman-another-may" not in response.headers
    assert response.json()["error"]["code"] == "context_length_exceeded"


async def test_a_single_candidates_400_is_the_clients(house: House) -> None:
    house.beta.script(refusing("context_length_exceeded"))
    response = await house.chat(GREETING, model=GPT, routing_preferences=[])
    assert response.status_code == 400
    assert response.headers["x-dragoman-attempts"] == "1"
    assert "x-dragoman-another-may" not in response.headers
