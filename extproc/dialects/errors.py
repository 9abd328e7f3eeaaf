"""How each dialect says that a request failed.

Shapes: https://platform.openai.com/docs/guides/error-codes (chat and responses share one),
https://docs.anthropic.com/en/api/errors (messages).
"""

from __future__ import annotations

import orjson

from extproc.core.models import Dialect
from extproc.errors import ClientError

__all__ = ["error_body", "error_type"]

_OPENAI_TYPES = {
    401: "authentication_error",
    403: "permission_error",
    429: "rate_limit_error",
}
_ANTHROPIC_TYPES = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    504: "timeout_error",
    529: "overloaded_error",
}


def error_type(dialect: Dialect, status: int) -> str:
    """The dialect's word for the kind of error that an HTTP status stands for."""
    if dialect is Dialect.MESSAGES:
        fallback = "invalid_request_error" if status < 500 else "api_error"
        return _ANTHROPIC_TYPES.get(status, fallback)
    return _OPENAI_TYPES.get(status, "invalid_request_error" if status < 500 else "server_error")


def error_body(dialect: Dialect, error: ClientError) -> bytes:
    """The JSON body of an error, as the dialect's own SDK expects it."""
    kind = error_type(dialect, error.status)
    if dialect is Dialect.MESSAGES:
        return orjson.dumps({"type": "error", "error": {"type": kind, "message": error.message}})
    return orjson.dumps(
        {
            "error": {
                "message": error.message,
                "type": kind,
                "param": error.param,
                "code": error.code,
            }
        }
    )
