"""Providers behind a web proxy: a tunnel through it, and TLS with the provider inside."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import trustme

from extproc.demo.provider import Behaviour, FakeProvider
from tests.helpers.house import OFF_TOPIC, House
from tests.helpers.house import house as start
from tests.helpers.tunnelling_proxy import TunnellingProxy, tunnelling_proxy

PASSWORD = "p@ss: word"
WRITTEN = "p%40ss:%20word"
AUTHORIZATION = "Basic bWU6cEBzczogd29yZA=="

CONFIG = """
version: v0.4.0
listeners:
  - {{type: model, name: llm, address: 127.0.0.1, port: {port}, timeout: 30s}}
model_providers:
  - {{model: far/one, base_url: "https://far.example", provider_interface: openai, default: true}}
  - {{model: far/two, base_url: "https://far.example", provider_interface: openai}}
  - {{model: excepted/one, base_url: "https://in.house.example", provider_interface: openai}}
  - {{model: direct/one, base_url: "https://far.example", provider_interface: openai, proxy: false}}
  - {{model: own/one, base_url: "http://plain.example:8080", provider_interface: openai,
     proxy: "https://localhost:OWN"}}
  - {{model: unknown/one, base_url: "https://far.example", provider_interface: openai,
     proxy: "http://me:wrong@127.0.0.1:COMMON"}}
  - {{model: near/one, base_url: "https://localhost:NEAR", provider_interface: openai}}
routing_preferences:
  - {{name: all, description: sorting lists, models: [unknown/one, far/one]}}
dragoman:
  attempt_timeout: {attempt_timeout}
  first_content_timeout: {first_content_timeout}
  cooldowns: {cooldowns}
  admin_address: 127.0.0.1:{admin_port}
overrides: {{upstream_tls_ca_path: "AUTHORITY"}}
{more}
"""


@dataclass
class Office:
    """A house, and the proxies on its way out: that of the environment, and one entry's own."""

    house: House
    common: TunnellingProxy
    own: TunnellingProxy

    async def asked(self, model: str) -> int:
        response = await self.house.chat(OFF_TOPIC, model=model)
        return response.status_code


@pytest.fixture(scope="module")
async def shared_office(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    authority = trustme.CA()
    ca = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(str(ca))

    def context(*names: str) -> ssl.SSLContext:
        made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert(*names).configure_cert(made)
        return made

    async with contextlib.AsyncExitStack() as stack:
        far = FakeProvider("far", ssl_context=context("far.example"))
        near = FakeProvider("near", ssl_context=context("localhost"))
        plain = await stack.enter_async_context(FakeProvider("plain"))
        await stack.enter_async_context(far)
        await stack.enter_async_context(near)
        common = await stack.enter_async_context(
            tunnelling_proxy({"far.example:443": far.port}, AUTHORIZATION)
        )
        own = await stack.enter_async_context(
            tunnelling_proxy({"plain.example:8080": plain.port}, context=context("localhost"))
        )
        text = CONFIG.replace("COMMON", str(common.port)).replace("OWN", str(own.port))
        text = text.replace("NEAR", str(near.port))
        running = await stack.enter_async_context(
            start(
                tmp_path_factory.mktemp("office"),
                config=text.replace("AUTHORITY", str(ca)),
                keys={
                    "HTTPS_PROXY": f"http://me:{WRITTEN}@127.0.0.1:{common.port}",
                    "NO_PROXY": "elsewhere.example, .house.example",
                },
            )
        )
        running.providers.update(far=far, plain=plain, near=near)
        yield Office(running, common, own)


@pytest.fixture
def office(shared_office: Office) -> Office:
    shared_office.house.clear()
    for proxy in (shared_office.common, shared_office.own):
        proxy.opened.clear()
        proxy.refused.clear()
    return shared_office


async def test_the_environments_proxy(office: Office) -> None:
    assert await office.asked("far/one") == 200
    assert await office.asked("far/two") == 200
    one, two = office.house.far.exchanges
    assert one.header("host") == "far.example"
    assert (one.json["model"], two.json["model"]) == ("one", "two")
    assert set(office.common.opened) == {"far.example:443"}
    assert not office.common.refused
    assert "proxy-authorization" not in {name.lower() for name, _ in one.headers}


async def test_a_stream_through_it(office: Office) -> None:
    office.house.far.script(Behaviour(deltas=20))
    response = await office.house.chat(OFF_TOPIC, model="far/one", stream=True)
    assert response.text.rstrip().endswith("data: [DONE]")


async def test_a_proxy_of_its_own(office: Office) -> None:
    """It speaks TLS, and what is behind it does not."""
    assert await office.asked("own/one") == 200
    assert office.own.opened == ["plain.example:8080"]
    assert not office.common.opened
    (exchange,) = office.house.plain.exchanges
    assert exchange.header("host") == "plain.example:8080"


@pytest.mark.parametrize("model", ["direct/one", "excepted/one"])
async def test_without_a_proxy(office: Office, model: str) -> None:
    """Nobody but the proxy knows where these hosts are."""
    assert await office.asked(model) == 503
    assert not office.common.opened + office.common.refused


async def test_this_machine_is_never_behind_the_environments_proxy(office: Office) -> None:
    assert await office.asked("near/one") == 200
    assert not office.common.opened + office.common.refused


async def test_a_proxy_that_refuses_is_no_provider(office: Office) -> None:
    since = office.house.log_length()
    response = await office.house.chat("sort a list of numbers, as in sorting lists")
    assert response.status_code == 200, response.text
    assert response.headers["x-dragoman-model"] == "far/one"
    assert office.common.refused == ["far.example:443"]
    (line,) = await office.house.logged(lambda line: line["log"] == "tunnel", 1, since)
    assert line["reason"] == "tunnel_response:407"
    assert line["tunnel"].startswith("far.example:443 through proxy http://127.0.0.1:")


async def test_what_the_proxy_is_told_is_told_nobody_else(office: Office) -> None:
    refused = await office.house.chat(OFF_TOPIC, model="unknown/one")
    assert refused.status_code == 503
    told = refused.text + office.house.log.read_text()
    for secret in (PASSWORD, WRITTEN, AUTHORIZATION.split()[1], "wrong"):
        assert secret not in told
