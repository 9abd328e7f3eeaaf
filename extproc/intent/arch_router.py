"""The intent classifier that asks an Arch-Router model, served by any OpenAI-compatible server."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import httpx
import orjson

from extproc.config.values import Route
from extproc.dialects.conversation import Conversation
from extproc.intent import ClassificationError, Intent
from extproc.intent.arch_router_answer import read_answer
from extproc.intent.arch_router_prompt import fill

__all__ = ["ArchRouterClassifier"]

_TEMPERATURE = 0.01
_LARGEST_ANSWER = 256 * 1024


class ArchRouterClassifier:
    """Sends routes and conversation as one prompt and reads the route's name from the answer."""

    def __init__(
        self,
        url: str,
        model: str,
        headers: Mapping[str, str],
        timeout: float,
        client: httpx.AsyncClient | None = None,
    ) -> None:
        """Prepare to ask; nothing is sent yet.

        Args:
            url: of the chat completions endpoint.
            model: what the server calls the model.
            headers: sent with every question, a credential among them; never logged, and no error
                shows them.
            timeout: seconds for a whole question, from connecting to the answer's last byte.
            client: one to send through, which remains the caller's to close; None opens one.
        """
        self._url = httpx.URL(url)
        self._model = model
        self._headers = {**headers, "content-type": "application/json"}
        self._timeout = timeout
        # Neither a proxy nor a .netrc credential from the environment belongs on this connection.
        self._client = client or httpx.AsyncClient(timeout=timeout, trust_env=False)
        self._owned = client is None

    async def classify(self, conversation: Conversation, routes: Sequence[Route]) -> Intent:
        """See :class:`extproc.intent.IntentClassifier`.

        Raises:
            ClassificationError: ``timeout``, ``unreachable``, ``status`` (not 2xx) or
                ``malformed`` (not a chat completion, or one that names no route legibly).
        """
        if not any(turn.role == "user" and turn.text.strip() for turn in conversation):
            return Intent(None)
        answer = _content(await self._ask(fill(conversation, routes)))
        return Intent(read_answer(answer, {route.name for route in routes}))

    async def close(self) -> None:
        """Close the connections that are its own."""
        if self._owned:
            await self._client.aclose()

    async def _ask(self, prompt: str) -> bytes:
        question = {
            "model": self._model,
            "messages": [{"role": "user", "content": prompt}],
            "temperature": _TEMPERATURE,
        }
        try:
            async with asyncio.timeout(self._timeout):
                return await self._post(orjson.dumps(question))
        except (TimeoutError, httpx.TimeoutException):
            failure = ClassificationError("timeout", f"no answer within {self._timeout:g} s")
        except httpx.DecodingError:
            failure = ClassificationError("malformed", "the answer's encoding is broken")
        except httpx.HTTPError as error:
            failure = ClassificationError("unreachable", type(error).__name__)
        # Raised out here so that httpx's error, which can quote a header, is not its context.
        raise failure

    async def _post(self, body: bytes) -> bytes:
        sending = self._client.stream("POST", self._url, content=body, headers=self._headers)
        async with sending as response:
            if not response.is_success:
                raise ClassificationError("status", f"the router answered {response.status_code}")
            received = bytearray()
            async for chunk in response.aiter_bytes():
                received += chunk
                if len(received) > _LARGEST_ANSWER:
                    raise ClassificationError("malformed", "the answer is too large")
        return bytes(received)


def _content(body: bytes) -> str:
    try:
        content = orjson.loads(body)["choices"][0]["message"]["content"]
    except (ValueError, LookupError, TypeError):
        content = None
    if not isinstance(content, str):
        raise ClassificationError("malformed", "the answer is not a chat completion")
    return content
