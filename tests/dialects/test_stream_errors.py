"""A stream that ends with an error is one that the SDKs raise for."""

from __future__ import annotations

import json

import pytest

from extproc.core.models import Dialect
from extproc.dialects.sse import EventReader
from extproc.dialects.stream_errors import error_event
from extproc.errors import ClientError


@pytest.mark.parametrize("dialect", Dialect)
def test_it_tells_what_is_wrong(dialect: Dialect) -> None:
    event = error_event(dialect, ClientError(400, "Not this.", code="content_blocked"), 7)
    first, *rest = EventReader().feed(event)
    told = json.loads(first)
    assert "Not this." in first.decode()
    if dialect is Dialect.CHAT:
        assert told["error"]["code"] == "content_blocked"
        assert rest == [b"[DONE]"]
    elif dialect is Dialect.MESSAGES:
        assert (told["type"], told["error"]["type"]) == ("error", "invalid_request_error")
    else:
        assert (told["type"], told["code"], told["sequence_number"]) == (
            "error",
            "content_blocked",
            7,
        )
