"""A provider that answers before it has read the request, and then closes the connection.

Its answer is the answer: nothing is sent twice, and no model is thought to have failed.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import product

import httpx
import pytest

from extproc.demo.provider import Behaviour
from tests.helpers.house import CONFIG, OFF_TOPIC, House
from tests.helpers.house import house as start
from tests.helpers.plain_envoy import plain_envoy
from tests.helpers.raw_provider import RawProvider, raw_provider

STATUSES = (413, 401, 429)
SIZES = (500_000, 1_500_000, 3_000_000)
ROUNDS = 2
READ_FIRST = (0, 300_000)
"""How much of a body is read before it is answered."""

ERROR = json.dumps({"error": {"message": "enough", "type": "early", "code": None}}).encode()


@dataclass
class Hasty:
    """Answers with ``status`` after reading ``read_first`` bytes, then waits for the other side to
    notice, as servers do that want to be heard."""

    status: int = 413
    read_first: int = 0

    async def answer(
        self, _: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await reader.readexactly(self.read_first)
        writer.write(
            b"HTTP/1.1 %d Enough\r\ncontent-type: application/json\r\ncontent-length: %d\r\n"
            b"connection: close\r\n\r\n%b" % (self.status, len(ERROR), ERROR)
        )
        writer.write_eof()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(2):
                while await reader.read(65536):
                    pass


@dataclass
class Early:
    """A house whose alpha is hasty, and a plain Envoy before the same provider."""

    hasty: Hasty
    alpha: RawProvider
    house: House
    plain: httpx.AsyncClient


@pytest.fixture(scope="module")
async def surroundings(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Early]:
    hasty = Hasty()
    async with contextlib.AsyncExitStack() as stack:
        alpha = await stack.enter_async_context(raw_provider(hasty.answer))
        config = CONFIG.replace('"{alpha}"', f'"{alpha.url}"')
        house = start(tmp_path_factory.mktemp("early"), config=config)
        running = await stack.enter_async_context(house)
        url = await stack.enter_async_context(
            plain_envoy(tmp_path_factory.mktemp("plain"), alpha.port)
        )
        plain = httpx.AsyncClient(base_url=url, timeout=30, trust_env=False)
        yield Early(hasty, alpha, running, await stack.enter_async_context(plain))


@pytest.fixture
def early(surroundings: Early) -> Early:
    surroundings.house.clear()
    surroundings.alpha.heads.clear()
    return surroundings


@pytest.mark.parametrize("read_first", READ_FIRST)
@pytest.mark.parametrize("model", ["alpha/model-a", "anthropic/claude-a"])
async def test_its_answer_is_the_clients(early: Early, model: str, read_first: int) -> None:
    """The second model is of another dialect: Python is on the way of its request and answer."""
    early.hasty.read_first = read_first
    wrong = []
    for status, size in product(STATUSES, SIZES * ROUNDS):
        early.hasty.status = status
        early.alpha.heads.clear()
        answer = await early.house.chat("x" * size + OFF_TOPIC, model=model)
        told = answer.json()["error"]["message"]
        if (answer.status_code, told, len(early.alpha.heads)) != (status, "enough", 1):
            wrong.append((status, size, answer.status_code, told, len(early.alpha.heads)))
    assert not wrong


@pytest.mark.parametrize("read_first", READ_FIRST)
async def test_plain_envoy_does_no_better(early: Early, read_first: int) -> None:
    """Else it would be the provider's manners that make the answers above what they are."""
    early.hasty.read_first = read_first
    for status, size in product(STATUSES, SIZES * ROUNDS):
        early.hasty.status = status
        answer = await early.plain.post("/v1/chat/completions", content=b"x" * size)
        assert (answer.status_code, answer.content) == (status, ERROR)
    assert len(early.alpha.heads) == len(STATUSES) * len(SIZES) * ROUNDS


@pytest.mark.parametrize("read_first", READ_FIRST)
async def test_the_next_candidate_gets_the_whole_request(early: Early, read_first: int) -> None:
    early.hasty.status, early.hasty.read_first = 429, read_first
    for size in SIZES * ROUNDS:
        early.alpha.heads.clear()
        early.house.clear()
        answer = await early.house.chat(user="x" * size)
        assert answer.status_code == 200, answer.text
        assert answer.headers["x-dragoman-attempts"] == "2"
        assert len(early.alpha.heads) == 1
        (sent,) = early.house.beta.exchanges
        assert json.loads(sent.body)["user"] == "x" * size


@pytest.mark.parametrize("read_first", READ_FIRST)
async def test_so_it_is_on_a_later_attempt(early: Early, read_first: int) -> None:
    """Python passes the body of a later attempt on, and is still at it as the answer comes."""
    early.hasty.status, early.hasty.read_first = 413, read_first
    route = {"name": "r", "description": "sorting", "models": ["beta/model-b", "alpha/model-a"]}
    for size in SIZES * ROUNDS:
        early.alpha.heads.clear()
        early.house.beta.script(Behaviour(status=503))
        answer = await early.house.chat(user="x" * size, routing_preferences=[route])
        assert (answer.status_code, answer.json()["error"]["message"]) == (413, "enough")
        assert len(early.alpha.heads) == 1
