"""Envoy's rate limit service, and the models that are passed over for what it has learned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from extproc.contract import CLIENT, LIMITS_OF_ATTEMPTS, LIMITS_OF_REQUESTS
from extproc.core.counting import OnStoreFailure
from extproc.core.models import Dialect, Endpoint, Model
from extproc.core.rate_limits import Counted, Per, RateLimit
from extproc.core.requirements import Requirements
from extproc.core.routes import Route
from extproc.core.windows import Window
from extproc.quotas import Charge, Counter, CounterStats, StoreError, Taken
from extproc.ranking.bars import Objection
from extproc.ranking.expectation import Expectation
from extproc.ranking.snapshot import Snapshot
from extproc.transport.calls import RefusedError
from extproc.transport.wire import Message, RateLimitRequest, RateLimitResponse
from extproc.worker.limited_models import LimitedModels
from extproc.worker.rate_limits import RateLimiter
from extproc.worker.used_up import UsedUp

NOON = 1_800_014_400.0 + 0.5
DAY = RateLimit("day", Counted.REQUESTS, 2, Window.DAY, models=("openai/*",))
MINUTE = RateLimit("minute", Counted.REQUESTS, 9, Window.MINUTE, models=("openai/a",))
TOKENS = RateLimit(
    "tokens", Counted.TOTAL_TOKENS, 10, Window.HOUR, models=("openai/a",), per=Per("x-team")
)
OF_KEYS = RateLimit("keys", Counted.REQUESTS, 3, Window.MINUTE, per=Per(CLIENT))
LIMITS = (DAY, MINUTE, TOKENS, OF_KEYS)


class Counting:
    """Counters in memory; ``down`` while their store does not answer."""

    def __init__(self) -> None:
        self.counts: dict[Counter, int] = {}
        self.down = False
        self.stats = CounterStats()
        self.place = "memory"

    async def take(self, charges: Sequence[Charge], at: float) -> Taken:
        if self.down:
            raise StoreError("no answer")
        granted = all(
            each.limit is None or self.counts.get(each.counter, 0) + each.amount <= each.limit
            for each in charges
        )
        if granted:
            self.add(charges, at)
        return Taken(granted, tuple(self.counts.get(each.counter, 0) for each in charges))

    def add(self, charges: Sequence[Charge], at: float) -> None:
        assert at == NOON
        for each in charges:
            self.counts[each.counter] = self.counts.get(each.counter, 0) + each.amount

    async def names(self, beginning: str, window: Window, at: float) -> list[str]:
        raise NotImplementedError

    async def read(self, counters: Sequence[Counter], at: float) -> tuple[int, ...]:
        raise NotImplementedError

    async def close(self) -> None:
        pass


class Ask:
    """One call of Envoy's."""

    def __init__(self, domain: str, *descriptors: tuple[str, str, int | None]) -> None:
        self.request = RateLimitRequest(domain=domain)
        for limit, who, hits in descriptors:
            descriptor = self.request.descriptors.add()
            descriptor.entries.add(key="limit", value=limit)
            descriptor.entries.add(key="model", value="openai/a")
            if who:
                descriptor.entries.add(key="who", value=who)
            if hits is not None:
                descriptor.hits_addend.value = hits
        self.written: list[bytes] = []

    def metadata(self, _: str, /) -> str | None:
        return None

    async def read(self) -> Message | None:
        return self.request

    async def write(self, response: bytes) -> None:
        self.written.append(response)


class Desk:
    """The service, and what came of it."""

    def __init__(self, on_failure: OnStoreFailure = OnStoreFailure.OPEN) -> None:
        self.counters = Counting()
        self.now = NOON
        self.used_up = UsedUp(lambda: self.now)
        self.limiter = RateLimiter(
            LIMITS, self.counters, self.used_up, on_failure, clock=lambda: NOON
        )
        self.governor = LimitedModels(LIMITS, self.used_up)

    async def ask(
        self, *descriptors: tuple[str, str, int | None], domain: str = LIMITS_OF_ATTEMPTS
    ) -> tuple[bool, dict[str, str], str]:
        call = Ask(domain, *descriptors)
        await self.limiter.answer(call)
        response: Any = RateLimitResponse.FromString(call.written[0])
        headers = {each.key: each.value for each in response.response_headers_to_add}
        return response.overall_code == 1, headers, response.raw_body.decode()

    async def against(
        self, name: str, route: str | None = None, **headers: str
    ) -> Objection | None:
        bars = await self.governor.bars(
            {key.replace("_", "-"): headers[key] for key in headers}, None
        )
        found = Route(route, "", ()) if route else None
        expectation = Expectation(found, Snapshot(), lambda: Requirements(1))
        objections = (bar.against(model(name), expectation) for bar in bars)
        return next((each for each in objections if each is not None), None)


def model(name: str) -> Model:
    endpoint = Endpoint("https", "api.example", 443, "api.example")
    return Model(name, "openai", "a", endpoint, {Dialect.CHAT: "/v1/chat/completions"})


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def test_so_many_are_granted_and_then_none(desk: Desk) -> None:
    once = ("day", "", None)
    assert [(await desk.ask(once))[0] for _ in range(3)] == [True, True, False]
    granted, headers, words = await desk.ask(once)
    assert not granted
    assert headers == {
        "x-dragoman-limit": "day",
        "retry-after": str(12 * 3600),
        "x-ratelimit-limit": "2",
        "x-ratelimit-remaining": "0",
        "x-ratelimit-reset": str(12 * 3600),
    }
    assert words.startswith("The rate limit 'day' (2 requests a day) is used up")


