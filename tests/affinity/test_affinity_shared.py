"""Sessions in the memory of several processes."""

from __future__ import annotations

import pytest

from extproc.affinity import MemoryPins, Pin, PinStats, SharedPins

PIN = Pin("openai/gpt-4o", "code")


class Pair:
    """Two processes that hear each other, and a clock."""

    def __init__(self) -> None:
        self.now = 0.0
        self.announced: list[tuple[str, Pin]] = []
        self.left = SharedPins(MemoryPins(100, 10, lambda: self.now), self._to_right)
        self.right = SharedPins(MemoryPins(100, 10, lambda: self.now), self.left.learn)

    def _to_right(self, key: str, pin: Pin) -> None:
        self.announced.append((key, pin))
        self.right.learn(key, pin)


@pytest.fixture
def pair() -> Pair:
    return Pair()


async def test_what_one_keeps_the_other_finds(pair: Pair) -> None:
    pair.left.keep("s", PIN)
    assert await pair.right.find("s") == PIN
    pair.right.keep("s", Pin("other"))
    assert await pair.left.find("s") == Pin("other")
    assert pair.left.stats == pair.right.stats == PinStats(hits=1)


async def test_what_is_learnt_is_not_announced(pair: Pair) -> None:
    pair.left.learn("s", PIN)
    assert pair.announced == []
    assert await pair.right.find("s") is None


async def test_what_was_just_learnt_is_not_announced_at_its_use_either(pair: Pair) -> None:
    """It may be on its way while the session moves, and would move it back."""
    other = SharedPins(MemoryPins(100, 10, lambda: pair.now), pair.left.keep)
    other.learn("s", PIN)
    assert await other.find("s") == PIN
    assert pair.announced == []
    pair.now += 11
    assert await other.find("s") == PIN
    assert pair.announced == [("s", PIN)]


async def test_a_session_that_one_process_sees_lives_on_in_the_other(pair: Pair) -> None:
    pair.left.keep("s", PIN)
    for _ in range(30):
        pair.now += 50
        assert await pair.left.find("s") == PIN
    assert await pair.right.find("s") == PIN


async def test_use_is_announced_ten_times_per_life_at_most(pair: Pair) -> None:
    pair.left.keep("s", PIN)
    for _ in range(1000):
        pair.now += 0.1
        await pair.left.find("s")
    assert 5 <= len(pair.announced) <= 11


async def test_closing(pair: Pair) -> None:
    await pair.left.close()
