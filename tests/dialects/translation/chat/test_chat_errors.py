"""Errors: a chat provider's, read; and written for a chat client."""

from __future__ import annotations

import orjson
import pytest
from openai.types.shared import ErrorObject

from extproc.dialects.translation.chat import TRANSLATOR
from extproc.dialects.translation.form import Failure


def write(failure: Failure) -> dict[str, object]:
    body = orjson.loads(TRANSLATOR.write_error(failure, "req"))
    assert body.keys() == {"error"}
    ErrorObject.model_validate(body["error"], strict=True)
    assert body["error"].keys() == {"message", "type", "param", "code"}
    error: dict[str, object] = body["error"]
    return error


def test_case_099_openais_error_is_read() -> None:
    body = {
        "error": {"message": "slow", "type": "tokens", "param": None, "code": "rate_limit_exceeded"}
    }
    assert TRANSLATOR.read_error(429, orjson.dumps(body)) == Failure(
        "slow", 429, "tokens", "rate_limit_exceeded"
    )


@pytest.mark.parametrize(
    ("failure", "kind", "code"),
    [
        (Failure("m", 429, "rate_limit_error"), "rate_limit_error", None),
        (Failure("m", 529, "overloaded_error"), "server_error", "overloaded_error"),
        (Failure("m", None, "overloaded_error"), "server_error", "overloaded_error"),
        (Failure("m", 404, "not_found_error"), "invalid_request_error", "not_found_error"),
        (Failure("m", 401, "authentication_error"), "authentication_error", None),
        (Failure("m", 400, "odd", "c"), "invalid_request_error", "c"),
        (
            Failure("m", 429, "tokens", "rate_limit_exceeded"),
            "rate_limit_error",
            "rate_limit_exceeded",
        ),
        (Failure("m", None), "server_error", None),
        (Failure("m", 500), "server_error", None),
        (Failure("m", 429, "insufficient_quota"), "insufficient_quota", None),
    ],
)
def test_case_099_errors_for_the_client(failure: Failure, kind: str, code: str | None) -> None:
    assert write(failure) == {"message": "m", "type": kind, "param": None, "code": code}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'[{"error":{"message":"in a list"}}]', "in a list"),
        (b'{"error":"a string"}', "a string"),
        (b'{"message":"at the top","code":3}', "at the top"),
        (b'{"detail":"of another framework"}', "of another framework"),
    ],
)
def test_variants_of_compatible_providers(body: bytes, message: str) -> None:
    assert TRANSLATOR.read_error(400, body).message == message


def test_case_100_a_page_of_html() -> None:
    page = b"<html>\n  <h1>502 Bad   Gateway</h1>" + b"x" * 10_000
    failure = TRANSLATOR.read_error(502, page)
    assert failure.status == 502
    assert "502 Bad Gateway" in failure.message
    assert len(failure.message) < 260
    assert write(failure)["type"] == "server_error"


@pytest.mark.parametrize(
    "body", [b"", b"null", b"{}", b"[]", b'{"error":{}}', b"\xff", b"[" * 3000]
)
def test_a_body_that_tells_nothing(body: bytes) -> None:
    failure = TRANSLATOR.read_error(503, body)
    assert failure.status == 503
    assert "503" in failure.message


def test_a_long_message_is_cut() -> None:
    body = orjson.dumps({"error": {"message": "x" * 100_000}})
    assert len(TRANSLATOR.read_error(400, body).message) == 4096
