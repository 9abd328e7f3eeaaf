from __future__ import annotations

import asyncio
from functools import partial
from itertools import pairwise

from extproc.transport.turns import AT_ONCE, Turns


async def test_who_is_alone_goes_on_at_once() -> None:
    turns, gone_on = Turns(), []
    turns.take(lambda: gone_on.append("one"))
    assert gone_on == ["one"]


async def test_a_crowd_goes_on_in_order_and_a_few_at_a_time() -> None:
    turns = Turns()
    gone_on: list[int] = []
    for number in range(3 * AT_ONCE):
        turns.take(partial(gone_on.append, number))
    seen = [len(gone_on)]
    while len(gone_on) < 3 * AT_ONCE:
        await asyncio.sleep(0)
        seen.append(len(gone_on))
    assert gone_on == list(range(3 * AT_ONCE))
    assert max(later - sooner for sooner, later in pairwise(seen)) <= AT_ONCE
    assert seen[0] == AT_ONCE


async def test_the_next_ones_go_on_at_once_again() -> None:
    turns, gone_on = Turns(), []
    for _ in range(AT_ONCE + 1):
        turns.take(lambda: gone_on.append(0))
    for _ in range(3):
        await asyncio.sleep(0)
    turns.take(lambda: gone_on.append(1))
    assert gone_on[-1] == 1
