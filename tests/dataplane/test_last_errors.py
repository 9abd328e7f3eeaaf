"""When all candidates have failed, the client gets the error that is of most use to it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from extproc.demo.provider import Behaviour
from tests.helpers.house import GREETING, House, greeting

CHAT, MESSAGES = "/v1/chat/completions", "/v1/messages"
ONE, TWO, THREE, CLAUDE = "alpha/model-a", "beta/model-b", "gamma/model-c", "anthropic/claude-d"
ALL = (ONE, TWO, THREE)
KEY = Behaviour(status=401, code="invalid_api_key")
GONE = Behaviour(status=404, code="model_not_found")
LIMIT = Behaviour(status=429, code="rate_limit_exceeded")
WAIT = Behaviour(status=429, code="rate_limit_exceeded", retry_after="17")
DOWN = Behaviour(status=503, code="server_error")
LONG = Behaviour(status=400, code="context_length_exceeded")
WRONG = Behaviour(status=422)
LOST = Behaviour(before_headers="reset")
PAGE = Behaviour(status=502, html=True)


async def ask(
    house: House,
    *failures: Behaviour,
    path: str = CHAT,
    models: tuple[str, ...] = ALL,
) -> httpx.Response:
    for model, failure in zip(models, failures, strict=False):
        {ONE: house.alpha, TWO: house.beta, THREE: house.gamma, CLAUDE: house.delta}[model].script(
            failure
        )
    tried = models[: len(failures)]
    more: dict[str, Any] = {"max_tokens": 50} if path == MESSAGES else {}
    response = await house.chat(
        GREETING, path=path, model=tried[0], routing_preferences=greeting(*tried), **more
    )
    assert response.headers["x-dragoman-attempts"] == str(len(failures))
    return response


@pytest.mark.parametrize(
    ("failures", "told"),
    [
        ((WAIT, KEY), 0),
        ((KEY, WAIT, DOWN), 1),
        ((LIMIT, DOWN, KEY), 0),
        ((DOWN, GONE), 0),
        ((DOWN, LONG), 0),
        ((LONG, KEY), 0),
        ((WAIT, LIMIT, LIMIT), 0),
        ((KEY, LOST), 1),
        ((WAIT, LOST), 0),
        ((LIMIT, PAGE), 0),
        ((DOWN, WAIT), 1),
        ((KEY, GONE), 1),
        ((DOWN, WRONG), 1),
        ((WAIT, WRONG), 1),
    ],
)
async def test_the_most_useful_one(
    house: House, failures: tuple[Behaviour, ...], told: int
) -> None:
    response = await ask(house, *failures)
    best = failures[told]
    assert response.status_code == (best.status if best is not LOST else 503)
    assert response.headers["x-dragoman-model"] == ALL[told]
    assert response.headers.get("retry-after") == best.retry_after
    assert response.headers["content-length"] == str(len(response.content))
    error = response.json()["error"]
    if best.code is not None:
        assert error["code"] == best.code
    receipt = await house.receipt(response)
    assert len(receipt["attempts"]) == len(failures)


@pytest.mark.parametrize("path", [CHAT, MESSAGES])
@pytest.mark.parametrize("models", [(TWO, CLAUDE), (CLAUDE, TWO)])
async def test_in_the_clients_dialect(house: House, path: str, models: tuple[str, ...]) -> None:
    response = await ask(house, WAIT, KEY, path=path, models=models)
    assert (response.status_code, response.headers["retry-after"]) == (429, "17")
    assert response.json().get("type") == ("error" if path == MESSAGES else None)
    assert response.headers["x-dragoman-model"] == models[0]


async def test_what_was_kept_stays_inside(house: House) -> None:
    response = await ask(house, WAIT, KEY)
    assert not [name for name in response.headers if name.startswith("x-dragoman-another")]
    assert "x-envoy" not in str(response.headers)


async def test_a_stream_that_all_refuse(house: House) -> None:
    house.beta.script(WAIT)
    house.gamma.script(KEY)
    response = await house.chat(
        GREETING, model=TWO, stream=True, routing_preferences=greeting(TWO, THREE)
    )
    assert (response.status_code, response.headers["retry-after"]) == (429, "17")
    assert response.headers["content-type"] == "application/json"
