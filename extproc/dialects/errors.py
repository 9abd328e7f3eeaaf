"""How each dialect says that a request failed.

Shapes: https://platform.openai.com/docs/guides/error-codes (chat and responses share one),
https://docs.anthropic.com/en/api/errors (messages).
"""

from __future__ import annotations

import orjson

from extproc.config.values import Dialect

__all__ = ["ClientError", "error_body", "error_type"]

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


class ClientError(Exception):
    """An answer that the person behind the client can act upon.

    Args:
        status: the HTTP status.
        message: what is wrong, and where.
        code: a token for programs, and for the access log; only OpenAI's errors carry it.
        param: the member of the body that is wrong; only OpenAI's errors carry it.
    """

    def __init__(
        self, status: int, message: str, code: str | None = None, param: str | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.param = param


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
