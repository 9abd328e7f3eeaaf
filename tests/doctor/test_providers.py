"""What is found of providers: whether they are reached, and what they say to the key."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import AsyncIterator
from email.utils import formatdate

import httpx
import pytest
import trustme

from extproc.config import parse
from extproc.demo.provider import Behaviour, FakeProvider
from extproc.doctor import providers as examined
from extproc.doctor.finding import Finding, Patient, State
from extproc.doctor.providers import providers
from tests.helpers.ports import free_port

TEXT = """
version: v0.4.0
model_providers:
  - {{model: custom/*, base_url: "{url}", provider_interface: openai, access_key: $KEY}}
  - {{model: custom/model, base_url: "{url}", provider_interface: openai, access_key: $KEY}}
  - {{model: anthropic/claude, base_url: "{url}", access_key: $OTHER}}
"""
KEYS = {"KEY": "the-secret-key", "OTHER": "the-other-key"}


def patient(url: str, *, calls: bool = False, text: str = TEXT) -> Patient:
    loaded = parse(text.format(url=url), KEYS)
    return Patient(loaded.config, loaded.secrets.values, {}, 1, calls=calls)


@pytest.fixture
async def provider() -> AsyncIterator[FakeProvider]:
    async with FakeProvider("upstream") as running:
        yield running


async def test_each_provider_and_key_is_reached_once(provider: FakeProvider) -> None:
    *found, clock = await providers(patient(provider.url))
    assert [finding.subject.split()[0] for finding in found] == ["anthropic", "custom"]
    assert all(finding.state is State.OK for finding in found)
    assert all(finding.found.startswith("reached in") for finding in found)
    assert clock.subject == "clock"
    assert {exchange.method for exchange in provider.exchanges} == {"HEAD"}


async def test_a_call_asks_the_model_with_its_key(provider: FakeProvider) -> None:
    found = await providers(patient(provider.url, calls=True))
    called = [finding for finding in found if finding.subject.startswith("call of")]
    assert [finding.subject for finding in called] == [
        "call of anthropic/claude",
        "call of custom/model",
    ]
    assert all(finding.found.startswith("answered in") for finding in called)
    sent = {exchange.path: exchange for exchange in provider.exchanges}
    assert sent["/v1/chat/completions"].header("authorization") == "Bearer the-secret-key"
    assert sent["/v1/messages"].header("x-api-key") == "the-other-key"
    assert sent["/v1/messages"].header("anthropic-version") is not None


@pytest.mark.parametrize(
    ("status", "state", "words"),
    [
        (401, State.FAILED, "Put a valid key into KEY."),
        (404, State.FAILED, "Check its name, and the path of base_url."),
        (429, State.NOTE, "Look at the account's balance and limits."),
        (400, State.NOTE, "Send it a request of your own."),
        (503, State.FAILED, "Try again later."),
    ],
)
async def test_what_a_status_means(
    provider: FakeProvider, status: int, state: State, words: str
) -> None:
    provider.default = Behaviour(status=status)
    found = await providers(patient(provider.url, calls=True))
    (finding,) = [each for each in found if each.subject == "call of custom/model"]
    assert (finding.state, finding.advice) == (state, words)
    assert "the-secret-key" not in repr(found)


async def test_where_nobody_listens() -> None:
    found = await providers(patient(f"http://127.0.0.1:{free_port()}", calls=True))
    *failed, clock = found
    assert {finding.found for finding in failed} == {"not reached: nothing listens there"}
    assert not any(finding.subject.startswith("call") for finding in found)
    assert clock == Finding("clock", State.NOTE, "nobody who was reached told the time")


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("[Errno -2] Name or service not known", "its name is not known"),
        ("[Errno -5] No address associated with hostname", "its name is not known"),
        (
            "[SSL: CERTIFICATE_VERIFY_FAILED] not valid for 'bedrock.us-east-2.example'",
            "its certificate is not trusted",
        ),
        ("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify", "its certificate is not trusted"),
        ("[SSL: WRONG_VERSION_NUMBER] wrong version number", "it does not speak TLS as it should"),
        ("[Errno 111] Connection refused", "nothing listens there"),
        ("something else", "something else"),
    ],
)
def test_what_an_error_means(text: str, meaning: str) -> None:
    (model, *_) = patient("http://h").config.models
    finding = examined._unreached("custom at h:80", model, httpx.ConnectError(text))
    assert finding.found == f"not reached: {meaning}"
    assert finding.advice


def test_a_refusal_at_each_of_several_addresses() -> None:
    (model, *_) = patient("http://h").config.models
    refusals = [ConnectionRefusedError(111, "Connect call failed") for _ in range(2)]
    error = httpx.ConnectError("All connection attempts failed")
    error.__cause__ = ExceptionGroup("multiple connection attempts failed", refusals)
    assert examined._unreached("h", model, error).found == "not reached: nothing listens there"


def test_the_proxy_is_named_where_there_is_one() -> None:
    text = TEXT.replace("access_key: $OTHER", "access_key: $OTHER, proxy: 'http://u:p@proxy:3128'")
    model = patient("http://h", text=text).config.models[-1]
    finding = examined._unreached("anthropic", model, httpx.ProxyError("407 for u:p"))
    assert finding.found == "not reached through the proxy proxy:3128 (ProxyError)"
    assert "proxy: false" in finding.advice


@pytest.mark.parametrize(
    ("skews", "state", "found"),
    [
        ([0.4, -0.2], State.OK, "as the providers' clocks"),
        ([0.4, 3600.0], State.OK, "as the providers' clocks"),
        ([3601.2, 3600.0], State.FAILED, "3600 s ahead"),
        ([-90.0], State.FAILED, "90 s behind"),
    ],
)
def test_the_clock(skews: list[float], state: State, found: str) -> None:
    finding = examined._clock(skews)
    assert (finding.state, finding.found) == (state, found)


def test_the_time_that_an_answer_tells() -> None:
    response = httpx.Response(200, headers={"date": formatdate(time.time() - 100, usegmt=True)})
    (skew,) = examined._skew(response)
    assert 99 <= skew <= 102
    assert examined._skew(httpx.Response(200, headers={"date": "yesterday"})) == []
    assert examined._skew(httpx.Response(200)) == []


async def test_a_certificate_that_nobody_signed() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost").configure_cert(context)
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    async with server:
        found = await providers(patient(f"https://localhost:{port}"))
    assert found[0].found == "not reached: its certificate is not trusted"
    assert "upstream_tls_ca_path" in found[0].advice
