"""An admin port with traffic behind it that never was, for whoever looks at the console."""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from msgspec import structs

from extproc.config import parse
from extproc.core.budgets import Budget
from extproc.core.config import Admin, Config
from extproc.core.intents import Intent
from extproc.core.models import Dialect
from extproc.core.records import Attempt, Completion, DecisionRecord, Ranked
from extproc.core.routes import Preference
from extproc.core.usage import Usage
from extproc.observer.admin import admin_application
from extproc.observer.observer import Observer
from extproc.quotas import Counters
from extproc.ranking.snapshot import Cooldown, Phase, Price, Snapshot
from extproc.telemetry.admin import serving
from extproc.telemetry.events import EventStreams

__all__ = ["ConsolePort", "console_port"]

CONFIG = """
version: v0.4.0
model_providers:
  - {model: openai/gpt-4o-mini, access_key: k, default: true}
  - {model: openai/gpt-4o, access_key: k}
  - {model: anthropic/claude-sonnet-4-5, access_key: k}
  - {model: anthropic/claude-haiku-4-5, access_key: k}
  - {model: mistral/mistral-large, access_key: k}
routing_preferences:
  - name: code_generation
    description: generating new code, writing functions, or creating boilerplate
    models: [anthropic/claude-sonnet-4-5, openai/gpt-4o, openai/gpt-4o-mini]
  - name: complex_reasoning
    description: complex reasoning tasks, multi-step analysis, or detailed explanations
    models: [openai/gpt-4o, mistral/mistral-large, openai/gpt-4o-mini]
    selection_policy: {prefer: cheapest}
  - name: small_talk
    description: greetings, thanks, everyday conversation
    models: [anthropic/claude-haiku-4-5, openai/gpt-4o-mini]
model_metrics_sources:
  - {type: cost, provider: models.dev}
"""
PRICES = {
    "openai/gpt-4o-mini": Price(0.15, 0.6, 0.075),
    "openai/gpt-4o": Price(2.5, 10.0, 1.25),
    "anthropic/claude-sonnet-4-5": Price(3.0, 15.0, 0.3),
    "anthropic/claude-haiku-4-5": Price(1.0, 5.0, 0.1),
    "mistral/mistral-large": Price(2.0, 6.0),
}
SPEED = {
    "openai/gpt-4o-mini": 0.28,
    "openai/gpt-4o": 0.46,
    "anthropic/claude-sonnet-4-5": 0.71,
    "anthropic/claude-haiku-4-5": 0.33,
    "mistral/mistral-large": 0.52,
}
"""Seconds to the first byte."""


