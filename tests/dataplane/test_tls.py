"""Providers behind TLS: the name is sent, the certificate checked, HTTP/2 used where offered."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import trustme
from hypercorn.asyncio import serve
from hypercorn.config import Config as HypercornConfig
from hypercorn.typing import ASGISendCallable, Scope

from extproc.config import parse
from extproc.demo.provider import FakeProvider
from extproc.sidecar.supervisor import sidecar
from tests.helpers.ports import free_port

CONFIG = """
version: v0.4.0
listeners: [{{type: model, name: llm, address: 127.0.0.1, port: {port}}}]
model_providers:
  - {{model: custom/model, base_url: "https://{host}:{upstream}", provider_interface: openai,
     access_key: literal-key, default: true}}
overrides: {{upstream_tls_ca_path: "{ca}"}}
"""
BODY = {"model": "custom/model", "messages": [{"role": "user", "content": "hi"}]}


@contextlib.asynccontextmanager
async def through_envoy(
    upstream: int, ca: Path, host: str = "localhost"
) -> AsyncIterator[httpx.AsyncClient]:
    loaded = parse(CONFIG.format(port=free_port(), host=host, upstream=upstream, ca=ca), {})
    async with (
        sidecar(loaded.config, loaded.secrets, access_log="/dev/null") as running,
        httpx.AsyncClient(base_url=running.url, timeout=20) as client,
    ):
        yield client


def server_context(authority: trustme.CA, *names: str) -> tuple[ssl.SSLContext, list[str | None]]:
    """A server's TLS context for these names, and the names that clients asked for."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(*names).configure_cert(context)
    asked: list[str | None] = []
    context.sni_callback = lambda _, name, __: asked.append(name)
    return context, asked


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def ca_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


@pytest.mark.parametrize(("host", "name"), [("localhost", "localhost"), ("127.0.0.1", None)])
async def test_a_good_certificate_is_accepted(
    authority: trustme.CA, ca_file: Path, host: str, name: str | None
) -> None:
    context, asked = server_context(authority, host)
    async with (
        FakeProvider("tls", ssl_context=context) as provider,
        through_envoy(provider.port, ca_file, host) as client,
    ):
        response = await client.post("/v1/chat/completions", json=BODY)
        assert response.status_code == 200, response.text
        (exchange,) = provider.exchanges
        assert exchange.header("host") == f"{host}:{provider.port}"
        assert exchange.header("authorization") == "Bearer literal-key"
    assert asked == [name]


@pytest.mark.parametrize(
    ("host", "name", "trusted"),
    [
        ("localhost", "other.example", True),
        ("localhost", "localhost", False),
        ("127.0.0.1", "localhost", True),
        ("127.0.0.1", "127.0.0.2", True),
    ],
)
async def test_a_bad_certificate_is_refused(
    authority: trustme.CA, ca_file: Path, host: str, name: str, trusted: bool
) -> None:
    context, _ = server_context(authority if trusted else trustme.CA(), name)
    async with (
        FakeProvider("tls", ssl_context=context) as provider,
        through_envoy(provider.port, ca_file, host) as client,
    ):
        response = await client.post("/v1/chat/completions", json=BODY)
        assert response.status_code == 503
        message = response.json()["error"]["message"]
        assert "The provider of custom/model gave no answer: its certificate" in message
        assert not provider.exchanges, "the key was not sent"


async def test_http2_where_the_provider_offers_it(
    authority: trustme.CA, ca_file: Path, tmp_path: Path
) -> None:
    versions: list[str] = []

    async def app(scope: Scope, _: object, send: ASGISendCallable) -> None:
        if scope["type"] != "http":
            return
        versions.append(scope["http_version"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send(
            {"type": "http.response.body", "body": b'{"model": "model"}', "more_body": False}
        )

    leaf = authority.issue_cert("localhost")
    key, chain = tmp_path / "key.pem", tmp_path / "chain.pem"
    leaf.private_key_pem.write_to_path(str(key))
    for pem in leaf.cert_chain_pems:
        pem.write_to_path(str(chain), append=True)
    config = HypercornConfig()
    port = free_port()
    config.bind = [f"localhost:{port}"]
    config.keyfile, config.certfile = str(key), str(chain)
    config.accesslog = config.errorlog = None
    stop = asyncio.Event()

    async def shutdown() -> None:
        await stop.wait()

    server = asyncio.create_task(serve(app, config, shutdown_trigger=shutdown))
    try:
        async with through_envoy(port, ca_file) as client:
            response = await client.post("/v1/chat/completions", json=BODY)
        assert response.json() == {"model": "model"}
        assert versions == ["2"]
    finally:
        stop.set()
        await server
