"""The clients: the SDKs that people use, as they use them, and plain HTTP for decisions."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import anthropic
import httpx
import openai
import orjson

from extproc.contract import DECISION_PREFIX, MODEL, PINNED, ROUTE, TRACE_ID
from extproc.core.models import Dialect
from extproc.demo.config import CLIENT_KEY
from extproc.demo.scenario import Ask
from extproc.dialects.table import DIALECTS

__all__ = ["Clients", "Decision", "Reply", "clients"]

_TIMEOUT = 20.0


@dataclass(frozen=True, slots=True)
class Reply:
    """What the client got: the route, the model and the rest as the response headers tell them,
    and the answer's text, or the error that the SDK raised."""

    route: str | None
    model: str | None
    text: str
    pinned: bool
    trace_id: str | None


@dataclass(frozen=True, slots=True)
class Decision:
    """What a decision-only endpoint answered; ``error`` is set where that is no decision."""

    route: str | None
    models: tuple[str, ...]
    pinned: bool = False
    error: str | None = None


class Clients:
    """One client of each kind. None of them retries."""

    def __init__(
        self,
        openai_sdk: openai.AsyncOpenAI,
        anthropic_sdk: anthropic.AsyncAnthropic,
        http: httpx.AsyncClient,
        headers: dict[str, str],
    ) -> None:
        self._openai = openai_sdk
        self._anthropic = anthropic_sdk
        self._http = http
        self._headers = headers

    async def decide(self, ask: Ask) -> Decision:
        """Ask for the decision alone."""
        path = DECISION_PREFIX + DIALECTS[ask.dialect].endpoint
        try:
            response = await self._http.post(
                path, json=ask.body | ask.extra_body, headers=ask.headers
            )
            answer = response.raise_for_status().json()
            return Decision(answer["route"], tuple(answer["models"]), answer.get("pinned", False))
        except (httpx.HTTPError, orjson.JSONDecodeError, LookupError, TypeError) as error:
            return Decision(None, (), error=f"{type(error).__name__}: {error}")

    async def send(self, ask: Ask) -> Reply:
        """Send the request for real."""
        self._headers.clear()
        try:
            text = await self._text(ask)
        except (openai.APIStatusError, anthropic.APIStatusError) as error:
            text = f"{type(error).__name__} {error.status_code}"
        except (openai.OpenAIError, anthropic.AnthropicError) as error:
            text = f"{type(error).__name__}: {error}"
        return Reply(
            self._headers.get(ROUTE),
            self._headers.get(MODEL),
            text,
            pinned=self._headers.get(PINNED) == "true",
            trace_id=self._headers.get(TRACE_ID),
        )

    async def _text(self, ask: Ask) -> str:
        body: dict[str, Any] = ask.body | {
            "extra_body": ask.extra_body,
            "extra_headers": ask.headers,
        }
        match ask.dialect, ask.streamed:
            case Dialect.CHAT, False:
                completion = await self._openai.chat.completions.create(**body)
                return str(completion.choices[0].message.content)
            case Dialect.CHAT, True:
                return await _chat_stream(await self._openai.chat.completions.create(**body))
            case Dialect.RESPONSES, False:
                return str((await self._openai.responses.create(**body)).output_text)
            case Dialect.MESSAGES, False:
                message = await self._anthropic.messages.create(**body)
                return " ".join(map(_said, message.content))
            case Dialect.MESSAGES, True:
                return await _messages_stream(await self._anthropic.messages.create(**body))
        raise NotImplementedError(f"streamed {ask.dialect}")


def _said(block: Any) -> str:
    """A block's text, or which tool it calls."""
    return f"calls {block.name}" if block.type == "tool_use" else str(block.text)


async def _chat_stream(chunks: AsyncIterator[Any]) -> str:
    received = [chunk async for chunk in chunks]
    choices = [choice for chunk in received for choice in chunk.choices]
    text = "".join(choice.delta.content or "" for choice in choices)
    ends = [choice.finish_reason for choice in choices if choice.finish_reason]
    return _clean(text, len({chunk.id for chunk in received}), ends)


async def _messages_stream(events: AsyncIterator[Any]) -> str:
    received = [event async for event in events]
    deltas = [event.delta for event in received if event.type == "content_block_delta"]
    starts = sum(event.type == "message_start" for event in received)
    ends = [event.type for event in received if event.type == "message_stop"]
    return _clean("".join(delta.text for delta in deltas), starts, ends)


def _clean(text: str, streams: int, ends: list[str]) -> str:
    """The text of a stream that is one and whole; of any other, also what is wrong with it."""
    if streams == len(ends) == 1:
        return text
    return f"{text} [{streams} beginnings, {len(ends)} ends]"


@contextlib.asynccontextmanager
async def clients(url: str) -> AsyncIterator[Clients]:
    """Clients of a sidecar. What the environment says about proxies is not for loopback."""
    headers: dict[str, str] = {}

    async def note(response: Any) -> None:
        headers.update(response.headers)

    # The hook sees what the SDKs keep to themselves; each SDK brings its own kind of HTTP client.
    hooks: dict[str, Any] = {"trust_env": False, "event_hooks": {"response": [note]}}
    async with (
        openai.AsyncOpenAI(
            base_url=f"{url}/v1",
            api_key=CLIENT_KEY,
            max_retries=0,
            timeout=_TIMEOUT,
            http_client=openai.DefaultAsyncHttpxClient(**hooks),
        ) as openai_sdk,
        anthropic.AsyncAnthropic(
            base_url=url,
            api_key=CLIENT_KEY,
            max_retries=0,
            timeout=_TIMEOUT,
            http_client=anthropic.DefaultAsyncHttpxClient(**hooks),
        ) as anthropic_sdk,
        httpx.AsyncClient(
            base_url=url,
            headers={"authorization": f"Bearer {CLIENT_KEY}"},
            timeout=_TIMEOUT,
            trust_env=False,
        ) as http,
    ):
        yield Clients(openai_sdk, anthropic_sdk, http, headers)
