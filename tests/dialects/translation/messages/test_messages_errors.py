"""Errors in Anthropic's dialect. Numbers are the cases of translation."""

from __future__ import annotations

import orjson
import pytest
from anthropic.types.shared import ErrorResponse

from extproc.dialects.translation.form import Failure
from extproc.dialects.translation.messages import TRANSLATOR
from tests.helpers.sdk_types import strictly


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (Failure("m", 429, "insufficient_quota", "insufficient_quota"), "rate_limit_error"),
        (
            Failure("m", 400, "invalid_request_error", "context_length_exceeded"),
            "invalid_request_error",
        ),
        (Failure("m", 401), "authentication_error"),
        (Failure("m", 404, "invalid_request_error", "model_not_found"), "not_found_error"),
        (Failure("m", 400, "billing_error"), "billing_error"),
        (Failure("m", 404), "not_found_error"),
        (Failure("m", 500, "server_error"), "api_error"),
        (Failure("m", 529, "overloaded_error"), "overloaded_error"),
        (Failure("m", None, "requests", "rate_limit_exceeded"), "rate_limit_error"),
        (Failure("m", None, None, "insufficient_quota"), "billing_error"),
        (Failure("m"), "api_error"),
    ],
)
def test_case_099_written(failure: Failure, kind: str) -> None:
    body = TRANSLATOR.write_error(failure, "req_1")
    assert strictly(ErrorResponse, body) == {
        "type": "error",
        "error": {"type": kind, "message": "m"},
        "request_id": "req_1",
    }


def test_case_102_without_an_id() -> None:
    assert orjson.loads(TRANSLATOR.write_error(Failure("m", 500), ""))["request_id"] is None


def test_case_099_read() -> None:
    body = b'{"type":"error","error":{"type":"rate_limit_error","message":"slow"},"request_id":"r"}'
    assert TRANSLATOR.read_error(429, body) == Failure("slow", 429, "rate_limit_error")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"<html>\n <h1>502</h1>", "The provider answered with status 502: <html> <h1>502</h1>"),
        (b"", "The provider answered with status 502 and no body."),
        (b"x" * 1000, "The provider answered with status 502: ".ljust(200, "x")),
        (b'{"detail":"no"}', "no"),
        (b'{"error":"no"}', "no"),
        (b'{"type":"error"}', 'The provider answered with status 502: {"type":"error"}'),
        (b'{"error":{"type":"api_error","message":5}}', "api_error"),
        (b"[]", "The provider answered with status 502: []"),
    ],
)
def test_case_100_what_gateways_send(body: bytes, message: str) -> None:
    failure = TRANSLATOR.read_error(502, body)
    assert (failure.status, failure.message) == (502, message)
