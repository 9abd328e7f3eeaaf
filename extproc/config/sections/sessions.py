"""Where sessions are kept: the section ``routing``, looked up and settled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from extproc.config.environment import expanded, reference
from extproc.config.fields import Routing
from extproc.config.secrets.collector import SecretCollector
from extproc.core import redis_url
from extproc.core.config import Sessions
from extproc.core.problems import Problem, place

__all__ = ["advice", "redis_variable", "sessions"]

_URL: Final = place("routing", "session_cache", "url")


def redis_variable(routing: Routing, collector: SecretCollector) -> str | None:
    """The variable that holds the URL of Redis; None without Redis, or where that is a problem."""
    cache = routing.session_cache
    if cache is None or cache.type != "redis":
        return None
    if cache.url is None:
        # Plano's wording.
        message = "session_cache.url is required when type is redis"
        collector.problems.append(Problem(_URL, message))
        return None
    text = cache.url.strip()
    missing: set[str] = set()
    url = expanded(text, collector.environ, missing).strip()
    if missing:
        collector.problems.extend(
            Problem(_URL, f"environment variable {name} is not set") for name in sorted(missing)
        )
        return None
    variable = reference(text)
    fault = redis_url.objection(url)
    if fault is None:
        return collector.keep(url, variable)
    if variable is not None:
        fault = f"environment variable {variable} {fault}"
    elif text in collector.environ:
        fault = f"{fault}; for the variable write ${text}"
    collector.problems.append(Problem(_URL, fault))
    return None


def sessions(routing: Routing, variable: str | None) -> Sessions:
    """Settle the section; ``variable`` holds the URL of Redis, if there is one."""
    header = routing.session_cache.tenant_header if routing.session_cache else None
    return Sessions(
        ttl=routing.session_ttl_seconds,
        max_entries=routing.session_max_entries,
        redis_variable=variable,
        tenant_header=header.lower() if header else None,
    )


def advice(routing: Routing) -> Iterator[Problem]:
    """Warn of an address that nobody asks."""
    cache = routing.session_cache
    if cache is not None and cache.type == "memory" and cache.url is not None:
        yield Problem(_URL, "ignored: sessions are kept in memory; for Redis write type: redis")
