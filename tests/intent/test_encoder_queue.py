"""Whose turn it is at the encoder."""

from __future__ import annotations

import asyncio
import random
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable

import pytest

from extproc.intent.encoder_queue import EncoderQueue, Lane, QueueFullError

PATIENCE = 20


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not true():
            await asyncio.sleep(0)


class Steps:
    """Steps that write down what was run, and one that holds a thread until it is let go."""

    def __init__(self) -> None:
        self.run: list[str] = []
        self.held = threading.Event()
        self.go = threading.Event()

    def hold(self) -> None:
        self.held.set()
        assert self.go.wait(PATIENCE)

    def named(self, name: str) -> Callable[[], str]:
        def step() -> str:
            self.run.append(name)
            return name

        return step


@pytest.fixture
async def steps() -> AsyncIterator[Steps]:
    steps = Steps()
    yield steps
    steps.go.set()


async def holding(
    queue: EncoderQueue, steps: Steps, lane: Lane = Lane.INLINE
) -> asyncio.Task[None]:
    """Take the queue's only thread."""
    task = asyncio.create_task(queue.run(lane, (), steps.hold))
    await until(steps.held.is_set)
    return task


async def asking(
    queue: EncoderQueue, steps: Steps, name: str, lane: Lane = Lane.INLINE, of: int = 1
) -> asyncio.Task[str]:
    """Have a request of so many steps wait for the thread."""
    step = steps.named(name)
    task = asyncio.create_task(queue.run(lane, [step] * (of - 1), step))
    await asyncio.sleep(0)
    return task


async def test_the_last_step_s_result_is_the_answer(steps: Steps) -> None:
    queue = EncoderQueue()
    assert await queue.run(Lane.INLINE, [steps.named("a"), steps.named("b")], lambda: 7) == 7
    assert steps.run == ["a", "b"]
    assert queue.waiting(Lane.INLINE) == 0


async def test_earlier_lanes_go_first_and_the_least_within_a_lane(steps: Steps) -> None:
    queue = EncoderQueue()
    first = await holding(queue, steps)
    asked = [
        await asking(queue, steps, "dear", of=3),
        await asking(queue, steps, "cheap"),
        await asking(queue, steps, "cheap too"),
        await asking(queue, steps, "first stage", Lane.FIRST_STAGE, of=2),
        await asking(queue, steps, "configured", Lane.CONFIGURED),
    ]
    steps.go.set()
    await asyncio.gather(first, *asked)
    assert steps.run == [
        "configured",
        *["first stage"] * 2,
        *["cheap", "cheap too"],
        *["dear"] * 3,
    ]


async def test_a_request_waits_for_one_step_of_a_long_one(steps: Steps) -> None:
    queue = EncoderQueue()
    many = [steps.named("hostile")] * 50
    hostile = asyncio.create_task(queue.run(Lane.INLINE, [steps.hold, *many], lambda: None))
    await until(steps.held.is_set)
    configured = await asking(queue, steps, "configured", Lane.CONFIGURED)
    steps.go.set()
    assert await configured == "configured"
    assert steps.run.index("configured") == 0
    await hostile
    assert steps.run.count("hostile") == 50


async def test_so_many_steps_run_at_once_as_there_are_threads() -> None:
    queue = EncoderQueue(threads=2)
    together = threading.Barrier(2)
    waits = [queue.run(Lane.INLINE, (), lambda: together.wait(PATIENCE)) for _ in range(2)]
    assert sorted(await asyncio.gather(*waits)) == [0, 1]


async def test_without_a_place_a_request_is_refused(steps: Steps) -> None:
    queue = EncoderQueue(places=2)
    first = await holding(queue, steps)
    second = await asking(queue, steps, "second")
    with pytest.raises(QueueFullError):
        await queue.run(Lane.INLINE, (), steps.named("third"))
    other_lane = await asking(queue, steps, "configured", Lane.CONFIGURED)
    steps.go.set()
    await asyncio.gather(first, second, other_lane)
    assert steps.run == ["configured", "second"]


