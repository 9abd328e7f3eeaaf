"""Errors, in the words of the dialect that the client speaks."""

from __future__ import annotations

import json

import pytest

from extproc.core.models import Dialect
from extproc.dialects.errors import error_body
from extproc.errors import ClientError


@pytest.mark.parametrize(
    ("code", "details"),
    [("thread_not_found", {"error_code": "thread_not_found"}), ("no_candidate_fits", None)],
)
def test_anthropic_has_codes_of_its_own(code: str, details: object) -> None:
    body = json.loads(error_body(Dialect.MESSAGES, ClientError(404, "lost", code)))
    assert body["error"]["type"] == "not_found_error"
    assert body["error"].get("details") == details


@pytest.mark.parametrize(
    ("dialect", "kind", "members"),
    [
        (Dialect.CHAT, "server_error", {"error"}),
        (Dialect.RESPONSES, "server_error", {"error"}),
        (Dialect.MESSAGES, "timeout_error", {"type", "error"}),
    ],
)
def test_an_error_is_worded_by_its_dialect(dialect: Dialect, kind: str, members: set[str]) -> None:
    body = json.loads(error_body(dialect, ClientError(504, "too late")))
    assert set(body) == members
    assert body["error"]["type"] == kind
    assert body["error"]["message"] == "too late"
