"""Errors of providers and clients of the responses dialect."""

from __future__ import annotations

import orjson
import pytest

from extproc.dialects.translation.form import Failure
from extproc.dialects.translation.responses import TRANSLATOR


@pytest.mark.parametrize(
    ("body", "failure"),
    [
        (
            b'{"error":{"message":"m","type":"t","param":"p","code":"c"}}',
            Failure("m", 429, "t", "c", "p"),
        ),
        (b'{"error":{"message":"m","code":429}}', Failure("m", 429, code="429")),
        (b'{"error":"m"}', Failure("m", 429)),
        (b'{"detail":"m"}', Failure("m", 429)),
        (b'{"message":"m"}', Failure("m", 429)),
        (b'{"error":{}}', Failure('The provider answered with status 429: {"error":{}}', 429)),
        (b'{"error":{"message":7}}', Failure("The provider told no reason.", 429)),
        (b"", Failure("The provider answered with status 429 and no body.", 429)),
    ],
)
def test_a_providers_errors_are_read(body: bytes, failure: Failure) -> None:
    assert TRANSLATOR.read_error(429, body) == failure


def test_case_100_a_page_is_quoted_from_its_beginning() -> None:
    failure = TRANSLATOR.read_error(502, b"  <html>\xff" + b"x" * 10_000)
    assert "502: <html>�x" in failure.message
    assert len(failure.message) == 200


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (Failure("m", 429, "rate_limit_error"), "rate_limit_error"),
        (Failure("m", 529, "overloaded_error"), "server_error"),
        (Failure("m", 404, "not_found_error"), "invalid_request_error"),
        (Failure("m", 500, "api_error"), "server_error"),
        (Failure("m", 429), "rate_limit_error"),
        (Failure("m", 502), "server_error"),
        (Failure("m"), "server_error"),
        (Failure("m", 400, "invalid_request_error"), "invalid_request_error"),
    ],
)
def test_case_099_a_clients_errors_are_in_openais_words(failure: Failure, kind: str) -> None:
    body = orjson.loads(TRANSLATOR.write_error(failure, "req-1"))
    code = None if failure.kind in (None, kind) else failure.kind
    assert body == {"error": {"message": "m", "type": kind, "param": None, "code": code}}
