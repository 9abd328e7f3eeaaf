"""What a pin looks like in Redis.

Keys and values are Plano's (0.4.19 to 0.4.27): ``plano:affinity:<key>`` holds a JSON object of
``model_name`` and ``route_name``.
"""

from __future__ import annotations

import json
from typing import Any, Final

import orjson

from extproc.affinity.pins import Pin

__all__ = ["LARGEST", "ORIGINS", "SESSIONS", "name", "pin", "value"]

SESSIONS: Final = "plano:affinity:"
ORIGINS: Final = "dragoman:made:"
"""What stands before the key in the name of a session, and of something that was made. No key is
empty, so that this alone is the name of nothing."""

LARGEST: Final = 4096
"""Bytes of a pin as it is written down. What is larger is not one of ours, and is never read whole:
it would fill the memory of whoever asks."""


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