async def test_of_several_limits_none_is_charged_where_one_is_used_up(desk: Desk) -> None:
    both = (("day", "", None), ("minute", "", None))
    for _ in range(2):
        assert (await desk.ask(*both))[0]
    granted, headers, _ = await desk.ask(*both)
    assert (granted, headers["x-dragoman-limit"]) == (False, "day")
    assert desk.counters.counts[Counter("limit:minute", Window.MINUTE)] == 2


async def test_tokens_are_asked_for_before_and_told_after(desk: Desk) -> None:
    asked, told = ("tokens", "red", 0), ("tokens", "red", 7)
    for expected in (True, True, False):
        assert (await desk.ask(asked))[0] is expected
        assert (await desk.ask(told))[0]
    assert (await desk.ask(("tokens", "blue", 0)))[0]
    assert [counter.name for counter in desk.counters.counts if "red" in counter.name] == []


async def test_a_limit_of_requests_says_what_is_left(desk: Desk) -> None:
    ask = ("keys", "a-hash", None)
    _, headers, _ = await desk.ask(ask, domain=LIMITS_OF_REQUESTS)
    assert headers == {
        "x-ratelimit-limit": "3",
        "x-ratelimit-remaining": "2",
        "x-ratelimit-reset": "60",
    }
    assert (await desk.ask(("minute", "", None)))[1] == {}


async def test_what_another_configuration_limits_is_not_ours_to_count(desk: Desk) -> None:
    assert (await desk.ask(("unknown", "", None)))[0]
    assert not desk.counters.counts


async def test_without_the_store_requests_go_on_if_it_is_said_so(desk: Desk) -> None:
    desk.counters.down = True
    assert (await desk.ask(("day", "", None)))[0]


async def test_or_else_envoy_is_to_refuse_them() -> None:
    desk = Desk(OnStoreFailure.CLOSED)
    desk.counters.down = True
    with pytest.raises(RefusedError):
        await desk.ask(("day", "", None))
    assert (await desk.ask(("tokens", "red", 7)))[0]


async def test_a_model_is_passed_over_until_its_window_ends(desk: Desk) -> None:
    assert await desk.against("openai/a") is None
    for _ in range(2):
        await desk.ask(("day", "", None))
    objection = await desk.against("openai/a")
    assert objection is not None
    assert (objection.code, objection.status, objection.retry_after) == ("limited", 429, 12 * 3600)
    assert objection.headers["x-dragoman-limit"] == "day"
    assert await desk.against("anthropic/b") is None
    desk.now = NOON + 12 * 3600
    assert await desk.against("openai/a") is None
    assert not desk.used_up


@pytest.mark.parametrize("sent", [b"f\xc3\xbcr", b"\xff\xfe"])
async def test_clients_may_call_themselves_anything(desk: Desk, sent: bytes) -> None:
    """Envoy passes on what is not UTF-8 as well, and nobody gets past a limit by it."""
    call = Ask(LIMITS_OF_ATTEMPTS, ("tokens", "w" * len(sent), 0), ("day", "", None))
    raw = call.request.SerializeToString().replace(b"w" * len(sent), sent)
    call.request = RateLimitRequest.FromString(raw)
    for _ in range(3):
        await desk.limiter.answer(call)
    codes = [RateLimitResponse.FromString(written).overall_code for written in call.written]
    assert codes == [1, 1, 2]
    desk.used_up.note(TOKENS, sent.decode("latin-1"), NOON + 9)
    assert await desk.against("openai/a", x_team=sent.decode("latin-1")) is not None


async def test_only_whose_limit_it_is_passes_the_model_over(desk: Desk) -> None:
    await desk.ask(("tokens", "red", 12))
    await desk.ask(("tokens", "red", 0))
    assert await desk.against("openai/a", x_team="red") is not None
    assert await desk.against("openai/a", x_team="blue") is None
    assert await desk.against("openai/a") is None


async def test_a_limit_of_requests_passes_no_model_over(desk: Desk) -> None:
    for _ in range(4):
        await desk.ask(("keys", "a-hash", None))
    assert await desk.against("openai/a", x_dragoman_client="a-hash") is None


async def test_a_limit_of_a_route_bars_models_on_that_route_alone() -> None:
    limit = RateLimit("r", Counted.REQUESTS, 1, Window.DAY, models=("*",), routes=("code",))
    used_up = UsedUp(lambda: NOON)
    used_up.note(limit, "", NOON + 9)
    (bar,) = await LimitedModels([limit], used_up).bars({}, None)
    for route, barred in (("code", True), ("talk", False), (None, False)):
        found = Route(route, "", ()) if route else None
        expectation = Expectation(found, Snapshot(), lambda: Requirements(1))
        assert (bar.against(model("openai/a"), expectation) is not None) is barred


def test_what_is_remembered_has_an_end() -> None:
    now = NOON
    used_up = UsedUp(lambda: now)
    for number in range(10_001):
        used_up.note(TOKENS, str(number), NOON + 9)
    assert used_up.wait(TOKENS, "9999") == 9
    assert used_up.wait(TOKENS, "10000") is None
    now += 10
    used_up.note(TOKENS, "later", NOON + 60)
    assert used_up.wait(TOKENS, "later") == 50
