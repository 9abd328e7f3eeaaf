"""Which stores of pins a configuration asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from extproc.affinity.memory import MemoryPins
from extproc.affinity.origins import ORIGINS_TTL, Origins
from extproc.affinity.pins import Pin, Pins
from extproc.affinity.shared import SharedPins
from extproc.core.redis_url import objection
from extproc.core.sessions import Sessions
from extproc.errors import StartError

__all__ = ["origins_for", "pins_for"]


def pins_for(
    sessions: Sessions,
    environment: Mapping[str, str],
    announce: Callable[[str, Pin], None] | None = None,
) -> Pins:
    """The store of sessions that the configuration asks for. For Redis an event loop must be
    running.

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
    from extproc.affinity.redis import RedisPins  # who has no Redis need not load its client

    url = _redis_url(sessions.redis_variable, environment)
    return RedisPins(url, memory, authorities=environment.get("SSL_CERT_FILE"))


def origins_for(sessions: Sessions, environment: Mapping[str, str]) -> Origins:
    """Where it is kept who has made what: beside the sessions, and as many.

    Args:
        sessions: the configuration's part.
        environment: as for ``pins_for``.

    Raises:
        StartError: the environment holds no URL of Redis.
    """
    memory = MemoryPins(ORIGINS_TTL, sessions.max_entries)
    if sessions.redis_variable is None:
        return Origins(memory)
    from extproc.affinity.redis import RedisPins  # who has no Redis need not load its client
    from extproc.affinity.redis_pins import ORIGINS

    url = _redis_url(sessions.redis_variable, environment)
    authorities = environment.get("SSL_CERT_FILE")
    called = "ids of what providers have made"
    return Origins(RedisPins(url, memory, authorities=authorities, prefix=ORIGINS, called=called))


def _redis_url(variable: str, environment: Mapping[str, str]) -> str:
    url = environment.get(variable, "").strip()
    if fault := objection(url):
        raise StartError(f"environment variable {variable} {fault}")
    return url
