"""Errors of more than one room."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

__all__ = ["ClientError", "FetchError", "StartError"]

_NO_HEADERS: Final[Mapping[str, str]] = MappingProxyType({})


class ClientError(Exception):
    """An answer that the person behind the client can act upon.

    Args:
        status: the HTTP status.
        message: what is wrong, and where.
        code: a token for programs, and for the access log; OpenAI's errors carry it, Anthropic's
            where it is one of Anthropic's own.
        param: the member of the body that is wrong; only OpenAI's errors carry it.
        retry_after: seconds after which it may be tried again, None if that changes nothing.
        headers: more headers of the answer.
        reason: a token for the access log alone, where clients get no code for it.
        requested_model: what the client calls a model that is not found.

    ``route`` is the name of the route that had matched by then, None if none had.
    """

    route: str | None = None

    def __init__(
        self,
        status: int,
        message: str,
        code: str | None = None,
        param: str | None = None,
        *,
        retry_after: int | None = None,
        headers: Mapping[str, str] = _NO_HEADERS,
        reason: str | None = None,
        requested_model: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.param = param
        self.retry_after = retry_after
        self.headers = headers
        self.reason = code if reason is None else reason
        self.requested_model = requested_model


class StartError(Exception):
    """Something could not be started; the message says why and what to do."""


class FetchError(Exception):
    """A running Dragoman did not tell what it was asked; the message says why and what to do."""
