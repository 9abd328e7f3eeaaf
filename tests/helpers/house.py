"""A whole sidecar with fake providers behind it, for tests that speak to it as clients do."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from extproc.config import parse
from extproc.core.config import Config
from extproc.core.resources import Resources
from extproc.demo.provider import FakeProvider
from extproc.sidecar.resources import resources_for
from extproc.sidecar.supervisor import Sidecar, sidecar
from tests.helpers.ports import free_port
from tests.helpers.transport import on_chosen_transport

PROMPT = "Write a Python function that sorts a list of integers"
ROUTE = "code generation"
OFF_TOPIC = "What is the capital of France?"
"""What no route matches, so that the model that is asked for serves it."""
GREETING = "hello there"
CLIENT_KEY = "client-secret-key"
KEYS = {f"{name.upper()}_KEY": f"key-of-{name}" for name in ("alpha", "beta", "gamma", "delta")}

CHAT_MODELS = ("alpha/model-a", "beta/model-b", "gamma/model-c")
MESSAGES_MODELS = ("anthropic/claude-a", "anthropic/claude-d")

CONFIG = """
version: v0.4.0
listeners:
  - {{type: model, name: llm, address: 127.0.0.1, port: {port}, timeout: 30s}}
model_providers:
  - {{model: alpha/model-a, base_url: "{alpha}", provider_interface: openai,
     forward_headers: [x-fake-behaviour],
     access_key: $ALPHA_KEY, default: true}}
  - {{model: beta/model-b, base_url: "{beta}/deep/path", provider_interface: openai,
     forward_headers: [x-fake-behaviour],
     access_key: $BETA_KEY}}
  - {{model: gamma/model-c, base_url: "{gamma}", provider_interface: openai,
     forward_headers: [x-fake-behaviour],
     access_key: $GAMMA_KEY}}
  - {{model: anthropic/claude-a, base_url: "{alpha}", access_key: $ALPHA_KEY,
     forward_headers: [x-fake-behaviour]}}
  - {{model: anthropic/claude-d, base_url: "{delta}", access_key: $DELTA_KEY,
     forward_headers: [x-fake-behaviour]}}
model_aliases:
  quick: {{target: gamma/model-c}}
routing_preferences:
  - name: code generation
    description: writing Python functions, generating new code
    models: [alpha/model-a, beta/model-b, gamma/model-c, anthropic/claude-a, anthropic/claude-d]
