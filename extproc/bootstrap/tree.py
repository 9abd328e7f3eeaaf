"""Messages as plain values, which Envoy reads from a file."""

from __future__ import annotations

from typing import Any, TypeAlias

import msgspec

from extproc.envoy_api.messages import Message

__all__ = ["Tree", "tree"]

Tree: TypeAlias = dict[str, Any]


def tree(message: Message) -> Tree:
    """A message as plain values, its fields named as in Envoy's documentation.

    The values are those of protobuf's JSON (https://protobuf.dev/programming-guides/json/), but for
    long integers, which are numbers. What has its default is left out. No two values are one, so
    YAML needs no anchors.
    """
    plain: Tree = msgspec.to_builtins(message)
    return plain
