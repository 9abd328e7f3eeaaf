"""How OpenAI says that a request failed, in both of its dialects.

Shape: https://platform.openai.com/docs/guides/error-codes.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from extproc.core.rate_limit_words import EXCEEDED
from extproc.dialects.dialect import ErrorFormat, Json
from extproc.errors import ClientError

__all__ = ["OPENAI_ERRORS"]

_RATE_LIMIT: Final = "rate_limit_error"


def _document(kind: str, error: ClientError) -> Json:
    return {
        "error": {
            "message": error.message,
            "type": kind,
            "param": error.param,
            "code": error.code,
        }
    }


def _local_reply(kind: str, message: str) -> Json:
    error = {"message": message, "type": kind}
    # Of a 429, Envoy says only that a limit is used up: a provider's is no reply of its own.
    return {"error": error | {"code": EXCEEDED} if kind == _RATE_LIMIT else error}


OPENAI_ERRORS = ErrorFormat(
    types=MappingProxyType(
        {
            401: "authentication_error",
            403: "permission_error",
            429: _RATE_LIMIT,
        }
    ),
    client_fault="invalid_request_error",
    server_fault="server_error",
    document=_document,
    local_reply=_local_reply,
)
