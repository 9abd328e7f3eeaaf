"""How a limit is told: to the rate limit service as a descriptor, to clients in headers and words.

Of headers there is no standard yet. ``x-ratelimit-*`` are those that Envoy's own filters have, by
https://datatracker.ietf.org/doc/html/draft-polli-ratelimit-headers-03; ``retry-after`` is what SDKs
wait for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from extproc.contract import LIMIT, header_safe
from extproc.core.rate_limits import RateLimit

__all__ = [
    "EXCEEDED",
    "LIMIT_ENTRY",
    "REFUSING_HEADERS",
    "WHO_ENTRY",
    "headers_of",
    "refusing_headers",
    "used_up",
]

EXCEEDED: Final = "rate_limit_exceeded"
"""What OpenAI calls it, and clients know (https://platform.openai.com/docs/guides/error-codes)."""

LIMIT_ENTRY: Final = "limit"
WHO_ENTRY: Final = "who"
"""Entries of a descriptor: the name of the limit, and whose it is."""

_LIMIT, _REMAINING, _RESET = "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"

REFUSING_HEADERS: Final = (LIMIT, _LIMIT, _REMAINING, _RESET)
"""What a refusal has beside ``retry-after``."""


def headers_of(limit: RateLimit, remaining: int, reset: int) -> Mapping[str, str]:
    """How a limit stands.

    Args:
        limit: the limit.
        remaining: how many more requests or tokens there may be.
        reset: seconds until there may be more.
    """
    return {
        _LIMIT: str(limit.most),
        _REMAINING: str(remaining),
        _RESET: str(reset),
    }


def refusing_headers(limit: RateLimit, wait: int) -> Mapping[str, str]:
    """How a limit that is used up is told.

    Args:
        limit: the limit.
        wait: seconds until there may be more.
    """
    return {
        LIMIT: header_safe(limit.name),
        "retry-after": str(wait),
        **headers_of(limit, 0, wait),
    }


def used_up(limit: str, wait: str) -> str:
    """The message of a refusal.

    Args:
        limit: the limit in words.
        wait: seconds until there may be more.
    """
    return f"The rate limit {limit} is used up; please try again in {wait} seconds."
