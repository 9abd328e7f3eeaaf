"""The connection to Redis, for whoever keeps something there."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import unquote, urlsplit

import certifi
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from extproc.core.problems import masked_text

__all__ = ["LOST", "connection", "explained"]

LOST: Final = (RedisError, OSError, ValueError)
"""What it raises that does not do as asked. A ``ValueError``: what answers there speaks, but not as
Redis does."""


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


def explained(error: Exception, url: str) -> str:
    """Why Redis does not do as asked, in one line that holds no password."""
    password = unquote(urlsplit(url).password or "")
    text = str(error) or "no answer in time"
    return masked_text(text, [password] if password else []).rstrip(".")
