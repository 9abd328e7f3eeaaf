"""How a behaviour is spelled, and which one a request gets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from extproc.demo.provider import Behaviour, FakeProvider, parse_behaviour


@pytest.fixture
async def provider() -> AsyncIterator[FakeProvider]:
    async with FakeProvider("acme", strict=False) as provider:
        yield provider


@pytest.fixture
async def client(provider: FakeProvider) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=provider.url) as client:
        yield client


LONG = Behaviour(status=400, code="context_length_exceeded")


async def ask(
    client: httpx.AsyncClient, model: str = "gpt-4o", spec: str | None = None
) -> httpx.Response:
    headers = {} if spec is None else {"x-fake-behaviour": spec}
    return await client.post("/v1/chat/completions", json={"model": model}, headers=headers)


@pytest.mark.parametrize(
    ("spec", "behaviour"),
    [
        ("ok", Behaviour()),
        ("status=429,retry-after=5", Behaviour(status=429, retry_after="5")),
        (" status = 429 , retry-after = 5 ", Behaviour(status=429, retry_after="5")),
        ("reset", Behaviour(before_headers="reset")),
        ("silence", Behaviour(before_headers="silence")),
        ("delay-headers=1.5,reset", Behaviour(delay_headers=1.5, before_headers="reset")),
        ("first-content=3,between=0.1", Behaviour(delay_first_content=3, delay_between=0.1)),
        ("first-event-error", Behaviour(first_event_error=True)),
        ("error=4", Behaviour(error_after=4)),
        ("cut=2", Behaviour(cut_after=2)),
        ("cut", Behaviour(cut_after=0)),
        ("stall=2", Behaviour(stall_after=2)),
        ("stall", Behaviour(stall_after=0)),
        ("garbage", Behaviour(garbage_body=True)),
        ("slow-body", Behaviour(slow_body=2.0)),
        ("slow-body=7", Behaviour(slow_body=7.0)),
        ("malformed", Behaviour(malformed="first")),
        ("malformed=middle", Behaviour(malformed="middle")),
        ("no-terminator", Behaviour(no_terminator=True)),
        ("text=One swallow", Behaviour(text="One swallow")),
        ("deltas=100,delta-size=8", Behaviour(deltas=100, delta_size=8)),
        ("input-tokens=3,output-tokens=4", Behaviour(input_tokens=3, output_tokens=4)),
        ("status=400,code=context_length_exceeded", LONG),
        ("status=502,html", Behaviour(status=502, html=True)),
        ("instead=half,gzip", Behaviour(instead="half", gzip=True)),
        ("refusal=I must not", Behaviour(refusal="I must not")),
        ("structured", Behaviour(structured=True)),
        ("tools=auto,reasoning=Hm", Behaviour(tools="auto", reasoning="Hm")),
        ("call=now", Behaviour(calls=(("now", "{}"),))),
        (
            'call=look:{"at": [1, 2], "for": "}, ok"},interleave,call=now,stop=length',
            Behaviour(
                calls=(("look", '{"at": [1, 2], "for": "}, ok"}'), ("now", "{}")),
                interleave=True,
                stop="length",
            ),
        ),
        (
            "cached-tokens=1,written-tokens=2,reasoning-tokens=3",
            Behaviour(cached_tokens=1, written_tokens=2, reasoning_tokens=3),
        ),
        ("header=a: 1,header=b:2:3", Behaviour(headers=(("a", "1"), ("b", "2:3")))),
    ],
)
def test_specs(spec: str, behaviour: Behaviour) -> None:
    assert parse_behaviour(spec) == behaviour


@pytest.mark.parametrize(
    ("spec", "complaint"),
    [
        ("", "unknown behaviour ''"),
        ("rest", "unknown behaviour 'rest'; known: .*reset"),
        ("reset=1", "reset takes no value"),
        ("status", "status needs a whole number, not ''"),
        ("status=often", "status needs a whole number, not 'often'"),
        ("status=204", "status must be 200 or from 300 to 599, not 204"),
        ("status=500,status=503", "status says status a second time"),
        ("reset,silence", "silence says before_headers a second time"),
        ("first-content=x", "first-content needs a number of seconds, not 'x'"),
        ("first-content=nan", "delay_first_content must be a number of seconds, is nan"),
        ("between=-1", "delay_between must be a number of seconds"),
        ("cut=-1", "cut_after must not be negative"),
        ("cut=1,stall=1", "cut_after and stall_after exclude each other"),
        ("text", "text needs a value"),
        ("text=a,deltas=1", "text and deltas exclude each other"),
        ("html", "code and html need an error status"),
        ("code=model_not_found", "code and html need an error status"),
        ("call", "call needs name:arguments"),
        ("tools=all", "tools must be auto, not all"),
        ("instead=nothing", "instead must be empty or half or error"),
        ("stop=now", "stop must be length or context or content_filter or stop_sequence"),
        ("refusal=No,text=Yes", "text and refusal exclude each other"),
        ("cached-tokens=-1", "cached_tokens must not be negative"),
        ("malformed=last", "malformed must be first or middle, not last"),
        ("header=a", "header needs name:value"),
        ("header=:a", "'' is not a header name"),
        ("header=content-length:3", "content-length is not for a behaviour to set"),
        ("retry-after=5\n5", "not a value for the header retry-after"),
    ],
)
def test_specs_that_make_no_sense(spec: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        parse_behaviour(spec)


@pytest.mark.parametrize(
    "fields",
    [{"status": 201}, {"before_headers": "hangup"}, {"headers": (("a b", "1"),)}],
)
def test_behaviours_that_make_no_sense(fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"must be|is not"):
        Behaviour(**fields)


async def test_precedence(provider: FakeProvider, client: httpx.AsyncClient) -> None:
    provider.default = Behaviour(status=501)
    assert (await ask(client)).status_code == 501
    provider.behave("gpt-4o", Behaviour(status=502))
    assert (await ask(client)).status_code == 502
    assert (await ask(client, "gpt-5")).status_code == 501
    provider.script(Behaviour(status=503), Behaviour(status=504))
    assert (await ask(client)).status_code == 503
    assert (await ask(client, "gpt-4o!status=505")).status_code == 505
    assert (await ask(client, "gpt-4o!status=505", "status=506")).status_code == 506
    assert (await ask(client)).status_code == 504
    assert (await ask(client)).status_code == 502
    assert [exchange.status for exchange in provider.exchanges] == [
        501, 502, 501, 503, 505, 506, 504, 502,
    ]  # fmt: skip


async def test_a_model_id_is_echoed_with_its_behaviour(client: httpx.AsyncClient) -> None:
    answer = (await ask(client, "gpt-4o!delay-headers=0.01")).json()
    assert answer["model"] == "gpt-4o!delay-headers=0.01"
    assert answer["choices"][0]["message"]["content"] == "Hello from acme/gpt-4o"


@pytest.mark.parametrize(("model", "spec"), [("gpt-4o", "rest"), ("gpt-4o!rest", None)])
async def test_a_request_for_nonsense_is_refused(
    provider: FakeProvider, client: httpx.AsyncClient, model: str, spec: str | None
) -> None:
    provider.script(Behaviour(status=503))
    response = await ask(client, model, spec)
    assert response.status_code == 400
    assert "unknown behaviour 'rest'" in response.json()["error"]["message"]
    assert provider.exchanges[0].status == 400
    assert (await ask(client)).status_code == 503


async def test_clear(provider: FakeProvider, client: httpx.AsyncClient) -> None:
    provider.default = Behaviour(status=501)
    provider.behave("gpt-4o", Behaviour(status=502))
    provider.script(Behaviour(status=503), Behaviour(status=503))
    assert (await ask(client)).status_code == 503
    assert len(provider.exchanges) == 1
    provider.clear()
    assert provider.exchanges == []
    assert [(await ask(client, model)).status_code for model in ("gpt-4o", "gpt-5")] == [200, 200]
    assert provider.default == Behaviour()
    assert len(provider.exchanges) == 2