@dataclass
class ConsolePort:
    """The port, and what makes its traffic. Randomness has a seed, so that pictures stay alike."""

    url: str
    observer: Observer
    config: Config
    streams: EventStreams
    clock: list[float]
    _random: random.Random = field(default_factory=lambda: random.Random(7))
    _made: int = 0

    def told(
        self,
        *,
        route: str | None = "code_generation",
        statuses: tuple[int, ...] = (200,),
        at: float | None = None,
        ends: bool = True,
        **changed: Any,
    ) -> str:
        """A request: decided, tried with these statuses, and over if it ends; its id is returned.

        What is ``changed`` is of its decision.
        """
        self._made += 1
        number = self._made
        request_id = f"{number:08x}-0000-4000-8000-000000000000"
        now = self.clock[0] = time.time() if at is None else at
        self.observer.told(self._decision(request_id, route, now, changed))
        decided = self.observer.receipts.find(request_id)[0].decision
        if ends:
            self.end(decided, statuses)
        return request_id

    def end(self, decided: DecisionRecord, statuses: tuple[int, ...] = (200,)) -> None:
        """Let a request that has been decided be tried, and end."""
        began = decided.at
        for order, status in enumerate(statuses, start=1):
            candidate = decided.candidates[min(order, len(decided.candidates)) - 1]
            attempt = self._attempt(decided.request_id, order, candidate.model, status, began)
            self.observer.logged(attempt)
            began += attempt.duration
        self.observer.logged(self._completion(decided, statuses, began))

    def candidates(self, *models: str) -> tuple[Ranked[str], ...]:
        """These models first, then those that serve what no route does."""
        return tuple(Ranked(name) for name in (*models, self.config.models[0].name))

    def traffic(self, requests: int, *, over: float = 0.0) -> None:
        """So many requests of all kinds, over so many seconds until now."""
        for number in range(requests):
            chance = self._random.random()
            route = self._random.choice([each.name for each in self.config.routes])
            statuses = (429, 200) if chance < 0.05 else (503, 429, 200) if chance < 0.07 else (200,)
            if chance > 0.99:
                statuses = (500, 500, 500)
            at = time.time() - over * (1 - (number + 1) / requests)
            self.told(route=None if chance > 0.86 else route, statuses=statuses, at=at)
        self.clock[0] = time.time()
        self.observer.hand_on(stragglers=True)

    def _decision(
        self, request_id: str, route: str | None, now: float, changed: dict[str, Any]
    ) -> DecisionRecord:
        by_name = {each.name: each for each in self.config.routes}
        names = by_name[route].models if route in by_name else (self.config.models[0].name,)
        score = self._random.uniform(0.2, 0.75) if route else self._random.uniform(0.02, 0.13)
        record = DecisionRecord(
            request_id=request_id,
            trace_id=request_id.replace("-", ""),
            at=now,
            dialect=self._random.choice(list(Dialect)),
            requested_model="openai/gpt-4o-mini",
            candidates=tuple(
                Ranked(name, PRICES[name].total, now - 130) if name in PRICES else Ranked(name)
                for name in names
            ),
            route=route,
            intent=Intent(route, score, "small_talk", score / 2, classifier="embedded"),
            prefer=Preference.CHEAPEST if route else Preference.NONE,
            snapshot=3,
            streamed=self._random.random() < 0.7,
            decision_seconds=self._random.uniform(0.0015, 0.004),
            classification_seconds=0.0012,
        )
        return structs.replace(record, **changed)

    def _attempt(self, request_id: str, number: int, model: str, status: int, at: float) -> Attempt:
        good = status == 200
        first = SPEED.get(model, 0.4) * self._random.uniform(0.7, 1.8) * (1 if good else 0.3)
        made = self._random.randint(40, 900)
        return Attempt(
            request_id=request_id,
            number=number,
            model=model,
            cluster=model,
            at=at,
            status=status,
            duration=first + (made / 180 if good else 0.002),
            first_byte=first,
            details="via_upstream",
            usage=Usage(self._random.randint(200, 9000), made, 0) if good else Usage(),
            retry_after=30.0 if status == 429 else None,
        )

    def _completion(
        self, decided: DecisionRecord, statuses: tuple[int, ...], end: float
    ) -> Completion:
        received = decided.at - decided.decision_seconds - 0.004
        candidates = decided.candidates
        return Completion(
            request_id=decided.request_id,
            at=received,
            status=statuses[-1],
            duration=end - received,
            attempts=len(statuses),
            model=candidates[min(len(statuses), len(candidates)) - 1].model,
            route=decided.route,
            details="via_upstream",
            dialect=decided.dialect,
        )


@contextlib.asynccontextmanager
async def console_port(
    token: str | None = None,
    *,
    streams: int = 16,
    port: int = 0,
    budgets: Sequence[Budget] = (),
    counters: Counters | None = None,
) -> AsyncIterator[ConsolePort]:
    """Serve it, on any port that is free unless one is given; ``counters`` are of ``budgets``."""
    config = replace(parse(CONFIG, {}).config, budgets=tuple(budgets))
    clock = [time.time()]
    observer = Observer(config, None, lambda: clock[0])
    observer.snapshot = Snapshot(
        version=3,
        prices=PRICES,
        prices_at=time.time() - 130,
        latencies=SPEED,
        latencies_at=time.time() - 4,
        cooldowns={
            "mistral/mistral-large": Cooldown(Phase.COOLING, "retry_after", time.time() + 25)
        },
        output_tokens={"code_generation": 412.0},
    )
    following = EventStreams(observer.receipts, streams=streams, period=0.05)
    application = admin_application(observer, config, following, token, counters)
    async with serving(Admin("127.0.0.1", port), application) as found:
        try:
            yield ConsolePort(f"http://127.0.0.1:{found}", observer, config, following, clock)
        finally:
            following.close()
