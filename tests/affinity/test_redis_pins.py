"""What a pin looks like in Redis."""

from __future__ import annotations

import pytest

from extproc.affinity import Pin
from extproc.affinity.redis_pins import name, pin, value


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


def test_names() -> None:
    assert name("acme:s") == b"plano:affinity:acme:s"
    assert name("\udcff").startswith(b"plano:affinity:")
