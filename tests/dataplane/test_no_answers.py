"""What is no answer, and a redirect, moves on; the last one is a 502 that says what came."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from extproc.demo.provider import Behaviour
from tests.helpers.house import GREETING, House, greeting

CHAT, MESSAGES = "/v1/chat/completions", "/v1/messages"
GPT, OTHER, CLAUDE, SPARE = "beta/model-b", "gamma/model-c", "anthropic/claude-d", "alpha/model-a"
TEXT = "This is not the JSON"
SECRET = "https://user:pass@elsewhere.example:8443/path?sig=secret"

NO_ANSWERS = {
    "html": Behaviour(instead="html"),
    "html that says it is JSON": Behaviour(garbage_body=True),
    "empty": Behaviour(instead="empty"),
    "half": Behaviour(instead="half"),
    "error": Behaviour(instead="error"),
    "redirect": Behaviour(status=307, headers=(("location", SECRET),)),
}
OF_CHAT = {"no choices": Behaviour(instead="no_choices")}
OF_STREAMS = {
    "a whole answer": Behaviour(instead="answer"),
    "a page as text": Behaviour(instead="html", headers=(("content-type", "text/plain"),)),
}
OF_WHOLE = {"a stream": Behaviour(headers=(("content-type", "text/event-stream"),), instead="html")}


async def ask(house: House, *models: str, path: str = CHAT, stream: bool = False) -> httpx.Response:
    more: dict[str, Any] = {"max_tokens": 50} if path == MESSAGES else {}
    if stream and path == CHAT:
        more["stream_options"] = {"include_usage": True}
    return await house.chat(
        GREETING,
        path=path,
        model=models[0],
        stream=stream,
        routing_preferences=greeting(*models) if len(models) > 1 else [],
        **more,
    )


def cases(*kinds: dict[str, Behaviour]) -> pytest.MarkDecorator:
    found = {name: behaviour for kind in kinds for name, behaviour in kind.items()}
    return pytest.mark.parametrize("behaviour", found.values(), ids=found)


@cases(NO_ANSWERS, OF_CHAT, OF_WHOLE)
async def test_a_whole_answer_that_is_none_moves_on(house: House, behaviour: Behaviour) -> None:
    house.beta.script(behaviour)
    response = await ask(house, GPT, OTHER)
    assert response.status_code == 200, response.text
    assert response.headers["x-dragoman-model"] == OTHER
    assert response.json()["choices"][0]["message"]["content"]


@cases(NO_ANSWERS, OF_STREAMS)
async def test_a_stream_that_is_none_moves_on(house: House, behaviour: Behaviour) -> None:
    house.beta.script(behaviour)
    response = await ask(house, GPT, OTHER, stream=True)
    assert response.status_code == 200, response.text
    assert response.headers["x-dragoman-model"] == OTHER
    assert response.text.endswith("data: [DONE]\n\n")


@cases(NO_ANSWERS)
@pytest.mark.parametrize("stream", [False, True])
async def test_one_that_would_be_translated_moves_on(
    house: House, behaviour: Behaviour, stream: bool
) -> None:
    house.delta.script(behaviour)
    response = await ask(house, CLAUDE, OTHER, stream=stream)
    assert response.status_code == 200, response.text
    assert response.headers["x-dragoman-model"] == OTHER


@pytest.mark.parametrize("path", [CHAT, MESSAGES])
@pytest.mark.parametrize("model", [OTHER, CLAUDE])
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("html", "<html>"),
        ("html that says it is JSON", TEXT),
        ("empty", "gave an empty answer"),
        ("half", "{"),
        ("error", "{"),
        ("redirect", "redirects to elsewhere.example:8443, and redirects are not followed"),
    ],
)
async def test_the_last_one_is_a_502_in_the_clients_words(
    house: House, path: str, model: str, stream: bool, name: str, words: str
) -> None:
    provider = house.delta if model == CLAUDE else house.gamma
    provider.script(NO_ANSWERS[name])
    response = await ask(house, model, path=path, stream=stream)
    assert response.status_code == 502
    assert response.headers["content-type"] == "application/json"
    document = response.json()
    assert document.get("type") == ("error" if path == MESSAGES else None)
    message = document["error"]["message"]
    assert model in message
    assert words in message
    assert "secret" not in response.text
    assert "pass" not in response.text
    internal = [h for h in response.headers if h in ("location", "x-dragoman-another-may")]
    assert not internal
    assert response.headers["x-dragoman-attempts"] == "1"


@pytest.mark.parametrize("path", [CHAT, MESSAGES])
@pytest.mark.parametrize("model", [OTHER, CLAUDE])
async def test_one_that_breaks_off_is_told_in_the_clients_words(
    house: House, path: str, model: str
) -> None:
    """Envoy's own reply then passes no translation any more."""
    provider = house.delta if model == CLAUDE else house.gamma
    provider.script(Behaviour(cut_after=0))
    response = await ask(house, model, path=path)
    assert response.status_code in (502, 503)
    document = response.json()
    assert document.get("type") == ("error" if path == MESSAGES else None)
    assert document["error"]["message"] == (
        f"The provider of {model} gave no answer: what it sent broke off before it was complete."
    )


