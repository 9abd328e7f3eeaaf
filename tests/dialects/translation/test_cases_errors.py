"""The numbered cases of translation: errors, and the headers around a translated attempt."""

from __future__ import annotations

import json
from typing import Any

import pytest

from extproc.core.aside import Aside
from extproc.core.catalog import Catalog
from extproc.core.config import Config
from extproc.core.models import Dialect, Endpoint, Model
from extproc.dialects.table import DIALECTS, ENDPOINTS
from extproc.transport.wire import Message
from extproc.worker.plan import Plan, encode
from extproc.worker.translation import TranslationProcessor
from tests.dialects.translation.pairs import PAIRS, C, M, R, ask, chat_answer, error, message
from tests.dialects.translation.pairs import response as responses_answer
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

OPENAI = {
    "error": {"message": "slow down", "type": "rate_limit_error", "param": None, "code": None}
}
ANTHROPIC = {"type": "error", "error": {"type": "rate_limit_error", "message": "slow down"}}
RATE_LIMITS: dict[Dialect, dict[str, Any]] = {C: OPENAI, M: ANTHROPIC, R: OPENAI}


@pytest.mark.parametrize(("client", "provider"), PAIRS)
def test_case_099_too_many_requests(client: Any, provider: Any) -> None:
    status, told = error(provider, client, 429, RATE_LIMITS[provider])
    assert status == 429
    assert told["error"]["type"] == "rate_limit_error"
    assert told["error"]["message"] == "slow down"
    if client is M:
        assert told["request_id"] == "req-1"


@pytest.mark.parametrize(("client", "provider"), PAIRS)
def test_case_100_a_page_of_html(client: Any, provider: Any) -> None:
    page = b"<html><h1>502 Bad Gateway</h1>" + b"x" * 5000
    status, told = error(provider, client, 502, page)
    assert status == 502
    assert "<h1>502 Bad Gateway</h1>" in told["error"]["message"]
    assert len(told["error"]["message"]) < 300


def _provider(dialect: Dialect) -> Model:
    endpoint = Endpoint("https", "h", 443, "h")
    return Model("one/a", "one", "a", endpoint, {dialect: "/served"}, default=True)


async def attempt(
    client: Dialect,
    provider: Dialect,
    body: dict[str, Any],
    answered: bytes,
    *,
    status: int = 200,
    sent: dict[str, str] | None = None,
    got: dict[str, str] | None = None,
) -> list[Message]:
    """What Envoy hears of one attempt: the request's headers and body, the answer's."""
    plan = Plan(client, ("one/a",), body.get("stream") is True, 0, 0, "beta=true")
    asked = {
        "x-dragoman-plan": encode(plan),
        "x-envoy-attempt-count": "1",
        "x-dragoman-idle": "120000",
        "x-request-id": "req-1",
        **(sent or {}),
    }
    envoy = Envoy(
        request_headers(asked),
        request_body(json.dumps(body).encode()),
        response_headers(
            {":status": str(status), "content-type": "application/json", **(got or {})}
        ),
        response_body(answered, ends=True),
    )
    processor = TranslationProcessor(
        Catalog(Config((_provider(provider),))), Aside(), lambda: 1_700_000_000
    )
    await processor.serve(envoy)
    return envoy.heard


def answer_headers(heard: list[Message]) -> dict[str, str]:
    (told,) = [one for one in heard if one.WhichOneof("response") == "response_headers"]
    return set_by(told.response_headers.response.header_mutation)


def answer_body(heard: list[Message]) -> bytes:
    bodies = [one for one in heard if one.WhichOneof("response") == "response_body"]
    return b"".join(
        one.response_body.response.body_mutation.streamed_response.body for one in bodies
    )


WHOLE = {C: chat_answer(content="hi"), M: message({"type": "text", "text": "hi"})}
WHOLE[R] = responses_answer()


@pytest.mark.parametrize("provider", [C, R])
async def test_case_051_anthropics_own_headers_stay_behind(provider: Any) -> None:
    heard = await attempt(M, provider, ask(M), json.dumps(WHOLE[provider]).encode())
    assert {"anthropic-beta", "anthropic-version"} <= set(removed(heard[0]))
    assert changed(heard[0])[":path"] == "/served"


async def test_case_101_an_error_instead_of_a_stream() -> None:
    refusal = {"error": {"message": "bad", "type": "invalid_request_error"}}
    for client, provider in ((M, C), (R, C)):
        heard = await attempt(
            client, provider, ask(client, stream=True), json.dumps(refusal).encode(), status=400
        )
        headers = answer_headers(heard)
        assert (headers[":status"], headers["content-type"]) == ("400", "application/json")
        assert json.loads(answer_body(heard))["error"]["message"] == "bad"


@pytest.mark.parametrize(("client", "provider"), PAIRS)
async def test_case_102_ids_and_when_to_try_again(client: Any, provider: Any) -> None:
    again = {"retry-after": "3", "retry-after-ms": "3000", "x-should-retry": "true"}
    provided = {DIALECTS[provider].id_header: "of-the-provider", **again}
    heard = await attempt(
        client,
        provider,
        ask(client),
        json.dumps(RATE_LIMITS[provider]).encode(),
        status=429,
        got=provided,
    )
    headers = answer_headers(heard)
    assert headers["request-id" if client is M else "x-request-id"] == "of-the-provider"
    assert headers[":status"] == "429"
    (told,) = [one for one in heard if one.WhichOneof("response") == "response_headers"]
    taken = told.response_headers.response.header_mutation.remove_headers
    assert not set(again) & {*taken, *headers}


@pytest.mark.parametrize(("client", "provider"), PAIRS)
async def test_case_103_limits_of_rates_pass(client: Any, provider: Any) -> None:
    limits = {"x-ratelimit-remaining-requests": "1", "anthropic-ratelimit-tokens-remaining": "2"}
    body = json.dumps(WHOLE[provider]).encode()
    heard = await attempt(client, provider, ask(client), body, got=limits)
    (told,) = [one for one in heard if one.WhichOneof("response") == "response_headers"]
    taken = told.response_headers.response.header_mutation.remove_headers
    assert not set(limits) & {*taken, *answer_headers(heard)}


def test_case_104_counting_tokens_is_never_a_generation() -> None:
    assert not [path for path in ENDPOINTS if "count_tokens" in path]
