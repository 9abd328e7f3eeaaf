"""One request does not cost like a thousand."""

from __future__ import annotations

import pytest

from extproc.demo.provider import Behaviour
from tests.helpers.house import House

FAILURE = Behaviour(status=500)


@pytest.mark.parametrize("prefix", ["", "/routing"])
async def test_a_thousand_models_sent_along(house: House, prefix: str) -> None:
    route = {"name": "r", "description": "writing code", "models": ["alpha/model-a"] * 1000}
    response = await house.chat(path=f"{prefix}/v1/chat/completions", routing_preferences=[route])
    assert response.status_code == 400
    error = response.json()["error"]
    assert error["code"] == "too_many_candidates"
    assert "dragoman.max_candidates" in error["message"]
    assert not any(provider.exchanges for provider in house.providers.values())


async def test_megabytes_of_names_are_neither_repeated_nor_kept(house: House) -> None:
    name = "x" * 5_000_000
    response = await house.chat("What is the capital of France?", model=name)
    assert response.status_code == 404
    assert len(response.content) < 2000
    response = await house.chat(model=name)
    assert response.status_code == 200
    receipt = await house.receipt(response)
    assert len(receipt["requested_model"]) == 256
