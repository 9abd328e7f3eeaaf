"""Which store of pins a configuration asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from extproc.affinity.memory import MemoryPins
from extproc.affinity.pins import Pin, Pins
from extproc.affinity.shared import SharedPins
from extproc.core.config import Sessions
from extproc.core.redis_url import objection
from extproc.errors import StartError

__all__ = ["pins_for"]


def pins_for(
    sessions: Sessions,
    environment: Mapping[str, str],
    announce: Callable[[str, Pin], None] | None = None,
) -> Pins:
    """The store that the configuration asks for. For Redis an event loop must be running.

    Args:
        sessions: the configuration's part.
        environment: where the URL of Redis is, and what to trust (``SSL_CERT_FILE``).
        announce: tells the process's siblings of a pin in memory, if it has any: then the store is
            one of ``SharedPins``. Redis needs no such thing.

    Raises:
        StartError: the environment holds no URL of Redis.
    """
    memory = MemoryPins(sessions.ttl, sessions.max_entries)
    if sessions.redis_variable is None:
        return memory if announce is None else SharedPins(memory, announce)
    url = environment.get(sessions.redis_variable, "").strip()
    if fault := objection(url):
        raise StartError(f"environment variable {sessions.redis_variable} {fault}")
    from extproc.affinity.redis import RedisPins  # who has no Redis need not load its client

    return RedisPins(url, memory, authorities=environment.get("SSL_CERT_FILE"))
