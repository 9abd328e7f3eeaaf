"""Holds what is written to the openai SDK's types: no unknown member, no missing one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from openai.types.chat import ChatCompletion, ChatCompletionChunk, completion_create_params
from pydantic import BaseModel, ConfigDict, TypeAdapter

_REQUESTS: TypeAdapter[Any] = TypeAdapter(
    list[completion_create_params.CompletionCreateParams], config=ConfigDict(extra="forbid")
)
_BEYOND = {"reasoning_content"}
"""What compatible providers and their clients have beside OpenAI's own."""


def _unknown(value: object, place: str = "") -> Iterable[str]:
    if isinstance(value, BaseModel):
        yield from (f"{place}.{name}" for name in value.model_extra or () if name not in _BEYOND)
        for name in type(value).model_fields:
            yield from _unknown(getattr(value, name), f"{place}.{name}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _unknown(item, f"{place}[{index}]")


def _strictly(kind: type[BaseModel], document: Any) -> Any:
    parsed = kind.model_validate(document, strict=True)
    assert not list(_unknown(parsed))
    return parsed


def completion(document: Any) -> ChatCompletion:
    parsed: ChatCompletion = _strictly(ChatCompletion, document)
    return parsed


def chunk(document: Any) -> ChatCompletionChunk:
    parsed: ChatCompletionChunk = _strictly(ChatCompletionChunk, document)
    return parsed


def _consumed(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _consumed(member) for name, member in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [_consumed(item) for item in value]
    return value


def check_request(document: Any) -> None:
    """Raise for a body that the SDK's parameters do not allow (lists are checked when read)."""
    without = {
        **document,
        "messages": [
            {name: value for name, value in message.items() if name not in _BEYOND}
            for message in document["messages"]
        ],
    }
    _consumed(_REQUESTS.validate_python([without]))
