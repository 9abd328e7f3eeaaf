"""Guards at ingress: they look before the decision, and at the answer on the same stream."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from extproc.core.aside import Aside
from extproc.core.config import Config
from extproc.core.guards import GuardReport, GuardSettings, Side, Verdict
from extproc.core.models import Dialect, Endpoint, Model
from extproc.core.pii import PiiAction, PiiKind, PiiRules
from extproc.core.records import DecisionRecord
from extproc.errors import ClientError
from extproc.guards.pii import PiiGuard
from extproc.guards.requests import InputPlace, OutputPlace, RequestGuards
from extproc.intent import Intent
from extproc.worker.ingress import IngressProcessor
from extproc.worker.planning import Planner
from tests.helpers.arrivals import NO_BOUNDS
from tests.helpers.envoy_stream import (
    Envoy,
    request_body,
    request_headers,
    response_body,
    response_headers,
)
from tests.helpers.event_streams import messages as messages_stream
from tests.helpers.event_streams import said
from tests.helpers.fixed_decisions import Classifier, decider
from tests.helpers.redacting import RedactingPlace

BOTH = {Dialect.CHAT: "/chat", Dialect.MESSAGES: "/messages"}
ONE = Model("one/a", "one", "a", Endpoint("https", "h", 443, "h"), BOTH, default=True)
TWO = Model("two/b", "two", "b", Endpoint("https", "h", 443, "h"), BOTH)
CONFIG = Config((ONE, TWO))
RULES = PiiRules({PiiKind.EMAIL: PiiAction.MASK})
OK = response_headers({":status": "200", "content-type": "application/json"})
ANSWER = b'{"choices":[{"message":{"content":"%b"}}]}'


class Served:
    """What became of one request."""

    def __init__(self, *sides: Side, masks: bool = False, leaves_early: bool = True) -> None:
        self.guard = RedactingPlace()
        self.reports: list[GuardReport] = []
        self.told: list[DecisionRecord] = []
        self._leaves_early = leaves_early
        settings = GuardSettings("g")
        inputs = [InputPlace(settings, self.guard)] if Side.INPUT in sides else []
        if masks:
            inputs.append(InputPlace(GuardSettings("masks", pii=RULES), PiiGuard(RULES)))
        outputs = [OutputPlace(settings, self.guard)] if Side.OUTPUT in sides else []
        self._guards = RequestGuards(inputs, outputs, self.reports.append)
        self.envoy = Envoy()

    async def __call__(self, *messages: Mapping[str, Any]) -> Served:
        self.envoy = Envoy(*messages)
        processor = IngressProcessor(
            decider(CONFIG, Classifier(Intent("greeting", 0.9)), tell=self.told.append),
            *(CONFIG.limits, Aside(), NO_BOUNDS, Planner(CONFIG.limits)),
            guards=self._guards,
            leaves_early=self._leaves_early,
        )
        await processor.serve(self.envoy)
        return self

    def _bodies(self, kind: str) -> bytes:
        bodies = [getattr(each, kind).response.body_mutation for each in self.envoy.heard]
        return b"".join(body.streamed_response.body for body in bodies)

    @property
    def sent(self) -> Any:
        return json.loads(self._bodies("request_body"))

    @property
    def answer(self) -> bytes:
        return self._bodies("response_body")

    @property
    def verdicts(self) -> list[tuple[Side, Verdict]]:
        return [(each.side, each.verdict) for report in self.reports for each in report.verdicts]


def headers(path: str = "/v1/chat/completions") -> dict[str, Any]:
    return request_headers({":path": path, "x-request-id": "r-1", "x-team": "red"})


def asking(text: str, **more: Any) -> dict[str, Any]:
    body = {"model": "two/b", "messages": [{"role": "user", "content": text}], **more}
    return request_body(json.dumps(body).encode())


def content(body: Any) -> str:
    found: str = body["messages"][0]["content"]
    return found


@pytest.mark.parametrize("size", [1, 100_000], ids=["small", "large"])
async def test_a_request_is_changed_before_it_is_decided(size: int) -> None:
    asked = headers("/v1/chat/completions?q=1")
    served = await Served(Side.INPUT)(asked, asking("SECRET-1234 " * size))
    assert content(served.sent) == "[gone] " * size
    assert served.sent["model"] == "b"
    (shown,) = served.guard.shown
    assert (shown.path, shown.request_id, shown.headers["x-team"]) == (
        *("/v1/chat/completions", "r-1", "red"),
    )
    assert len(served.told) == 1
    assert served.verdicts == [(Side.INPUT, Verdict.CHANGED)]


async def test_preferences_are_shown_to_nobody_and_hold_all_the_same() -> None:
    preferences = [{"name": "greeting", "description": "greets", "models": ["one/a"]}]
    served = await Served(Side.INPUT)(
        headers(), asking("SECRET-1234", routing_preferences=preferences)
    )
    assert b"routing_preferences" not in served.guard.bodies[0]
    assert "routing_preferences" not in served.sent
    assert content(served.sent) == "[gone]"
    assert served.told[0].route == "greeting"


async def test_a_request_that_is_blocked_is_told_of_and_not_decided() -> None:
    served = Served(Side.INPUT, Side.OUTPUT)
    with pytest.raises(ClientError, match="No"):
        await served(headers(), asking("EXPLOIT"))
    assert served.envoy.heard == []
    (record,) = served.told
    assert (record.candidates, record.requested_model, record.decision_only) == ((), "two/b", False)
    assert served.verdicts == [(Side.INPUT, Verdict.BLOCKED)]


async def test_an_answer_is_looked_at_on_the_same_stream() -> None:
    served = await Served(Side.INPUT, Side.OUTPUT)(
        headers(),
        asking("SECRET-1234"),
        OK,
        response_body(ANSWER % b"SECRET-5678", ends=True),
    )
    assert served.answer == ANSWER % b"[gone]"
    assert content(json.loads(served.guard.answered[0].body)) == "[gone]"
    assert served.verdicts == [(Side.INPUT, Verdict.CHANGED), (Side.OUTPUT, Verdict.CHANGED)]


async def test_a_stream_that_is_blocked_ends_in_the_clients_dialect() -> None:
    stream = messages_stream(*"All is well until there is an EXPLOIT", " and more")
    served = await Served(Side.OUTPUT)(
        headers("/v1/messages"),
        asking("hello", max_tokens=9, stream=True),
        response_headers({":status": "200", "content-type": "text/event-stream"}),
        response_body(stream, ends=True),
    )
    assert said(served.answer).startswith("All is well")
    assert served.answer.splitlines()[-3] == b"event: error"


async def test_guards_of_requests_alone_do_not_wait_for_the_answer() -> None:
    served = await Served(Side.INPUT)(headers(), asking("hello"), OK)
    assert served.envoy.unsaid == 1


async def test_what_was_masked_comes_back() -> None:
    served = await Served(masks=True)(
        headers(), asking("jane@example.com"), OK, response_body(ANSWER % b"<EMAIL_1>", ends=True)
    )
    assert content(served.sent) == "<EMAIL_1>"
    assert served.answer == ANSWER % b"jane@example.com"


@pytest.mark.parametrize(
    ("text", "leaves_early", "early"),
    [("hello", True, True), ("hello", False, False), ("hello " * 10_000, True, False)],
)
async def test_where_nothing_was_masked_the_stream_ends_or_the_answer_goes_by(
    text: str, leaves_early: bool, early: bool
) -> None:
    answer = ANSWER % b"<EMAIL_1>"
    served = await Served(masks=True, leaves_early=leaves_early)(
        headers(), asking(text), OK, response_body(answer, ends=True)
    )
    assert served.envoy.unsaid == (2 if early else 0)
    assert served.answer == (b"" if early else answer)
    assert served.verdicts == [(Side.INPUT, Verdict.PASSED)]


async def test_a_decision_alone_is_looked_at_and_has_no_answer() -> None:
    served = await Served(Side.INPUT, Side.OUTPUT)(
        headers("/routing/v1/chat/completions"), asking("SECRET-1234")
    )
    (reply,) = served.envoy.heard
    assert json.loads(reply.immediate_response.body)["models"] == ["two/b"]
    assert len(served.guard.shown) == 1
    assert served.verdicts == [(Side.INPUT, Verdict.CHANGED)]


async def test_what_somebody_before_us_answers_goes_by() -> None:
    served = await Served(Side.INPUT, Side.OUTPUT)(
        response_headers({":status": "403", "content-type": "application/json"}),
        response_body(b"EXPLOIT", ends=True),
    )
    assert (served.answer, served.reports, served.told) == (b"EXPLOIT", [], [])
