"""Reads a provider's errors and writes a client's.

Shapes: https://platform.openai.com/docs/guides/error-codes, ``ResponseError`` and
``ResponseErrorEvent`` of the ``openai`` SDK.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from extproc.dialects.responses import RESPONSES
from extproc.dialects.translation.form import Failure
from extproc.dialects.translation.responses.wire import dumps

__all__ = [
    "beginning",
    "read_error",
    "response_error",
    "told_failure",
    "write_error",
]

_BEGINNING = 200
_BAD_GATEWAY = 502

_OF_ANTHROPIC = {
    "api_error": "server_error",
    "billing_error": "insufficient_quota",
    "not_found_error": "invalid_request_error",
    "overloaded_error": "server_error",
    "request_too_large": "invalid_request_error",
    "timeout_error": "server_error",
}
"""Anthropic's types that OpenAI has other words for."""

_RATE_LIMITS = frozenset({"rate_limit_error", "rate_limit_exceeded", "insufficient_quota"})
_PROMPTS = frozenset({"invalid_request_error", "not_found_error", "request_too_large"})
_CODES = frozenset(
    {
        "server_error",
        "rate_limit_exceeded",
        "invalid_prompt",
        "data_residency_mismatch",
        "bio_policy",
        "misalignment_policy_violation",
        "vector_store_timeout",
        "invalid_image",
        "invalid_image_format",
        "invalid_base64_image",
        "invalid_image_url",
        "image_too_large",
        "image_too_small",
        "image_parse_error",
        "image_content_policy_violation",
        "invalid_image_mode",
        "image_file_too_large",
        "unsupported_image_media_type",
        "empty_image_file",
        "failed_to_download_image",
        "image_file_not_found",
    }
)
"""Those that a response's error may have."""


def beginning(body: bytes) -> str:
    """The beginning of a body that is no answer, for people; whatever bytes it holds."""
    return body[: 4 * _BEGINNING].decode("utf-8", "replace").strip()[:_BEGINNING]


def _word(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def told_failure(error: object, status: int | None) -> Failure | None:
    """The failure that an ``error`` member tells, None where it tells none."""
    if isinstance(error, str) and error:
        return Failure(error, status)
    if not isinstance(error, dict) or not error:
        return None
    code = error.get("code")
    if isinstance(code, int):
        code = str(code)
    kind, param = _word(error.get("type")), _word(error.get("param"))
    message = _word(error.get("message")) or _word(code) or kind
    return Failure(message or "The provider told no reason.", status, kind, _word(code), param)


def read_error(status: int, body: bytes) -> Failure:
    """The failure in a body of status 400 or more.

    Args:
        status: HTTP's.
        body: of whatever kind; what is not understood is quoted.
    """
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        document = None
    if isinstance(document, dict):
        failure = told_failure(document.get("error"), status)
        message = _word(document.get("message")) or _word(document.get("detail"))
        if failure is not None:
            return failure
        if message is not None:
            return Failure(message, status)
    return Failure(beginning(body) or f"The provider answered {status} without a reason.", status)


def write_error(failure: Failure, request_id: str) -> bytes:  # noqa: ARG001
    """The body of an error for a client.

    Args:
        failure: as the provider told it.
        request_id: goes into a header in this dialect, not into the body.
    """
    kind = failure.kind
    if kind is None:
        kind = RESPONSES.errors.type_of(failure.status or _BAD_GATEWAY)
    error = {
        "message": failure.message,
        "type": _OF_ANTHROPIC.get(kind, kind),
        "param": failure.param,
        "code": failure.code,
    }
    return dumps({"error": error})


def response_error(failure: Failure) -> Mapping[str, Any]:
    """The ``error`` of a response that failed while it was streamed; its codes are a fixed set."""
    words = (failure.code, failure.kind)
    code = next((word for word in words if word in _CODES), None)
    if code is None and (failure.status == 429 or not _RATE_LIMITS.isdisjoint(words)):
        code = "rate_limit_exceeded"
    if code is None and not _PROMPTS.isdisjoint(words):
        code = "invalid_prompt"
    return {"code": code or "server_error", "message": failure.message}
