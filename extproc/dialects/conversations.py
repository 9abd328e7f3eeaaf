"""The conversation inside a request body, per dialect.

Only what people and models said to each other counts: system prompts, tool calls and their results,
images and audio are left out, for they would steer the classifier away from the user's intent.

Shapes: https://platform.openai.com/docs/api-reference/chat/create,
https://docs.anthropic.com/en/api/messages,
https://platform.openai.com/docs/api-reference/responses/create.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, TypeGuard

from extproc.core.conversation import Conversation, Turn
from extproc.core.models import Dialect
from extproc.errors import ClientError

__all__ = ["conversation_of"]

_TEXT_PARTS = frozenset({"text", "input_text", "output_text"})


def _is_speaker(role: object) -> TypeGuard[Literal["user", "assistant"]]:
    return role in ("user", "assistant")


def _text(content: object) -> str:
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
            raise ClientError(
                400, f"{param}[{index}] must be an object.", param=f"{param}[{index}]"
            )
        role = item.get("role")
        if not _is_speaker(role):
            continue
        text = _text(item.get("content"))
        if text.strip():
            yield Turn(role, text)


def _listed(document: Mapping[str, Any], param: str) -> Conversation:
    messages = document.get(param)
    if messages is None:
        raise ClientError(400, f"Missing required parameter: '{param}'.", param=param)
    if not isinstance(messages, list):
        raise ClientError(400, f"'{param}' must be an array of objects.", param=param)
    return tuple(_turns(messages, param))


def _responses_input(document: Mapping[str, Any]) -> Conversation:
    given = document.get("input")
    if given is None and any(document.get(key) for key in ("prompt", "previous_response_id")):
        return ()
    if isinstance(given, str):
        return (Turn("user", given),) if given.strip() else ()
    if given is not None and not isinstance(given, list):
        raise ClientError(400, "'input' must be a string or an array of objects.", param="input")
    return _listed(document, "input")


def conversation_of(dialect: Dialect, document: Mapping[str, Any]) -> Conversation:
    """The turns of a request, oldest first; empty when nothing was said in words.

    Args:
        dialect: the dialect of the body.
        document: the parsed body.

    Raises:
        ClientError: ``messages`` or ``input`` is missing or of the wrong type (400).
    """
    if dialect is Dialect.RESPONSES:
        return _responses_input(document)
    return _listed(document, "messages")
