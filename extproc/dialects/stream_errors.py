"""The event that ends a stream with an error, as each dialect's SDK expects it.

Chat completions: an event whose data is the error, as OpenAI's own and those of its kind send it.
Messages: https://platform.claude.com/docs/en/build-with-claude/streaming#error-events. Responses:
https://platform.openai.com/docs/api-reference/responses-streaming/error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import orjson

from extproc.core.models import Dialect
from extproc.dialects.errors import error_body
from extproc.errors import ClientError

__all__ = ["error_event"]


def error_event(dialect: Dialect, error: ClientError, number: int = 0) -> bytes:
    """The last event of a stream that ends with an error.

    Args:
        dialect: the client's.
        error: what is wrong.
        number: what comes next in a stream whose events are numbered.
    """
    return _EVENTS[dialect](error, number)


def _chat(error: ClientError, _: int) -> bytes:
    return b"data: %b\n\ndata: [DONE]\n\n" % error_body(Dialect.CHAT, error)


def _messages(error: ClientError, _: int) -> bytes:
    return b"event: error\ndata: %b\n\n" % error_body(Dialect.MESSAGES, error)


def _responses(error: ClientError, number: int) -> bytes:
    event = {
        "type": "error",
        "sequence_number": number,
        "code": error.code,
        "message": error.message,
        "param": error.param,
    }
    return b"event: error\ndata: %b\n\n" % orjson.dumps(event)


_EVENTS: Final[Mapping[Dialect, Callable[[ClientError, int], bytes]]] = MappingProxyType(
    {Dialect.CHAT: _chat, Dialect.MESSAGES: _messages, Dialect.RESPONSES: _responses}
)
