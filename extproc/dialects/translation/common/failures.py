"""Errors of providers, read; and the words in which OpenAI's dialects tell them.

Sources: https://platform.openai.com/docs/guides/error-codes,
https://docs.anthropic.com/en/api/errors. Compatible providers have variants: ``error`` as a string,
the members of ``error`` at the top, a list around it all (Gemini), a number as ``code``
(OpenRouter), or a page of HTML from what stands before them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from extproc.dialects.chat import CHAT
from extproc.dialects.translation.form import Failure

__all__ = [
    "BAD_GATEWAY",
    "UNEXPLAINED",
    "no_answer",
    "openai_error",
    "read_error",
    "told_failure",
]

BAD_GATEWAY = 502
UNEXPLAINED = "The provider told no reason."
_MOST_SHOWN = 200
_LONGEST_MESSAGE = 4_096
_TYPES: Mapping[str, str] = {
    "api_error": "server_error",
    "billing_error": "insufficient_quota",
    "not_found_error": "invalid_request_error",
    "overloaded_error": "server_error",
    "request_too_large": "invalid_request_error",
    "timeout_error": "server_error",
}
"""Anthropic's kinds that OpenAI calls otherwise."""
_SHARED = frozenset(
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
    """The beginning of what is no answer, on one line, for people; whatever bytes it holds."""
    text = data[: 4 * _MOST_SHOWN].decode("utf-8", "replace")
    return " ".join(text.split())[:_MOST_SHOWN]


def no_answer(data: bytes, status: int | None = BAD_GATEWAY) -> Failure:
    """The failure of a provider that sends what is no answer of its dialect."""
    shown = _beginning(data)
    said = f"is none of its API. It begins: {shown}" if shown else "is empty."
    return Failure(f"The provider's answer {said}"[:_MOST_SHOWN], status)


def _word(value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value)[:_LONGEST_MESSAGE] or None


def _failure(error: Mapping[str, Any], status: int | None) -> Failure:
    kind, code = _word(error.get("type")), _word(error.get("code"))
    message = _message(error) or code or kind or UNEXPLAINED
    return Failure(message, status, kind, code, _word(error.get("param")))


def _message(error: Mapping[str, Any]) -> str | None:
    for name in ("message", "detail"):
        value = error.get(name)
        if isinstance(value, str) and value:
            return value[:_LONGEST_MESSAGE]
    return None


def told_failure(document: object, status: int | None) -> Failure | None:
    """The failure that the member ``error`` of a parsed body or event tells, None without one.

    Args:
        document: what was parsed.
        status: HTTP's, None inside a stream.
    """
    if isinstance(document, list) and document:
        document = document[0]
    error = document.get("error") if isinstance(document, dict) else None
    if isinstance(error, str) and error:
        return Failure(error[:_LONGEST_MESSAGE], status)
    return _failure(error, status) if isinstance(error, dict) and error else None


def read_error(status: int, body: bytes) -> Failure:
    """The failure in a body of status 400 or more, see ``Translator.read_error``; what is not
    understood is quoted."""
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        document = None
    failure = told_failure(document, status)
    if failure is not None:
        return failure
    if isinstance(document, dict) and _message(document):
        return _failure(document, status)
    shown = _beginning(body)
    said = f"The provider answered with status {status}{f': {shown}' if shown else ' and no body.'}"
    return Failure(said[:_MOST_SHOWN], status)


def openai_error(failure: Failure) -> dict[str, Any]:
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
