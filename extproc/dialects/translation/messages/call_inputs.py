"""The input of a tool call of the history, where the model wrote it as JSON text."""

from __future__ import annotations

import orjson

from extproc.core.models import Dialect
from extproc.dialects.malformed import invalid
from extproc.dialects.translation.form import ToolCall, Turn

__all__ = ["call_input"]


def _call_place(turn: Turn, index: int, dialect: Dialect) -> str:
    if dialect is Dialect.CHAT:
        earlier = sum(isinstance(part, ToolCall) for part in turn.parts[:index])
        return f"{turn.path}.tool_calls[{earlier}].function.arguments"
    if dialect is Dialect.MESSAGES:
        return f"{turn.path}.content[{index}].input"
    return f"{turn.path}.arguments"


def call_input(call: ToolCall, turn: Turn, index: int, dialect: Dialect) -> object:
    """A call's input, ready to be written.

    Its text goes out as it is: numbers keep their spelling, members their order.

    Args:
        call: the ``index``-th part of ``turn``.
        dialect: the client's.

    Raises:
        ClientError: the arguments are no JSON object (400): input is never made up.
    """
    if not call.arguments.strip():
        return {}
    try:
        value = orjson.loads(call.arguments)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise invalid(_call_place(turn, index, dialect), "must be the JSON text of an object")
    return orjson.Fragment(call.arguments)
