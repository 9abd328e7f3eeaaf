"""Errors for clients of responses.

Shapes: https://platform.openai.com/docs/guides/error-codes, ``ResponseError`` and
``ResponseErrorEvent`` of the ``openai`` SDK.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from extproc.dialects.translation.common.failures import openai_error
from extproc.dialects.translation.common.json_text import json_bytes
from extproc.dialects.translation.form import Failure

__all__ = ["response_error", "write_error"]

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


def write_error(failure: Failure, request_id: str) -> bytes:  # noqa: ARG001
    """The body of an error for a client.

    Args:
        failure: as the provider told it.
        request_id: goes into a header in this dialect, not into the body.
    """
    return json_bytes(openai_error(failure))


def response_error(failure: Failure) -> Mapping[str, Any]:
    """The ``error`` of a response that failed while it was streamed; its codes are a fixed set."""
    words = (failure.code, failure.kind)
    code = next((word for word in words if word in _CODES), None)
    if code is None and (failure.status == 429 or not _RATE_LIMITS.isdisjoint(words)):
        code = "rate_limit_exceeded"
    if code is None and not _PROMPTS.isdisjoint(words):
        code = "invalid_prompt"
    return {"code": code or "server_error", "message": failure.message}
