"""What ``dragoman.counters`` says: where limits and budgets are counted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, Final, Literal

from extproc.config.fields import Entry, Name
from extproc.config.file_paths import why_not_kept
from extproc.config.secrets.collector import SecretCollector
from extproc.config.secrets.redis_urls import look_up_redis
from extproc.core.counting import CounterStore, OnStoreFailure
from extproc.core.problems import Problem, place

__all__ = ["Counters", "counter_store", "counters_problems", "look_up_counters"]

_COUNTERS: Final = place("dragoman", "counters")
_URL: Final = place("dragoman", "counters", "url")
_PATH: Final = place("dragoman", "counters", "path")


class Counters(Entry):
    """Where limits and budgets are counted: a file for one machine, Redis for several."""

    literal: ClassVar = frozenset({"url"})

    type: Literal["sqlite", "redis"] = "sqlite"
    path: Name | None = None
    url: str | None = None
    on_failure: Literal["open", "closed"] = OnStoreFailure.OPEN.value

    def file_in(self, folder: Path) -> Path:
        """Where the file lies, by a path that is relative to the configuration's folder."""
        return (folder / Path(self.path or "").expanduser()).absolute()


def look_up_counters(counters: Counters, secrets: SecretCollector) -> None:
    """Look up the URL of Redis, which may hold a password."""
    if counters.type == "redis" and counters.url is not None:
        look_up_redis(counters.url, _URL, secrets)


def counters_problems(counters: Counters, folder: Path) -> Iterator[Problem]:
    """What is wrong with where they are to be kept."""
    if counters.type == "redis":
        if counters.url is None:
            yield Problem(_COUNTERS, "url is required when type is redis")
        if counters.path is not None:
            yield Problem(_PATH, "is a file of SQLite: leave it out, or write type: sqlite")
        return
    if counters.url is not None:
        yield Problem(_URL, "is a Redis server: write type: redis")
    path = counters.file_in(folder)
    if counters.path is None:
        yield Problem(_COUNTERS, "path is required: a file, or write type: redis and a url")
    elif (problem := why_not_kept(path)) is not None:
        yield Problem(_PATH, problem)


def counter_store(counters: Counters, folder: Path, secrets: SecretCollector) -> CounterStore:
    """What such an entry means."""
    on_failure = OnStoreFailure(counters.on_failure)
    if counters.type == "redis":
        return CounterStore(redis_variable=secrets.variables[_URL], on_failure=on_failure)
    return CounterStore(path=str(counters.file_in(folder)), on_failure=on_failure)
