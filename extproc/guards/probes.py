"""A text of a stream as an event that holds nothing else, for guards that read whole messages.

What they are shown has the form of the client's dialect, and they give it back in that form.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple, TypeAlias

from extproc.core.encodable import encodable
from extproc.core.models import Dialect
from extproc.guards.guard import GuardError, TextKind

__all__ = ["Probe", "probe_for"]

Steps: TypeAlias = tuple[str | int, ...]


class Probe(NamedTuple):
    """An event around a text: what it says beside it, and where the text stands in it."""

    event: Mapping[str, Any]
    place: Steps

    def holding(self, text: str) -> dict[str, Any]:
        """The event with this text."""
        event: dict[str, Any] = _with(self.event, self.place, encodable(text))
        return event

    def text_of(self, event: Any) -> str:
        """The text of such an event that a guard gave back.

        Raises:
            GuardError: it has none.
        """
        found = event
        for step in self.place:
            try:
                found = found[step]
            except (LookupError, TypeError):
                raise GuardError("malformed", "the event that came back has no text") from None
        if not isinstance(found, str):
            raise GuardError("malformed", "the text that came back is none")
        return found


def _with(value: Any, place: Steps, text: str) -> Any:
    if not place:
        return text
    step, *rest = place
    if isinstance(step, int):
        return [_with(each, tuple(rest), text) for each in value]
    return {**value, step: _with(value[step], tuple(rest), text)}


def _chat(delta: Mapping[str, Any], *place: str | int) -> Probe:
    choice = {"index": 0, "delta": delta, "finish_reason": None}
    event = {"object": "chat.completion.chunk", "choices": [choice]}
    return Probe(event, ("choices", 0, "delta", *place))


def _messages(kind: str, member: str) -> Probe:
    delta = {"type": kind, member: ""}
    event = {"type": "content_block_delta", "index": 0, "delta": delta}
    return Probe(event, ("delta", member))


def _responses(kind: str) -> Probe:
    event = {"type": kind, "output_index": 0, "content_index": 0, "delta": ""}
    return Probe(event, ("delta",))


_CALL: Final = {"index": 0, "function": {"arguments": ""}}
_PROBES: Final[Mapping[tuple[Dialect, TextKind], Probe]] = MappingProxyType(
    {
        (Dialect.CHAT, TextKind.TEXT): _chat({"content": ""}, "content"),
        (Dialect.CHAT, TextKind.REASONING): _chat({"reasoning_content": ""}, "reasoning_content"),
        (Dialect.CHAT, TextKind.ARGUMENTS): _chat(
            {"tool_calls": [_CALL]}, "tool_calls", 0, "function", "arguments"
        ),
        (Dialect.MESSAGES, TextKind.TEXT): _messages("text_delta", "text"),
        (Dialect.MESSAGES, TextKind.REASONING): _messages("thinking_delta", "thinking"),
        (Dialect.MESSAGES, TextKind.ARGUMENTS): _messages("input_json_delta", "partial_json"),
        (Dialect.RESPONSES, TextKind.TEXT): _responses("response.output_text.delta"),
        (Dialect.RESPONSES, TextKind.REASONING): _responses("response.reasoning_text.delta"),
        (Dialect.RESPONSES, TextKind.ARGUMENTS): _responses(
            "response.function_call_arguments.delta"
        ),
    }
)


def probe_for(dialect: Dialect, kind: TextKind) -> Probe:
    """The event for a text of this kind in a stream of this dialect."""
    return _PROBES[dialect, kind]
