"""Errors as OpenAI words them, in both of its dialects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

__all__ = ["error", "error_object"]

_TYPE_AND_CODE: Mapping[int, tuple[str, str | None]] = {
    401: ("invalid_request_error", "invalid_api_key"),
    404: ("invalid_request_error", "not_found"),
    429: ("requests", "rate_limit_exceeded"),
}


def error_object(status: int, message: str) -> dict[str, Any]:
    """An error as an object, for bodies and for events."""
    fallback = "server_error" if status >= 500 else "invalid_request_error"
    kind, code = _TYPE_AND_CODE.get(status, (fallback, None))
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def error(status: int, message: str) -> bytes:
    """The body of an error response."""
    return orjson.dumps(error_object(status, message))
