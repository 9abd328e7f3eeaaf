"""One attempt at a candidate of another dialect: what Envoy says and hears."""

from __future__ import annotations

import asyncio
import gzip
import json
import threading
import tracemalloc
from collections.abc import Mapping
from typing import Any

import pytest

from extproc.contract import END
from extproc.core.aside import Aside
from extproc.core.catalog import Catalog
from extproc.core.config import Config
from extproc.core.models import Dialect, Endpoint, Model
from extproc.errors import ClientError
from extproc.transport.wire import Message, ProcessingResponse
from extproc.worker.exchange import ProtocolError
from extproc.worker.plan import Plan, decode, encode
from extproc.worker.translation import TranslationProcessor
from tests.helpers.envoy_stream import (
    Envoy,
    changed,
    removed,
    request_body,
    request_headers,
    response_body,
    response_headers,
    set_by,
)

CLAUDE = Model(
    "anthropic/claude",
    "anthropic",
    "claude",
    Endpoint("https", "h", 443, "h"),
    {Dialect.MESSAGES: "/v1/messages"},
)
CATALOG = Catalog(Config((CLAUDE,)))
ASKED = {"model": "m", "messages": [{"role": "user", "content": "hello"}]}
DENSE = [
    {"type": "function", "function": {"name": name, "parameters": {"enum": [0] * 15_000}}}
    for name in ("f", "g")
]
ANSWER = json.dumps(
    {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude",
        "content": [{"type": "text", "text": "hi"}],
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 1, "output_tokens": 1},
    }
).encode()
DELTA = (
    b'data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"hi"}}\n\n'
)


def asked(
    body: Mapping[str, Any] = ASKED, *, idle: str = "120000", marked: bool = False
) -> list[dict[str, Any]]:
    streamed = body.get("stream") is True
    plan = Plan(Dialect.CHAT, (CLAUDE.name,), streamed, 0, 0, marked=marked)
    told = {
        "x-dragoman-plan": encode(plan),
        "x-envoy-attempt-count": "1",
        "x-dragoman-idle": idle,
        "x-request-id": "req-1",
    }
    return [request_headers(told), request_body(json.dumps(body).encode())]


def answered(status: int = 200, kind: str = "application/json", **more: str) -> dict[str, Any]:
    names = {name.replace("_", "-"): value for name, value in more.items()}
    return response_headers({":status": str(status), "content-type": kind, **names})


async def attempt(envoy: Envoy, aside: Aside | None = None) -> list[Message]:
    await TranslationProcessor(CATALOG, aside or Aside()).serve(envoy)
    return envoy.heard


def said(heard: list[Message]) -> bytes:
    bodies = [one for one in heard if one.WhichOneof("response") == "response_body"]
    pieces = [one.response_body.response.body_mutation.streamed_response for one in bodies]
    assert [piece.end_of_stream for piece in pieces] == [False] * (len(pieces) - 1) + [True]
    return b"".join(piece.body for piece in pieces)


async def test_a_request_and_its_answer() -> None:
    first, body, told, *answer = await attempt(
        Envoy(*asked(), answered(request_id="theirs"), response_body(ANSWER, ends=True))
    )
    sent = body.request_body.response.body_mutation.streamed_response
    assert sent.end_of_stream
    assert json.loads(sent.body)["messages"][0]["content"] == [{"type": "text", "text": "hello"}]
    assert changed(first)[":path"] == "/v1/messages"
    assert changed(first)["content-length"] == str(len(sent.body))
    assert "x-dragoman-translation" not in changed(first)
    assert removed(first) == []
    assert set_by(told.response_headers.response.header_mutation)["x-request-id"] == "theirs"
    assert json.loads(said(answer))["choices"][0]["message"]["content"] == "hi"


@pytest.mark.parametrize("status", [200, 201, 206])
async def test_an_answer_is_one_whatever_its_success_is_called(status: int) -> None:
    _, _, told, *answer = await attempt(
        Envoy(*asked(), answered(status), response_body(ANSWER, ends=True))
    )
    assert set_by(told.response_headers.response.header_mutation)[":status"] == "200"
    assert json.loads(said(answer))["choices"][0]["message"]["content"] == "hi"


async def test_what_is_worth_caching_is_marked() -> None:
    """Also where long strings are put back that were not parsed."""
    picture = "A" * 100_000
    url = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{picture}"}}
    said = [{"role": "user", "content": [{"type": "text", "text": "hello"}, url]}]
    first, *pieces = await attempt(Envoy(*asked({**ASKED, "messages": said}, marked=True)))
    assert changed(first)["x-dragoman-translation"] == "added:cache_control"
    sent = b"".join(
        one.request_body.response.body_mutation.streamed_response.body for one in pieces
    )
    _, last = json.loads(sent)["messages"][0]["content"]
    assert last["cache_control"] == {"type": "ephemeral"}
    assert last["source"]["data"] == picture
    assert changed(first)["content-length"] == str(len(sent))


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "identity"])
async def test_a_compressed_answer_is_unpacked(encoding: str) -> None:
    packed = ANSWER if encoding == "identity" else gzip.compress(ANSWER)
    heard = await attempt(
        Envoy(*asked(), answered(content_encoding=encoding), response_body(packed, ends=True))
    )
    assert json.loads(said(heard))["choices"][0]["message"]["content"] == "hi"


