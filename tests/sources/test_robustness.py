"""Whatever a document holds, it is read or refused, and what is read are prices."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import fields
from typing import Any

import pytest

from extproc.ranking.snapshot import Price
from extproc.sources import digitalocean, models_dev, own_prices, prometheus
from extproc.sources.listing import Listing, MalformedError
from tests.helpers.price_server import document

Parser = Callable[[Sequence[bytes]], Any]
DOCUMENTS: list[tuple[Parser, str]] = [
    (digitalocean.parse, "digitalocean-1.json"),
    (models_dev.parse, "models-dev.json"),
    (own_prices.parse, "costs.json"),
    (own_prices.parse_yaml, "costs.json"),
    (own_prices.parse_yaml, "prices.yaml"),
    (prometheus.parse, "prometheus.json"),
]
IN_JSON = [each for each in DOCUMENTS if each[1].endswith(".json")]
JUNK: list[Any] = [
    *(None, True, -1, 0, 1e-320, 1e308, 10**18, "", "1", "NaN", "+Inf", "\ud7ff", "x\ny"),
    *([], [1], [[], {}], [1.5, "0.1"], {}, {"": {}}, {"a": {"b": {"c": 1}}}),
]


def values(found: Any) -> list[float]:
    if not isinstance(found, Listing):
        return list(found.values.values())
    prices = [entry.price for entry in found.entries]
    prices += [tier.price for price in prices for tier in price.tiers]
    rates = [name for name in (each.name for each in fields(Price)) if name != "tiers"]
    told = [getattr(price, rate) for price in prices for rate in rates]
    return [rate for rate in told if rate is not None]


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every mapping or list within, with each key or index of it."""
    if not isinstance(value, dict | list):
        return
    for key, item in list(value.items() if isinstance(value, dict) else enumerate(value)):
        yield value, key
        yield from places(item)


def read(parse: Parser, body: bytes) -> bool:
    try:
        found = parse([body])
    except MalformedError:
        return False
    assert all(math.isfinite(value) and value >= 0 for value in values(found))
    assert all(fault.message and "\n" not in str(fault) for fault in found.faults)
    return True


@pytest.mark.parametrize(("parse", "name"), IN_JSON)
def test_junk_anywhere(parse: Parser, name: str) -> None:
    chance = random.Random(7)
    good = json.loads(document(name))
    outcomes = set()
    for number, _ in enumerate(places(good)):
        for junk in JUNK:
            changed = json.loads(document(name))
            for holder, key in [list(places(changed))[number]]:
                holder[key] = deepcopy(junk)
            outcomes.add(read(parse, json.dumps(changed).encode()))
    for _ in range(100):
        changed = json.loads(document(name))
        for _ in range(3):
            holder, key = chance.choice(list(places(changed)))
            holder[key] = deepcopy(chance.choice(JUNK))
        outcomes.add(read(parse, json.dumps(changed).encode()))
    assert True in outcomes


@pytest.mark.parametrize(("parse", "name"), DOCUMENTS)
def test_broken_off_anywhere(parse: Parser, name: str) -> None:
    body = document(name).rstrip()
    whole = [read(parse, body[:length]) for length in range(len(body) + 1)]
    assert whole[-1]
    if name.endswith(".json"):
        assert sum(whole) == 1
