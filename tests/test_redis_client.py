"""What is said of a Redis that does not do as asked."""

from __future__ import annotations

from redis.exceptions import ResponseError

from extproc.redis_client import explained


def test_an_explanation_holds_no_password() -> None:
    url = "redis://user:hunter%2F2@h"
    error = ResponseError("unknown command 'AUTH', with args beginning with: 'hunter/2'.")
    assert explained(error, url) == "unknown command 'AUTH', with args beginning with: '***'"
    assert explained(TimeoutError(), "redis://h") == "no answer in time"
