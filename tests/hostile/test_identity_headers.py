"""What says who a client is does not reach a provider."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from extproc.demo.provider.exchange import Exchange
from tests.helpers.house import CONFIG, OFF_TOPIC, House
from tests.helpers.house import house as start

IDENTITY = (
    "x-auth-token",
    "x-access-token",
    "authentication",
    "x-amz-security-token",
    "cf-access-jwt-assertion",
    "cf-access-client-secret",
    "x-goog-iap-jwt-assertion",
    "x-amzn-oidc-data",
    "x-amzn-oidc-identity",
    "x-ms-token-aad-access-token",
    "x-serverless-authorization",
    "ocp-apim-subscription-key",
    "x-portkey-api-key",
    "helicone-auth",
    "x-csrf-token",
    "x-goog-user-project",
    "x-real-ip",
    "x-forwarded-for",
    "x-forwarded-user",
    "forwarded",
    "via",
    "referer",
    "baggage",
    "cookie",
    "x-goog-api-key",
    "proxy-authorization",
    "openai-organization",
    "openai-project",
    "chatgpt-account-id",
    "x_api_key",
    "x_auth_token",
    "x-model-affinity",
    "x-dragoman-plan",
    "x-company-sso",
)
KNOWN = {
    "accept": "text/event-stream",
    "user-agent": "a-program/1.0",
    "openai-beta": "assistants=v2",
    "anthropic-beta": "b",
    "x-stainless-lang": "python",
    "idempotency-key": "k",
    "traceparent": "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01",
    "tracestate": "a=b",
    "originator": "codex_cli_rs",
    "session_id": "s",
}
MORE = """
  - {{model: beta/told, name: told, base_url: "{beta}", provider_interface: openai,
     access_key: $BETA_KEY, forward_headers: [X-Company-SSO, "x-team-*", "x-api-*"]}}
"""


@pytest.fixture(scope="module")
async def telling(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """A house with a provider that is told more."""
    config = CONFIG.replace("model_aliases:", MORE.strip("\n") + "\nmodel_aliases:")
    async with start(tmp_path_factory.mktemp("telling"), config=config) as running:
        yield running


def names(exchange: Exchange) -> set[str]:
    return {name.lower() for name, _ in exchange.headers}


@pytest.mark.parametrize("model", ["gamma/model-c", "anthropic/claude-d"])
async def test_no_identity_reaches_a_provider(house: House, model: str) -> None:
    sent = dict.fromkeys(IDENTITY, "who-i-am")
    response = await house.chat(OFF_TOPIC, model=model, headers=sent)
    assert response.status_code == 200, response.text
    (exchange,) = house.gamma.exchanges or house.delta.exchanges
    assert names(exchange).isdisjoint(IDENTITY)
    assert "who-i-am" not in repr(exchange.headers)


async def test_what_the_apis_know_does(house: House) -> None:
    await house.chat(OFF_TOPIC, headers=KNOWN)
    (exchange,) = house.gamma.exchanges
    assert {name: exchange.header(name) for name in KNOWN} == KNOWN
    assert exchange.header("content-type") == "application/json"
    ours = {"host", "content-type", "content-length", "authorization", "accept-encoding"}
    assert names(exchange) == {*KNOWN, *ours}
    assert exchange.header("accept-encoding") == "identity"


async def test_a_provider_is_told_what_its_entry_names(telling: House) -> None:
    told = {"x-company-sso": "a", "x-team-id": "b"}
    untold = {"x-company": "c", "x-api-key": "d", "x-team": "e"}
    for model in ("told", "gamma/model-c"):
        response = await telling.chat(OFF_TOPIC, model=model, headers=told | untold)
        assert response.status_code == 200, response.text
    (exchange,) = telling.beta.exchanges
    assert told.items() <= dict(exchange.headers).items()
    assert names(exchange).isdisjoint(untold)
    (exchange,) = telling.gamma.exchanges
    assert names(exchange).isdisjoint(told)
