"""The providers' other paths, with the SDKs that people use, unchanged, through Envoy."""

from __future__ import annotations

import gzip
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import anthropic
import httpx
import openai
import pytest

from extproc.demo.provider import Behaviour
from extproc.demo.provider.exchange import Exchange
from extproc.demo.provider.other_paths import FILE
from tests.helpers.house import PROMPT, House
from tests.helpers.house import house as start
from tests.helpers.redis_server import RedisServer, redis_server

MESSAGE: anthropic.types.MessageParam = {"role": "user", "content": "hi"}


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    with redis_server(tmp_path) as running:
        yield running


def asked(house: House, name: str) -> Exchange:
    """The last request of this provider; the others were asked nothing."""
    assert [other for other, each in house.providers.items() if each.exchanges] == [name]
    exchange = house.providers[name].exchanges[-1]
    assert not [key for key, _ in exchange.headers if key.startswith("x-dragoman")]
    return exchange


# By the model that the body names.


async def test_embeddings(house: House, openai_client: openai.AsyncOpenAI) -> None:
    answer = await openai_client.embeddings.create(model="beta/model-b", input=["one", "two"])
    assert len(answer.data) == 2
    exchange = asked(house, "beta")
    assert exchange.path == "/deep/path/embeddings"
    assert exchange.json["model"] == "model-b"
    assert exchange.header("authorization") == "Bearer key-of-beta"


async def test_only_what_must_change_in_a_body_does(house: House) -> None:
    raw = b'{ "input": 1e3,"routing_preferences":[], "model": "quick",  "n":12345678901234567890}'
    response = await house.client.post("/v1/embeddings?a=b", content=raw)
    assert response.status_code == 200
    exchange = asked(house, "gamma")
    assert exchange.path == "/v1/embeddings?a=b"
    assert exchange.body == b'{ "input": 1e3,"model": "model-c",  "n":12345678901234567890}'
    assert response.headers["x-dragoman-model"] == "gamma/model-c"
    assert response.headers["x-dragoman-attempts"] == "1"


async def test_completions_and_moderations(house: House, openai_client: openai.AsyncOpenAI) -> None:
    completed = await openai_client.completions.create(model="model-b", prompt="and")
    assert completed.choices[0].text == "and so on"
    judged = await openai_client.moderations.create(model="model-b", input="oh")
    assert judged.results[0].flagged is False
    assert [each.path for each in house.beta.exchanges] == [
        "/deep/path/completions",
        "/deep/path/moderations",
    ]


async def test_tokens_are_counted_by_anthropic(
    house: House, anthropic_client: anthropic.AsyncAnthropic
) -> None:
    counted = await anthropic_client.messages.count_tokens(model="claude-d", messages=[MESSAGE])
    assert counted.input_tokens == 42
    exchange = asked(house, "delta")
    assert exchange.path == "/v1/messages/count_tokens"
    assert exchange.json["model"] == "claude-d"
    assert exchange.header("x-api-key") == "key-of-delta"


async def test_tokens_of_another_model_are_estimated(
    house: House, anthropic_client: anthropic.AsyncAnthropic
) -> None:
    response = await anthropic_client.messages.with_raw_response.count_tokens(
        model="model-b", messages=[{"role": "user", "content": "hi " * 400}]
    )
    assert 250 < (await response.parse()).input_tokens < 400
    assert response.headers["x-dragoman-estimated"] == "true"
    assert not any(provider.exchanges for provider in house.providers.values())


async def test_a_batch_of_messages(
    house: House, anthropic_client: anthropic.AsyncAnthropic
) -> None:
    batch = await anthropic_client.messages.batches.create(
        requests=[
            {
                "custom_id": "a",
                "params": {
                    "model": "anthropic/claude-d",
                    "max_tokens": 9,
                    "messages": [MESSAGE],
                },
            }
        ]
    )
    (request,) = asked(house, "delta").json["requests"]
    assert request["params"]["model"] == "claude-d"
    found = await anthropic_client.messages.batches.retrieve(batch.id)
    assert found.id == batch.id
    # The SDK would go by results_url, which names the provider itself.
    results = await house.client.get(f"/v1/messages/batches/{batch.id}/results")
    assert results.json() == {"custom_id": "a"}
    assert asked(house, "delta").path == f"/v1/messages/batches/{batch.id}/results"


