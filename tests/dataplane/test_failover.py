"""A request reaches the best model, and the next one when that fails."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from extproc.demo.provider import Behaviour
from tests.helpers.house import (
    CHAT_MODELS,
    CLIENT_KEY,
    CONFIG,
    KEYS,
    MESSAGES_MODELS,
    OFF_TOPIC,
    PROMPT,
    ROUTE,
    House,
)
from tests.helpers.house import house as start
from tests.helpers.quick_client import QuickClient

RESET = Behaviour(before_headers="reset")
INTERNAL = ("x-dragoman-", "x-envoy-", "x-forwarded-")


async def test_the_first_candidate_answers(house: House) -> None:
    response = await house.chat()
    assert response.status_code == 200
    assert response.json()["model"] == "model-a"
    assert response.headers["x-dragoman-model"] == "alpha/model-a"
    assert response.headers["x-dragoman-route"] == ROUTE
    assert response.headers["x-dragoman-attempts"] == "1"
    assert not house.beta.exchanges
    assert not house.gamma.exchanges


async def test_429_then_reset_then_200_and_each_provider_saw_its_own(house: House) -> None:
    house.alpha.script(Behaviour(status=429))
    house.beta.script(RESET)
    response = await house.chat(
        headers={
            "x-api-key": CLIENT_KEY,
            "api-key": CLIENT_KEY,
            "cookie": f"k={CLIENT_KEY}",
            "openai-organization": CLIENT_KEY,
        }
    )
    assert response.status_code == 200
    assert response.json()["model"] == "model-c"
    assert response.headers["x-dragoman-model"] == "gamma/model-c"
    assert response.headers["x-dragoman-attempts"] == "3"
    expected = {
        "alpha": ("model-a", "/v1/chat/completions"),
        "beta": ("model-b", "/deep/path/chat/completions"),
        "gamma": ("model-c", "/v1/chat/completions"),
    }
    for name, (model, path) in expected.items():
        provider = house.providers[name]
        (exchange,) = provider.exchanges
        assert exchange.path == path
        assert exchange.json["model"] == model
        assert exchange.header("host") == provider.url.removeprefix("http://")
        assert exchange.header("authorization") == f"Bearer key-of-{name}"
        assert exchange.header("content-length") == str(len(exchange.body))
        seen = repr((exchange.headers, exchange.body))
        assert CLIENT_KEY not in seen
        assert not any(key in seen for key in KEYS.values() if key != f"key-of-{name}")
        assert not any(header.startswith(INTERNAL) for header, _ in exchange.headers)


@pytest.mark.parametrize(
    "status", [401, 402, 403, 404, 408, 409, 410, 429, 500, 502, 503, 504, 529]
)
async def test_a_status_that_moves_on(house: House, status: int) -> None:
    house.alpha.script(Behaviour(status=status))
    response = await house.chat()
    assert (response.status_code, response.json()["model"]) == (200, "model-b")


@pytest.mark.parametrize("status", [400, 413, 422])
async def test_a_status_that_is_final(house: House, status: int) -> None:
    house.alpha.script(Behaviour(status=status, headers=(("x-provider-says", "no"),)))
    response = await house.chat()
    assert response.status_code == status
    assert response.headers["x-provider-says"] == "no"
    assert response.json()["error"]["message"]
    assert not house.beta.exchanges


async def test_retry_after_does_not_delay_the_move(house: House) -> None:
    house.alpha.script(Behaviour(status=429, retry_after="30"))
    async with asyncio.timeout(5):
        response = await house.chat()
    assert response.json()["model"] == "model-b"


async def test_the_last_failure_is_the_clients(house: House) -> None:
    house.alpha.script(Behaviour(status=500), Behaviour(status=529))
    house.beta.script(Behaviour(status=503))
    house.gamma.script(Behaviour(status=500))
    house.delta.script(Behaviour(status=429, retry_after="7"))
    response = await house.chat()
    assert response.status_code == 429
    assert response.headers["retry-after"] == "7"
    assert response.headers["x-dragoman-model"] == MESSAGES_MODELS[-1]
    assert response.json()["error"]["message"]
    seen = {name: len(provider.exchanges) for name, provider in house.providers.items()}
    assert seen == {"alpha": 2, "beta": 1, "gamma": 1, "delta": 1}


LOST = Behaviour(before_headers="reset")


async def test_a_single_candidate_is_repeated_once_when_the_connection_is_lost(
    house: House,
) -> None:
    house.gamma.script(LOST, Behaviour())
    response = await house.chat(OFF_TOPIC)
    assert response.status_code == 200
    assert response.headers["x-dragoman-attempts"] == "2"
    assert not [name for name in response.headers if name == "x-dragoman-flags"]
    assert [exchange.json["model"] for exchange in house.gamma.exchanges] == ["model-c"] * 2
    house.clear()
    house.gamma.script(LOST, LOST, Behaviour())
    response = await house.chat(OFF_TOPIC)
    assert response.status_code == 503
    assert len(house.gamma.exchanges) == 2


async def test_so_is_one_that_nobody_listens_for(tmp_path: Path) -> None:
    async with start(tmp_path) as house:
        await house.gamma.__aexit__(None, None, None)
        response = await house.chat(OFF_TOPIC)
        assert response.status_code == 503
        assert response.headers["x-dragoman-attempts"] == "2"


@pytest.mark.parametrize("status", [401, 404, 408, 409, 429, 500, 502, 503, 504, 529])
async def test_an_answer_of_a_single_candidate_is_the_clients_to_repeat(
    house: House, status: int
) -> None:
    """Its SDK does, so that our repeating it as well would multiply the attempts."""
    house.gamma.script(Behaviour(status=status, headers=(("x-dragoman-flags", "UF"),)), Behaviour())
    response = await house.chat(OFF_TOPIC)
    assert response.status_code == status
    assert response.headers["x-dragoman-attempts"] == "1"
    assert len(house.gamma.exchanges) == 1


async def test_a_rate_limited_single_candidate_is_not_repeated(house: House) -> None:
    house.gamma.script(Behaviour(status=429, retry_after="3"), Behaviour())
    response = await house.chat("What is the capital of France?")
    assert (response.status_code, response.headers["retry-after"]) == (429, "3")
    assert len(house.gamma.exchanges) == 1


@pytest.mark.parametrize(("max_retries", "tried"), [(0, 1), (1, 2), (3, 4), (9, 5)])
async def test_a_listeners_max_retries_bounds_the_attempts(
    tmp_path: Path, max_retries: int, tried: int
) -> None:
    config = CONFIG.replace("timeout: 30s", f"timeout: 30s, max_retries: {max_retries}")
    async with start(tmp_path, config=config) as house:
        for provider in house.providers.values():
            provider.default = Behaviour(status=503)
        response = await house.chat()
        assert response.status_code == 503
        assert response.headers["x-dragoman-attempts"] == str(tried)
        house.gamma.clear()
        house.gamma.default = LOST
        response = await house.chat(OFF_TOPIC)
        assert len(house.gamma.exchanges) == (1 if max_retries == 0 else 2)


async def test_everything_else_in_the_body_is_unchanged(house: House) -> None:
    house.be_lenient()
    raw = (
        b'{ "zeta": 1e400000, "messages":[{"role":"user","content":"'
        + PROMPT.encode()
        + ' — naïve 日本 \\u00e9 \\ud83d\\ude00"}],\n"big": 12345678901234567890123456,'.encode()
        + b' "routing_preferences": null, "model" : "gamma/model-c" , "f": 1.0, "nested":'
        + b' {"model": "untouched", "routing_preferences": [1]}, "last":"\\u0041" }'
    ).replace(b"1e400000", b"1.50E+2")
    house.alpha.script(Behaviour(status=503))
    response = await house.client.post("/v1/chat/completions", content=raw)
    assert response.status_code == 200
    for name, model in (("alpha", b"model-a"), ("beta", b"model-b")):
        (exchange,) = house.providers[name].exchanges
        assert exchange.body == raw.replace(b' "routing_preferences": null,', b"").replace(
            b'"gamma/model-c"', b'"%s"' % model
        ).replace(b',  "model" :', b', "model" :')


async def test_a_20_mb_body_fails_over_intact(house: House) -> None:
    house.be_lenient()
    house.alpha.script(Behaviour(status=503))
    house.beta.script(RESET)
    filler = "x" * 20_000_000
    response = await house.chat(metadata={"filler": filler})
    assert response.json()["model"] == "model-c"
    for name in ("alpha", "beta", "gamma"):
        (exchange,) = house.providers[name].exchanges
        assert exchange.json["metadata"]["filler"] == filler
        assert exchange.header("content-length") == str(len(exchange.body))


async def test_the_largest_accepted_body_still_fails_over(house: House) -> None:
    house.be_lenient()
    limit = 32 * 1024 * 1024
    user = b'{"role":"user","content":"' + PROMPT.encode() + b'"}'
    head = b'{"model":"x","messages":[' + user + b'],"pad":"'
    raw = head + b"x" * (limit - len(head) - 2) + b'"}'
    house.alpha.script(Behaviour(status=503))
    response = await house.client.post("/v1/chat/completions", content=raw)
    assert (response.status_code, response.json().get("model")) == (200, "model-b")
    response = await house.client.post("/v1/chat/completions", content=raw + b" ")
    assert response.status_code == 413


async def test_500_concurrent_requests_with_failing_first_attempts(house: House) -> None:
    bad = [Behaviour(status=503), Behaviour(status=429), RESET]
    house.alpha.script(*[bad[i % 3] if i % 10 < 3 else Behaviour() for i in range(500)])
    body = {"model": "x", "messages": [{"role": "user", "content": PROMPT}]}

    async def ask() -> int:
        async with QuickClient(house.url) as client:
            return await client.post("/v1/chat/completions", json.dumps(body).encode())

    assert await asyncio.gather(*(ask() for _ in range(500))) == [200] * 500
    tried = [len(house.providers[name].exchanges) for name in ("alpha", "beta", "gamma")]
    assert tried == [500, 150, 0], "350 have the answers of the first, and 150 of the second"


async def test_attempts_are_logged_one_by_one(house: House) -> None:
    house.alpha.script(Behaviour(status=429))
    house.beta.script(RESET)
    path = "/v1/chat/completions?test=logged"
    await house.chat(path=path)
    (request,) = await house.logged(lambda line: line.get("path") == path)
    assert (request["attempts"], request["status"], request["route"]) == (3, 200, ROUTE)
    lines = await house.logged(lambda line: line["request_id"] == request["request_id"], 4)
    tried = [(line["attempt"], line["model"]) for line in lines if line["log"] == "attempt"]
    assert sorted(tried) == [(str(n), model) for n, model in enumerate(CHAT_MODELS, 1)]


async def test_health_checks_are_not_logged(house: House) -> None:
    before = house.log_length()
    assert (await house.client.get("/healthz")).status_code == 200
    await house.chat()
    await house.logged(lambda line: line["log"] == "request", since=before)
    logged = house.log.read_text().splitlines()[before:]
    assert not any("/healthz" in line for line in logged)


async def test_a_deadline_per_attempt(tmp_path: Path) -> None:
    async with start(tmp_path, attempt_timeout="500ms", answer_timeout="500ms") as house:
        for stream in (False, True):
            house.clear()
            house.alpha.script(Behaviour(before_headers="silence"))
            async with asyncio.timeout(5):
                response = await house.chat(stream=stream)
            assert response.headers["x-dragoman-model"] == "beta/model-b"
            house.clear()
            house.gamma.script(Behaviour(delay_headers=1.5))
            response = await house.chat("What is the capital of France?", stream=stream)
            assert response.status_code == 200, "a single candidate has no such deadline"
            assert len(house.gamma.exchanges) == 1


async def test_a_provider_that_refuses_connections(tmp_path: Path) -> None:
    async with start(tmp_path) as house:
        await house.alpha.stop()
        response = await house.chat()
        assert response.json()["model"] == "model-b"
        await house.beta.stop()
        await house.gamma.stop()
        await house.delta.stop()
        response = await house.chat()
        assert response.status_code == 503
        assert response.headers["content-type"] == "application/json"
        error = response.json()["error"]
        assert error["type"] == "server_error"
        assert error["message"].startswith("The provider of anthropic/claude-d gave no answer:")
