"""Errors in Anthropic's dialect, read and written.

Shapes: ``anthropic.types.shared.ErrorResponse``, https://docs.anthropic.com/en/api/errors.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from extproc.dialects.messages import MESSAGES
from extproc.dialects.translation.form import Failure
from extproc.dialects.translation.messages.jsons import dumps

__all__ = ["error_object", "no_answer", "read_error", "told_failure", "write_error"]

_LONGEST_BEGINNING = 200
_NO_ANSWER = 502
_OWN_TYPES = frozenset(
    {
        "api_error",
        "authentication_error",
        "billing_error",
        "invalid_request_error",
        "not_found_error",
        "overloaded_error",
        "permission_error",
        "rate_limit_error",
        "request_too_large",
        "timeout_error",
    }
)
_SHARED_TYPES = frozenset(
    {
        "authentication_error",
        "invalid_request_error",
        "permission_error",
        "rate_limit_error",
    }
)
"""OpenAI's words too, for more than Anthropic means by them: a status says it better."""
_OPENAI_WORDS = {
    "insufficient_quota": "billing_error",
    "invalid_prompt": "invalid_request_error",
    "rate_limit_exceeded": "rate_limit_error",
    "requests": "rate_limit_error",
    "slow_down": "overloaded_error",
    "tokens": "rate_limit_error",
}
"""What OpenAI says in a stream, where no status tells."""
_UNKNOWN = "api_error"


def _beginning(body: bytes) -> str:
    text = body[: _LONGEST_BEGINNING * 4].decode(errors="replace")
    return " ".join(text.split())[:_LONGEST_BEGINNING]


def no_answer(body: bytes, status: int = _NO_ANSWER) -> Failure:
    """The failure that bytes are which are nothing of the dialect's."""
    beginning = _beginning(body)
    return Failure(beginning or "The provider sent an empty body.", status)


def _word(holder: Mapping[str, Any], name: str) -> str | None:
    value = holder.get(name)
    return value if isinstance(value, str) and value else None


def told_failure(document: Mapping[str, Any], status: int | None) -> Failure | None:
    """The failure that a parsed body or event tells, None where it tells none.

    Anthropic's envelope, and what gateways in front of it send: ``error`` as a string.
    """
    error = document.get("error")
    if isinstance(error, str) and error:
        return Failure(error, status)
    if not isinstance(error, dict):
        if document.get("type") != "error":
            return None
        error = {}
    kind = _word(error, "type")
    message = _word(error, "message") or kind or "The provider told an error without a message."
    return Failure(message, status, kind, _word(error, "code"), _word(error, "param"))


def read_error(status: int, body: bytes) -> Failure:
    """What a body of status 400 or more tells; where it is nothing of the dialect's, its text's
    beginning.

    Args:
        status: HTTP's.
        body: whatever came.
    """
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        return no_answer(body, status)
    failure = told_failure(document, status) if isinstance(document, dict) else None
    return no_answer(body, status) if failure is None else failure


def _kind(failure: Failure) -> str:
    kind = failure.kind
    if failure.status is not None:
        if kind is not None and kind in _OWN_TYPES - _SHARED_TYPES:
            return kind
        return MESSAGES.errors.type_of(failure.status)
    if kind is not None and kind in _OWN_TYPES:
        return kind
    for word in (failure.kind, failure.code):
        if word is not None and word in _OPENAI_WORDS:
            return _OPENAI_WORDS[word]
    return _UNKNOWN


def error_object(failure: Failure) -> Mapping[str, Any]:
    """A failure as a client is told of it, without an id."""
    return {"type": "error", "error": {"type": _kind(failure), "message": failure.message}}


def write_error(failure: Failure, request_id: str) -> bytes:
    """The body of an error for a client.

    Args:
        failure: what a provider told.
        request_id: the request's id, repeated in the body as Anthropic does.
    """
    return dumps({**error_object(failure), "request_id": request_id or None})
