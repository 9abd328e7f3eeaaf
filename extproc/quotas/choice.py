"""Which counters a configuration asks for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from extproc.core.counting import CounterStore, OnStoreFailure
from extproc.core.redis_url import objection
from extproc.errors import StartError
from extproc.quotas.counters import Counters
from extproc.quotas.store import Store
from extproc.quotas.stored import StoredCounters

__all__ = ["counters_for"]

_CONSEQUENCES: Final = {
    OnStoreFailure.OPEN: "meanwhile requests go on without being counted",
    OnStoreFailure.CLOSED: "meanwhile requests with a limit or a budget are refused",
}


def counters_for(settings: CounterStore, environment: Mapping[str, str]) -> Counters:
    """The counters that a configuration asks for. An event loop must be running.

    Args:
        settings: the configuration's part.
        environment: where the URL of Redis is, and what to trust (``SSL_CERT_FILE``).

    Raises:
        StartError: the environment holds no URL of Redis.
    """
    return StoredCounters(_store(settings, environment), _CONSEQUENCES[settings.on_failure])


def _store(settings: CounterStore, environment: Mapping[str, str]) -> Store:
    if settings.redis_variable is None:
        from extproc.quotas.sqlite_store import SqliteStore  # loaded by who counts in a file

        return SqliteStore(Path(settings.path or ""))
    from extproc.quotas.redis_store import RedisStore  # who has no Redis need not load its client

    url = environment.get(settings.redis_variable, "").strip()
    if fault := objection(url):
        raise StartError(f"environment variable {settings.redis_variable} {fault}")
    return RedisStore(url, authorities=environment.get("SSL_CERT_FILE"))
