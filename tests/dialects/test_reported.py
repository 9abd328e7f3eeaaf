"""What an answer says of itself."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from extproc.dialects.reported import finish_reasons


@pytest.mark.parametrize(
    ("reported", "reasons"),
    [
        ({}, ()),
        ({"model": "gpt-4o"}, ()),
        ({"finish_reasons": "stop,length"}, ("stop", "length")),
        ({"stop_reason": "end_turn"}, ("end_turn",)),
        ({"status": "completed"}, ("completed",)),
        ({"status": "incomplete", "incomplete": "max_output_tokens"}, ("max_output_tokens",)),
    ],
)
def test_why_a_model_stopped(reported: Mapping[str, str], reasons: tuple[str, ...]) -> None:
    assert finish_reasons(reported) == reasons
