"""Turns in a list of messages, which is how requests carry a conversation.

Only what people and models said to each other counts: system prompts, tool calls and their results,
images and audio are left out, for they would steer the classifier away from the user's intent.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal, TypeGuard

from extproc.core.conversation import Conversation, Turn
from extproc.core.faults import Fault
from extproc.dialects.dialect import Json
from extproc.dialects.malformed import invalid, missing
from extproc.errors import ClientError

__all__ = ["listed_turns", "text_of"]

_TEXT_PARTS = frozenset({"text", "input_text", "output_text"})


def _is_speaker(role: object) -> TypeGuard[Literal["user", "assistant"]]:
    return role in ("user", "assistant")


def text_of(content: object) -> str:
    """The text of a message's ``content``: a string, or the text parts of an array, line by line.

    What is neither, and what has no text, is the empty string.
    """
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    return "\n".join(
        part["text"]
        for part in content
        if isinstance(part, dict)
        and isinstance(part.get("type"), str)
        and part["type"] in _TEXT_PARTS
        and isinstance(part.get("text"), str)
    )


def _turns(items: Sequence[Any], param: str) -> Iterator[Turn]:
    for index, item in enumerate(items):
        if not isinstance(item, dict):
            place = f"{param}[{index}]"
            raise ClientError(
                400, f"{place} must be an object.", param=place, reason=Fault.INVALID_PARAMETER
            )
        role = item.get("role")
        if not _is_speaker(role):
            continue
        text = text_of(item.get("content"))
        if text and not text.isspace():
            yield Turn(role, text)


def listed_turns(document: Json, param: str) -> Conversation:
    """The turns of a body that lists its messages in the member ``param``.

    Raises:
        ClientError: the member is missing, or is no array of objects (400).
    """
    messages = document.get(param)
    if messages is None:
        raise missing(param)
    if not isinstance(messages, list):
        raise invalid(param, "must be an array of objects")
    return tuple(_turns(messages, param))
