"""A candidate of another dialect on a real Envoy: failover, streams, errors, headers, records."""

from __future__ import annotations

import json
from typing import Any

import anthropic
import httpx
import openai
import pytest

from extproc.core.models import Dialect
from extproc.demo.provider import Behaviour
from extproc.dialects.sse import EventReader
from tests.helpers.house import CLIENT_KEY, GREETING, KEYS, House, greeting

CHAT, MESSAGES, RESPONSES = Dialect.CHAT, Dialect.MESSAGES, Dialect.RESPONSES
PATHS = {CHAT: "/v1/chat/completions", MESSAGES: "/v1/messages", RESPONSES: "/v1/responses"}
SAID: list[dict[str, Any]] = [{"role": "user", "content": GREETING}]
CLAUDE, GPT = "anthropic/claude-d", "beta/model-b"

PAIRS = [(CHAT, CLAUDE), (RESPONSES, CLAUDE), (MESSAGES, GPT)]


def body(dialect: Dialect, model: str, **more: Any) -> dict[str, Any]:
    said = {"input": SAID} if dialect is RESPONSES else {"messages": SAID}
    limit = {"max_tokens": 100} if dialect is MESSAGES else {}
    return {"model": model, **said, **limit, **more}


async def post(
    house: House, dialect: Dialect, content: dict[str, Any], **headers: str
) -> httpx.Response:
    given = {"authorization": f"Bearer {CLIENT_KEY}", "anthropic-version": "2023-06-01"}
    return await house.client.post(PATHS[dialect], json=content, headers=given | headers)


def events(response: httpx.Response) -> list[dict[str, Any]]:
    read = (data for data in EventReader().feed(response.content) if data != b"[DONE]")
    return [json.loads(data) for data in read]


@pytest.mark.parametrize(("dialect", "model"), PAIRS)
@pytest.mark.parametrize("streamed", [False, True])
async def test_a_single_candidate_of_another_dialect(
    house: House, dialect: Dialect, model: str, streamed: bool
) -> None:
    response = await post(
        house, dialect, body(dialect, model, stream=streamed, routing_preferences=[])
    )
    assert response.status_code == 200, response.text
    assert f"Hello from {'delta/claude-d' if model == CLAUDE else model}" in text(response)
    assert response.headers["x-dragoman-model"] == model
    assert response.headers["x-dragoman-attempts"] == "1"
    (exchange,) = (house.delta if model == CLAUDE else house.beta).exchanges
    assert exchange.path.endswith("/messages" if model == CLAUDE else "/chat/completions")
    assert exchange.header("content-length") == str(len(exchange.body))
    seen = repr((exchange.headers, exchange.body))
    assert CLIENT_KEY not in seen
    assert "dragoman" not in seen
    key = "key-of-delta" if model == CLAUDE else "key-of-beta"
    assert key in seen
    assert not any(other in seen for other in KEYS.values() if other != key)
    assert exchange.header("anthropic-version") == ("2023-06-01" if model == CLAUDE else None)


def text(response: httpx.Response) -> str:
    """All text in an answer, whatever its dialect."""
    if not response.headers["content-type"].startswith("text/event-stream"):
        return response.text
    found = []
    for event in events(response):
        choices = event.get("choices") or [{}]
        found.append(choices[0].get("delta", {}).get("content") or "")
        delta = event.get("delta")
        found.append(delta.get("text", "") if isinstance(delta, dict) else delta or "")
    return "".join(found)


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize(
    ("dialect", "models"),
    [
        (MESSAGES, (CLAUDE, GPT)),
        (CHAT, (GPT, CLAUDE)),
        (CHAT, (CLAUDE, GPT)),
        (RESPONSES, (CLAUDE, GPT)),
        (MESSAGES, (GPT, CLAUDE)),
    ],
)
async def test_failover_across_dialects(
    house: House, dialect: Dialect, models: tuple[str, str], streamed: bool
) -> None:
    failing = house.delta if models[0] == CLAUDE else house.beta
    failing.script(Behaviour(status=429, retry_after="30"))
    content = body(dialect, models[0], stream=streamed, routing_preferences=greeting(*models))
    response = await post(house, dialect, content)
    assert response.status_code == 200, response.text
    assert response.headers["x-dragoman-model"] == models[1]
    assert response.headers["x-dragoman-attempts"] == "2"
    assert "Hello from" in text(response)
    receipt = await house.receipt(response)
    assert [attempt["status"] for attempt in receipt["attempts"]] == [429, 200]


async def test_a_stream_that_starts_with_an_error_is_moved_across_dialects(house: House) -> None:
    house.delta.script(Behaviour(first_event_error=True))
    content = body(CHAT, CLAUDE, stream=True, routing_preferences=greeting(CLAUDE, GPT))
    response = await post(house, CHAT, content)
    assert response.headers["x-dragoman-model"] == GPT
    assert text(response) == f"Hello from {GPT}"


