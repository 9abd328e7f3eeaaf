"""A house of models whose names say what they take, and the SDKs in front of it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import anthropic
import openai

from extproc.core.config import Config
from extproc.core.models import Dialect
from extproc.demo.provider import FakeProvider
from tests.helpers.house import CLIENT_KEY, House, house
from tests.helpers.programs import Client
from tests.helpers.programs_in_chat import ChatClient
from tests.helpers.programs_in_messages import MessagesClient
from tests.helpers.programs_in_responses import ResponsesClient

__all__ = [
    "ADAPTIVE",
    "CLAUDE",
    "DEEPSEEK",
    "GPT",
    "MISTRAL",
    "RESPONDING",
    "clients",
    "provider_of",
    "realistic_house",
]

GPT, RESPONDING = "openai/gpt-4o", "openai/gpt-5.1"
CLAUDE, ADAPTIVE = "anthropic/claude-sonnet-4-5", "anthropic/claude-opus-4-7"
MISTRAL, DEEPSEEK = "mistral/mistral-large-latest", "deepseek/deepseek-v4-pro"

_CONFIG = """
version: v0.4.0
listeners:
  - {{type: model, name: llm, address: 127.0.0.1, port: {port}, timeout: 30s}}
model_providers:
  - {{model: openai/gpt-4o, base_url: "{openai}", access_key: $ALPHA_KEY, default: true}}
  - {{model: openai/gpt-5.1, base_url: "{openai}", access_key: $ALPHA_KEY}}
  - {{model: anthropic/claude-sonnet-4-5, base_url: "{anthropic}", access_key: $BETA_KEY}}
  - {{model: anthropic/claude-opus-4-7, base_url: "{anthropic}", access_key: $BETA_KEY}}
  - {{model: mistral/mistral-large-latest, base_url: "{mistral}", access_key: $GAMMA_KEY}}
  - {{model: deepseek/deepseek-v4-pro, base_url: "{deepseek}", access_key: $DELTA_KEY}}
dragoman:
  attempt_timeout: {attempt_timeout}
  first_content_timeout: {first_content_timeout}
  cooldowns: {cooldowns}
  admin_address: 127.0.0.1:{admin_port}
{more}
"""


def provider_of(house: House, model: str) -> FakeProvider:
    """The provider that serves a model."""
    return house.providers[model.partition("/")[0]]


def _adjusted(config: Config) -> Config:
    """No known provider speaks responses alone; one model here does."""
    models = [
        replace(
            model,
            paths={
                dialect: path
                for dialect, path in model.paths.items()
                if dialect is Dialect.RESPONSES
            },
        )
        if model.name == RESPONDING
        else model
        for model in config.models
    ]
    return replace(config, models=tuple(models))


@contextlib.asynccontextmanager
async def realistic_house(directory: Path) -> AsyncIterator[House]:
    """Start it: OpenAI, Anthropic, a provider of older chat completions, and one that shows its
    reasoning in them."""
    providers = [
        FakeProvider("openai"),
        FakeProvider("anthropic"),
        FakeProvider("mistral", older_chat=True),
        FakeProvider("deepseek"),
    ]
    async with house(directory, config=_CONFIG, providers=providers, adjusted=_adjusted) as running:
        yield running


@contextlib.asynccontextmanager
async def clients(url: str) -> AsyncIterator[Mapping[Dialect, Client]]:
    """The SDKs, none of which retries, as clients of each dialect."""
    headers: dict[str, str] = {}

    async def note(response: Any) -> None:
        headers.clear()
        headers.update(response.headers)

    hooks: dict[str, Any] = {"trust_env": False, "event_hooks": {"response": [note]}}
    async with (
        openai.AsyncOpenAI(
            base_url=f"{url}/v1",
            api_key=CLIENT_KEY,
            max_retries=0,
            timeout=20,
            http_client=openai.DefaultAsyncHttpxClient(**hooks),
        ) as openai_sdk,
        anthropic.AsyncAnthropic(
            base_url=url,
            api_key=CLIENT_KEY,
            max_retries=0,
            timeout=20,
            http_client=anthropic.DefaultAsyncHttpxClient(**hooks),
        ) as anthropic_sdk,
    ):
        yield {
            Dialect.CHAT: ChatClient(openai_sdk, headers),
            Dialect.MESSAGES: MessagesClient(anthropic_sdk, headers),
            Dialect.RESPONSES: ResponsesClient(openai_sdk, headers),
        }
