"""Errors of chat's providers, and for its clients.

Shape: https://platform.openai.com/docs/guides/error-codes. Compatible providers have variants:
``error`` as a string, the members of ``error`` at the top, a list around it all (Gemini), a number
as ``code`` (OpenRouter), or a page of HTML from what stands before them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson

from extproc.dialects.chat import CHAT
from extproc.dialects.translation.chat.json_text import json_bytes
from extproc.dialects.translation.form import Failure

__all__ = ["BAD_GATEWAY", "error_object", "no_answer", "read_error", "told_failure", "write_error"]

_MOST_SHOWN: Final = 200
_LONGEST_MESSAGE: Final = 4_096
BAD_GATEWAY: Final = 502
_TYPES: Final[Mapping[str, str]] = {
    "overloaded_error": "server_error",
    "api_error": "server_error",
    "timeout_error": "server_error",
    "not_found_error": "invalid_request_error",
    "request_too_large": "invalid_request_error",
    "billing_error": "insufficient_quota",
}
"""Anthropic's kinds (https://docs.anthropic.com/en/api/errors) that OpenAI calls otherwise."""
_SHARED: Final = frozenset(
    {
        "authentication_error",
        "insufficient_quota",
        "invalid_request_error",
        "permission_error",
        "rate_limit_error",
        "server_error",
    }
)


def _beginning(data: bytes) -> str:
    text = data[: 4 * _MOST_SHOWN].decode("utf-8", "replace")
    return " ".join(text.split())[:_MOST_SHOWN]


def _word(value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value) or None


def _message(error: Mapping[str, Any]) -> str | None:
    for name in ("message", "detail", "error"):
        value = error.get(name)
        if isinstance(value, str) and value:
            return value[:_LONGEST_MESSAGE]
    return None


def told_failure(document: object, status: int | None) -> Failure | None:
    """The error that a parsed body or event tells, None where it tells none.

    Args:
        document: what was parsed.
        status: HTTP's, None inside a stream.
    """
    if isinstance(document, list) and document:
        document = document[0]
    if not isinstance(document, dict):
        return None
    given = document.get("error")
    error = given if isinstance(given, dict) else document
    message = _message(error)
    if message is None:
        return None
    return Failure(
        message,
        status,
        _word(error.get("type")),
        _word(error.get("code")),
        _word(error.get("param")),
    )


def read_error(status: int, body: bytes) -> Failure:
    """A provider's error, see ``Translator.read_error``."""
    try:
        failure = told_failure(orjson.loads(body), status)
    except orjson.JSONDecodeError:
        failure = None
    if failure is not None:
        return failure
    shown = _beginning(body)
    if not shown:
        return Failure(f"The provider answered with status {status} and without a body.", status)
    return Failure(f"The provider answered with status {status}: {shown}", status)


def no_answer(data: bytes, status: int | None = BAD_GATEWAY) -> Failure:
    """The failure of a provider that sends what is no answer of chat's."""
    return Failure(
        f"The provider's answer is no chat completion. It begins: {_beginning(data)}", status
    )


def error_object(failure: Failure) -> dict[str, Any]:
    """An error as OpenAI's SDK expects it, under ``error`` in a body or an event.

    What the provider called it stays as the code where OpenAI has another word and it had no code.
    """
    kind, code = failure.kind, failure.code
    if kind in _SHARED:
        written = str(kind)
    elif kind in _TYPES:
        written = _TYPES[str(kind)]
        code = code or kind
    else:
        written = CHAT.errors.type_of(failure.status or BAD_GATEWAY)
    return {
        "error": {
            "message": failure.message,
            "type": written,
            "param": failure.param,
            "code": code,
        }
    }


def write_error(failure: Failure, _request_id: str) -> bytes:
    """An error's body, see ``Translator.write_error``; OpenAI tells the request's id in a header
    only."""
    return json_bytes(error_object(failure))
