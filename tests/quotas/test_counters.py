"""Counting in a real Redis and in a real file: exact, however many count at once."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from pathlib import Path

import pytest

from extproc.core.windows import Window
from extproc.quotas import Charge, Counter
from extproc.quotas.stored import StoredCounters
from tests.helpers.redis_server import RedisServer
from tests.quotas.conftest import Connect

AT = time.time()
DAY, MONTH = Counter("spent", Window.DAY), Counter("spent", Window.MONTH)
OTHER = Counter("other", Window.DAY)


@pytest.fixture(params=["redis", "sqlite"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str | Path:
    """Where counters are; nothing has been counted there."""
    if request.param == "sqlite":
        return tmp_path / "counters.db"
    server: RedisServer = request.getfixturevalue("shared_server")
    subprocess.run(["redis-cli", "-p", str(server.port), "flushall"], check=True)
    return server.url


@pytest.fixture
async def counters(place: str | Path, connect: Connect) -> StoredCounters:
    return connect(place)


async def test_what_is_taken_is_counted_until_the_window_ends(counters: StoredCounters) -> None:
    taken = await counters.take([Charge(DAY, 3), Charge(MONTH, 4)], AT)
    assert (taken.granted, taken.counts) == (True, (3, 4))
    assert (await counters.take([Charge(DAY, 3), Charge(MONTH, 4)], AT)).counts == (6, 8)
    assert await counters.read([DAY, MONTH, OTHER], AT) == (6, 8, 0)
    tomorrow = float(Window.DAY.ends(AT))
    assert await counters.read([DAY, MONTH], tomorrow) == (0, 8)
    assert await counters.read([MONTH], float(Window.MONTH.ends(AT))) == (0,)


async def test_all_is_taken_or_nothing(counters: StoredCounters) -> None:
    assert (await counters.take([Charge(DAY, 8, 10)], AT)).granted
    refused = await counters.take([Charge(OTHER, 1, 10), Charge(DAY, 3, 10)], AT)
    assert (refused.granted, refused.counts) == (False, (0, 8))
    assert (await counters.take([Charge(OTHER, 10, 10), Charge(DAY, 2, 10)], AT)).granted
    assert not (await counters.take([Charge(OTHER, 1, 10)], AT)).granted
    assert (await counters.take([Charge(OTHER, 0, 10)], AT)).granted
    assert await counters.read([DAY, OTHER], AT) == (10, 10)


async def test_what_is_added_may_exceed_a_limit_and_never_falls_below_nothing(
    counters: StoredCounters,
) -> None:
    counters.add([Charge(DAY, 20, 10), Charge(OTHER, 5)], AT)
    counters.add([Charge(DAY, -5), Charge(OTHER, -9), Charge(OTHER, 2)], AT)
    assert await counters.read([DAY, OTHER], AT) == (15, 2)
    assert not (await counters.take([Charge(DAY, 0, 10)], AT)).granted


async def test_large_amounts_are_exact(counters: StoredCounters) -> None:
    limit = 10**15 + 1
    assert (await counters.take([Charge(DAY, 10**15, limit)], AT)).granted
    assert not (await counters.take([Charge(DAY, 2, limit)], AT)).granted
    assert (await counters.take([Charge(DAY, 1, limit)], AT)).counts == (limit,)


async def test_odd_names_and_absurd_amounts(counters: StoredCounters) -> None:
    odd = Counter("tenant \udcff:\n😀", Window.DAY)
    counters.add([Charge(odd, 10**30), Charge(odd, -(10**30)), Charge(odd, 7)], AT)
    assert await counters.read([odd], AT) == (7,)


async def test_names_are_found_by_what_they_begin_with(counters: StoredCounters) -> None:
    names = ["a:", "a:red", "a:*", "ab:red", "b:a:red"]
    day = [Counter(name, Window.DAY) for name in names]
    others = [Counter("a:hourly", Window.HOUR), Counter("a:[x]?", Window.DAY)]
    counters.add([Charge(counter, 1) for counter in (*day, *others)], AT)
    await counters.read(day, AT)
    assert sorted(await counters.names("a:", Window.DAY, AT)) == ["a:", "a:*", "a:[x]?", "a:red"]
    assert await counters.names("a:*", Window.DAY, AT) == ["a:*"]
    assert await counters.names("a:[", Window.DAY, AT) == ["a:[x]?"]
    assert await counters.names("c", Window.DAY, AT) == []


async def test_what_was_added_is_there_after_closing(place: str | Path, connect: Connect) -> None:
    for _ in range(3):
        counters = connect(place)
        counters.add([Charge(DAY, 1)], AT)
        await counters.close()
    assert await connect(place).read([DAY], AT) == (3,)


async def test_who_goes_away_has_taken_nothing(counters: StoredCounters) -> None:
    await counters.read([DAY], AT)
    asking = asyncio.create_task(counters.take([Charge(DAY, 5)], AT))
    await asyncio.sleep(0)
    await asyncio.sleep(0)  # it has been sent now, or is about to be
    asking.cancel()
    await asyncio.wait([asking])
    while (await counters.read([DAY], AT)) != (0,):
        await asyncio.sleep(0.01)


PROCESS = """
import asyncio, sys
from pathlib import Path
from extproc.quotas import Charge
from extproc.quotas.redis_store import RedisStore
from extproc.quotas.sqlite_store import SqliteStore
from extproc.quotas.stored import StoredCounters
from extproc.core.windows import Window
from extproc.quotas import Counter

DAY, MONTH = Counter("spent", Window.DAY), Counter("spent", Window.MONTH)

async def main(place: str, at: float) -> None:
    store = RedisStore(place) if "://" in place else SqliteStore(Path(place))
    counters = StoredCounters(store, "", 30.0)
    charges = [Charge(DAY, 7, 5000), Charge(MONTH, 7)]
    asked = await asyncio.gather(*(counters.take(charges, at) for _ in range(500)))
    counters.add([Charge(DAY, 1)], at)
    await counters.close()
    print(sum(each.granted for each in asked))

asyncio.run(main(sys.argv[1], float(sys.argv[2])))
"""


async def test_several_processes_never_take_more_than_there_is(
    place: str | Path, connect: Connect
) -> None:
    command = (sys.executable, "-c", PROCESS, str(place), str(AT))
    processes = [
        await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE) for _ in range(3)
    ]
    said = await asyncio.gather(*(process.communicate() for process in processes))
    assert sum(int(output) for output, _ in said) == 5000 // 7
    assert await connect(place).read([DAY, MONTH], AT) == (5000 // 7 * 7 + 3, 5000 // 7 * 7)
