"""Sessions in memory: how long they live, and which is forgotten first."""

from __future__ import annotations

import pytest

from extproc.affinity import MemoryPins, Pin, PinStats
from tests.helpers.set_clock import SetClock

PIN = Pin("openai/gpt-4o", "code")


@pytest.fixture
def clock() -> SetClock:
    return SetClock(1000.0)


@pytest.fixture
def pins(clock: SetClock) -> MemoryPins:
    return MemoryPins(10, 3, clock)


async def test_a_session_keeps_its_pin(pins: MemoryPins) -> None:
    assert await pins.find("s") is None
    pins.keep("s", PIN)
    assert await pins.find("s") == PIN
    assert await pins.find("other") is None
    pins.keep("s", Pin("other"))
    assert await pins.find("s") == Pin("other", None)
    assert pins.stats == PinStats(hits=2, misses=2)
    await pins.close()


async def test_a_session_lives_from_its_last_request(pins: MemoryPins, clock: SetClock) -> None:
    pins.keep("s", PIN)
    for _ in range(3):
        clock.now += 9
        assert await pins.find("s") == PIN
    clock.now += 10
    assert await pins.find("s") is None


async def test_keeping_prolongs_a_life_and_looking_does_not(
    pins: MemoryPins, clock: SetClock
) -> None:
    pins.keep("s", PIN)
    clock.now += 9
    assert pins.known("s") == PIN
    clock.now += 2
    assert pins.known("s") is None
    pins.keep("s", PIN)
    clock.now += 9
    pins.keep("s", PIN)
    clock.now += 9
    assert pins.known("s") == PIN


async def test_the_least_recently_used_is_forgotten_first(pins: MemoryPins) -> None:
    for key in ("a", "b", "c"):
        pins.keep(key, Pin(key))
    assert await pins.find("a") == Pin("a")
    pins.keep("d", Pin("d"))
    assert [await pins.find(key) for key in "abcd"] == [Pin("a"), None, Pin("c"), Pin("d")]


async def test_finding_never_gives_way_to_others(pins: MemoryPins) -> None:
    pins.keep("s", PIN)
    with pytest.raises(StopIteration) as returned:
        pins.find("s").send(None)
    assert returned.value.value == PIN
