"""Messages as plain values, which Envoy reads from a file, and templates of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import betterproto2

__all__ = ["Holes", "Tree", "filled", "tree"]

Holes: TypeAlias = Mapping[str | int, str | int]
"""By what stands in a template, what is to stand in its place."""

Tree: TypeAlias = dict[str, Any]


def tree(message: betterproto2.Message) -> Tree:
    """A message as plain values, its fields named as in Envoy's documentation."""
    plain: Tree = message.to_dict(casing=betterproto2.Casing.SNAKE)
    return plain


def filled(template: Tree, values: Holes) -> Tree:
    """A copy of the template that has, wherever one of these keys is a value, what it stands for.

    Args:
        template: a message as plain values. No two copies share anything, so YAML needs no anchors.
        values: by what stands in the template, what is to stand in the copy.
    """
    copy: Tree = _filled(template, values)
    return copy


def _filled(value: Any, values: Holes) -> Any:
    if isinstance(value, dict):
        return {key: _filled(inner, values) for key, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, values) for inner in value]
    return values.get(value, value)