@pytest.mark.parametrize(("status", "told"), [(200, 502), (201, 502), (429, 429), (500, 500)])
@pytest.mark.parametrize("encoding", ["gzip", "br", "compress", "gzip, gzip, gzip"])
async def test_an_answer_that_cannot_be_unpacked_is_the_providers_fault(
    encoding: str, status: int, told: int
) -> None:
    envoy = Envoy(
        *asked(), answered(status, content_encoding=encoding), response_body(ANSWER, ends=True)
    )
    with pytest.raises(ClientError, match=f"provider's answer .* '{encoding}'") as raised:
        await attempt(envoy)
    assert raised.value.status == told


async def test_an_answer_that_unpacks_to_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("extproc.worker.translation.LARGEST_ANSWER", 1000)
    for packed, encoding in ((gzip.compress(bytes(1001)), "gzip"), (bytes(1001), "")):
        envoy = Envoy(
            *asked(), answered(content_encoding=encoding), response_body(packed, ends=True)
        )
        with pytest.raises(ClientError, match="answer is too large to be translated") as raised:
            await attempt(envoy)
        assert raised.value.status == 502


@pytest.mark.parametrize("encoding", ["br", "gzip"])
async def test_a_stream_that_cannot_be_unpacked_is_the_providers_fault(encoding: str) -> None:
    stream = answered(kind="text/event-stream", content_encoding=encoding)
    envoy = Envoy(*asked({**ASKED, "stream": True}), stream, response_body(DELTA, ends=False))
    with pytest.raises(ClientError, match=r"stream .*cannot be read") as raised:
        await attempt(envoy)
    assert raised.value.status == 502


@pytest.mark.parametrize("encoding", ["", "gzip"])
async def test_an_event_that_never_ends_is_not_held(
    monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    monkeypatch.setattr("extproc.dialects.sse.LARGEST_EVENT", 1_000_000)
    endless = DELTA + b"data: " + b" " * 2_000_000
    envoy = Envoy(
        *asked({**ASKED, "stream": True}),
        answered(kind="text/event-stream", content_encoding=encoding),
        response_body(gzip.compress(endless) if encoding else endless, ends=False),
        waits=True,
    )
    with pytest.raises(ClientError, match="stream is larger than 1000000 bytes"):
        await attempt(envoy)


async def test_what_unpacks_to_much_is_sent_on_as_it_is_unpacked() -> None:
    started = b'data: {"type":"message_start","message":{"id":"msg_1"}}\n\n'
    begun = DELTA.replace(b"_delta", b"_start", 1).replace(b'"delta"', b'"content_block"')
    stream = started + begun.replace(b"text_delta", b"text") + DELTA * 5_000
    envoy = Envoy(
        *asked({**ASKED, "stream": True}),
        answered(kind="text/event-stream", content_encoding="gzip"),
        response_body(gzip.compress(stream), ends=True),
    )
    _, _, _, *answer = await attempt(envoy)
    assert said(answer).count(b'"content":"hi"') > 4_999
    assert len(answer) > 5


async def test_a_stream_that_falls_silent_is_ended_with_an_error() -> None:
    envoy = Envoy(
        *asked({**ASKED, "stream": True}, idle="20"),
        answered(kind="text/event-stream"),
        response_body(DELTA, ends=False),
        waits=True,
    )
    heard = await attempt(envoy)
    assert b"The stream fell silent and was ended." in said(heard)
    noticed = heard[-1].dynamic_metadata.fields[END].struct_value.fields
    assert noticed["stalled"].string_value == "1"


@pytest.mark.parametrize(
    ("body", "aside"),
    [
        (ASKED, False),
        ({**ASKED, "stop": ["x"], "user": "y" * 100_000}, False),
        ({**ASKED, "metadata": {"long": "y" * 1_100_000}}, True),
        ({**ASKED, "tools": DENSE}, True),
    ],
    ids=["small", "not dense", "long", "dense"],
)
async def test_a_large_request_is_gone_through_on_another_thread(
    monkeypatch: pytest.MonkeyPatch, body: dict[str, Any], aside: bool
) -> None:
    threads: list[int] = []

    def watched(value: str) -> Plan:
        threads.append(threading.get_ident())
        return decode(value)

    monkeypatch.setattr("extproc.worker.translation.decode", watched)
    await attempt(Envoy(*asked(body)))
    assert [thread != threading.get_ident() for thread in threads] == [aside]


async def test_the_body_is_let_go_of_when_it_is_sent() -> None:
    class Sent(Envoy):
        async def write(self, response: bytes) -> None:
            self.heard.append(ProcessingResponse.FromString(response[:0]))

    size = 8 * 2**20
    image = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{'A' * size}"}}
    messages = asked({**ASKED, "messages": [{"role": "user", "content": [image]}]})
    tracemalloc.start()
    try:
        envoy = Sent(*messages, waits=True)
        del messages, image
        serving = asyncio.create_task(attempt(envoy))
        while len(envoy.heard) < size // (64 * 1024):
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        held, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    serving.cancel()
    assert most > size
    assert held < size / 8


async def test_what_envoy_must_not_say() -> None:
    with pytest.raises(ProtocolError):
        await attempt(Envoy(request_body(b"{}")))
    headers, body = asked()
    headers["request_headers"]["headers"]["headers"].pop(0)
    with pytest.raises(ProtocolError, match="no x-dragoman-plan"):
        await attempt(Envoy(headers, body))
