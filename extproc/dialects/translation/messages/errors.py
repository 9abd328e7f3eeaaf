"""Errors for clients of Anthropic's dialect.

Shapes: ``anthropic.types.shared.ErrorResponse``, https://docs.anthropic.com/en/api/errors.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from extproc.dialects.messages import MESSAGES
from extproc.dialects.translation.common.json_text import json_bytes
from extproc.dialects.translation.form import Failure

__all__ = ["error_object", "write_error"]

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
    return json_bytes({**error_object(failure), "request_id": request_id or None})
