"""``${NAME:-default}`` and ``${NAME-default}``, as shells have them.

Each becomes ``${NAME}`` where the variable has a value, and else what stands behind the sign, as if
that were written alone. So what is said of variables and of written values holds of these as well.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import yaml

__all__ = ["with_defaults"]

_INNERMOST: Final = re.compile(
    r"(?P<escape>\$\$\{)|"
    r"\$\{(?P<name>[A-Za-z_]\w*)(?P<sign>:?-)(?P<default>(?:[^{}]|\$\{[A-Za-z_]\w*\})*)\}",
    re.ASCII,
)
"""One whose default holds plain references at most. Of ``$${``, nothing is to be replaced."""


def with_defaults(value: Any, environ: Mapping[str, str]) -> Any:
    """``value`` without defaults in its strings, however deep they lie.

    A default that is all of a string is a number, or true or false, where it looks like one.

    Args:
        value: what a file holds.
        environ: the environment. With ``:-``, a variable that is empty has no value.
    """
    return _settled(value, environ, {})


def _settled(value: Any, environ: Mapping[str, str], known: dict[int, Any]) -> Any:
    """``known`` has what was made of lists and mappings so far: YAML's aliases make them shared, so
    that a short file can hold more of them than there is time for."""
    if isinstance(value, str):
        return _without_defaults(value, environ)
    if not isinstance(value, dict | list):
        return value
    if id(value) not in known:
        known[id(value)] = (
            {key: _settled(item, environ, known) for key, item in value.items()}
            if isinstance(value, dict)
            else [_settled(item, environ, known) for item in value]
        )
    return known[id(value)]


def _without_defaults(text: str, environ: Mapping[str, str]) -> Any:
    def settled(found: re.Match[str]) -> str:
        if found["escape"]:
            return found[0]
        value = environ.get(found["name"])
        has_one = value is not None if found["sign"] == "-" else bool(value)
        return f"${{{found['name']}}}" if has_one else found["default"]

    replaced = text
    while (after := _INNERMOST.sub(settled, replaced)) != replaced:
        replaced = after
    is_a_default = replaced != text and _spans(text)
    return _scalar(replaced) if is_a_default else replaced


def _spans(text: str) -> bool:
    """Whether a reference with a default is all of a text: its braces close at the end alone."""
    depth = 0
    for place, character in enumerate(text):
        depth += (character == "{") - (character == "}")
        if depth == 0 and place not in (0, len(text) - 1):
            return False
    return text.startswith("${")


def _scalar(text: str) -> Any:
    try:
        value = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError):
        return text
    return value if isinstance(value, int | float) else text
