"""Guards at paths that are no endpoints: what they are shown of requests, and of answers."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from typing import Any

import pytest

from extproc.core.aside import Aside
from extproc.core.config import Config, Limits
from extproc.core.guards import GuardReport, GuardSettings, Side, Unguarded, Verdict
from extproc.core.models import Dialect, Endpoint, Model
from extproc.core.pii import PiiAction, PiiKind, PiiRules
from extproc.errors import ClientError
from extproc.guards.pii import PiiGuard
from extproc.guards.requests import InputPlace, OutputPlace, RequestGuards
from extproc.transport.wire import Message
from extproc.worker.by_id import ByIdProcessor
from extproc.worker.by_model import ByModelProcessor
from tests.helpers.arrivals import NO_BOUNDS
from tests.helpers.envoy_stream import (
    Envoy,
    changed,
    request_body,
    request_headers,
    response_body,
    response_headers,
)
from tests.helpers.fixed_decisions import forwarding
from tests.helpers.redacting import RedactingPlace

CHAT = {Dialect.CHAT: "/base/chat/completions"}
ONE = Model("one/a", "one", "a", Endpoint("https", "one", 443, "one"), CHAT, default=True)
CONFIG = Config((ONE,), limits=Limits(max_request_bytes=1000))
OK = response_headers({":status": "200", "content-type": "application/json"})
FORM = "multipart/form-data; boundary=B"
PARTS = b'--B\r\ncontent-disposition: form-data; name="model"\r\n\r\none/a\r\n--B--\r\n'
RULES = PiiRules({PiiKind.EMAIL: PiiAction.MASK})


class Served:
    """A processor of one request, and the guard that looks at it."""

    def __init__(
        self,
        *sides: Side,
        unguarded: Unguarded = Unguarded.REFUSE,
        masks: bool = False,
    ) -> None:
        self.guard = RedactingPlace()
        self.reports: list[GuardReport] = []
        settings = GuardSettings("g")
        inputs = [InputPlace(settings, self.guard)] if Side.INPUT in sides else []
        if masks:
            inputs.append(InputPlace(GuardSettings("masks", pii=RULES), PiiGuard(RULES)))
        outputs = [OutputPlace(settings, self.guard)] if Side.OUTPUT in sides else []
        self._guards = RequestGuards(inputs, outputs, self.reports.append, unguarded)
        self.envoy = Envoy()

    async def by_model(self, *messages: Mapping[str, Any]) -> Served:
        self.envoy = Envoy(*messages)
        processor = ByModelProcessor(
            *(forwarding(CONFIG), CONFIG.limits, Aside(), NO_BOUNDS), guards=self._guards
        )
        await processor.serve(self.envoy)
        return self

    async def by_id(self, *messages: Mapping[str, Any]) -> Served:
        self.envoy = Envoy(*messages)
        await ByIdProcessor(forwarding(CONFIG), Aside(), self._guards).serve(self.envoy)
        return self

    def _bodies(self, kind: str) -> bytes:
        bodies = [getattr(each, kind).response.body_mutation for each in self.envoy.heard]
        return b"".join(body.streamed_response.body for body in bodies)

    @property
    def sent(self) -> bytes:
        return self._bodies("request_body")

    @property
    def answer(self) -> bytes:
        return self._bodies("response_body")

    @property
    def first(self) -> Message:
        return self.envoy.heard[0]

    @property
    def verdicts(self) -> list[tuple[Side, Verdict]]:
        return [(each.side, each.verdict) for report in self.reports for each in report.verdicts]


def headers(path: str = "/v1/embeddings", *, ends: bool = False, **more: str) -> dict[str, Any]:
    given = {":path": path, ":method": "POST", "x-request-id": "r-1"} | {
        name.replace("_", "-"): value for name, value in more.items()
    }
    return request_headers(given, ends=ends)


def body(text: str) -> bytes:
    return b'{"model":"one/a","input":"%b"}' % text.encode()


async def test_a_request_is_changed_before_it_goes_on() -> None:
    raw = body("SECRET-1234")
    served = await Served(Side.INPUT).by_model(
        headers("/v1/embeddings?q=1"), request_body(raw[:20], ends=False), request_body(raw[20:])
    )
    assert served.sent == b'{"model":"a","input":"[gone]"}'
    assert changed(served.first)["content-length"] == str(len(served.sent))
    (shown,) = served.guard.shown
    assert (shown.path, shown.body, shown.request_id) == ("/v1/embeddings", raw, "r-1")
    assert shown.dialect is Dialect.CHAT
    assert served.verdicts == [(Side.INPUT, Verdict.CHANGED)]


async def test_a_packed_request_is_shown_plain() -> None:
    served = await Served(Side.INPUT).by_model(
        headers(content_encoding="gzip"), request_body(gzip.compress(body("SECRET-1234")))
    )
    assert served.guard.bodies == [body("SECRET-1234")]
    assert served.sent == b'{"model":"a","input":"[gone]"}'


async def test_a_request_that_is_blocked_goes_nowhere() -> None:
    served = Served(Side.INPUT, Side.OUTPUT)
    with pytest.raises(ClientError, match="No"):
        await served.by_model(headers(), request_body(body("EXPLOIT")))
    assert served.envoy.heard == []
    assert served.guard.answered == []
    assert served.verdicts == [(Side.INPUT, Verdict.BLOCKED)]


async def test_an_answer_is_looked_at_on_the_same_stream() -> None:
    served = await Served(Side.INPUT, Side.OUTPUT).by_model(
        headers(),
        request_body(body("SECRET-1234")),
        OK,
        response_body(b'{"text":"SECRET-5678"}', ends=True),
    )
    assert served.answer == b'{"text":"[gone]"}'
    (answered,) = served.guard.answered
    assert answered.body == body("[gone]"), "who looks at the answer knows what was asked at last"
    assert served.verdicts == [(Side.INPUT, Verdict.CHANGED), (Side.OUTPUT, Verdict.CHANGED)]


async def test_what_was_masked_comes_back() -> None:
    served = await Served(masks=True).by_model(
        headers(),
        request_body(body("jane@example.com")),
        OK,
        response_body(b'{"text":"<EMAIL_1>"}', ends=True),
    )
    assert served.sent == b'{"model":"a","input":"<EMAIL_1>"}'
    assert json.loads(served.answer) == {"text": "jane@example.com"}


async def test_where_nothing_was_masked_the_answer_goes_by() -> None:
    answer = b'{ "text": "<EMAIL_1>" }'
    served = await Served(masks=True).by_model(
        headers(), request_body(body("hello")), OK, response_body(answer, ends=True)
    )
    assert served.answer == answer
    assert served.verdicts == [(Side.INPUT, Verdict.PASSED)]


@pytest.mark.parametrize(
    "asked", [[headers(ends=True)], [headers(), request_body(b" ")]], ids=["none", "blank"]
)
async def test_of_a_request_without_a_body_the_answer_alone_is_looked_at(
    asked: list[dict[str, Any]],
) -> None:
    served = await Served(Side.INPUT, Side.OUTPUT).by_model(
        *asked, OK, response_body(b'{"text":"SECRET-5678"}', ends=True)
    )
    assert served.guard.shown == []
    assert served.answer == b'{"text":"[gone]"}'


async def test_a_form_is_not_passed_by_guards_of_requests_unless_it_may() -> None:
    form = (headers(content_type=FORM), request_body(PARTS))
    served = Served(Side.INPUT)
    with pytest.raises(ClientError, match="A form") as raised:
        await served.by_model(*form)
    assert (raised.value.status, raised.value.code) == (400, "not_guarded")
    assert served.envoy.heard == []
    passed = await Served(Side.INPUT, unguarded=Unguarded.PASS).by_model(*form)
    assert passed.sent == PARTS.replace(b"one/a", b"a")
    assert passed.guard.shown == []


async def test_the_answer_to_a_form_is_looked_at() -> None:
    served = await Served(Side.OUTPUT).by_model(
        headers(content_type=FORM),
        request_body(PARTS[:9], ends=False),
        request_body(PARTS[9:]),
        OK,
        response_body(b'{"text":"SECRET-5678"}', ends=True),
    )
    assert served.sent == PARTS.replace(b"one/a", b"a")
    assert served.answer == b'{"text":"[gone]"}'


@pytest.mark.parametrize("unguarded", Unguarded)
async def test_an_answer_that_is_a_file(unguarded: Unguarded) -> None:
    speech = (headers("/v1/audio/speech"), request_body(body("hello")))
    content = headers("/v1/files/file-1/content?model=one/a", ends=True)
    served = Served(Side.OUTPUT, unguarded=unguarded)
    if unguarded is Unguarded.PASS:
        assert (await served.by_model(*speech)).sent
        assert (await served.by_id(content)).envoy.heard
        return
    for looking in (served.by_model(*speech), served.by_id(content)):
        with pytest.raises(ClientError, match="The file that") as raised:
            await looking
        assert raised.value.code == "not_guarded"
    assert (await Served(Side.INPUT).by_model(*speech)).sent, "nobody looks at answers"


async def test_a_body_that_python_is_not_shown() -> None:
    upload = headers("/v1/files?model=one/a")
    with pytest.raises(ClientError, match="The body of a request to /v1/files"):
        await Served(Side.INPUT).by_id(upload)
    assert (await Served(Side.OUTPUT).by_id(upload)).envoy.heard
    assert (await Served(Side.INPUT, unguarded=Unguarded.PASS).by_id(upload)).envoy.heard


async def test_by_id_an_answer_is_looked_at() -> None:
    listed = request_headers({":path": "/v1/files?model=one/a", ":method": "GET"}, ends=True)
    served = await Served(Side.INPUT, Side.OUTPUT).by_id(
        listed, OK, response_body(b'{"text":"SECRET-5678"}', ends=True)
    )
    assert served.answer == b'{"text":"[gone]"}'
    (answered,) = served.guard.answered
    assert (answered.path, answered.body) == ("/v1/files", b"")
    alone = await Served(Side.INPUT).by_id(listed, OK)
    assert alone.envoy.unsaid == 1, "the answer is not waited for where nobody looks at any"


async def test_what_somebody_before_us_answers_goes_by() -> None:
    turned_away = (
        response_headers({":status": "403", "content-type": "application/json"}),
        response_body(b"EXPLOIT", ends=True),
    )
    for served in (
        await Served(Side.INPUT, Side.OUTPUT).by_model(*turned_away),
        await Served(Side.INPUT, Side.OUTPUT).by_id(*turned_away),
    ):
        assert served.answer == b"EXPLOIT"
        assert served.reports == []


async def test_envoy_may_leave_before_the_request_is_complete() -> None:
    for begun in ([], [headers()], [headers(), request_body(b'{"mod', ends=False)]):
        served = await Served(Side.INPUT, Side.OUTPUT).by_model(*begun)
        assert (served.envoy.heard, served.guard.shown) == ([], [])
