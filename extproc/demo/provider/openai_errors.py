"""Errors as OpenAI words them, in both of its dialects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from extproc.demo.provider import failures
from extproc.demo.provider.behaviour import Behaviour
from extproc.demo.provider.complaint import Complaint

__all__ = ["commanded", "error", "error_object"]

_TYPE_AND_CODE: Mapping[int, tuple[str, str | None]] = {
    401: ("invalid_request_error", "invalid_api_key"),
    404: ("invalid_request_error", "not_found"),
    429: ("requests", "rate_limit_exceeded"),
}


def error_object(complaint: Complaint) -> dict[str, Any]:
    """An error as an object, for bodies and for events."""
    fallback = "server_error" if complaint.status >= 500 else "invalid_request_error"
    kind, code = _TYPE_AND_CODE.get(complaint.status, (fallback, None))
    if complaint.type is not None:
        kind, code = complaint.type, complaint.code
    return {
        "error": {
            "message": complaint.message,
            "type": kind,
            "param": complaint.param,
            "code": code,
        }
    }


def commanded(behaviour: Behaviour) -> Complaint:
    """The error that a behaviour asks for."""
    return failures.commanded(behaviour, anthropic=False)


def error(complaint: Complaint) -> bytes:
    """The body of an error response."""
    return orjson.dumps(error_object(complaint))
