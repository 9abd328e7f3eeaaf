"""Halves of surrogate pairs cannot be sent."""

from __future__ import annotations

import pytest

from extproc.core.encodable import encodable


@pytest.mark.parametrize(
    ("text", "carried"),
    [("Grüß 🙂", "Grüß 🙂"), ("Grüß \ud83d", "Grüß ?"), ("\ude00 \ud83d\ude00", "? ??")],
)
def test_what_utf_8_cannot_carry_is_replaced(text: str, carried: str) -> None:
    assert encodable(text) == carried