async def test_the_name_of_a_model_in_a_form(
    house: House, openai_client: openai.AsyncOpenAI
) -> None:
    sound = bytes(range(256)) * 8192
    heard = await openai_client.audio.transcriptions.create(
        model="beta/model-b", file=("a.wav", sound)
    )
    assert heard.text.startswith("model-b heard ")
    exchange = asked(house, "beta")
    assert exchange.path == "/deep/path/audio/transcriptions"
    assert exchange.body.count(sound) == 1
    assert exchange.header("content-length") == str(len(exchange.body))


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_form_whose_file_goes_first(house: House, chunked: bool) -> None:
    sound = bytes(range(256)) * 4096
    raw = (
        b'--x\r\ncontent-disposition: form-data; name="file"; filename="model"\r\n\r\n%b\r\n'
        b'--x\r\ncontent-disposition: form-data; name="model"\r\n\r\nquick\r\n--x--\r\n' % sound
    )

    async def pieces() -> AsyncIterator[bytes]:
        for at in range(0, len(raw), 50_000):
            yield raw[at : at + 50_000]

    response = await house.client.post(
        "/v1/audio/transcriptions",
        content=pieces() if chunked else raw,
        headers={"content-type": "multipart/form-data; boundary=x"},
    )
    assert response.status_code == 200
    assert asked(house, "gamma").body == raw.replace(b"quick", b"model-c")


async def test_what_comes_compressed_goes_on_plain(house: House) -> None:
    sound = bytes(range(256)) * 4096
    form = (
        b'--x\r\ncontent-disposition: form-data; name="model"\r\n\r\nquick\r\n'
        b'--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n%b\r\n--x--\r\n'
    ) % sound
    told = json.dumps({"model": "quick", "input": "word " * 50_000}).encode()
    for path, kind, raw in (
        ("/v1/embeddings", "application/json", told),
        ("/v1/audio/transcriptions", "multipart/form-data; boundary=x", form),
    ):
        response = await house.client.post(
            path,
            content=gzip.compress(raw),
            headers={"content-type": kind, "content-encoding": "gzip"},
        )
        assert response.status_code == 200
        seen = asked(house, "gamma")
        assert seen.body == raw.replace(b"quick", b"model-c")
        assert seen.header("content-encoding") is None
        assert seen.header("content-length") == str(len(seen.body))


async def test_what_is_said_comes_as_a_stream(
    house: House, openai_client: openai.AsyncOpenAI
) -> None:
    async with openai_client.audio.speech.with_streaming_response.create(
        model="model-b", voice="alloy", input="hello"
    ) as response:
        assert b"".join([piece async for piece in response.iter_bytes()]) == FILE
    assert asked(house, "beta").path == "/deep/path/audio/speech"


async def test_errors_are_the_clients_to_repeat(
    house: House, openai_client: openai.AsyncOpenAI
) -> None:
    for status, error in ((429, openai.RateLimitError), (503, openai.InternalServerError)):
        house.clear()
        house.beta.script(Behaviour(status=status))
        with pytest.raises(error):
            await openai_client.embeddings.create(model="model-b", input="x")
        asked(house, "beta")


# By the id of what was made.


async def test_files(house: House, openai_client: openai.AsyncOpenAI) -> None:
    made = await openai_client.files.create(
        file=("a.jsonl", b"{}" * 1000), purpose="batch", extra_query={"model": "gamma/model-c"}
    )
    assert asked(house, "gamma").path == "/v1/files"
    assert (await openai_client.files.retrieve(made.id)).id == made.id
    content = await openai_client.files.content(made.id)
    assert content.content == FILE
    batch = await openai_client.batches.create(
        input_file_id=made.id, endpoint="/v1/chat/completions", completion_window="24h"
    )
    assert (await openai_client.batches.retrieve(batch.id)).id == batch.id
    assert batch.output_file_id is not None
    await openai_client.files.content(batch.output_file_id)
    await openai_client.files.delete(made.id)
    assert asked(house, "gamma").path == f"/v1/files/{made.id}"


async def test_a_new_file_goes_to_the_default_models_provider(
    house: House, openai_client: openai.AsyncOpenAI
) -> None:
    await openai_client.files.create(file=("a.jsonl", b"{}"), purpose="batch")
    assert asked(house, "alpha").header("authorization") == "Bearer key-of-alpha"


