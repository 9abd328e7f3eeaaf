"""Requests to route, models and routes for them, and a classifier that answers what it is told."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from extproc.affinity import Pin
from extproc.core.config import Config
from extproc.core.conversation import Conversation
from extproc.core.models import Dialect, Endpoint, Model
from extproc.core.records import Ranked
from extproc.core.routes import CostBasis, Preference, Route
from extproc.core.traits import Traits
from extproc.dialects.request import ClientRequest, parse
from extproc.intent import ClassificationError, Intent
from extproc.ranking.snapshot import Snapshot
from extproc.router import Decision, Router
from tests.helpers.bars import Barring

__all__ = [
    "BLIND",
    "CHAT",
    "CODE",
    "CONFIG",
    "MANY",
    "MESSAGES",
    "NOTHING_KNOWN",
    "PICTURE",
    "PROSE",
    "RESPONSES",
    "SPOKEN",
    "TWO_ANSWERS",
    "TWO_OF_ONE",
    "A",
    "B",
    "C",
    "Classifier",
    "Ticking",
    "classified",
    "decide",
    "governed",
    "model",
    "preference",
    "ranking",
    "request",
    "router",
    "with_picture",
]

ENDPOINT = Endpoint("https", "h", 443, "h")
CHAT, MESSAGES, RESPONSES = Dialect.CHAT, Dialect.MESSAGES, Dialect.RESPONSES


def model(name: str, *dialects: Dialect, default: bool = False) -> Model:
    provider, _, model_id = name.partition("/")
    paths = {dialect: f"/{dialect}" for dialect in dialects}
    return Model(name, provider, model_id, ENDPOINT, paths, default=default)


A = model("one/a", CHAT, RESPONSES, default=True)
B = model("two/b", CHAT)
C = model("three/c", MESSAGES)
CODE = Route("code", "writing code", ("two/b", "three/c"))
PROSE = Route("prose", "writing prose", ("three/c", "one/a"))
CONFIG = Config((A, B, C), routes=(CODE, PROSE), aliases={"quick": "three/c"})
NOTHING_KNOWN = Snapshot()


class Classifier:
    """Answers what it was told to, and remembers what it was asked."""

    def __init__(self, answer: Intent | Exception) -> None:
        self._answer = answer
        self.asked: list[tuple[Conversation, Sequence[Route]]] = []
        self.tools: tuple[str, ...] = ()

    async def classify(
        self, conversation: Conversation, routes: Sequence[Route], tools: Sequence[str] = ()
    ) -> Intent:
        self.tools = tuple(tools)
        self.asked.append((conversation, tuple(routes)))
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer

    async def close(self) -> None:
        """There is nothing to release."""


def request(asked_for: str | None = "one/a", said: str = "hi", **more: Any) -> ClientRequest:
    body = {"model": asked_for, "messages": [{"role": "user", "content": said}]} | more
    return parse(CHAT, json.dumps(body).encode())


class Ticking:
    """A clock by which all between two looks takes a quarter of a second."""

    def __init__(self) -> None:
        self._now = 100.0

    def __call__(self) -> float:
        self._now += 0.25
        return self._now


def router(config: Config, classifier: Classifier) -> Router:
    return Router(config, classifier, clock=Ticking())


async def decide(
    answer: Intent | Exception,
    asked: ClientRequest,
    config: Config = CONFIG,
    snapshot: Snapshot = NOTHING_KNOWN,
    pin: Pin | None = None,
) -> Decision:
    return await router(config, Classifier(answer)).decide(asked, snapshot, pin)


def classified(
    models: Sequence[Model],
    route: Route | None,
    intent: Intent | None = None,
    failure: ClassificationError | None = None,
    requested: str | None = "one/a",
) -> Decision:
    """A decision where nothing is known of the models, after a look at the conversation."""
    ranked = tuple(map(Ranked, models))
    return Decision(ranked, route, intent or Intent(None), failure, 0.25, requested=requested)


def preference(name: str, *models: str, prefer: str = "none") -> dict[str, Any]:
    return {
        "name": name,
        "description": "said inline",
        "models": models,
        "selection_policy": {"prefer": prefer},
    }


def ranking(prefer: Preference, basis: CostBasis = CostBasis.TOTAL) -> Config:
    names = tuple(model.name for model in (A, B, C))
    return Config((A, B, C), routes=(Route("code", "d", names, prefer, basis),))


BLIND = replace(B, traits=Traits(images=False, context_window=10_000))
PICTURE = [{"type": "image_url", "image_url": {"url": "https://e.example/a.png"}}]
TWO_OF_ONE = Config((A, BLIND, C), routes=(replace(CODE, models=("two/b", "one/a")),))


def with_picture(**more: Any) -> ClientRequest:
    words = [{"type": "text", "text": "what is this?"}, *PICTURE]
    return request(messages=[{"role": "user", "content": words}], **more)


TWO_ANSWERS = request(n=2)
"""Messages, which three/c speaks alone, has only one."""

SPOKEN = replace(CODE, models=("three/c",))
MANY = tuple(model(f"many/{number}", CHAT) for number in range(12))


async def governed(
    *names: str,
    asked: ClientRequest | None = None,
    found: str | None = "code",
    pin: Pin | None = None,
    config: Config = CONFIG,
) -> Decision:
    return await router(config, Classifier(Intent(found))).decide(
        asked or request(), NOTHING_KNOWN, pin, bars=[Barring(*names)]
    )
