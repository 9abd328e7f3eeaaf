"""What a pin looks like in Redis.

Keys and values are Plano's (0.4.19 to 0.4.27): ``plano:affinity:<key>`` holds a JSON object of
``model_name`` and ``route_name``. Sessions that may change their model have their account besides,
as ``costs``.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any, Final

import msgspec
import orjson

from extproc.affinity.pins import Pin
from extproc.core.switching import SessionCosts

__all__ = ["LARGEST", "ORIGINS", "SESSIONS", "name", "pin", "value"]

SESSIONS: Final = "plano:affinity:"
ORIGINS: Final = "dragoman:made:"
"""What stands before the key in the name of a session, and of something that was made. No key is
empty, so that this alone is the name of nothing."""

LARGEST: Final = 4096
"""Bytes of a pin as it is written down. What is larger is not one of ours, and is never read whole:
it would fill the memory of whoever asks."""


_in_ascii: Final = json.JSONEncoder(separators=(",", ":")).encode


def name(key: str, prefix: str = SESSIONS) -> bytes:
    """The name in Redis of what is kept under a key, whatever its characters."""
    return (prefix + key).encode(errors="surrogatepass")


def value(pin: Pin) -> str:
    """What is kept of a pin: ASCII. An account that has no room is left out: it begins anew."""
    kept: dict[str, Any] = {"model_name": pin.model, "route_name": pin.route}
    if pin.costs is None:
        return _in_ascii(kept)
    whole = _in_ascii({**kept, "costs": asdict(pin.costs)})
    return whole if len(whole) <= LARGEST else _in_ascii(kept)


def pin(reply: Any) -> Pin | None:
    """The pin that Redis holds, None where it holds none or something else, or where there is more
    than was read of it."""
    try:
        read = orjson.loads(reply)
    except orjson.JSONDecodeError:
        return None
    match read:
        case {"model_name": str(model), "route_name": str() | None as route} if model:
            return Pin(model, route, _costs(read.get("costs")))
        case _:
            return None


def _costs(read: Any) -> SessionCosts | None:
    """A session's account; none where it is another version's: then it begins anew."""
    try:
        return None if read is None else msgspec.convert(read, SessionCosts)
    except msgspec.ValidationError:
        return None