@pytest.mark.parametrize(("dialect", "model"), PAIRS)
async def test_a_stream_that_ends_without_its_end_is_told_as_an_error(
    house: House, dialect: Dialect, model: str
) -> None:
    if model == CLAUDE:
        house.delta.script(Behaviour(no_terminator=True))
    else:
        house.beta.script(Behaviour(error_after=2))
    response = await post(house, dialect, body(dialect, model, stream=True, routing_preferences=[]))
    assert response.status_code == 200
    last = events(response)[-1]
    assert last.get("type") == {MESSAGES: "error", RESPONSES: "response.failed"}.get(dialect)
    assert dialect is not CHAT or last["error"]["message"]


@pytest.mark.parametrize(("dialect", "model"), PAIRS)
@pytest.mark.parametrize("streamed", [False, True])
async def test_a_providers_error_is_told_in_the_clients_dialect(
    house: House, dialect: Dialect, model: str, streamed: bool
) -> None:
    provider = house.delta if model == CLAUDE else house.beta
    provider.script(Behaviour(status=429, retry_after="17"))
    content = body(dialect, model, stream=streamed, routing_preferences=[])
    response = await post(house, dialect, content)
    assert response.status_code == 429
    assert response.headers["retry-after"] == "17"
    assert response.headers["content-type"] == "application/json"
    told = response.json()
    if dialect is MESSAGES:
        assert told["type"] == "error"
        assert told["error"]["type"] == "rate_limit_error"
        assert response.headers["request-id"]
    else:
        assert set(told["error"]) == {"message", "type", "param", "code"}
        assert response.headers["x-request-id"]


async def test_tokens_are_counted_in_the_providers_form(house: House) -> None:
    house.delta.script(Behaviour(input_tokens=1234, output_tokens=56))
    content = body(CHAT, CLAUDE, routing_preferences=[])
    response = await post(house, CHAT, content)
    assert response.json()["usage"]["prompt_tokens"] == 1234
    (attempt,) = (await house.receipt(response))["attempts"]
    assert (attempt["usage"]["input_tokens"], attempt["usage"]["output_tokens"]) == (1234, 56)


async def test_what_is_lost_is_told(house: House) -> None:
    content = body(CHAT, CLAUDE, seed=7, logit_bias={"50256": -100}, routing_preferences=[])
    response = await post(house, CHAT, content)
    lost = response.headers["x-dragoman-translation"].split(", ")
    assert {"dropped:seed", "dropped:logit_bias"} <= set(lost)
    plain = await post(house, CHAT, body(CHAT, GPT, seed=7, routing_preferences=[]))
    assert "x-dragoman-translation" not in plain.headers


async def test_a_request_that_no_candidate_can_serve(house: House) -> None:
    response = await post(house, CHAT, body(CHAT, CLAUDE, n=2, routing_preferences=[]))
    assert response.status_code == 400
    error = response.json()["error"]
    assert error["code"] == "no_candidate_fits"
    assert f"{CLAUDE}: n:" in error["message"]
    assert not house.delta.exchanges


async def test_a_candidate_that_cannot_serve_a_request_is_passed_over(house: House) -> None:
    content = body(CHAT, CLAUDE, n=2, routing_preferences=greeting(CLAUDE, GPT))
    response = await post(house, CHAT, content)
    assert response.headers["x-dragoman-model"] == GPT
    assert response.headers["x-dragoman-attempts"] == "1"
    decided = await house.client.post(
        "/routing/v1/chat/completions", json=content, headers={"authorization": "Bearer x"}
    )
    assert decided.json()["models"] == [GPT]


async def test_a_large_image(house: House) -> None:
    """What is larger than a worker should parse at once is carried all the same, byte for byte."""
    data = "iVBORw0KGgoA" + "AAAA" * 1_000_000
    picture = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{data}"}}
    said = [{"role": "user", "content": [picture, {"type": "text", "text": "What is this?"}]}]
    content = body(CHAT, CLAUDE, routing_preferences=[]) | {"messages": said}
    response = await post(house, CHAT, content)
    assert response.status_code == 200, response.text
    (exchange,) = house.delta.exchanges
    image, question = exchange.json["messages"][0]["content"]
    assert image["source"] == {"type": "base64", "media_type": "image/png", "data": data}
    assert question["text"] == "What is this?"


@pytest.mark.usefixtures("house")
async def test_the_sdks_accept_what_they_get(
    openai_client: openai.AsyncOpenAI, anthropic_client: anthropic.AsyncAnthropic
) -> None:
    async with openai_client.chat.completions.stream(
        model=CLAUDE,
        messages=[{"role": "user", "content": "hi"}],
        extra_body={"routing_preferences": []},
    ) as chat:
        done = await chat.get_final_completion()
    assert done.choices[0].message.content == "Hello from delta/claude-d"
    async with openai_client.responses.stream(
        model=CLAUDE, input="hi", extra_body={"routing_preferences": []}
    ) as answers:
        answer = await answers.get_final_response()
    assert answer.output_text == "Hello from delta/claude-d"
    async with anthropic_client.messages.stream(
        model=GPT,
        max_tokens=50,
        messages=[{"role": "user", "content": "hi"}],
        extra_body={"routing_preferences": []},
    ) as stream:
        message = await stream.get_final_message()
    assert message.content[0].type == "text"
    assert message.content[0].text == f"Hello from {GPT}"
