"""Every way in which the fake provider fails, as a client sees it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator

import anthropic
import httpx
import openai
import pytest

from extproc.demo.provider import Behaviour, FakeProvider

CHAT = "/v1/chat/completions"
MESSAGES = "/v1/messages"
RESPONSES = "/v1/responses"
DIALECTS = pytest.mark.parametrize("path", [CHAT, MESSAGES, RESPONSES])
SOON = 0.2
LIMIT = 5.0


@pytest.fixture
async def provider() -> AsyncIterator[FakeProvider]:
    async with FakeProvider("acme", strict=False) as provider:
        yield provider


@pytest.fixture
async def client(provider: FakeProvider) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=provider.url, timeout=LIMIT) as client:
        yield client


def question(*, stream: bool = False) -> dict[str, object]:
    return {"model": "gpt-4o", "stream": stream, "messages": [{"role": "user", "content": "Hi"}]}


async def events_of(response: httpx.Response) -> AsyncIterator[str]:
    """The data of each event."""
    async for line in response.aiter_lines():
        if line.startswith("data: "):
            yield line.removeprefix("data: ")


async def read_events(response: httpx.Response, events: list[str]) -> None:
    """Collect the data of each event; what was collected survives an exception."""
    async for event in events_of(response):
        events += [event]


def pieces(events: list[str]) -> list[str]:
    """The pieces of text in a stream of any dialect."""
    found = []
    for event in events:
        if event == "[DONE]":
            continue
        data = json.loads(event)
        if data.get("type") == "content_block_delta":
            found.append(data["delta"]["text"])
        elif data.get("type") == "response.output_text.delta":
            found.append(data["delta"])
        elif data.get("choices"):
            found.append(data["choices"][0]["delta"].get("content"))
    return [piece for piece in found if piece]


async def wait_until_alone(provider: FakeProvider) -> None:
    async with asyncio.timeout(LIMIT):
        await provider.until(lambda it: it.connections == 0)


@DIALECTS
async def test_reset(provider: FakeProvider, client: httpx.AsyncClient, path: str) -> None:
    provider.script(Behaviour(before_headers="reset"))
    with pytest.raises(httpx.ReadError):
        await client.post(path, json=question())
    assert provider.exchanges[0].status is None
    assert (await client.post(path, json=question())).status_code == 200


async def test_reset_is_a_tcp_reset(provider: FakeProvider) -> None:
    provider.default = Behaviour(before_headers="reset")
    reader, writer = await asyncio.open_connection("127.0.0.1", provider.port)
    body = json.dumps(question()).encode()
    writer.write(b"POST %b HTTP/1.1\r\nhost: a\r\n" % CHAT.encode())
    writer.write(b"content-length: %d\r\n\r\n%b" % (len(body), body))
    with pytest.raises(ConnectionResetError):
        await reader.read()
    writer.close()
    with pytest.raises(ConnectionResetError):
        await writer.wait_closed()


async def test_the_sdk_sees_a_reset_as_a_connection_error(provider: FakeProvider) -> None:
    provider.default = Behaviour(before_headers="reset")
    async with openai.AsyncOpenAI(base_url=provider.url, api_key="k", max_retries=0) as sdk:
        with pytest.raises(openai.APIConnectionError):
            await sdk.responses.create(model="gpt-5", input="Hi")


async def test_silence_lasts_until_the_client_leaves(provider: FakeProvider) -> None:
    provider.default = Behaviour(before_headers="silence")
    async with httpx.AsyncClient(base_url=provider.url, timeout=SOON) as client:
        with pytest.raises(httpx.ReadTimeout):
            await client.post(CHAT, json=question())
    await wait_until_alone(provider)


async def test_stopping_ends_silence(provider: FakeProvider, client: httpx.AsyncClient) -> None:
    provider.default = Behaviour(before_headers="silence")
    request = asyncio.create_task(client.post(CHAT, json=question()))
    async with asyncio.timeout(LIMIT):
        await provider.until(lambda it: len(it.exchanges) == 1)
        await provider.stop()
        with pytest.raises(httpx.HTTPError):
            await request
    assert provider.connections == 0


async def test_delayed_headers(provider: FakeProvider, client: httpx.AsyncClient) -> None:
    provider.default = Behaviour(delay_headers=SOON, status=503)
    start = time.monotonic()
    response = await client.post(CHAT, json=question())
    assert response.status_code == 503
    assert time.monotonic() - start >= SOON


async def test_a_client_may_leave_while_headers_are_delayed(provider: FakeProvider) -> None:
    provider.default = Behaviour(delay_headers=3600)
    async with httpx.AsyncClient(base_url=provider.url, timeout=SOON) as client:
        with pytest.raises(httpx.ReadTimeout):
            await client.post(CHAT, json=question())
    await wait_until_alone(provider)


@pytest.mark.parametrize(
    ("path", "before"), [(CHAT, "role"), (MESSAGES, "ping"), (RESPONSES, "content_part.added")]
)
async def test_delayed_first_content(
    provider: FakeProvider, client: httpx.AsyncClient, path: str, before: str
) -> None:
    provider.default = Behaviour(delay_first_content=2 * SOON)
    start = time.monotonic()
    async with client.stream("POST", path, json=question(stream=True)) as response:
        headers_at = time.monotonic() - start
        arrivals = [(time.monotonic() - start, event) async for event in events_of(response)]
    early = [event for at, event in arrivals if at < 2 * SOON]
    late = [event for at, event in arrivals if at >= 2 * SOON]
    assert headers_at < 2 * SOON
    assert before in early[-1]
    assert pieces(early) == []
    assert pieces(late) == ["Hello ", "from ", "acme/gpt-4o"]


async def test_slow_deltas(provider: FakeProvider, client: httpx.AsyncClient) -> None:
    provider.default = Behaviour(delay_between=0.05, deltas=5)
    start = time.monotonic()
    response = await client.post(CHAT, json=question(stream=True))
    assert time.monotonic() - start >= 0.2
    assert response.text.endswith("data: [DONE]\n\n")


async def test_slow_body(provider: FakeProvider, client: httpx.AsyncClient) -> None:
    provider.default = Behaviour(slow_body=SOON)
    start = time.monotonic()
    async with client.stream("POST", MESSAGES, json=question()) as response:
        drips = [drip async for drip in response.aiter_raw()]
    assert time.monotonic() - start >= SOON
    assert len(drips) > 3
    assert json.loads(b"".join(drips))["content"][0]["text"] == "Hello from acme/gpt-4o"


async def test_first_event_error_in_chat(provider: FakeProvider) -> None:
    provider.default = Behaviour(first_event_error=True)
    async with openai.AsyncOpenAI(base_url=provider.url, api_key="k", max_retries=0) as sdk:
        stream = await sdk.chat.completions.create(
            model="gpt-4o", messages=[{"role": "user", "content": "Hi"}], stream=True
        )
        with pytest.raises(openai.APIError, match="overloaded"):
            await anext(aiter(stream))
        await stream.close()


async def test_first_event_error_in_messages(provider: FakeProvider) -> None:
    provider.default = Behaviour(first_event_error=True)
    async with anthropic.AsyncAnthropic(base_url=provider.url, api_key="k", max_retries=0) as sdk:
        stream = await sdk.messages.create(
            model="claude", max_tokens=9, messages=[{"role": "user", "content": "Hi"}], stream=True
        )
        with pytest.raises(anthropic.APIStatusError, match="overloaded_error"):
            await anext(aiter(stream))
        await stream.close()


async def test_first_event_error_in_responses(provider: FakeProvider) -> None:
    provider.default = Behaviour(first_event_error=True)
    async with openai.AsyncOpenAI(base_url=provider.url, api_key="k", max_retries=0) as sdk:
        stream = await sdk.responses.create(model="gpt-5", input="Hi", stream=True)
        events = [event async for event in stream]
    assert [event.type for event in events] == ["response.created", "error", "response.failed"]
    assert [event.sequence_number for event in events] == [0, 1, 2]
    assert events[-1].type == "response.failed"
    assert events[-1].response.error is not None
    assert events[-1].response.error.code == "server_error"


async def test_delayed_first_event_error(provider: FakeProvider, client: httpx.AsyncClient) -> None:
    provider.default = Behaviour(first_event_error=True, delay_first_content=SOON)
    start = time.monotonic()
    async with client.stream("POST", MESSAGES, json=question(stream=True)) as response:
        assert response.status_code == 200
        events = [event async for event in events_of(response)]
    assert time.monotonic() - start >= SOON
    assert [json.loads(event)["type"] for event in events] == ["error"]


@DIALECTS
async def test_an_error_amid_the_content(
    provider: FakeProvider, client: httpx.AsyncClient, path: str
) -> None:
    provider.default = Behaviour(error_after=2)
    events: list[str] = []
    async with client.stream("POST", path, json=question(stream=True)) as response:
        await read_events(response, events)
    assert pieces(events) == ["Hello ", "from "]
    assert "overloaded" in events[-1]


@DIALECTS
async def test_cut(provider: FakeProvider, client: httpx.AsyncClient, path: str) -> None:
    provider.default = Behaviour(cut_after=2)
    events: list[str] = []
    async with client.stream("POST", path, json=question(stream=True)) as response:
        with pytest.raises(httpx.RemoteProtocolError):
            await read_events(response, events)
    assert pieces(events) == ["Hello ", "from "]


async def test_cut_after_all_content(provider: FakeProvider, client: httpx.AsyncClient) -> None:
    provider.default = Behaviour(cut_after=1000)
    events: list[str] = []
    async with client.stream("POST", CHAT, json=question(stream=True)) as response:
        with pytest.raises(httpx.RemoteProtocolError):
            await read_events(response, events)
    assert len(pieces(events)) == 3
    assert "[DONE]" not in events


async def test_cut_of_a_body_that_is_not_streamed(
    provider: FakeProvider, client: httpx.AsyncClient
) -> None:
    provider.default = Behaviour(cut_after=0)
    with pytest.raises(httpx.RemoteProtocolError):
        await client.post(CHAT, json=question())


@DIALECTS
async def test_stall(provider: FakeProvider, path: str) -> None:
    provider.default = Behaviour(stall_after=2)
    events: list[str] = []
    async with (
        httpx.AsyncClient(base_url=provider.url, timeout=SOON) as client,
        client.stream("POST", path, json=question(stream=True)) as response,
    ):
        with pytest.raises(httpx.ReadTimeout):
            await read_events(response, events)
    assert pieces(events) == ["Hello ", "from "]
    await wait_until_alone(provider)


async def test_stall_of_a_body_that_is_not_streamed(provider: FakeProvider) -> None:
    provider.default = Behaviour(stall_after=0)
    async with (
        httpx.AsyncClient(base_url=provider.url, timeout=SOON) as client,
        client.stream("POST", CHAT, json=question()) as response,
    ):
        assert response.status_code == 200
        with pytest.raises(httpx.ReadTimeout):
            await response.aread()
    await wait_until_alone(provider)


@DIALECTS
async def test_malformed_first_event(
    provider: FakeProvider, client: httpx.AsyncClient, path: str
) -> None:
    provider.default = Behaviour(malformed="first")
    events: list[str] = []
    async with client.stream("POST", path, json=question(stream=True)) as response:
        await read_events(response, events)
    with pytest.raises(json.JSONDecodeError):
        json.loads(events[0])
    assert len(pieces(events[1:])) == 3


async def test_malformed_event_amid_the_content(
    provider: FakeProvider, client: httpx.AsyncClient
) -> None:
    provider.default = Behaviour(malformed="middle")
    events: list[str] = []
    async with client.stream("POST", CHAT, json=question(stream=True)) as response:
        await read_events(response, events)
    assert pieces(events[:2]) == ["Hello "]
    with pytest.raises(json.JSONDecodeError):
        json.loads(events[2])
    assert pieces(events[3:]) == ["from ", "acme/gpt-4o"]


@pytest.mark.parametrize(
    ("path", "terminator"),
    [(CHAT, "[DONE]"), (MESSAGES, "message_stop"), (RESPONSES, "response.completed")],
)
async def test_no_terminator(
    provider: FakeProvider, client: httpx.AsyncClient, path: str, terminator: str
) -> None:
    complete = (await client.post(path, json=question(stream=True))).text
    provider.default = Behaviour(no_terminator=True)
    endless = (await client.post(path, json=question(stream=True))).text
    assert terminator in complete
    assert terminator not in endless
    assert complete.count("\n\n") == endless.count("\n\n") + 1


@pytest.mark.parametrize("stream", [True, False])
async def test_garbage(provider: FakeProvider, client: httpx.AsyncClient, stream: bool) -> None:
    provider.default = Behaviour(garbage_body=True)
    response = await client.post(MESSAGES, json=question(stream=stream))
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    with pytest.raises(json.JSONDecodeError):
        response.json()


async def test_headers_are_added_and_replaced(
    provider: FakeProvider, client: httpx.AsyncClient
) -> None:
    provider.default = Behaviour(headers=(("x-more", "1"), ("Content-Type", "text/plain")))
    response = await client.post(CHAT, json=question())
    assert response.headers["x-more"] == "1"
    assert response.headers.get_list("content-type") == ["text/plain"]
