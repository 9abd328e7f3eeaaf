"""What the first event of a stream says, whichever dialect it is in."""

from __future__ import annotations

import json
from typing import Any

import pytest

from extproc.dialects.dialect import Sign
from extproc.dialects.signs import read_signs


@pytest.mark.parametrize(
    ("event", "sign"),
    [
        ({"choices": 5}, Sign.NOTHING_YET),
        ({"type": []}, Sign.CONTENT),
        ({"type": {}, "error": "Overloaded"}, Sign.ERROR),
        ({}, Sign.CONTENT),
        ({"type": "ping", "choices": [{"delta": {"content": "Hi"}}]}, Sign.NOTHING_YET),
        ({"type": "response.failed", "choices": []}, Sign.ERROR),
    ],
)
def test_an_event_of_no_known_shape_has_a_sign(event: dict[str, Any], sign: Sign) -> None:
    assert read_signs(json.dumps(event).encode()).sign is sign


@pytest.mark.parametrize(
    "data",
    [b"[DONE]", b" [DONE] ", b"", b"<html>", b"{", b'{"choices":[]}}', b"null", b"[]", b'"text"'],
)
def test_a_stream_that_begins_with_this_is_broken(data: bytes) -> None:
    assert read_signs(data).sign is Sign.ERROR
