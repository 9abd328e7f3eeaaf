"""Reads a whole answer of a chat provider.

Shape: https://platform.openai.com/docs/api-reference/chat/object, with what compatible providers
add: ``reasoning_content`` or ``reasoning`` for what the model thought, and Mistral's content in
parts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson

from extproc.dialects.translation.chat.stops import read_stop
from extproc.dialects.translation.chat.usage import read_usage
from extproc.dialects.translation.common.failures import BAD_GATEWAY, no_answer, told_failure
from extproc.dialects.translation.events import PartKind
from extproc.dialects.translation.form import (
    Answer,
    AnswerPart,
    Failure,
    Reasoning,
    Refusal,
    Text,
    ToolCall,
)

__all__ = ["read_answer", "read_time", "said"]

_ERRORS: Final = range(400, 600)
_END_OF_TIME: Final = 2**53


def _texts(content: object) -> str:
    """The texts of a list of parts, which thoughts are, too, at Mistral's."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    texts = (part.get("text") for part in content if isinstance(part, dict))
    return "".join(text for text in texts if isinstance(text, str))


def said(message: Mapping[str, Any]) -> Iterator[tuple[PartKind, str]]:
    """What a message, or a delta of one, says in words: thoughts first, nothing that is empty."""
    thought = message.get("reasoning_content") or message.get("reasoning")
    if isinstance(thought, str) and thought:
        yield PartKind.REASONING, thought
    content = message.get("content")
    if isinstance(content, str):
        if content:
            yield PartKind.TEXT, content
    elif isinstance(content, list):
        for part in content:
            if not isinstance(part, dict):
                continue
            thinks = part.get("type") == "thinking"
            text = _texts(part.get("thinking") if thinks else part.get("text"))
            if text:
                yield PartKind.REASONING if thinks else PartKind.TEXT, text
    refusal = message.get("refusal")
    if isinstance(refusal, str) and refusal:
        yield PartKind.REFUSAL, refusal


def read_time(document: Mapping[str, Any]) -> int | None:
    """When an answer was begun, in seconds since the epoch; some providers tell fractions."""
    created = document.get("created")
    if isinstance(created, bool) or not isinstance(created, int | float):
        return None
    return int(created) if 0 < created < _END_OF_TIME else None


_PARTS: Final = {PartKind.REASONING: Reasoning, PartKind.TEXT: Text, PartKind.REFUSAL: Refusal}


def _arguments(given: object) -> str:
    """The JSON text of a call's arguments, which Ollama tells as an object."""
    if isinstance(given, str):
        return given
    try:
        return orjson.dumps(given).decode() if isinstance(given, dict) else ""
    except orjson.JSONEncodeError:
        return ""


def _call(given: object, call_id: object) -> ToolCall | None:
    name = given.get("name") if isinstance(given, dict) else None
    if not isinstance(given, dict) or not isinstance(name, str) or not name:
        return None
    # Writers make up an id where there is none.
    known = call_id if isinstance(call_id, str) else ""
    return ToolCall(known, name, _arguments(given.get("arguments")))


def _calls(message: Mapping[str, Any]) -> Iterator[ToolCall]:
    listed = message.get("tool_calls")
    for given in listed if isinstance(listed, list) else ():
        if isinstance(given, dict):
            call = _call(given.get("function"), given.get("id"))
            if call is not None:
                yield call
    old = _call(message.get("function_call"), None)
    if old is not None and not listed:
        yield old


def _first_choice(document: Mapping[str, Any]) -> Mapping[str, Any] | None:
    choices = document.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    return choice if isinstance(choice, dict) else None


def _status(document: Mapping[str, Any]) -> int:
    """The status of an error that came with status 200: OpenRouter tells it as the code."""
    error = document.get("error")
    code = error.get("code") if isinstance(error, dict) else None
    return code if isinstance(code, int) and code in _ERRORS else BAD_GATEWAY


def _string(document: Mapping[str, Any], name: str) -> str | None:
    value = document.get(name)
    return value if isinstance(value, str) else None


def read_answer(body: bytes) -> Answer | Failure:
    """A whole answer, or the failure that the body tells, see ``Translator.read_answer``."""
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        return no_answer(body)
    if not isinstance(document, dict):
        return no_answer(body)
    if document.get("error"):
        return told_failure(document, _status(document)) or no_answer(body)
    choice = _first_choice(document)
    message = None if choice is None else choice.get("message")
    if choice is None or not isinstance(message, dict):
        return no_answer(body)
    parts: list[AnswerPart] = [_PARTS[kind](text) for kind, text in said(message)]
    calls = list(_calls(message))
    return Answer(
        id=_string(document, "id") or "",
        parts=(*parts, *calls),
        stop=read_stop(choice.get("finish_reason"), called=bool(calls)),
        usage=read_usage(document.get("usage")),
        created=read_time(document),
        service_tier=_string(document, "service_tier"),
    )
