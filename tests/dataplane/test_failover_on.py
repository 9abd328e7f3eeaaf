"""The settings ``failover.on`` say what moves on; a client's own key never does for its errors."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from extproc.demo.provider import Behaviour
from tests.helpers.house import CLIENT_KEY, PROMPT, House
from tests.helpers.house import house as start

POEM = "Write me a poem about the sea, with four verses that rhyme"
CONFIG = """
version: v0.4.0
listeners:
  - {{type: model, name: llm, address: 127.0.0.1, port: {port}, timeout: 30s}}
model_providers:
  - {{model: alpha/model-a, base_url: "{alpha}", provider_interface: openai,
     access_key: $ALPHA_KEY, default: true}}
  - {{model: beta/model-b, base_url: "{beta}", provider_interface: openai, access_key: $BETA_KEY}}
  - {{model: gamma/*, base_url: "{gamma}", provider_interface: openai, passthrough_auth: true}}
  - {{model: anthropic/claude-d, base_url: "{delta}", access_key: $DELTA_KEY}}
routing_preferences:
  - name: code generation
    description: writing Python functions, generating new code
    models: [alpha/model-a, beta/model-b]
  - name: poetry
    description: writing poems, verses and rhymes
    models: [alpha/model-a, beta/model-b]
    failover: {{on: [429, 503, 401, invalid_prompt]}}
dragoman:
  attempt_timeout: {attempt_timeout}
  first_content_timeout: {first_content_timeout}
  cooldowns: {cooldowns}
  admin_address: 127.0.0.1:{admin_port}
  failover: {{on: [default, content_filter, 451]}}
{more}
"""


@pytest.fixture(scope="module")
async def shared_house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with start(tmp_path_factory.mktemp("on"), config=CONFIG) as house:
        yield house


def attempts(response: httpx.Response) -> int:
    return int(response.headers["x-dragoman-attempts"])


@pytest.mark.parametrize(
    ("failure", "moves_on"),
    [
        (Behaviour(status=500), True),
        (Behaviour(status=404), True),
        (Behaviour(status=451), True),
        (Behaviour(status=400, code="content_policy_violation"), True),
        (Behaviour(status=403, code="content_filter"), True),
        (Behaviour(status=400, code="context_length_exceeded"), True),
        (Behaviour(status=400, code="invalid_prompt"), False),
        (Behaviour(status=422), False),
    ],
)
async def test_a_list_adds_to_the_default(house: House, failure: Behaviour, moves_on: bool) -> None:
    house.alpha.script(failure)
    response = await house.chat(PROMPT)
    assert (response.status_code, attempts(response)) == (
        (200, 2) if moves_on else (failure.status, 1)
    )


@pytest.mark.parametrize(
    ("failure", "moves_on"),
    [
        (Behaviour(status=429), True),
        (Behaviour(status=503), True),
        (Behaviour(status=401), True),
        (Behaviour(status=400, code="invalid_prompt"), True),
        (Behaviour(before_headers="reset"), True),
        (Behaviour(status=500), False),
        (Behaviour(status=403), False),
        (Behaviour(status=404), False),
        (Behaviour(status=400, code="context_length_exceeded"), False),
        (Behaviour(status=400, code="content_filter"), False),
    ],
)
async def test_a_routes_own_list_replaces_it(
    house: House, failure: Behaviour, moves_on: bool
) -> None:
    house.alpha.script(failure)
    response = await house.chat(POEM)
    assert response.headers["x-dragoman-route"] == "poetry"
    assert (response.status_code, attempts(response)) == (
        (200, 2) if moves_on else (failure.status, 1)
    )


async def test_a_stream_that_begins_badly_moves_on_whatever_the_list(house: House) -> None:
    house.alpha.script(Behaviour(first_event_error=True))
    response = await house.chat(POEM, stream=True)
    assert (response.status_code, attempts(response)) == (200, 2)


@pytest.mark.parametrize(
    ("status", "moves_on"), [(401, False), (402, False), (403, False), (404, True), (503, True)]
)
async def test_what_is_said_of_a_clients_own_key_goes_back_to_the_client(
    house: House, status: int, moves_on: bool
) -> None:
    house.gamma.script(Behaviour(status=status))
    route = {"name": "g", "description": "greetings", "models": ["gamma/mine", "beta/model-b"]}
    response = await house.chat("hello there, greetings!", routing_preferences=[route])
    assert house.gamma.exchanges[0].header("authorization") == f"Bearer {CLIENT_KEY}"
    assert (response.status_code, attempts(response)) == ((200, 2) if moves_on else (status, 1))
