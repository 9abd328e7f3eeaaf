"""Envoy's side of a processor: the messages it says, and the answers it hears."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from extproc.transport.wire import Message, ProcessingRequest, ProcessingResponse

__all__ = [
    "Envoy",
    "changed",
    "removed",
    "request_body",
    "request_headers",
    "response_body",
    "response_headers",
    "set_by",
]


class Envoy:
    """Says what it was told to say, then waits or ends the stream, and listens."""

    def __init__(self, *messages: Mapping[str, Any], waits: bool = False) -> None:
        self._messages = [ProcessingRequest(**message) for message in messages]
        self._waits = waits
        self.heard: list[Message] = []

    @property
    def unsaid(self) -> int:
        return len(self._messages)

    async def read(self) -> Message | None:
        if self._messages:
            return self._messages.pop(0)
        if self._waits:
            await asyncio.Event().wait()
        return None

    async def write(self, response: bytes) -> None:
        self.heard.append(ProcessingResponse.FromString(response))


def _headers(kind: str, values: Mapping[str, str], ends: bool) -> dict[str, Any]:
    listed = [{"key": name, "raw_value": value.encode()} for name, value in values.items()]
    return {kind: {"headers": {"headers": listed}, "end_of_stream": ends}}


def request_headers(values: Mapping[str, str], *, ends: bool = False) -> dict[str, Any]:
    return _headers("request_headers", values, ends)


def response_headers(values: Mapping[str, str], *, ends: bool = False) -> dict[str, Any]:
    return _headers("response_headers", values, ends)


def request_body(data: bytes, *, ends: bool = True) -> dict[str, Any]:
    return {"request_body": {"body": data, "end_of_stream": ends}}


def response_body(data: bytes, *, ends: bool = False) -> dict[str, Any]:
    return {"response_body": {"body": data, "end_of_stream": ends}}


def set_by(mutation: Message) -> dict[str, str]:
    return {option.header.key: option.header.raw_value.decode() for option in mutation.set_headers}


def changed(answer: Message) -> dict[str, str]:
    """The headers of the request that an answer sets."""
    return set_by(answer.request_headers.response.header_mutation)


def removed(answer: Message) -> list[str]:
    """The headers of the request that an answer removes."""
    return list(answer.request_headers.response.header_mutation.remove_headers)