async def test_the_dearest_gives_its_place_to_a_cheaper_newcomer(steps: Steps) -> None:
    queue = EncoderQueue(places=3)
    first = await holding(queue, steps)
    dear = await asking(queue, steps, "dear", of=3)
    dearer = await asking(queue, steps, "dearer", of=9)
    cheap = await asking(queue, steps, "cheap", of=2)
    with pytest.raises(QueueFullError):
        await dearer
    steps.go.set()
    await asyncio.gather(first, dear, cheap)
    assert steps.run == ["cheap"] * 2 + ["dear"] * 3


async def test_who_loses_the_place_in_the_middle_of_a_step_goes_after_it(steps: Steps) -> None:
    queue = EncoderQueue(places=1)
    dear = asyncio.create_task(
        queue.run(Lane.INLINE, [steps.hold, steps.named("dear")], lambda: None)
    )
    await until(steps.held.is_set)
    cheap = await asking(queue, steps, "cheap")
    steps.go.set()
    assert await cheap == "cheap"
    with pytest.raises(QueueFullError):
        await dear
    assert steps.run == ["cheap"]


async def test_a_request_that_is_given_up_leaves_its_place(steps: Steps) -> None:
    queue = EncoderQueue(places=2)
    first = await holding(queue, steps)
    given_up = await asking(queue, steps, "given up", of=5)
    given_up.cancel()
    await asyncio.wait([given_up])
    assert queue.waiting(Lane.INLINE) == 1
    second = await asking(queue, steps, "second")
    steps.go.set()
    await asyncio.gather(first, second)
    assert steps.run == ["second"]


async def test_given_up_in_a_step_the_thread_is_taken_until_that_ends(steps: Steps) -> None:
    queue = EncoderQueue()
    first = await holding(queue, steps)
    first.cancel()
    await asyncio.wait([first])
    assert queue.waiting(Lane.INLINE) == 0
    second = await asking(queue, steps, "second")
    for _ in range(10):
        await asyncio.sleep(0)
    assert steps.run == []
    steps.go.set()
    assert await second == "second"


async def test_given_up_at_its_turn_a_request_passes_it_on(steps: Steps) -> None:
    queue = EncoderQueue()
    first = await holding(queue, steps)
    second = await asking(queue, steps, "second")
    third = await asking(queue, steps, "third")
    first.add_done_callback(lambda _: second.cancel())  # the turn is given in the same moment
    steps.go.set()
    assert await third == "third"
    await asyncio.wait([second])
    assert steps.run in (["third"], ["second", "third"])
    assert await queue.run(Lane.INLINE, (), lambda: "still served") == "still served"


async def test_a_step_that_fails_fails_its_request_alone(steps: Steps) -> None:
    queue = EncoderQueue()

    def fail() -> None:
        raise MemoryError("no")

    with pytest.raises(MemoryError):
        await queue.run(Lane.INLINE, [fail], steps.named("never"))
    assert await queue.run(Lane.INLINE, (), steps.named("next")) == "next"
    assert steps.run == ["next"]


async def test_once_closed_what_waited_is_served_by_new_threads(steps: Steps) -> None:
    queue = EncoderQueue()
    first = await holding(queue, steps)
    second = await asking(queue, steps, "second")
    queue.close()
    assert await second == "second"
    steps.go.set()
    await first
    assert await queue.run(Lane.INLINE, (), steps.named("third")) == "third"
    assert queue._free == 1


async def test_whatever_comes_and_goes_the_threads_are_free_in_the_end() -> None:
    chance = random.Random(17)
    queue = EncoderQueue(threads=2, places=6)
    done = threading.Semaphore(0)

    async def ask(steps: int) -> None:
        await queue.run(chance.choice(list(Lane)), [lambda: None] * steps, done.release)

    asked = []
    for _ in range(400):
        asked.append(asyncio.create_task(ask(chance.randrange(6))))
        for _ in range(chance.randrange(4)):
            await asyncio.sleep(0)
        if chance.random() < 0.5:
            chance.choice(asked).cancel()
    outcomes = await asyncio.gather(*asked, return_exceptions=True)
    kinds = Counter(type(outcome) for outcome in outcomes)
    assert kinds.keys() == {type(None), asyncio.CancelledError, QueueFullError}
    assert [queue.waiting(lane) for lane in Lane] == [0, 0, 0]
    await until(lambda: queue._free == 2)
    assert await queue.run(Lane.INLINE, (), lambda: "served") == "served"
