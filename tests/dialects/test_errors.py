"""Errors, in the words of the dialect that the client speaks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from extproc.core.models import Dialect
from extproc.dialects.errors import error_body, error_type
from extproc.errors import ClientError


@pytest.mark.parametrize(
    ("status", "openai", "anthropic"),
    [
        (400, "invalid_request_error", "invalid_request_error"),
        (401, "authentication_error", "authentication_error"),
        (403, "permission_error", "permission_error"),
        (404, "invalid_request_error", "not_found_error"),
        (413, "invalid_request_error", "request_too_large"),
        (415, "invalid_request_error", "invalid_request_error"),
        (429, "rate_limit_error", "rate_limit_error"),
        (499, "invalid_request_error", "invalid_request_error"),
        (500, "server_error", "api_error"),
        (503, "server_error", "api_error"),
        (504, "server_error", "timeout_error"),
        (529, "server_error", "overloaded_error"),
    ],
)
def test_the_kind_of_an_error(status: int, openai: str, anthropic: str) -> None:
    assert error_type(Dialect.CHAT, status) == openai
    assert error_type(Dialect.RESPONSES, status) == openai
    assert error_type(Dialect.MESSAGES, status) == anthropic


@pytest.mark.parametrize("dialect", [Dialect.CHAT, Dialect.RESPONSES])
@pytest.mark.parametrize(("code", "param"), [("model_not_found", "model"), (None, None)])
def test_as_openai_says_it(dialect: Dialect, code: str | None, param: str | None) -> None:
    body = error_body(dialect, ClientError(404, 'No "m" — 日本', code=code, param=param))
    assert json.loads(body) == {
        "error": {
            "message": 'No "m" — 日本',
            "type": "invalid_request_error",
            "param": param,
            "code": code,
        }
    }


def test_as_anthropic_says_it() -> None:
    error = ClientError(404, 'No "m"', code="model_not_found", param="model")
    assert json.loads(error_body(Dialect.MESSAGES, error)) == {
        "type": "error",
        "error": {"type": "not_found_error", "message": 'No "m"'},
    }


def test_an_error_reads_as_its_message() -> None:
    error = ClientError(400, "what is wrong")
    assert str(error) == "what is wrong"
    assert (error.status, error.message) == (400, "what is wrong")
    assert (error.code, error.param) == (None, None)


def test_an_error_passes_through_a_context_manager() -> None:
    @contextmanager
    def anything() -> Iterator[None]:
        yield

    with pytest.raises(ClientError, match="what is wrong"), anything():
        raise ClientError(400, "what is wrong")
