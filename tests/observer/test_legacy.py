"""What an observer leaves to the one of the next configuration."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from extproc.core.config import Config
from extproc.core.models import Endpoint
from extproc.core.sources import ObservedLatency
from extproc.errors import StartError
from extproc.link.messages import OriginNotice, PinNotice
from extproc.observer.legacy import Legacy, from_json, to_json
from extproc.observer.observer import Observer
from extproc.observer.succession import serving_in_turn
from extproc.ranking.snapshot import Phase
from extproc.run_directory import RunDirectory
from tests.helpers.telemetry_events import (
    LARGE,
    MINI,
    NOW,
    attempt,
    completion,
    configuration,
    decision,
    turned_away,
)
from tests.helpers.waiting import until

STEADY = 5000.0


def observed(config: Config | None = None) -> Config:
    return replace(config or configuration(), latencies=ObservedLatency())


def observer(config: Config | None = None) -> Observer:
    return Observer(config or observed(), None, now=lambda: NOW, steady=lambda: STEADY)


def experienced() -> Observer:
    """One that has seen requests succeed, fail, and be refused."""
    made = observer()
    made.told(decision())
    for number in range(1, 4):
        made.logged(attempt(number, MINI, at=NOW - 10 + number))
    for number in range(4, 8):
        made.logged(attempt(number, LARGE, status=429, retry_after=30.0, at=NOW - 1))
    made.link.pin(PinNotice("a-session", MINI, "code"))
    made.link.origin(OriginNotice("resp_1", MINI, None))
    return made


def test_a_legacy_is_written_and_read() -> None:
    made = experienced()
    made.logged(completion(7, MINI))
    made.hand_on()
    legacy = made.legacy()
    assert legacy.learned.setbacks
    assert legacy.learned.latencies
    assert legacy.receipts
    assert len(legacy.notices) == 2
    assert sum(figures.requests for _, figures in legacy.costs) == 1
    assert from_json(to_json(legacy)) == legacy
    assert inherited(observed(), legacy).legacy() == legacy


def test_what_is_no_legacy_is_said() -> None:
    with pytest.raises(ValueError, match="not a legacy of this version"):
        from_json(b"{}")


def inherited(config: Config, legacy: Legacy) -> Observer:
    heir = observer(config)
    heir.inherit(legacy)
    return heir


def test_an_heir_goes_on_where_the_other_ended() -> None:
    legacy = experienced().legacy()
    heir = inherited(observed(), legacy)
    assert heir.legacy() == legacy
    known = heir._known(STEADY)
    assert known.cooldowns[LARGE].phase is Phase.COOLING
    assert MINI in known.latencies
    assert heir.activity.routes(2)["code"].requests == 1
    assert heir.activity.models(2)[MINI].attempts == 3


def test_a_model_that_has_changed_begins_anew() -> None:
    config = observed()
    moved = tuple(
        replace(model, endpoint=Endpoint("https", "elsewhere", 443, "elsewhere"))
        if model.name == LARGE
        else model
        for model in config.models
    )
    heir = inherited(replace(config, models=moved), experienced().legacy())
    known = heir._known(STEADY)
    assert LARGE not in known.cooldowns
    assert MINI in known.latencies


def test_a_key_that_was_refused_is_tried_again() -> None:
    made = observer()
    made.logged(attempt(1, LARGE, status=401, at=NOW - 1))
    assert LARGE in made._known(STEADY).cooldowns
    assert inherited(observed(), made.legacy())._known(STEADY).cooldowns == {}


def test_older_receipts_go_behind_those_that_are_there() -> None:
    heir = observer()
    later = decision(request_id="later")
    heir.told(later)
    heir.inherit(experienced().legacy())
    kept = heir.receipts.all()
    assert [receipt.decision.request_id for receipt in kept][-1] == "later"
    assert len(kept) == 2


class Port:
    """Stands in for the admin port."""

    def __init__(self) -> None:
        self.open = 0
        self.taken = 0

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[int]:
        if self.taken:
            self.taken -= 1
            raise StartError("the port is taken")
        self.open += 1
        try:
            yield 9092
        finally:
            self.open -= 1


async def test_the_port_changes_hands_with_the_legacy(tmp_path: Path) -> None:
    first, second = RunDirectory(tmp_path, 1, 1), RunDirectory(tmp_path, 1, 2)
    before, after, port = experienced(), observer(), Port()
    async with contextlib.AsyncExitStack() as stack:
        async with serving_in_turn(before, first, port.serving):
            assert port.open == 1
            await stack.enter_async_context(serving_in_turn(after, second, port.serving))
            await asyncio.sleep(0.15)
            assert port.open == 1, "the heir waits"
        await until(lambda: port.open)
        assert after.legacy() == before.legacy()
    assert port.open == 0


async def test_an_heir_of_nobody_serves_all_the_same(tmp_path: Path) -> None:
    directory, port = RunDirectory(tmp_path, 1, 2), Port()
    for left in (b"", b"nonsense"):
        directory.legacy.write_bytes(left)
        async with serving_in_turn(observer(), directory, port.serving):
            await until(lambda: port.open)


async def test_the_first_one_says_that_the_port_is_taken(tmp_path: Path) -> None:
    port = Port()
    port.taken = 1
    with pytest.raises(StartError, match="taken"):
        async with serving_in_turn(observer(), RunDirectory(tmp_path), port.serving):
            pass


def test_what_nobody_decided_is_found_at_the_heir_and_is_no_decision() -> None:
    made = observer()
    made.logged(turned_away())
    made.hand_on()
    heir = inherited(observed(), from_json(to_json(made.legacy())))
    (receipt,) = heir.receipts.all()
    assert (receipt.decided, receipt.completion) == (False, turned_away())
    assert heir.activity.routes(60) == {}
