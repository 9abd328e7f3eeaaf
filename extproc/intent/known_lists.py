"""The lists of routes whose vectors are known: the configured one, and what clients sent lately."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock
from typing import Final

from extproc.core.routes import Route
from extproc.intent.route_reader import Reading
from extproc.intent.route_texts import ListKey, list_key
from extproc.intent.route_vectors import RouteVectors

__all__ = ["ConfiguredList", "RecentLists"]

_LISTS: Final = 128
_ROUTES: Final = 64
_CHARACTERS: Final = 32_768


class RecentLists:
    """The lists used last, up to a number; threads may share it."""

    def __init__(self) -> None:
        self._lists: OrderedDict[ListKey, RouteVectors] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._lists)

    def find(self, routes: Sequence[Route]) -> RouteVectors | None:
        """The vectors of a list, None if they are not known."""
        if _outsized(routes):
            return None
        key = list_key(routes)
        with self._lock:
            if key in self._lists:
                self._lists.move_to_end(key)
            return self._lists.get(key)

    def remember(self, routes: Sequence[Route], vectors: RouteVectors) -> None:
        """Keep the vectors of a list, unless it would occupy too much for what a client sent."""
        if _outsized(routes):
            return
        with self._lock:
            self._lists[list_key(routes)] = vectors
            while len(self._lists) > _LISTS:
                self._lists.popitem(last=False)

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._lists.clear()


class ConfiguredList:
    """The configured routes: encoded from the start, on a thread of their own, and never forgotten.

    No client can be before them in a queue or push them out of a cache.
    """

    def __init__(self, routes: Sequence[Route], reading: Reading) -> None:
        """
        Args:
            routes: the routes; not empty.
            reading: gives their vectors.
        """
        self._routes = routes
        self._key = list_key(routes)
        self._ending = Event()
        executor = ThreadPoolExecutor(1, thread_name_prefix="configured-routes")
        self._vectors = executor.submit(self._read, reading)
        executor.shutdown(wait=False)

    def holds(self, routes: Sequence[Route]) -> bool:
        """Whether these are the configured routes."""
        if routes is self._routes:
            return True
        return len(routes) == len(self._routes) and list_key(routes) == self._key

    async def known(self) -> RouteVectors | None:
        """The vectors, as soon as they are known; None if it was closed before."""
        if not self._vectors.done():
            # Whoever stops waiting must not stop the encoding for the others.
            await asyncio.shield(asyncio.wrap_future(self._vectors))
        return self._vectors.result()

    def known_already(self) -> RouteVectors | None:
        """The vectors, None if they are not known yet."""
        return self._vectors.result() if self._vectors.done() else None

    def close(self) -> None:
        """Stop encoding, if it is not done."""
        self._ending.set()

    def _read(self, reading: Reading) -> RouteVectors | None:
        for step in reading.steps:
            if self._ending.is_set():
                return None
            step()
        return reading.vectors()


def _outsized(routes: Sequence[Route]) -> bool:
    # From lengths alone: the texts of a large list are not read, let alone hashed.
    if len(routes) > _ROUTES:
        return True
    characters = sum(
        len(route.name) + len(route.description) + sum(map(len, route.examples)) for route in routes
    )
    return characters > _CHARACTERS
