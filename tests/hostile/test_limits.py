"""Each limit from below to above: a request is served, or refused at the front with a reason.

What is accepted there is accepted behind it. Nothing that is the client's ends in a 5xx.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass

import httpx
import pytest

from tests.helpers.house import CONFIG, OFF_TOPIC, House
from tests.helpers.house import house as start
from tests.helpers.raw_provider import COMPLETION, RawProvider, raw_provider, take_body

LARGEST_BODY = 1024 * 1024
ANSWER = json.dumps(COMPLETION).encode()


@dataclass
class Talkative:
    """Answers with further headers, so many and so long."""

    count: int = 0
    size: int = 0

    async def answer(
        self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await take_body(head, reader)
        further = b"".join(b"x-%d: a\r\n" % number for number in range(self.count))
        writer.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n"
            b"content-length: %d\r\nx-long: %b\r\n"
            % (len(ANSWER), b"a" * self.size)
            + further
            + b"\r\n"
            + ANSWER
        )


@dataclass
class Swept:
    house: House
    talkative: Talkative
    alpha: RawProvider
    clients: dict[str, httpx.AsyncClient]


@pytest.fixture(scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Swept]:
    talkative = Talkative()
    async with contextlib.AsyncExitStack() as stack:
        alpha = await stack.enter_async_context(raw_provider(talkative.answer))
        config = CONFIG.replace('"{alpha}"', f'"{alpha.url}"').replace("32MiB", "1MiB")
        house = await stack.enter_async_context(
            start(tmp_path_factory.mktemp("limits"), config=config)
        )
        clients = {
            name: await stack.enter_async_context(
                httpx.AsyncClient(
                    base_url=house.url, timeout=30, trust_env=False, http1=not two, http2=two
                )
            )
            for name, two in (("http/1.1", False), ("http/2", True))
        }
        yield Swept(house, talkative, alpha, clients)


@pytest.fixture
def swept(shared: Swept) -> Swept:
    shared.house.clear()
    shared.house.be_lenient()
    shared.alpha.heads.clear()
    return shared


@pytest.fixture(params=["http/1.1", "http/2"])
def client(swept: Swept, request: pytest.FixtureRequest) -> httpx.AsyncClient:
    return swept.clients[request.param]


def chat(model: str = "gamma/model-c", size: int = 0) -> bytes:
    body = {"model": model, "messages": [{"role": "user", "content": OFF_TOPIC}], "user": ""}
    text = json.dumps(body).encode()
    return text[:-2] + b"u" * (size - len(text)) + text[-2:]


async def post(
    client: httpx.AsyncClient,
    path: str = "/v1/chat/completions",
    content: bytes | AsyncIterator[bytes] | None = None,
    further: Mapping[str, str] | None = None,
) -> int:
    """The status of an answer, which is an answer, or a refusal that says why."""
    response = await client.post(
        path,
        content=chat() if content is None else content,
        headers={"content-type": "application/json", **(further or {})},
    )
    if response.status_code != 200:
        error = response.json()["error"]
        assert response.status_code < 500, error
        assert len(error["message"]) > 20, error
    return response.status_code


def served_then_refused(statuses: Sequence[int], refusal: int) -> bool:
    served = statuses.count(200)
    return 0 < served < len(statuses) and list(statuses) == (
        [200] * served + [refusal] * (len(statuses) - served)
    )


def headers(count: int) -> dict[str, str]:
    return {f"x-{number}": "a" for number in range(count)}


async def test_how_many_headers(client: httpx.AsyncClient) -> None:
    counts = (1, 50, *range(80, 105, 3), 149, 150, 151, 300, 900)
    statuses = [await post(client, further=headers(count)) for count in counts]
    assert served_then_refused(statuses, 431), statuses


async def test_more_headers_than_http_2_has_an_answer_to(swept: Swept) -> None:
    assert await post(swept.clients["http/1.1"], further=headers(5000)) == 431


@pytest.mark.parametrize("name", ["user-agent", "accept", "x-unknown", "cookie"])
async def test_how_long_a_header(swept: Swept, name: str) -> None:
    sizes = (10, 10_000, 50_000, *range(59_000, 63_000, 500), 80_000, 250_000)
    client = swept.clients["http/1.1"]
    statuses = [await post(client, further={name: "a" * size}) for size in sizes]
    assert served_then_refused(statuses, 431), statuses


async def test_how_long_a_header_of_http_2(swept: Swept) -> None:
    """Few steps: httpx takes a second to write one of these."""
    client = swept.clients["http/2"]
    sizes = (10_000, 61_000, 62_000, 100_000)
    statuses = [await post(client, further={"accept": "a" * size}) for size in sizes]
    assert served_then_refused(statuses, 431), statuses


async def test_longer_headers_than_http_2_has_an_answer_to(swept: Swept) -> None:
    for size in (299_000, 307_000, 310_000, 2_000_000):
        assert await post(swept.clients["http/1.1"], further={"accept": "a" * size}) == 431


@pytest.mark.parametrize("what", ["a", "%22", "%", "&a=b"])
async def test_how_long_a_query(swept: Swept, what: str) -> None:
    sizes = (10, 10_000, 30_000, 55_000, 59_000, 60_900, 61_500, 65_000)
    paths = [f"/v1/chat/completions?q={what * (size // len(what))}" for size in sizes]
    statuses = [await post(swept.clients["http/1.1"], path) for path in paths]
    assert served_then_refused(statuses, 431), statuses


@pytest.mark.parametrize(
    ("path", "model"),
    [
        ("/v1/chat/completions", "gamma/model-c"),
        ("/v1/chat/completions", "anthropic/claude-d"),
        ("/v1/embeddings", "gamma/model-c"),
    ],
)
@pytest.mark.parametrize("chunked", [False, True])
async def test_how_large_a_body(
    client: httpx.AsyncClient, path: str, model: str, chunked: bool
) -> None:
    margins = (-LARGEST_BODY // 2, -1, 0, 1, 1000, LARGEST_BODY, 3 * LARGEST_BODY)
    bodies = [chat(model, LARGEST_BODY + margin) for margin in margins]
    statuses = [await post(client, path, pieces(body) if chunked else body) for body in bodies]
    assert served_then_refused(statuses, 413), statuses


async def pieces(body: bytes) -> AsyncIterator[bytes]:
    for piece in _cut(body):
        yield piece


def _cut(body: bytes, size: int = 100_000) -> Iterator[bytes]:
    for begin in range(0, len(body), size):
        yield body[begin : begin + size]


async def test_how_many_streams_on_one_connection(swept: Swept) -> None:
    """More than Envoy lets a connection have at once just wait for their turn."""
    client = swept.clients["http/2"]
    for count in (50, 400):
        assert await asyncio.gather(*(post(client) for _ in range(count))) == [200] * count


@pytest.mark.parametrize("axis", ["count", "size"])
async def test_what_a_provider_may_say(swept: Swept, axis: str) -> None:
    """What is taken from it reaches the client, with all that is added on the way."""
    sweep = (0, 50, *range(85, 105)) if axis == "count" else range(0, 120_000, 10_000)
    taken = []
    for amount in sweep:
        swept.talkative.count, swept.talkative.size = 0, 0
        setattr(swept.talkative, axis, amount)
        answer = await swept.house.chat(OFF_TOPIC, model="alpha/model-a")
        taken.append(answer.status_code == 200)
        if answer.status_code != 200:
            assert "The provider of alpha/model-a gave no answer" in answer.text
    assert taken == sorted(taken, reverse=True)
    assert len(set(taken)) == 2
