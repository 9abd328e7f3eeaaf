"""A model of one dialect takes over from a model of another, as programs see it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import anthropic
import httpx2
import openai
import pytest

from extproc.core.models import Dialect
from extproc.demo.provider import Behaviour
from tests.helpers.house import GREETING, House, greeting
from tests.helpers.programs import TOOLS, Client, Result, Said, Wants
from tests.helpers.realistic import ADAPTIVE, CLAUDE, GPT, MISTRAL, RESPONDING, provider_of

CHAT, MESSAGES, RESPONSES = Dialect.CHAT, Dialect.MESSAGES, Dialect.RESPONSES
CALL = (("weather", '{"city": "Oslo"}'),)


def tries(*models: str) -> dict[str, Any]:
    """Inline preferences that a greeting matches."""
    return {"extra_body": {"routing_preferences": greeting(*models)}}


def attempts(said: Said) -> tuple[str, str]:
    return said.headers["x-dragoman-model"], said.headers["x-dragoman-attempts"]


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize(
    ("dialect", "first", "second"),
    [
        (MESSAGES, CLAUDE, GPT),
        (MESSAGES, CLAUDE, RESPONDING),
        (CHAT, GPT, CLAUDE),
        (RESPONSES, RESPONDING, CLAUDE),
    ],
    ids=["messages-to-chat", "messages-to-responses", "chat", "responses"],
)
async def test_in_the_middle_of_a_tool_loop(
    realistic: House,
    sdks: Mapping[Dialect, Client],
    dialect: Dialect,
    first: str,
    second: str,
    streamed: bool,
) -> None:
    """The calls of one model are answered to another, whose calls are answered to the first."""
    client, wants = sdks[dialect], Wants(tools=TOOLS, more=tries(first, second))
    history = list(client.user(GREETING))
    provider_of(realistic, first).script(
        Behaviour(text="I look.", calls=CALL),
        Behaviour(status=429, retry_after="30"),
        Behaviour(tools="auto"),
    )
    provider_of(realistic, second).script(Behaviour(text="I look, too.", calls=CALL))
    for place, expected in enumerate(("I look.", "I look, too.", "The tools say: rain 1")):
        said = await client.ask(first, history, wants, streamed=streamed)
        assert said.text == expected
        assert attempts(said) == ((second, "2") if place == 1 else (first, "1"))
        results = {identifier: Result(f"rain {place}") for identifier in said.calls}
        history += [*said.turn, *client.results(results)]


@pytest.mark.parametrize(
    ("dialect", "first", "second"), [(MESSAGES, CLAUDE, GPT), (CHAT, CLAUDE, GPT)]
)
async def test_a_stream_that_begins_with_an_error(
    realistic: House, sdks: Mapping[Dialect, Client], dialect: Dialect, first: str, second: str
) -> None:
    client = sdks[dialect]
    provider_of(realistic, first).script(Behaviour(first_event_error=True))
    asked = client.user(GREETING)
    said = await client.ask(first, asked, Wants(more=tries(first, second)), streamed=True)
    assert said.text == f"Hello from {second}"
    assert attempts(said) == (second, "2")


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize(
    ("dialect", "first", "second", "more", "lost"),
    [
        (CHAT, GPT, MISTRAL, {"temperature": 0.2, "seed": 7}, ""),
        (MESSAGES, CLAUDE, ADAPTIVE, {}, "adapted:thinking"),
    ],
    ids=["chat", "messages"],
)
async def test_another_model_of_the_same_dialect_gets_what_it_takes(
    realistic: House,
    sdks: Mapping[Dialect, Client],
    dialect: Dialect,
    first: str,
    second: str,
    more: dict[str, Any],
    lost: str,
    streamed: bool,
) -> None:
    """One knows only the older name of the limit, the other measures its thinking itself."""
    provider_of(realistic, first).script(Behaviour(status=429))
    client = sdks[dialect]
    wants = Wants(more=tries(first, second) | more, effort="high" if lost else None)
    said = await client.ask(first, client.user(GREETING), wants, streamed=streamed)
    assert said.text == f"Hello from {second}"
    assert attempts(said) == (second, "2")
    assert said.headers.get("x-dragoman-translation", "") == lost


BROKEN = (openai.APIError, anthropic.APIError)
LOST = (openai.APIConnectionError, httpx2.RemoteProtocolError)
"""How the SDKs tell of a lost connection: that of Anthropic leaves it to its HTTP client."""


@pytest.mark.parametrize(
    ("dialect", "model"),
    [(CHAT, CLAUDE), (CHAT, RESPONDING), (MESSAGES, GPT), (MESSAGES, RESPONDING)],
)
@pytest.mark.parametrize(
    "behaviour",
    [Behaviour(text="one two three", error_after=2), Behaviour(text="a b", no_terminator=True)],
    ids=["error", "no-end"],
)
async def test_a_stream_that_breaks_off_after_content_raises(
    realistic: House,
    sdks: Mapping[Dialect, Client],
    dialect: Dialect,
    model: str,
    behaviour: Behaviour,
) -> None:
    provider_of(realistic, model).script(behaviour)
    client = sdks[dialect]
    asking = client.ask(model, client.user("hi"), Wants(), streamed=True)
    if model == GPT and behaviour.no_terminator:
        assert (await asking).text == "a b"  # a reason to finish is all that chat needs
        return
    with pytest.raises(BROKEN) as raised:
        await asking
    assert str(raised.value)


@pytest.mark.parametrize(
    ("dialect", "model"),
    [(CHAT, GPT), (CHAT, CLAUDE), (MESSAGES, CLAUDE), (MESSAGES, GPT), (RESPONSES, CLAUDE)],
)
async def test_a_connection_that_is_lost_after_content_is_lost_for_the_client(
    realistic: House, sdks: Mapping[Dialect, Client], dialect: Dialect, model: str
) -> None:
    """Envoy tells its filters nothing of it, so that no last event can be sent: the client's
    connection breaks, as it would without anything between."""
    provider_of(realistic, model).script(Behaviour(deltas=8, delay_between=0.05, cut_after=4))
    client = sdks[dialect]
    with pytest.raises(LOST):
        await client.ask(model, client.user("hi"), Wants(), streamed=True)


async def test_a_translated_response_that_breaks_off_has_failed(realistic: House) -> None:
    """The SDK hands the event over; it is for programs to look at."""
    provider_of(realistic, CLAUDE).script(Behaviour(text="one two", no_terminator=True))
    async with openai.AsyncOpenAI(
        base_url=f"{realistic.url}/v1", api_key="client", max_retries=0
    ) as sdk:
        stream = await sdk.responses.create(model=CLAUDE, input="hi", stream=True)
        *_, last = [event async for event in stream]
    assert last.type == "response.failed"
    assert last.response.error is not None
    assert last.response.error.message
