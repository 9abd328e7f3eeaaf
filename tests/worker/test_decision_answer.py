"""The answer to a request for the decision alone."""

from __future__ import annotations

from typing import Any

import orjson

from extproc.core.models import Dialect, Endpoint, Model
from extproc.core.records import Ranked
from extproc.core.routes import Route
from extproc.router import Decision
from extproc.transport.wire import ProcessingResponse
from extproc.worker.decision_answer import decision_answer
from extproc.worker.sessions import Session

MODEL = Model("one/a", "one", "a", Endpoint("https", "h", 443, "h"), {Dialect.CHAT: "/chat"})
TRACE = "0af7651916cd43dd8448eb211c80319c"


def answered(decision: Decision, session: Session | None = None) -> dict[str, Any]:
    reply = ProcessingResponse.FromString(decision_answer(decision, session, TRACE))
    immediate = reply.immediate_response
    assert immediate.status.code == 200
    told: dict[str, Any] = orjson.loads(immediate.body)
    return told


def test_a_request_without_route_or_session() -> None:
    assert answered(Decision((Ranked(MODEL),), None)) == {
        "models": ["one/a"],
        "route": None,
        "trace_id": TRACE,
    }


def test_a_session_that_keeps_its_model() -> None:
    route = Route("code", "writing code", (MODEL.name,))
    told = answered(Decision((Ranked(MODEL),), route, pinned=True), Session("mine", "key"))
    assert (told["route"], told["session_id"], told["pinned"]) == ("code", "mine", True)
    assert "switched" not in told
