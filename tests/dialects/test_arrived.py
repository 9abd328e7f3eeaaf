from __future__ import annotations

from typing import Any

import pytest

from extproc.dialects.arrived import arrived_texts

IMAGE = {"type": "image", "source": {"type": "base64", "data": "AAAA"}}


@pytest.mark.parametrize(
    ("document", "texts"),
    [
        ({"messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "u"}]}, "u"),
        (
            {
                "messages": [
                    {"role": "user", "content": "old"},
                    {"role": "assistant", "content": "a"},
                    {"role": "tool", "content": "t"},
                    {"role": "user", "content": [{"type": "text", "text": "u"}, IMAGE]},
                ]
            },
            "ut",
        ),
        (
            {
                "messages": [
                    {"role": "assistant", "content": []},
                    {
                        "role": "user",
                        "content": [
                            {"type": "tool_result", "content": [{"type": "text", "text": "r"}]},
                            {"type": "tool_result", "content": "s"},
                            {"type": "document", "source": {"type": "text", "data": "d"}},
                            {"type": "document", "source": {"type": "base64", "data": "AAAA"}},
                        ],
                    },
                ]
            },
            "rsd",
        ),
        ({"input": "u"}, "u"),
        (
            {
                "input": [
                    {"role": "user", "content": "old"},
                    {"type": "reasoning", "summary": []},
                    {"type": "function_call", "arguments": "{}"},
                    {"type": "function_call_output", "output": "o"},
                    {"role": "developer", "content": "s"},
                    {"type": "message", "role": "user", "content": [{"text": "u"}]},
                ]
            },
            "uo",
        ),
        (
            {
                "messages": [
                    {"role": "user", "content": "u"},
                    {"role": "assistant", "content": "Sure, here is"},
                ]
            },
            "u",
        ),
        ({"prompt": ["a", "b"]}, "ba"),
        ({"messages": 1, "input": [None, 7]}, ""),
    ],
)
def test_what_is_new(document: dict[str, Any], texts: str) -> None:
    assert "".join(arrived_texts(document)) == texts
