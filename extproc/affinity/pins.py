"""What a session is pinned to, under which key, and what every store of pins can do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

from extproc.core.switching import SessionCosts

__all__ = ["Pin", "PinStats", "Pins", "session_key"]

_LONGEST: Final = 256


@dataclass(frozen=True, slots=True)
class Pin:
    """The model that a session keeps, and the route that led to it. ``costs`` is its account, where
    it may change its model.

    Older versions kept pins of requests that no route matched (None), and Redis may still hold
    some; they say nothing of the next request.
    """

    model: str
    route: str | None = None
    costs: SessionCosts | None = None


@dataclass(frozen=True, slots=True)
class PinStats:
    """What a store has counted since it was made.

    ``hits`` and ``misses`` are answers of ``find``; ``fallbacks`` are those among them that a
    shared store did not give, because it was down or late; ``timeouts`` those that waited for it in
    vain. ``errors`` counts its failures, ``store_errors`` the pins that it refused to take.
    ``reachable`` is whether requests ask it: not while it fails to answer.
    """

    hits: int = 0
    misses: int = 0
    fallbacks: int = 0
    timeouts: int = 0
    errors: int = 0
    store_errors: int = 0
    reachable: bool = True


class Pins(Protocol):
    """Where sessions are kept."""

    @property
    def stats(self) -> PinStats:
        """The counters as they stand."""
        ...

    async def find(self, key: str) -> Pin | None:
        """The session's pin, which lives on for the time to live; None if there is none.

        Never raises, and takes 50 ms at most.
        """
        ...

    def keep(self, key: str, pin: Pin) -> None:
        """Pin the session for the time to live, in place of what it was pinned to.

        Never raises, and never waits.
        """
        ...

    async def close(self) -> None:
        """Let go of connections, once what was kept is written down."""
        ...


def session_key(affinity_id: str, tenant: str | None) -> str | None:
    """The key of a session, None if the client's id or tenant is none to remember.

    That is one longer than 256 characters or with unprintable ones, and the empty id.

    Args:
        affinity_id: the client's ``X-Model-Affinity``.
        tenant: the value of the tenant header; "" if the request has none, None if none is
            configured. Then the key is the id alone, else the tenant goes before it. A colon in a
            tenant is percent-encoded: the first one in the key ends the tenant, and no id can be
            made up that names another tenant's session.
    """
    if not affinity_id or not _rememberable(affinity_id):
        return None
    if tenant is None:
        return affinity_id
    if not _rememberable(tenant):
        return None
    return f"{tenant.replace('%', '%25').replace(':', '%3A')}:{affinity_id}"


def _rememberable(text: str) -> bool:
    return len(text) <= _LONGEST and text.isprintable()
