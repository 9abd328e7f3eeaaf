"""The waiting room: bounded in events and in time."""

from __future__ import annotations

from extproc.telemetry.event_buffer import EventBuffer
from tests.helpers.set_clock import SetClock


def test_events_come_back_in_their_order_and_only_once() -> None:
    room: EventBuffer[int] = EventBuffer(10, 30, SetClock())
    for request, event in (("a", 1), ("b", 2), ("a", 3)):
        room.add(request, event)
    assert room.take("a") == [1, 3]
    assert room.take("a") == []
    assert len(room) == 1


def test_no_more_events_wait_than_there_is_room_for() -> None:
    room: EventBuffer[int] = EventBuffer(100, 30, SetClock())
    for number in range(10_000):
        room.add(f"request {number}", number)
    assert len(room) == 100
    assert room.take("request 9900") == [9900]
    assert room.take("request 9899") == []


def test_one_request_cannot_fill_more_than_the_room() -> None:
    room: EventBuffer[int] = EventBuffer(10, 30, SetClock())
    for number in range(1000):
        room.add("the same", number)
        assert len(room) <= 10


def test_nobody_waits_for_longer_than_the_patience() -> None:
    clock = SetClock()
    room: EventBuffer[str] = EventBuffer(10, 30, clock)
    room.add("early", "e")
    clock.now = 20
    room.add("late", "l")
    clock.now = 30.5
    room.add("new", "n")
    assert [room.take(request) for request in ("early", "late", "new")] == [[], ["l"], ["n"]]
    assert len(room) == 0


def test_a_room_without_places_keeps_nothing() -> None:
    room: EventBuffer[int] = EventBuffer(0, 30, SetClock())
    room.add("a", 1)
    assert len(room) == 0
    assert room.take("a") == []
