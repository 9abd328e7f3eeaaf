"""Lists of routes whose vectors are known."""

from __future__ import annotations

import asyncio
import threading

import numpy as np
import pytest

from extproc.core.routes import Route
from extproc.intent.known_lists import ConfiguredList, RecentLists
from extproc.intent.route_reader import Reading
from extproc.intent.route_vectors import RouteVectors

ROUTES = (Route("code", "writing code", ("small",)), Route("law", "legal advice", ("large",)))
VECTORS = RouteVectors(np.eye(2, dtype=np.float32), (), np.zeros(2))
PATIENCE = 20


def test_a_list_is_known_by_what_it_says_not_by_its_models() -> None:
    lists = RecentLists()
    assert lists.find(ROUTES) is None
    lists.remember(ROUTES, VECTORS)
    assert lists.find([Route("code", "writing code", ()), ROUTES[1]]) is VECTORS
    assert lists.find(ROUTES[::-1]) is None
    lists.clear()
    assert lists.find(ROUTES) is None


def test_of_many_lists_the_one_used_longest_ago_is_forgotten() -> None:
    lists = RecentLists()
    for number in range(128):
        lists.remember([Route(f"route {number}", "", ())], VECTORS)
    assert lists.find([Route("route 0", "", ())]) is VECTORS
    lists.remember(ROUTES, VECTORS)
    assert len(lists) == 128
    assert lists.find([Route("route 0", "", ())]) is VECTORS
    assert lists.find([Route("route 1", "", ())]) is None


@pytest.mark.parametrize(
    "routes",
    [
        [Route(f"route {number}", "", ()) for number in range(65)],
        [Route("long", "x" * 32_768, ())],
        [Route("taught", "", (), examples=("x" * 20_000, "y" * 20_000))],
    ],
    ids=["many", "long", "examples"],
)
def test_outsized_lists_are_not_kept(routes: list[Route]) -> None:
    lists = RecentLists()
    lists.remember(routes, VECTORS)
    assert len(lists) == 0


class Held:
    """A reading of three steps, the first of which waits."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.done = 0

    def step(self) -> None:
        assert self.go.wait(PATIENCE)
        self.done += 1

    def reading(self) -> Reading:
        return Reading([self.step] * 3, lambda: VECTORS)


async def test_configured_routes_are_read_from_the_start_and_waited_for() -> None:
    held = Held()
    configured = ConfiguredList(ROUTES, held.reading())
    assert configured.known_already() is None
    waits = [asyncio.create_task(configured.known()) for _ in range(3)]
    await asyncio.sleep(0)
    waits[0].cancel()
    await asyncio.wait(waits[:1])
    held.go.set()
    assert await asyncio.gather(*waits[1:]) == [VECTORS, VECTORS]
    assert configured.known_already() is VECTORS
    assert held.done == 3


async def test_configured_routes_are_told_from_others() -> None:
    configured = ConfiguredList(ROUTES, Reading([], lambda: VECTORS))
    assert configured.holds(ROUTES)
    assert configured.holds([Route("code", "writing code", ()), ROUTES[1]])
    assert not configured.holds(ROUTES[:1])
    assert not configured.holds(ROUTES[::-1])


async def test_closed_while_it_reads_it_stops() -> None:
    held = Held()
    configured = ConfiguredList(ROUTES, held.reading())
    configured.close()
    held.go.set()
    assert await configured.known() is None
    assert held.done <= 1
