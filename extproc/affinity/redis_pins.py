"""What a pin looks like in Redis, and the connection to it.

Keys and values are Plano's (0.4.19 to 0.4.27): ``plano:affinity:<key>`` holds a JSON object of
``model_name`` and ``route_name``.
"""

from __future__ import annotations

import json
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import certifi
import orjson
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from extproc.affinity.pins import Pin
from extproc.core.problems import masked_text

__all__ = ["LARGEST", "ORIGINS", "SESSIONS", "connection", "explained", "name", "pin", "value"]

SESSIONS: Final = "plano:affinity:"
ORIGINS: Final = "dragoman:made:"
"""What stands before the key in the name of a session, and of something that was made. No key is
empty, so that this alone is the name of nothing."""

LARGEST: Final = 4096
"""Bytes of a pin as it is written down. What is larger is not one of ours, and is never read whole:
it would fill the memory of whoever asks."""


def connection(url: str, *, connect_timeout: float, authorities: str | None) -> Redis:
    """A client that connects when it is first asked, and never asks twice.

    Args:
        url: a valid URL of Redis; what its parameters say goes before the other arguments.
        connect_timeout: in seconds, also for closing.
        authorities: a file of certificate authorities to trust; certifi's unless given. Those of
            the system are trusted as well.
    """
    trust: dict[str, Any] = {}
    if urlsplit(url).scheme == "rediss":
        trust["ssl_ca_certs"] = authorities or certifi.where()
    return Redis.from_url(
        url,
        protocol=2,  # the newer one costs round trips when it connects, and brings nothing here
        retry=Retry(NoBackoff(), 0),
        socket_timeout=None,
        socket_connect_timeout=connect_timeout,
        **trust,
    )


def name(key: str, prefix: str = SESSIONS) -> bytes:
    """The name in Redis of what is kept under a key, whatever its characters."""
    return (prefix + key).encode(errors="surrogatepass")


def value(pin: Pin) -> str:
    """What is kept of a pin: ASCII."""
    return json.dumps({"model_name": pin.model, "route_name": pin.route}, separators=(",", ":"))


def pin(reply: Any) -> Pin | None:
    """The pin that Redis holds, None where it holds none or something else, or where there is more
    than was read of it."""
    try:
        read = orjson.loads(reply)
    except orjson.JSONDecodeError:
        return None
    match read:
        case {"model_name": str(model), "route_name": str() | None as route} if model:
            return Pin(model, route)
        case _:
            return None


def explained(error: Exception, url: str) -> str:
    """Why Redis does not do as asked, in one line that holds no password."""
    password = unquote(urlsplit(url).password or "")
    text = str(error) or "no answer in time"
    return masked_text(text, [password] if password else []).rstrip(".")