async def test_it_is_a_failure_of_the_model(house: House) -> None:
    house.beta.script(NO_ANSWERS["html"])
    receipt = await house.receipt(await ask(house, GPT, OTHER))
    failed, answered = receipt["attempts"]
    assert (failed["status"], failed["details"]) == (502, "no_answer{not_json}")
    assert answered["status"] == 200


@pytest.mark.parametrize(
    "kind",
    [
        "Text/Event-Stream",
        "text/event-stream;charset=UTF-8",
        "text/plain",
        "TEXT/PLAIN",
        "application/json",
    ],
)
@pytest.mark.parametrize("models", [(GPT,), (GPT, OTHER), (CLAUDE, OTHER)])
async def test_a_stream_is_known_however_it_is_called(
    house: House, kind: str, models: tuple[str, ...]
) -> None:
    for provider in (house.beta, house.delta):
        provider.script(Behaviour(headers=(("content-type", kind),), text="hello to you"))
    response = await ask(house, *models, stream=True)
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.headers["x-dragoman-model"] == models[0]
    assert response.text.endswith("data: [DONE]\n\n")
    receipt = await house.receipt(response)
    assert receipt["attempts"][0]["usage"]["output_tokens"]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("models", [(GPT,), (GPT, OTHER), (CLAUDE, OTHER)])
async def test_what_comes_in_gzip_unasked_is_an_answer(
    house: House, models: tuple[str, ...], stream: bool
) -> None:
    for provider in (house.beta, house.delta):
        provider.script(Behaviour(gzip=True, text="hello to you"))
    response = await ask(house, *models, stream=stream)
    assert response.status_code == 200
    assert response.headers["x-dragoman-model"] == models[0]
    assert "hello" in response.text
    translated = models[0] == CLAUDE
    assert ("content-encoding" in response.headers) is not translated
    (exchange,) = (house.delta if translated else house.beta).exchanges
    assert exchange.header("accept-encoding") == "identity"


@pytest.mark.parametrize("encoding", ["gzip", "br", "aes"])
async def test_what_cannot_be_unpacked_is_no_answer(house: House, encoding: str) -> None:
    unreadable = Behaviour(headers=(("content-encoding", encoding),))
    house.delta.script(unreadable, unreadable)
    response = await ask(house, CLAUDE, OTHER)
    assert response.status_code == 200, response.text
    assert response.headers["x-dragoman-model"] == OTHER
    response = await ask(house, CLAUDE)
    assert response.status_code == 502
    assert f"cannot be read as content-encoding '{encoding}'" in response.json()["error"]["message"]


async def test_an_answer_is_one_whatever_type_it_claims(house: House) -> None:
    house.beta.script(Behaviour(headers=(("content-type", "text/plain"),)))
    response = await ask(house, GPT)
    assert response.headers["content-type"] == "application/json"
    assert response.json()["choices"]


async def test_an_answer_that_speaks_of_such_things_is_one(house: House) -> None:
    told = '{"error": {"choices": []}} "choices": [] \\ " } <html>'
    house.beta.script(Behaviour(text=told))
    response = await ask(house, GPT)
    assert response.json()["choices"][0]["message"]["content"] == told


async def test_a_large_answer_passes(house: House) -> None:
    house.beta.script(Behaviour(text="x" * 3_000_000))
    response = await ask(house, GPT)
    assert len(json.loads(response.content)["choices"][0]["message"]["content"]) == 3_000_000
