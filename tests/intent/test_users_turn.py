"""Who has spoken last: a person, or a tool."""

from __future__ import annotations

from typing import Any

import pytest

from extproc.intent.users_turn import is_users_turn

REMINDER = "<system-reminder>be brief</system-reminder>"
RESULT = {"type": "tool_result", "tool_use_id": "t", "content": "done"}


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        ({"role": "user", "content": "fix it"}, True),
        ({"role": "user", "content": f"{REMINDER}\nfix it"}, True),
        ({"role": "user", "content": REMINDER}, False),
        ({"role": "user", "content": ""}, False),
        ({"role": "user", "content": [{"type": "text", "text": "fix it"}]}, True),
        ({"role": "user", "content": [{"type": "image_url"}]}, True),
        ({"role": "user", "content": [RESULT]}, False),
        ({"role": "user", "content": [RESULT, {"type": "text", "text": REMINDER}]}, False),
        ({"role": "user", "content": [RESULT, {"type": "text", "text": "and now?"}]}, True),
        ({"role": "user", "content": None}, False),
        ({"role": "tool", "tool_call_id": "t", "content": "done"}, False),
        ({"role": "assistant", "content": "so"}, False),
        ({"type": "function_call_output", "output": "done"}, False),
        ("odd", False),
    ],
)
def test_the_last_turn_tells(last: Any, expected: bool) -> None:
    earlier = {"role": "user", "content": "hi"}
    for member in ("messages", "input"):
        assert is_users_turn({member: [earlier, last]}) is expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [({"input": "hi"}, True), ({"input": REMINDER}, False), ({"messages": []}, False), ({}, False)],
)
def test_bodies_without_turns(body: dict[str, Any], expected: bool) -> None:
    assert is_users_turn(body) is expected
