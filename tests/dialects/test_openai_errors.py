"""Errors as OpenAI words them."""

from __future__ import annotations

import json

import pytest

from extproc.core.rate_limit_words import EXCEEDED
from extproc.dialects.chat import CHAT
from extproc.dialects.openai_errors import OPENAI_ERRORS
from extproc.dialects.responses import RESPONSES
from extproc.errors import ClientError


def test_both_of_openais_dialects_word_errors_so() -> None:
    assert CHAT.errors is RESPONSES.errors is OPENAI_ERRORS


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "invalid_request_error"),
        (401, "authentication_error"),
        (403, "permission_error"),
        (404, "invalid_request_error"),
        (413, "invalid_request_error"),
        (415, "invalid_request_error"),
        (429, "rate_limit_error"),
        (499, "invalid_request_error"),
        (500, "server_error"),
        (503, "server_error"),
        (504, "server_error"),
        (529, "server_error"),
    ],
)
def test_the_kind_of_an_error(status: int, kind: str) -> None:
    assert OPENAI_ERRORS.type_of(status) == kind


@pytest.mark.parametrize(("code", "param"), [("model_not_found", "model"), (None, None)])
def test_the_body_of_an_error(code: str | None, param: str | None) -> None:
    error = ClientError(404, 'No "m" — 日本', code=code, param=param)
    assert json.loads(OPENAI_ERRORS.body(error)) == {
        "error": {
            "message": 'No "m" — 日本',
            "type": "invalid_request_error",
            "param": param,
            "code": code,
        }
    }


def test_the_error_of_envoy() -> None:
    assert OPENAI_ERRORS.local_reply("server_error", "%LOCAL_REPLY_BODY%") == {
        "error": {"message": "%LOCAL_REPLY_BODY%", "type": "server_error"}
    }


def test_a_limit_that_envoy_keeps_has_the_code_of_one_that_a_worker_knows_of() -> None:
    error = OPENAI_ERRORS.local_reply(OPENAI_ERRORS.type_of(429), "used up")["error"]
    assert error == {"message": "used up", "type": "rate_limit_error", "code": EXCEEDED}
