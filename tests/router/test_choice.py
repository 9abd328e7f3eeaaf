"""Routes that clients send along, and the operator's caps on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from extproc.core.config import Config
from extproc.core.inline_caps import InlineCaps
from extproc.core.routes import Route
from extproc.errors import ClientError
from extproc.intent import Intent
from extproc.ranking.snapshot import Price, Snapshot
from tests.helpers.routing import (
    CODE,
    CONFIG,
    MANY,
    NOTHING_KNOWN,
    A,
    B,
    C,
    Classifier,
    classified,
    decide,
    preference,
    request,
    router,
)


async def test_inline_preferences_replace_the_configured_ones() -> None:
    intent = Intent("code", 0.7)
    classifier = Classifier(intent)
    ours = router(CONFIG, classifier)
    asked = request(routing_preferences=[preference("code", "quick", "a", "three/c")])
    inline = Route("code", "said inline", ("quick", "a", "three/c"))
    assert await ours.decide(asked, NOTHING_KNOWN) == classified((C, A), inline, intent)
    assert classifier.asked[-1][1] == (inline,)
    asked = request(routing_preferences=[preference("chess", "two/b")])
    assert await ours.decide(asked, NOTHING_KNOWN) == classified((A,), None, intent)
    assert await ours.decide(request(), NOTHING_KNOWN) == classified((B, C), CODE, intent)


async def test_the_older_inline_policy() -> None:
    policy = [
        {"model": name, "routing_preferences": [{"name": "code", "description": "d"}]}
        for name in ("three/c", "one/a")
    ]
    decision = await decide(Intent("code"), request(routing_policy=policy))
    assert (decision.candidates, decision.intent) == ((C, A), Intent("code"))
    assert decision.route == Route("code", "d", ("three/c", "one/a"))


async def test_inline_preferences_for_models_that_nobody_declared() -> None:
    classifier = Classifier(Intent("code"))
    asked = request(
        routing_preferences=[
            preference("code", "two/b"),
            preference("prose", "two/b", "un/declared", "not/this"),
        ]
    )
    with pytest.raises(ClientError) as raised:
        await router(CONFIG, classifier).decide(asked, NOTHING_KNOWN)
    assert (raised.value.status, raised.value.code) == (400, "model_not_declared")
    assert "'prose'" in raised.value.message
    assert "'un/declared', 'not/this'" in raised.value.message
    assert classifier.asked == []


@pytest.mark.parametrize("names", [[one.name for one in MANY], ["many/0"] * 9, ["none"] * 1000])
async def test_more_models_than_are_tried_are_refused(names: list[str]) -> None:
    asked = request("many/0", routing_preferences=inline("r", names))
    with pytest.raises(ClientError) as raised:
        await decide(Intent("r"), asked, Config(MANY))
    assert raised.value.status == 400
    assert raised.value.code == "too_many_candidates"
    assert f"names {len(names)} models; at most 8 are tried" in raised.value.message


@pytest.mark.parametrize(
    "asked",
    [
        {"asked_for": "x" * 5_000_000},
        {
            "routing_preferences": [
                {"name": "r", "description": "d", "models": ["x" * 1_000_000] * 8}
            ]
        },
    ],
)
async def test_names_of_megabytes_are_not_repeated(asked: dict[str, Any]) -> None:
    with pytest.raises(ClientError) as raised:
        await decide(Intent(None), request(**asked))
    assert len(raised.value.message) < 3000


def inline(name: str, models: Sequence[str]) -> list[dict[str, Any]]:
    return [{"name": name, "description": "d", "models": list(models)}]


@pytest.mark.parametrize(
    ("caps", "code"),
    [
        (InlineCaps(allowed=False), "forbidden"),
        (InlineCaps(max_routes=1), "too_many_routes"),
        (InlineCaps(models=("two/b",)), "model_not_allowed"),
        (InlineCaps(max_price=5.0), "model_too_dear"),
    ],
)
async def test_inline_preferences_are_held_to_the_operators_caps(
    caps: InlineCaps, code: str
) -> None:
    config = replace(CONFIG, inline_caps=caps)
    preferences = [preference("code", "two/b"), preference("prose", "quick")]
    snapshot = Snapshot(prices={"three/c": Price(3.0, 3.0)})
    asked = request(routing_preferences=preferences)
    with pytest.raises(ClientError) as raised:
        await decide(Intent("code"), asked, config, snapshot)
    assert raised.value.code == code
    assert (await decide(Intent("prose"), request(), config, snapshot)).candidates == (C, A)
