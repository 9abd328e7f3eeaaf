"""What a pin looks like in Redis."""

from __future__ import annotations

from dataclasses import replace

import pytest

from extproc.affinity import Pin
from extproc.affinity.redis_pins import LARGEST, name, pin, value
from extproc.core.switching import CacheUse, SessionCosts


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (Pin("openai/gpt-4o", "code"), '{"model_name":"openai/gpt-4o","route_name":"code"}'),
        (Pin("größe"), '{"model_name":"gr\\u00f6\\u00dfe","route_name":null}'),
        (Pin("\udcff"), '{"model_name":"\\udcff","route_name":null}'),
    ],
)
def test_values_are_those_of_plano(written: Pin, text: str) -> None:
    assert value(written) == text


@pytest.mark.parametrize(
    ("reply", "read"),
    [
        (b'{"model_name": "m", "route_name": "r"}', Pin("m", "r")),
        (b'{"model_name": "m", "route_name": null, "more": 1}', Pin("m")),
        (b'{"model_name": "m"}', None),
        (b'{"model_name": "", "route_name": null}', None),
        (b'{"model_name": 1, "route_name": null}', None),
        (b'{"model_name": "m", "route_name": 1}', None),
        (b'{"anchor_model": "m", "route_name": "r"}', None),
        (b'["m"]', None),
        (b"m", None),
        (b"", None),
        (b"\xff\xfe", None),
    ],
)
def test_what_is_read(reply: bytes, read: Pin | None) -> None:
    assert pin(reply) == read


COSTS = SessionCosts("m", "f00d", 9.5, 1.25, 0.5, 2, (CacheUse("n", 8.0, 700),))


def test_the_account_of_a_session_is_kept_besides() -> None:
    kept = Pin("m", "r", COSTS)
    assert pin(value(kept)) == kept
    assert '"model_name":"m","route_name":"r"' in value(kept)


def test_an_account_that_cannot_be_kept_begins_anew() -> None:
    large = replace(COSTS, caches=(CacheUse("n" * LARGEST, 8.0, 700),))
    assert pin(value(Pin("m", "r", large))) == Pin("m", "r")
    assert pin(b'{"model_name":"m","route_name":"r","costs":{"first":1}}') == Pin("m", "r")


def test_names() -> None:
    assert name("acme:s") == b"plano:affinity:acme:s"
    assert name("\udcff").startswith(b"plano:affinity:")
