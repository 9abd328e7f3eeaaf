"""Every message in every state: what the table allows, and that nothing else is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product
from typing import Any

import pytest

from extproc.transport.wire import ProcessingRequest
from extproc.worker.exchange import (
    Exchange,
    ProtocolError,
    State,
    request_and_answer,
    request_only,
)

HEADERS, BODY, COMPLETE = State.HEADERS, State.BODY, State.COMPLETE
ANSWER_BODY, ANSWERED = State.ANSWER_BODY, State.ANSWERED

MESSAGES: dict[str, dict[str, Any]] = {
    "nothing": {},
    "headers": {"request_headers": {}},
    "headers that end": {"request_headers": {"end_of_stream": True}},
    "body": {"request_body": {"body": b"x"}},
    "body that ends": {"request_body": {"end_of_stream": True}},
    "trailers": {"request_trailers": {}},
    "response headers": {"response_headers": {}},
    "response headers that end": {"response_headers": {"end_of_stream": True}},
    "response body": {"response_body": {}},
    "response body that ends": {"response_body": {"end_of_stream": True}},
    "response trailers": {"response_trailers": {}},
}
ALLOWED = {
    (HEADERS, "headers"): BODY,
    (HEADERS, "headers that end"): COMPLETE,
    (BODY, "body"): BODY,
    (BODY, "body that ends"): COMPLETE,
    (BODY, "trailers"): COMPLETE,
}
ANSWERS = {
    **ALLOWED,
    (HEADERS, "response headers"): ANSWER_BODY,
    (HEADERS, "response headers that end"): ANSWERED,
    (COMPLETE, "response headers"): ANSWER_BODY,
    (COMPLETE, "response headers that end"): ANSWERED,
    (ANSWER_BODY, "response body"): ANSWER_BODY,
    (ANSWER_BODY, "response body that ends"): ANSWERED,
    (ANSWER_BODY, "response trailers"): ANSWERED,
}


def test_a_request_begins_with_its_headers() -> None:
    assert request_only().state is HEADERS


@pytest.mark.parametrize(
    ("opened", "allowed"), [(request_only, ALLOWED), (request_and_answer, ANSWERS)]
)
@pytest.mark.parametrize(("state", "name"), list(product(State, MESSAGES)))
def test_a_message_in_a_state(
    opened: Callable[[], Exchange],
    allowed: Mapping[tuple[State, str], State],
    state: State,
    name: str,
) -> None:
    exchange = opened()
    exchange.state = state
    message = ProcessingRequest(**MESSAGES[name])
    following = allowed.get((state, name))
    if following is None:
        said = message.WhichOneof("request") or "an empty message"
        with pytest.raises(ProtocolError, match=f"^{said} while in state {state.name}$"):
            exchange.receive(message)
        assert exchange.state is state
    else:
        assert exchange.receive(message) == message.WhichOneof("request")
        assert exchange.state is following
    assert exchange.complete is (exchange.state is COMPLETE)
    assert exchange.answered is (exchange.state is ANSWERED)


def test_a_whole_request() -> None:
    exchange = request_only()
    names = ("headers", "body", "body", "body that ends")
    kinds = [exchange.receive(ProcessingRequest(**MESSAGES[name])) for name in names]
    assert kinds == ["request_headers", "request_body", "request_body", "request_body"]
    assert exchange.complete
