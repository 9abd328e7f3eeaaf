"""Long strings taken out of a body and put back."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest

from extproc.dialects.translation.lifting import lift

MARK = "0123456789abcdef0123456789abcdef"
LONG = "QUJD" * 20_000
ESCAPED = 'say \\"x\\" and C:\\\\ and \\\\' * 4000


def image(data: str) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{data}"}}


@pytest.mark.parametrize(
    ("document", "count"),
    [
        ({"messages": [{"content": [image(LONG), {"type": "text", "text": "what?"}]}]}, 1),
        ({"messages": [{"content": [image(LONG), image(LONG[4:])]}]}, 2),
        ({"data": "A" * 100}, 0),
        ({"text": ESCAPED}, 0),
        ({"text": ESCAPED, "data": LONG, "more": "\\\\"}, 1),
        ({"numbers": list(range(40_000)), "data": LONG}, 1),
        ({"numbers": list(range(40_000))}, 0),
    ],
    ids=["one", "two", "short", "escapes", "escapes and one", "numbers and one", "numbers"],
)
def test_a_body_comes_back_as_it_was(document: dict[str, Any], count: int) -> None:
    raw = json.dumps(document).encode()
    lifted = lift(raw, MARK)
    assert lifted.body.count(MARK.encode()) == count
    assert len(raw) - len(lifted.body) >= count * 60_000
    small = orjson.loads(lifted.body)
    assert json.loads(b"".join(lifted.restored(orjson.dumps(small)))) == document


def test_what_a_string_begins_with_stays() -> None:
    lifted = lift(json.dumps({"content": [image(LONG)]}).encode(), MARK)
    (part,) = orjson.loads(lifted.body)["content"]
    assert part["image_url"]["url"].startswith("data:image/png;base64,QUJD")


def test_a_string_that_a_translation_drops_stays_out() -> None:
    lifted = lift(json.dumps({"content": [image(LONG)]}).encode(), MARK)
    assert b"".join(lifted.restored(b'{"content":[]}')) == b'{"content":[]}'


def test_a_body_that_is_cut_is_left_for_the_parser_to_refuse() -> None:
    cut = b'{"data": "' + LONG.encode()
    assert lift(cut, MARK).body == cut
