"""What a request's tools are called."""

from __future__ import annotations

from typing import Any

import pytest

from extproc.dialects.tools import MOST_TOOLS, tool_names


@pytest.mark.parametrize(
    ("document", "names"),
    [
        ({"tools": [{"type": "function", "function": {"name": "get_weather"}}]}, ("get_weather",)),
        ({"tools": [{"type": "custom", "custom": {"name": "patch"}}]}, ("patch",)),
        ({"tools": [{"name": "Bash", "input_schema": {}}, {"name": "Edit"}]}, ("Bash", "Edit")),
        ({"tools": [{"type": "bash_20250124", "name": "bash"}]}, ("bash",)),
        ({"tools": [{"type": "function", "name": "shell"}]}, ("shell",)),
        (
            {"tools": [{"type": "web_search"}, {"type": "local_shell"}]},
            ("web_search", "local_shell"),
        ),
        ({"functions": [{"name": "older"}]}, ("older",)),
        ({}, ()),
        ({"tools": None}, ()),
        ({"tools": "Bash"}, ()),
        ({"tools": [7, None, "Bash", {}, {"name": ""}, {"name": 3}, {"function": "x"}]}, ()),
    ],
)
def test_names_in_every_dialect(document: dict[str, Any], names: tuple[str, ...]) -> None:
    assert tool_names(document) == names


def test_of_many_the_first() -> None:
    names = tool_names({"tools": [{"name": f"t{number}"} for number in range(1000)]})
    assert names == tuple(f"t{number}" for number in range(MOST_TOOLS))