async def test_an_upload_larger_than_what_python_takes_in(house: House) -> None:
    size = 48 * 1024 * 1024
    piece = bytes(1024 * 1024)

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(size // len(piece)):
            yield piece

    response = await house.client.post(
        "/v1/files", content=pieces(), headers={"content-type": "multipart/form-data; boundary=x"}
    )
    assert response.status_code == 200
    assert response.json()["bytes"] == size
    asked(house, "alpha")


async def test_responses(house: House, openai_client: openai.AsyncOpenAI) -> None:
    made = await openai_client.responses.create(
        model="beta/model-b", input=PROMPT, extra_body={"routing_preferences": []}
    )
    assert (await openai_client.responses.retrieve(made.id)).id == made.id
    await openai_client.responses.input_items.list(made.id)
    await openai_client.responses.cancel(made.id)
    await openai_client.responses.delete(made.id)
    assert [each.path for each in house.beta.exchanges[1:]] == [
        f"/deep/path/responses/{made.id}",
        f"/deep/path/responses/{made.id}/input_items",
        f"/deep/path/responses/{made.id}/cancel",
        f"/deep/path/responses/{made.id}",
    ]
    asked(house, "beta")


@pytest.mark.parametrize("streamed", [False, True])
async def test_a_conversation_stays_with_the_model_that_keeps_it(
    house: House, openai_client: openai.AsyncOpenAI, streamed: bool
) -> None:
    """Without its id, the route's first model would be asked."""
    unrouted: dict[str, Any] = {"routing_preferences": []}
    if streamed:
        events = await openai_client.responses.create(
            model="model-b", input=PROMPT, stream=True, extra_body=unrouted
        )
        (made,) = [event.response.id async for event in events if event.type == "response.created"]
    else:
        answer = await openai_client.responses.create(
            model="model-b", input=PROMPT, extra_body=unrouted
        )
        made = answer.id
    response = await openai_client.responses.with_raw_response.create(
        model="x", input=PROMPT, previous_response_id=made
    )
    assert response.headers["x-dragoman-model"] == "beta/model-b"
    asked(house, "beta")


@pytest.mark.parametrize("streamed", [False, True])
async def test_a_thread_stays_with_the_model_that_made_its_message(
    house: House, anthropic_client: anthropic.AsyncAnthropic, streamed: bool
) -> None:
    """Without its id, the route's first model would be asked."""
    asked_for: dict[str, Any] = {
        "betas": ["threads"],
        "max_tokens": 9,
        "messages": [{"role": "user", "content": PROMPT}],
    }
    begins = {"routing_preferences": [], "thread": {"type": "create"}}
    if streamed:
        async with anthropic_client.beta.messages.stream(
            model="claude-d", extra_body=begins, **asked_for
        ) as stream:
            made = (await stream.get_final_message()).id
    else:
        answer = await anthropic_client.beta.messages.create(
            model="claude-d", extra_body=begins, **asked_for
        )
        made = answer.id
    goes_on = {"thread": {"type": "continue", "previous_message_id": made}}
    response = await anthropic_client.beta.messages.with_raw_response.create(
        model="claude-a", extra_body=goes_on, **asked_for
    )
    assert response.headers["x-dragoman-model"] == "anthropic/claude-d"
    assert len(house.delta.exchanges) == 2
    house.delta.script(Behaviour(status=529), Behaviour(status=529))
    with pytest.raises(anthropic.InternalServerError):
        await anthropic_client.beta.messages.create(
            model="claude-a", extra_body=goes_on, **asked_for
        )
    assert not any(house.providers[name].exchanges for name in ("alpha", "beta", "gamma"))


async def test_a_thread_of_a_model_that_has_none(
    house: House, anthropic_client: anthropic.AsyncAnthropic
) -> None:
    thread = {"type": "continue", "previous_message_id": "msg_123"}
    with pytest.raises(anthropic.NotFoundError) as raised:
        await anthropic_client.beta.messages.create(
            model="beta/model-b",
            max_tokens=9,
            messages=[{"role": "user", "content": PROMPT}],
            extra_body={"routing_preferences": [], "thread": thread},
        )
    assert type(raised.value).__name__ == "ThreadNotFoundError"
    assert "msg_123" in raised.value.message
    assert not house.beta.exchanges


async def test_a_response_that_nobody_is_known_to_have_made(
    house: House, openai_client: openai.AsyncOpenAI
) -> None:
    with pytest.raises(openai.NotFoundError, match=r"who has made 'resp_123'.*\?model=NAME"):
        await openai_client.responses.retrieve("resp_123")
    found = await openai_client.responses.retrieve("resp_123", extra_query={"model": "model-b"})
    assert found.id == "resp_123"
    assert asked(house, "beta").path == "/deep/path/responses/resp_123"


# What is refused, and what is told.


def error_of(response: httpx.Response) -> Any:
    body = response.json()
    if response.request.url.path.startswith("/v1/messages/"):
        assert set(body) == {"type", "error"}
    return body["error"]


@pytest.mark.parametrize(
    ("path", "body", "status", "says"),
    [
        ("/v1/embeddings", {"model": "none"}, 404, "'none' does not exist"),
        ("/v1/messages/count_tokens", {"model": "none"}, 404, "'none' does not exist"),
        ("/v1/responses/input_tokens", {"model": "claude-d"}, 400, "speaks messages, and this"),
        ("/v1/embeddings", {"model": 7}, 400, "must be a string"),
        (
            "/v1/messages/batches",
            {"requests": [{"params": {"model": name}} for name in ("claude-a", "claude-d")]},
            400,
            "with several: 'claude-a', 'claude-d'",
        ),
    ],
)
async def test_what_cannot_be_forwarded(
    house: House, path: str, body: Any, status: int, says: str
) -> None:
    response = await house.client.post(path, json=body)
    assert response.status_code == status
    assert says in error_of(response)["message"]
    assert not any(provider.exchanges for provider in house.providers.values())


@pytest.mark.parametrize("path", ["/v1/embeddings", "/v1/messages/count_tokens"])
async def test_a_body_that_is_too_large(house: House, path: str) -> None:
    raw = json.dumps({"model": "x", "pad": "x" * (33 * 1024 * 1024)}).encode()
    response = await house.client.post(path, content=raw)
    assert response.status_code == 413
    assert "33554432 bytes" in error_of(response)["message"]


@pytest.mark.parametrize("path", ["/v1/embeddings", "/v1/messages/count_tokens"])
async def test_methods_that_are_no_calls(house: House, path: str) -> None:
    for method in ("OPTIONS", "HEAD"):
        assert (await house.client.request(method, path)).status_code == 404
    assert not any(provider.exchanges for provider in house.providers.values())


async def test_its_receipt_says_what_it_was(house: House) -> None:
    response = await house.client.post("/v1/embeddings", json={"model": "quick", "input": "x"})
    receipt = await house.receipt(response)
    assert receipt["forwarded"] == "/v1/embeddings"
    assert (receipt["route"], receipt["requested_model"]) == (None, "quick")
    assert receipt["answered_by"] == "gamma/model-c"
    assert receipt["usage"]["input_tokens"] == 8
    (line,) = await house.logged(
        lambda line: line["log"] == "request" and line["request_id"] == receipt["request_id"]
    )
    assert (line["path"], line["model"]) == ("/v1/embeddings", "gamma/model-c")


async def test_what_envoy_says_itself_is_in_the_dialect_of_the_path(house: House) -> None:
    await house.delta.stop()
    try:
        response = await house.client.post(
            "/v1/messages/count_tokens", json={"model": "claude-d", "messages": []}
        )
    finally:
        await house.delta.start()
    assert response.status_code == 503
    assert error_of(response)["type"] == "api_error"


@pytest.mark.parametrize("shared", [False, True])
async def test_every_worker_knows_who_has_made_what(
    tmp_path: Path, redis: RedisServer, shared: bool
) -> None:
    cache = 'session_cache: {type: redis, url: "$REDIS_URL"}'
    more = f"routing:\n  {cache}\n" if shared else ""
    async with start(tmp_path, workers=2, keys={"REDIS_URL": redis.url}, more=more) as house:
        made = await house.client.post("/v1/files?model=quick", content=b"--x")
        one = made.json()["id"]
        answers = [await house.client.get(f"/v1/files/{one}") for _ in range(20)]
        assert [answer.json()["id"] for answer in answers] == [one] * 20
        assert len(house.gamma.exchanges) == 21
