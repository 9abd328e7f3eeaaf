"""Asking a guard over HTTP, on connections that are kept."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from extproc.contract import INTERNAL_PREFIX, LARGEST_ANSWER
from extproc.core.guards import GuardSettings
from extproc.core.key_names import names_a_key
from extproc.guards.guard import GuardError

if TYPE_CHECKING:
    import httpx

__all__ = ["Answer", "Asking", "headers_for"]

_CONNECTIONS: Final = 100
_KEPT_FOR: Final = 60.0
"""Seconds."""

_OURS: Final = (":", INTERNAL_PREFIX, "x-envoy-")
"""How the names of headers begin that are between a client and us."""
_OF_THE_MESSAGE: Final = frozenset(
    {
        "accept",
        "accept-encoding",
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "expect",
        "host",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
"""Headers of the client's message that would not be true of the one to a guard."""


class Answer(NamedTuple):
    """What a guard answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def headers_for(settings: GuardSettings, client: Mapping[str, str]) -> dict[str, str]:
    """What a guard is told of a client's headers.

    Args:
        settings: the guard's: whether it is told credentials.
        client: the headers, names in lower case.
    """
    return {
        name: value
        for name, value in client.items()
        if not name.startswith(_OURS)
        and name not in _OF_THE_MESSAGE
        and (settings.reads_credentials or not names_a_key(name))
    }


class Asking:
    """One client for all guards of a worker; it is opened when the first of them is asked."""

    def __init__(self, ca_path: str | None = None) -> None:
        """
        Args:
            ca_path: a file of certificate authorities; None means those that httpx trusts.
        """
        self._ca_path = ca_path
        self._client: httpx.AsyncClient | None = None

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Post something. There is no time limit but the caller's.

        Args:
            url: where to.
            body: what.
            headers: with these headers.

        Raises:
            GuardError: ``unreachable`` (no connection), ``interrupted`` (one that broke) or
                ``malformed`` (what came is no HTTP, or too large).
        """
        import httpx  # here, for most workers ask nobody, and it takes 0.1 s and 10 MB

        client = self._client or self._opened()
        try:
            async with client.stream("POST", url, content=body, headers=headers) as response:
                received = bytearray()
                async for chunk in response.aiter_bytes():
                    received += chunk
                    if len(received) > LARGEST_ANSWER:
                        raise GuardError("malformed", "the answer is too large")
                return Answer(response.status_code, dict(response.headers), bytes(received))
        except httpx.DecodingError:
            failure = GuardError("malformed", "the answer's encoding is broken")
        except httpx.ConnectError as error:
            failure = GuardError("unreachable", f"no connection could be made: {error}")
        except httpx.HTTPError as error:
            failure = GuardError("interrupted", type(error).__name__)
        # Raised out here so that httpx's error, which can quote a header, is not its context.
        raise failure

    def _opened(self) -> httpx.AsyncClient:
        import httpx

        self._client = httpx.AsyncClient(
            timeout=None,  # noqa: S113 - every look has a deadline
            limits=httpx.Limits(
                max_connections=_CONNECTIONS,
                max_keepalive_connections=_CONNECTIONS,
                keepalive_expiry=_KEPT_FOR,
            ),
            verify=ssl.create_default_context(cafile=self._ca_path) if self._ca_path else True,
            headers={"user-agent": "dragoman"},
            # Neither a proxy nor a .netrc credential from the environment belongs here.
            trust_env=False,
        )
        return self._client

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()