dragoman:
  attempt_timeout: {attempt_timeout}
  first_content_timeout: {first_content_timeout}
  answer_timeout: {answer_timeout}
  stream_idle_timeout: {stream_idle_timeout}
  max_request_bytes: 32MiB
  cooldowns: {cooldowns}
  admin_address: 127.0.0.1:{admin_port}
{more}
"""


def greeting(*models: str) -> list[dict[str, Any]]:
    """A route over these models for a request to bring along, which ``GREETING`` matches."""
    return [{"name": "greeting", "description": "saying hello, greetings", "models": list(models)}]


@dataclass(frozen=True)
class House:
    """Four providers and the sidecar in front of them.

    alpha, beta and gamma serve chat and responses, in this order; alpha and delta serve messages.
    """

    providers: dict[str, FakeProvider]
    running: Sidecar
    log: Path
    client: httpx.AsyncClient
    admin: httpx.AsyncClient

    def __getattr__(self, name: str) -> FakeProvider:
        try:
            return self.providers[name]
        except KeyError:
            raise AttributeError(name) from None

    @property
    def url(self) -> str:
        return self.running.url

    def clear(self) -> None:
        for provider in self.providers.values():
            provider.clear()

    def be_lenient(self) -> None:
        """Let the providers take any body, until all is cleared: for tests whose bodies hold what
        no API knows, to see it pass unchanged."""
        for provider in self.providers.values():
            provider.strict = False

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection to the listener, for what no client library would send."""
        url = urlsplit(self.url)
        return await asyncio.open_connection(url.hostname, url.port)

    async def chat(
        self,
        prompt: str = PROMPT,
        *,
        path: str = "/v1/chat/completions",
        headers: dict[str, str] | None = None,
        **body: Any,
    ) -> httpx.Response:
        """Post a chat request; what is in ``body`` is added to it."""
        content = {"model": "gamma/model-c", "messages": [{"role": "user", "content": prompt}]}
        return await self.client.post(
            path,
            json=content | body,
            headers={"authorization": f"Bearer {CLIENT_KEY}"} | (headers or {}),
        )

    async def answering(self, **body: Any) -> str:
        """The model that answers a chat request."""
        response = await self.chat(**body)
        assert response.status_code == 200, response.text
        model: str = response.headers["x-dragoman-model"]
        return model

    async def until(self, condition: Callable[[], Awaitable[bool]], patience: float = 10) -> None:
        """Wait until something has become true of the running sidecar."""
        async with asyncio.timeout(patience):
            while not await condition():
                await asyncio.sleep(0.1)

    async def snapshot(self) -> dict[str, Any]:
        """What the observer knows of the models."""
        answer = await self.admin.get("/snapshot")
        snapshot: dict[str, Any] = answer.json()
        return snapshot

    async def receipt(self, response: httpx.Response) -> dict[str, Any]:
        """The receipt of an answered request, once it is complete."""
        trace = response.headers["x-dragoman-trace-id"]
        async with asyncio.timeout(5):
            while True:
                answer = await self.admin.get(f"/decisions/{trace}")
                found: dict[str, Any] = answer.json()
                if answer.status_code == 200 and found["status"] is not None and found["attempts"]:
                    return found
                await asyncio.sleep(0.05)

    def log_length(self) -> int:
        """How many lines the access log has by now."""
        return len(self.log.read_text().splitlines())

    async def logged(
        self, what: Callable[[dict[str, Any]], bool], count: int = 1, since: int = 0
    ) -> Sequence[dict[str, Any]]:
        """Lines of the access log after the first ``since``, waited for."""
        async with asyncio.timeout(5):
            while True:
                lines = self.log.read_text().splitlines()[since:]
                found = [line for line in map(json.loads, lines) if what(line)]
                if len(found) >= count:
                    return found
                await asyncio.sleep(0.05)


@contextlib.asynccontextmanager
async def house(
    directory: Path,
    *,
    attempt_timeout: str = "20s",
    first_content_timeout: str = "10s",
    answer_timeout: str = "20s",
    stream_idle_timeout: str = "20s",
    cooldowns: bool = False,
    workers: int = 1,
    keys: Mapping[str, str] | None = None,
    more: str = "",
    config: str = CONFIG,
    providers: Sequence[FakeProvider] | None = None,
    adjusted: Callable[[Config], Config] = lambda config: config,
    measured: Callable[[int, int | None, str], Resources] = resources_for,
) -> AsyncIterator[House]:
    """Start providers and sidecar.

    Args:
        directory: for the access log.
        cooldowns: whether providers that failed in one request are left alone in the next.
        workers: how many processes decide.
        keys: more variables for the configuration.
        more: YAML that is added to the configuration.
        config: the configuration, with a place for each provider's URL.
        providers: to be started; those of the usual names by default.
        adjusted: changes the configuration in what its language cannot say.
        measured: what Envoy may use of the files and the memory that there are.
    """
    log = directory / "access.log"
    async with contextlib.AsyncExitStack() as stack:
        unstarted = providers or [FakeProvider(n) for n in ("alpha", "beta", "gamma", "delta")]
        started = {one.name: await stack.enter_async_context(one) for one in unstarted}
        text = config.format(
            port=free_port(),
            attempt_timeout=attempt_timeout,
            first_content_timeout=first_content_timeout,
            answer_timeout=answer_timeout,
            stream_idle_timeout=stream_idle_timeout,
            cooldowns=str(cooldowns).lower(),
            admin_port=(admin_port := free_port()),
            more=more,
            **{name: provider.url for name, provider in started.items()},
        )
        loaded = parse(text, KEYS | dict(keys or {}))
        running = await stack.enter_async_context(
            sidecar(
                adjusted(on_chosen_transport(loaded.config)),
                loaded.secrets,
                access_log=str(log),
                workers=workers,
                measured=measured,
            )
        )
        client = await stack.enter_async_context(
            httpx.AsyncClient(base_url=running.url, timeout=30, trust_env=False)
        )
        admin = await stack.enter_async_context(
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{admin_port}", trust_env=False)
        )
        yield House(started, running, log, client, admin)
