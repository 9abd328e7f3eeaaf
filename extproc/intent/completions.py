"""One question to a model behind any OpenAI-compatible endpoint, and its answer, in time."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping

import httpx
import orjson

from extproc.intent import ClassificationError

__all__ = ["Completions"]

_TEMPERATURE = 0.01
_LARGEST_ANSWER = 256 * 1024
_KEPT_FOR = 60.0


class Completions:
    """Asks a chat completions endpoint, over connections that are kept."""

    def __init__(
        self,
        url: str,
        model: str,
        headers: Mapping[str, str],
        timeout: float,
        *,
        connections: int = 64,
        ca_path: str | None = None,
        proxy: str | None = None,
        proxy_headers: Mapping[str, str] | None = None,
        client: httpx.AsyncClient | None = None,
    ) -> None:
        """Prepare to ask; nothing is sent yet.

        Args:
            url: of the chat completions endpoint.
            model: what the server calls the model.
            headers: sent with every question, a credential among them; never logged, and no error
                shows them.
            timeout: seconds for a whole question, from connecting to the answer's last byte.
            connections: at most so many, all of which are kept for a minute when idle.
            ca_path: a file of certificate authorities; None means those that httpx trusts.
            proxy: URL of the proxy on the way to the endpoint; None means that there is none.
            proxy_headers: what the proxy is told, a credential perhaps among it.
            client: one to send through, which remains the caller's to close; None opens one.
        """
        self._url = httpx.URL(url)
        self._model = model
        self._headers = {**headers, "content-type": "application/json"}
        self._timeout = timeout
        self._client = client or httpx.AsyncClient(
            timeout=timeout,
            limits=httpx.Limits(
                max_connections=connections,
                max_keepalive_connections=connections,
                keepalive_expiry=_KEPT_FOR,
            ),
            verify=ssl.create_default_context(cafile=ca_path) if ca_path else True,
            proxy=httpx.Proxy(proxy, headers=proxy_headers) if proxy else None,
            # Neither a proxy nor a .netrc credential from the environment belongs here.
            trust_env=False,
        )
        self._owned = client is None

    async def ask(self, prompt: str) -> str:
        """What the model answers to one user message.

        Raises:
            ClassificationError: ``timeout``, ``unreachable`` (no connection), ``interrupted`` (one
                that broke), ``status`` (not 2xx) or ``malformed`` (not a chat completion).
        """
        question = {
            "model": self._model,
            "messages": [{"role": "user", "content": prompt}],
            "temperature": _TEMPERATURE,
        }
        try:
            async with asyncio.timeout(self._timeout):
                return _content(await self._post(orjson.dumps(question)))
        except (TimeoutError, httpx.TimeoutException):
            failure = ClassificationError("timeout", f"no answer within {self._timeout:g} s")
        except httpx.DecodingError:
            failure = ClassificationError("malformed", "the answer's encoding is broken")
        except httpx.ConnectError as error:
            failure = ClassificationError("unreachable", f"no connection could be made: {error}")
        except httpx.HTTPError as error:
            failure = ClassificationError("interrupted", type(error).__name__)
        # Raised out here so that httpx's error, which can quote a header, is not its context.
        raise failure

    async def close(self) -> None:
        """Close the connections that are its own."""
        if self._owned:
            await self._client.aclose()

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
