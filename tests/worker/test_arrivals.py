"""How much the requests that arrive may hold, and for how long."""

from __future__ import annotations

import asyncio

import pytest

from extproc.errors import ClientError
from extproc.worker.arrivals import Arrival, Arrivals
from tests.helpers.set_clock import SetClock

KIB = 1024
FREE = 64 * KIB


@pytest.fixture
def clock() -> SetClock:
    return SetClock(1000.0)


async def test_small_requests_are_free(clock: SetClock) -> None:
    arrivals = Arrivals(1, 60, clock)
    with arrivals.begin() as one, arrivals.begin() as other:
        one.hold(FREE)
        other.hold(FREE)
        assert arrivals.held == 0
        with pytest.raises(ClientError) as raised:
            one.hold(FREE + 2)
    assert (raised.value.status, raised.value.code) == (503, "overloaded")
    assert raised.value.retry_after == 2


async def test_what_is_held_is_given_back(clock: SetClock) -> None:
    arrivals = Arrivals(100 * KIB, 60, clock)
    for _ in range(3):
        with arrivals.begin() as arrival:
            arrival.hold(FREE + 100 * KIB)
            assert arrivals.held == 100 * KIB
            arrival.complete()
            assert arrivals.held == 100 * KIB
    with arrivals.begin() as arrival:
        arrival.hold(FREE + 100 * KIB)
        arrival.hold(0)
        assert arrivals.held == 0


async def coming(arrivals: Arrivals, size: int, arrived: list[Arrival]) -> None:
    with arrivals.begin() as arrival:
        arrived.append(arrival)
        arrival.hold(size)
        await asyncio.Event().wait()


async def verdict(task: asyncio.Task[None]) -> ClientError:
    with pytest.raises(ClientError) as raised:
        await task
    assert not task.cancelled()
    return raised.value


async def test_whoever_has_come_to_a_halt_makes_room(clock: SetClock) -> None:
    arrivals, arrived = Arrivals(1000 * KIB, 60, clock), list[Arrival]()
    halted = asyncio.create_task(coming(arrivals, FREE + 600 * KIB, arrived))
    brisk = asyncio.create_task(coming(arrivals, FREE + 100 * KIB, arrived))
    await asyncio.sleep(0)
    for size in (200, 300):
        clock.now += 6
        arrived[1].hold(FREE + size * KIB)
        arrivals.sweep()
    with arrivals.begin() as arrival:
        arrival.hold(FREE + 200 * KIB)
        error = await verdict(halted)
        assert (error.status, error.code) == (408, "request_timeout")
        assert arrivals.held == 500 * KIB
        with pytest.raises(ClientError, match="try again") as raised:
            arrival.hold(FREE + 800 * KIB)
        assert raised.value.status == 503
    assert not brisk.done()
    brisk.cancel()


@pytest.mark.parametrize(("rate", "slow"), [(0, True), (100, True), (20 * KIB, False)])
async def test_how_fast_it_comes(clock: SetClock, rate: int, slow: bool) -> None:
    arrivals = Arrivals(2**30, 600, clock)
    with arrivals.begin() as arrival:
        for second in range(30):
            arrival.hold(10 * FREE + second * rate)
            arrivals.sweep()
            assert arrival.is_slow is (slow and second >= 10)
            clock.now += 1
        arrival.hold(100 * FREE)
        clock.now += 5
        arrivals.sweep()
        assert not arrival.is_slow


async def test_whoever_has_arrived_is_left_alone(clock: SetClock) -> None:
    arrivals = Arrivals(100 * KIB, 60, clock)
    with arrivals.begin() as arrived:
        arrived.hold(FREE + 100 * KIB)
        arrived.complete()
        clock.now += 100
        arrivals.sweep()
        with arrivals.begin() as arrival, pytest.raises(ClientError, match="try again"):
            arrival.hold(FREE + 1)


async def test_whoever_comes_for_too_long_is_sent_away(clock: SetClock) -> None:
    arrivals, arrived = Arrivals(2**30, 60, clock), list[Arrival]()
    early = asyncio.create_task(coming(arrivals, 1, arrived))
    await asyncio.sleep(0)
    clock.now += 59
    late = asyncio.create_task(coming(arrivals, 1, arrived))
    await asyncio.sleep(0)
    arrivals.sweep()
    await asyncio.sleep(0)
    assert not early.done()
    clock.now += 2
    arrivals.sweep()
    error = await verdict(early)
    assert (error.status, error.code) == (408, "request_timeout")
    assert "did not arrive within 60 seconds" in error.message
    assert not late.done()
    late.cancel()
    with pytest.raises(asyncio.CancelledError):
        await late


async def test_the_watch_sweeps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("extproc.worker.arrivals._PERIOD", 0.01)
    arrivals = Arrivals(2**30, 0.0)
    watching = asyncio.create_task(arrivals.watch())
    assert (await verdict(asyncio.create_task(coming(arrivals, 1, [])))).status == 408
    watching.cancel()
