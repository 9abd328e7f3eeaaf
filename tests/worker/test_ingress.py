"""Ingress takes a whole request, decides, and gives it back with its plan."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from extproc.affinity import MemoryPins, Pin
from extproc.core.aside import Aside
from extproc.core.bounds import Bounds
from extproc.core.config import Config, Limits, Listener
from extproc.core.models import Dialect, Endpoint, Model
from extproc.core.records import DecisionRecord
from extproc.core.routes import Route
from extproc.core.timeouts import Timeouts
from extproc.core.tracing import Tracing
from extproc.errors import ClientError
from extproc.intent import ClassificationError, Intent
from extproc.ranking.snapshot import Price, Snapshot
from extproc.tracing.beginning import Beginning
from extproc.tracing.sampling import Sampler
from extproc.transport.wire import Message, ProcessingResponse
from extproc.worker.bounds import Bounding
from extproc.worker.deadlines import GateTerms, Terms
from extproc.worker.exchange import ProtocolError
from extproc.worker.ingress import IngressProcessor
from extproc.worker.plan import Plan, decode
from extproc.worker.planning import Planner
from tests.helpers.arrivals import NO_BOUNDS
from tests.helpers.envoy_stream import Envoy, changed, removed, request_headers, set_by
from tests.helpers.envoy_stream import request_body as body
from tests.helpers.fixed_decisions import Classifier, decider

ENDPOINT = Endpoint("https", "h", 443, "h")
BOTH = {Dialect.CHAT: "/base/chat?v=1", Dialect.MESSAGES: "/base/messages"}
ONE = Model("one/a", "one", "a", ENDPOINT, BOTH, default=True)
TWO = Model("two/b", "two", "b", ENDPOINT, {Dialect.CHAT: "/chat"})
THREE = Model("three/c", "three", "c", ENDPOINT, BOTH)
ROUTE = Route("café 100%", "description", ("one/a", "two/b", "three/c"))
CONFIG = Config((ONE, TWO, THREE), routes=(ROUTE,), limits=Limits(max_request_bytes=200))

NOW = 1_000_000.0
MESSAGES = b'"messages":[{"role":"user","content":"hi"}]'
BODY = b'{"model":"three/c",%s}' % MESSAGES


MATCH = Classifier(Intent(ROUTE.name, 0.9))
NO_MATCH = Classifier(Intent(None, 0.1))
BROKEN = Classifier(ClassificationError("deadline", "too slow"))


def pins() -> MemoryPins:
    kept = MemoryPins(ttl=600, max_entries=10)
    kept.keep("c0ffee:the session", Pin("two/b", ROUTE.name))
    kept.keep("c0ffee:elsewhere", Pin("three/c", None))
    return kept


def ingress(
    classifier: Classifier = MATCH,
    max_retries: int | None = None,
    spans: Beginning | None = None,
    tell: Callable[[DecisionRecord], None] = lambda _: None,
) -> IngressProcessor:
    return IngressProcessor(
        decider(CONFIG, classifier, pins=pins(), tell=tell),
        CONFIG.limits,
        Aside(),
        NO_BOUNDS,
        Planner(CONFIG.limits, Listener(timeout=100, max_retries=max_retries)),
        clock=lambda: NOW,
        spans=spans,
    )


def headers(
    path: str = "/v1/chat/completions", *, ends: bool = False, **values: str
) -> dict[str, Any]:
    given = {":path": path, "x-request-id": "0aaf-7e3c"} | {
        name.replace("_", "-"): value for name, value in values.items()
    }
    return request_headers(given, ends=ends)


async def serve(
    *messages: Mapping[str, Any], classifier: Classifier = MATCH, max_retries: int | None = None
) -> list[Message]:
    envoy = Envoy(*messages)
    await ingress(classifier, max_retries).serve(envoy)
    return envoy.heard


async def refused(
    *messages: Mapping[str, Any], processor: IngressProcessor | None = None
) -> ClientError:
    envoy = Envoy(*messages)
    with pytest.raises(ClientError) as raised:
        await (processor or ingress()).serve(envoy)
    assert envoy.heard == []
    return raised.value


def given_back(messages: Sequence[Message]) -> tuple[bytes, list[bool]]:
    pieces = [piece.request_body.response.body_mutation.streamed_response for piece in messages]
    return b"".join(piece.body for piece in pieces), [piece.end_of_stream for piece in pieces]


async def test_a_request_that_a_route_matches() -> None:
    first, *pieces = await serve(headers("/v1/chat/completions?q=1"), body(BODY))
    sent = b'{"model":"a",%s}' % MESSAGES
    assert given_back(pieces) == (sent, [True])
    values = changed(first)
    assert decode(values.pop("x-dragoman-plan")) == Plan(
        Dialect.CHAT, ("one/a", "two/b", "three/c"), False, 9, 12, "q=1"
    )
    assert values == {
        "x-dragoman-candidates": "3",
        "x-dragoman-cluster": "one/a",
        "x-dragoman-model": "one/a",
        "x-dragoman-streamed": "0",
        "x-dragoman-route": "caf%C3%A9 100%25",
        "x-dragoman-trace-id": "0aaf7e3c",
        "x-envoy-max-retries": "2",
        "x-dragoman-path": "/v1/chat/completions?q=1",
        "x-dragoman-answer-within": "600000",
        "x-dragoman-terms": Terms(Timeouts()).encode()["x-dragoman-terms"],
        ":path": "/base/chat?v=1&q=1",
        "content-length": str(len(sent)),
    }
    assert removed(first) == ["accept-encoding", "x-model-affinity"]
    assert first.request_headers.response.clear_route_cache


async def test_where_tokens_are_limited_envoy_is_told_how_many_are_expected() -> None:
    """As many as answers of the route usually have, within what the client allows."""
    snapshot = Snapshot(output_tokens={ROUTE.name: 700.4})
    bounded_body = BODY[:-1] + b',"max_tokens":90}'
    for classifier, raw, output in (
        (MATCH, BODY, "700"),
        (MATCH, bounded_body, "90"),
        (NO_MATCH, BODY, "500"),
    ):
        envoy = Envoy(headers(), body(raw))
        await IngressProcessor(
            decider(CONFIG, classifier),
            CONFIG.limits,
            Aside(),
            NO_BOUNDS,
            Planner(CONFIG.limits, expecting=lambda: snapshot),
        ).serve(envoy)
        told = changed(envoy.heard[0])
        assert told["x-dragoman-expected-output"] == output
        assert told["x-dragoman-expected-input"] == str(len(raw) // 4)


async def test_a_clients_deadline_bounds_whole_answers_at_ingress() -> None:
    for classifier in (MATCH, NO_MATCH):
        first, *_ = await serve(
            headers(x_dragoman_deadline_ms="40000"), body(BODY), classifier=classifier
        )
        assert changed(first)["x-envoy-upstream-rq-timeout-ms"] == "39000"
    first, *_ = await serve(headers(x_dragoman_deadline_ms="140000"), body(BODY))
    assert "x-envoy-upstream-rq-timeout-ms" not in changed(first), "the listener's is shorter"


@pytest.mark.parametrize(("own", "within"), [(None, "40000"), (20.0, "20000")])
async def test_the_operators_deadline_bounds_whole_answers_too(
    own: float | None, within: str
) -> None:
    route = replace(ROUTE, bounds=None if own is None else Bounds(deadline=own))
    config = replace(CONFIG, bounds=Bounds(deadline=40.0), routes=(route,))
    envoy = Envoy(headers(), body(BODY))
    await bounded(config).serve(envoy)
    assert changed(envoy.heard[0])["x-envoy-upstream-rq-timeout-ms"] == within


async def test_a_request_goes_to_whom_its_client_would_pay() -> None:
    snapshot = Snapshot(prices={"one/a": Price(100.0, 100.0), "two/b": Price(1.0, 1.0)})
    config = replace(CONFIG, models=(ONE, TWO), routes=(replace(ROUTE, models=("one/a", "two/b")),))
    envoy = Envoy(headers(x_dragoman_max_cost="0.01"), body(BODY))
    await bounded(config, snapshot).serve(envoy)
    values = changed(envoy.heard[0])
    assert decode(values["x-dragoman-plan"]).candidates == ("two/b",)
    assert values["x-dragoman-skipped"] == "one/a (max_cost)"
    error = await refused(
        headers(x_dragoman_max_cost="0.00001"), body(BODY), processor=bounded(config, snapshot)
    )
    assert (error.status, error.code, error.route) == (400, "max_cost", ROUTE.name)


def bounded(config: Config, snapshot: Snapshot | None = None) -> IngressProcessor:
    return IngressProcessor(
        decider(config, MATCH, snapshot=snapshot),
        config.limits,
        Aside(),
        NO_BOUNDS,
        Planner(config.limits, Listener(timeout=100)),
        clock=lambda: NOW,
        bounding=Bounding(config, clock=lambda: NOW),
    )


async def test_a_bound_that_makes_no_sense() -> None:
    for asked in (headers(x_dragoman_deadline_ms="soon"), headers(x_dragoman_max_cost="little")):
        assert (await refused(asked)).status == 400


async def test_a_request_that_no_route_matches() -> None:
    first, *pieces = await serve(headers(), body(BODY), classifier=NO_MATCH)
    values = changed(first)
    assert decode(values["x-dragoman-plan"]).candidates == ("three/c",)
    assert values["x-dragoman-candidates"] == "1"
    assert values["x-dragoman-cluster"] == "three/c"
    absent = {"route", "unrouted", "pinned", "skipped"}
    assert not {"x-envoy-max-retries", *(f"x-dragoman-{name}" for name in absent)} & set(values)
    assert given_back(pieces) == (b'{"model":"c",%s}' % MESSAGES, [True])


async def test_a_request_that_could_not_be_classified() -> None:
    first, *_ = await serve(headers(), body(BODY), classifier=BROKEN)
    values = changed(first)
    assert values["x-dragoman-unrouted"] == "deadline"
    assert values["x-dragoman-cluster"] == "three/c"


@pytest.mark.parametrize(
    ("classifier", "streamed", "gated"),
    [(MATCH, True, True), (MATCH, False, False), (NO_MATCH, True, False)],
)
async def test_a_stream_with_another_candidate_is_gated(
    classifier: Classifier, streamed: bool, gated: bool
) -> None:
    raw = b'{"stream":%s,%s}' % (str(streamed).lower().encode(), MESSAGES)
    first, *_ = await serve(headers(), body(raw), classifier=classifier)
    assert changed(first)["x-dragoman-streamed"] == str(int(streamed))
    terms = GateTerms(60.0).encode() if gated else None
    assert changed(first).get("x-dragoman-gated") == terms
    within = changed(first).get("x-dragoman-headers-within")
    assert within == ("120000" if gated else None)
    assert removed(first) == ["accept-encoding", "x-model-affinity"]


ASKED = b'{"model":"three/c","max_tokens":9,%s}' % MESSAGES


async def test_candidates_of_other_dialects_are_tried_too() -> None:
    first, *_ = await serve(headers("/v1/messages"), body(ASKED))
    values = changed(first)
    assert decode(values["x-dragoman-plan"]).candidates == ("one/a", "two/b", "three/c")
    assert values["x-dragoman-candidates"] == "3"
    assert values["x-envoy-max-retries"] == "2"
    assert values[":path"] == "/base/messages"
    assert "x-dragoman-translated" not in values
    assert "x-dragoman-skipped" not in values


async def test_a_candidate_that_a_translation_cannot_serve_is_passed_over() -> None:
    """To warm a cache (``max_tokens: 0``) means nothing in chat completions."""
    warming = ASKED.replace(b'"max_tokens":9', b'"max_tokens":0')
    first, *_ = await serve(headers("/v1/messages"), body(warming))
    values = changed(first)
    assert decode(values["x-dragoman-plan"]).candidates == ("one/a", "three/c")
    assert values["x-dragoman-skipped"].startswith("two/b (skipped:max_tokens")


async def test_a_first_candidate_of_another_dialect() -> None:
    first, *rest = await serve(
        headers("/v1/messages"),
        body(b'{"model":"two/b","max_tokens":9,%s}' % MESSAGES),
        classifier=NO_MATCH,
    )
    values = changed(first)
    assert values["x-dragoman-translated"] == "1"
    assert values["x-dragoman-cluster"] == "two/b"
    assert ":path" not in values
    assert given_back(rest)[0] == b'{"model":"b","max_tokens":9,%s}' % MESSAGES


@pytest.mark.parametrize(
    ("name", "value"),
    [("a/é", "a/%C3%A9"), ("a/模型", "a/%E6%A8%A1%E5%9E%8B"), ("a/50%", "a/50%25")],
)
async def test_the_cluster_of_a_name_that_no_header_could_carry(name: str, value: str) -> None:
    config = Config((Model(name, "a", "m", ENDPOINT, BOTH, default=True),))
    envoy = Envoy(headers(), body(b'{"model":"%s",%s}' % (name.encode(), MESSAGES)))
    planner = Planner(config.limits)
    ours = IngressProcessor(decider(config, MATCH), config.limits, Aside(), NO_BOUNDS, planner)
    await ours.serve(envoy)
    values = changed(envoy.heard[0])
    assert values["x-dragoman-cluster"] == values["x-dragoman-model"] == value
    assert decode(values["x-dragoman-plan"]).candidates == (name,)


async def test_a_body_in_pieces_with_trailers() -> None:
    pieces = [body(BODY[at : at + 7], ends=False) for at in range(0, len(BODY), 7)]
    _, *rest, last = await serve(headers(), *pieces, {"request_trailers": {}})
    assert given_back(rest) == (b'{"model":"a",%s}' % MESSAGES, [False])
    assert last.WhichOneof("response") == "request_trailers"


async def test_a_request_that_could_not_be_classified_is_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    await serve(headers(x_request_id="request-7"), body(BODY), classifier=BROKEN)
    (record,) = caplog.records
    assert record.getMessage().startswith("request request-7: not classified (deadline): ")


@pytest.mark.parametrize(
    ("classifier", "models", "route", "told"),
    [
        (
            MATCH,
            ["one/a", "two/b", "three/c"],
            ROUTE.name,
            {"x-dragoman-route": "caf%C3%A9 100%25"},
        ),
        (NO_MATCH, ["three/c"], None, {}),
        (BROKEN, ["three/c"], None, {"x-dragoman-unrouted": "deadline"}),
    ],
)
@pytest.mark.parametrize("endpoint", ["chat/completions", "messages"])
async def test_the_decision_alone(
    classifier: Classifier,
    models: list[str],
    route: str | None,
    told: dict[str, str],
    endpoint: str,
) -> None:
    path = headers(f"/routing/v1/{endpoint}")
    (answer,) = await serve(path, body(BODY), classifier=classifier)
    reply = answer.immediate_response
    assert reply.status.code == 200
    assert json.loads(reply.body) == {"models": models, "route": route, "trace_id": "0aaf7e3c"}
    always = {"content-type": "application/json", "x-dragoman-trace-id": "0aaf7e3c"}
    assert set_by(reply.headers) == always | told


@pytest.mark.parametrize(
    ("max_retries", "candidates", "told"),
    [
        (None, ("one/a", "two/b", "three/c"), "2"),
        (5, ("one/a", "two/b", "three/c"), "2"),
        (1, ("one/a", "two/b"), "1"),
        (0, ("one/a",), "0"),
    ],
)
async def test_no_more_attempts_than_are_allowed(
    max_retries: int | None, candidates: tuple[str, ...], told: str
) -> None:
    first, *_ = await serve(headers(), body(BODY), max_retries=max_retries)
    values = changed(first)
    assert decode(values["x-dragoman-plan"]).candidates == candidates
    assert values["x-dragoman-candidates"] == str(len(candidates))
    assert values["x-envoy-max-retries"] == told


async def test_a_request_of_a_session() -> None:
    classifier = Classifier(Intent(None))
    known = headers(x_model_affinity="the session", x_dragoman_client="c0ffee")
    first, *pieces = await serve(known, body(BODY), classifier=classifier)
    values = changed(first)
    assert values["x-dragoman-pinned"] == "true"
    assert values["x-dragoman-model"] == "two/b"
    assert decode(values["x-dragoman-plan"]).candidates == ("two/b", "one/a", "three/c")
    assert given_back(pieces)[0] == b'{"model":"b",%s}' % MESSAGES
    assert classifier.asked == 0
    first, *_ = await serve(known, body(BODY[:-1] + b',"routing_preferences":[]}'))
    assert "x-dragoman-pinned" not in changed(first)
    assert changed(first)["x-dragoman-model"] == "three/c"


@pytest.mark.parametrize(
    ("session", "models", "route", "told"),
    [
        (
            "the session",
            ["two/b", "one/a", "three/c"],
            ROUTE.name,
            {"session_id": "the session", "pinned": True},
        ),
        (
            "elsewhere",  # pinned to a model without a route, as older versions did
            ["one/a", "two/b", "three/c"],
            ROUTE.name,
            {"session_id": "elsewhere"},
        ),
        (" new one ", ["one/a", "two/b", "three/c"], ROUTE.name, {"session_id": "new one"}),
        ("", ["one/a", "two/b", "three/c"], ROUTE.name, {}),
        ("x" * 257, ["one/a", "two/b", "three/c"], ROUTE.name, {}),
    ],
)
async def test_the_decision_says_what_a_session_is_pinned_to(
    session: str, models: list[str], route: str | None, told: dict[str, Any]
) -> None:
    path = headers(
        "/routing/v1/chat/completions", x_model_affinity=session, x_dragoman_client="c0ffee"
    )
    (answer,) = await serve(path, body(BODY))
    decided = {"models": models, "route": route, "trace_id": "0aaf7e3c"}
    assert json.loads(answer.immediate_response.body) == decided | told
    answered = set_by(answer.immediate_response.headers)
    assert answered.get("x-dragoman-pinned") == ("true" if "pinned" in told else None)


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/routing/v1/chat/completions"])
async def test_the_id_of_a_trace_that_the_client_began(path: str) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    began = headers(path, traceparent=f"00-{trace}-00f067aa0ba902b7-01")
    first, *_ = await serve(began, body(BODY))
    if first.WhichOneof("response") == "request_headers":
        assert changed(first)["x-dragoman-trace-id"] == trace
    else:
        assert json.loads(first.immediate_response.body)["trace_id"] == trace
        assert set_by(first.immediate_response.headers)["x-dragoman-trace-id"] == trace


@pytest.mark.parametrize("count", [0, 1, 2])
async def test_a_client_that_leaves_midway(count: int) -> None:
    messages = [headers(), body(BODY[:9], ends=False)][:count]
    assert await serve(*messages) == []


@pytest.mark.parametrize("ends", [True, False])
async def test_the_largest_body_and_one_byte_more(ends: bool) -> None:
    end: list[dict[str, Any]] = [] if ends else [{"request_trailers": {}}]
    largest = b'{"pad":"%s",%s}' % (b"x" * (189 - len(MESSAGES)), MESSAGES)
    assert len(largest) == 200
    assert len(await serve(headers(), body(largest, ends=ends), *end)) == 2 + len(end)
    error = await refused(headers(), body(largest + b" ", ends=ends), *end)
    assert (error.status, error.code) == (413, "request_too_large")
    assert "200 bytes" in error.message


async def test_a_body_that_is_too_large_is_received_within_reason() -> None:
    piece = body(b"x" * 100, ends=False)
    envoy = Envoy(headers(), *[piece] * 8)
    await ingress().serve(envoy)
    assert (envoy.unsaid, envoy.heard) == (0, [])
    envoy = Envoy(headers(), *[piece] * 20)
    with pytest.raises(ClientError, match="larger than") as raised:
        await ingress().serve(envoy)
    assert raised.value.status == 413
    assert envoy.unsaid == 11


async def test_a_compressed_body_goes_on_plain() -> None:
    first, *pieces = await serve(headers(content_encoding="GZIP"), body(gzip.compress(BODY)))
    sent = b'{"model":"a",%s}' % MESSAGES
    assert given_back(pieces) == (sent, [True])
    assert changed(first)["content-length"] == str(len(sent))
    assert removed(first) == ["accept-encoding", "x-model-affinity", "content-encoding"]


async def test_a_body_that_unpacks_to_more_than_is_accepted_is_refused() -> None:
    bomb = gzip.compress(bytes(10_000))
    with pytest.raises(ClientError, match="unpacks to more than") as raised:
        await serve(headers(content_encoding="gzip"), body(bomb))
    assert raised.value.status == 413


@pytest.mark.parametrize("encoding", ["compress", "gzip, AES"])
async def test_a_body_that_cannot_be_read_is_refused_at_once(encoding: str) -> None:
    envoy = Envoy(headers(content_encoding=encoding), body(BODY))
    name = encoding.lower().rpartition(" ")[2]
    with pytest.raises(ClientError, match=f"'{name}'") as raised:
        await ingress().serve(envoy)
    assert raised.value.status == 415
    assert envoy.unsaid == 1


@pytest.mark.parametrize("encoding", ["identity", " Identity "])
async def test_identity_is_no_encoding(encoding: str) -> None:
    assert await serve(headers(content_encoding=encoding), body(BODY))


async def test_a_request_without_a_body() -> None:
    error = await refused(headers(ends=True))
    assert (error.status, "not valid JSON" in error.message) == (400, True)
    assert (error.code, error.reason) == (None, "invalid_json")


async def test_a_refusal_is_in_the_clients_dialect() -> None:
    processor = ingress()
    error = await refused(headers("/v1/messages"), body(b"{}"), processor=processor)
    reply = ProcessingResponse.FromString(processor.refuse(error)).immediate_response
    assert (reply.status.code, processor.request_id) == (400, "0aaf-7e3c")
    assert json.loads(reply.body)["type"] == "error"
    assert set_by(reply.headers)["request-id"] == "0aaf-7e3c"
    assert "x-dragoman-route" not in set_by(reply.headers)


async def test_a_refusal_remembers_which_model_is_not_found() -> None:
    refuse = ingress().refuse
    reply = ProcessingResponse.FromString(refuse(ClientError(404, "no", requested_model="m" * 300)))
    assert reply.immediate_response.status.code == 404
    remembered = reply.dynamic_metadata.fields["dragoman"].struct_value.fields
    assert remembered["requested_model"].string_value == "m" * 255 + "…"
    other = ProcessingResponse.FromString(refuse(ClientError(400, "no")))
    assert not other.HasField("dynamic_metadata")


async def test_a_refusal_names_the_route_that_had_matched_and_when_to_come_back() -> None:
    processor = ingress()
    error = ClientError(400, "no", retry_after=30, headers={"x-ratelimit-limit-requests": "9"})
    error.route = ROUTE.name
    reply = ProcessingResponse.FromString(processor.refuse(error)).immediate_response
    assert set_by(reply.headers) == {
        "content-type": "application/json",
        "x-dragoman-route": "caf%C3%A9 100%25",
        "retry-after": "30",
        "x-ratelimit-limit-requests": "9",
    }


@pytest.mark.parametrize(
    ("path", "own_id"),
    [("/v1/messages", "0aaf-7e3c"), ("/messages", "0aaf-7e3c"), ("/v1/chat/completions", None)],
)
async def test_the_id_that_the_clients_sdk_looks_for(path: str, own_id: str | None) -> None:
    raw = b'{"max_tokens":9,%s}' % MESSAGES
    first, *_ = await serve(headers(path), body(raw))
    assert changed(first).get("x-dragoman-request-id") == own_id


async def test_no_candidate_can_serve_the_request() -> None:
    processor = ingress(NO_MATCH)
    raw = b'{"model":"two/b","max_tokens":0,%s}' % MESSAGES
    error = await refused(headers("/v1/messages"), body(raw), processor=processor)
    assert (error.status, error.code) == (400, "no_candidate_fits")
    assert "two/b: max_tokens: " in error.message


async def test_a_body_that_cannot_be_changed_is_not_forwarded_in_part() -> None:
    error = await refused(headers(), body(b'{"model":"a","model":"b",%s}' % MESSAGES))
    assert (error.status, error.param) == (400, "model")


@pytest.mark.parametrize(
    "messages",
    [
        [body(BODY)],
        [headers(), headers()],
        [headers("/no/endpoint")],
        [request_headers({})],
        [{"response_headers": {}}],
        [{}],
    ],
)
async def test_what_envoy_must_not_say(messages: list[dict[str, Any]]) -> None:
    with pytest.raises(ProtocolError):
        await serve(*messages)


MARKED = (
    b'{"model":"%s","messages":[{"role":"user","content":"hi"},'
    b'{"role":"assistant","content":"yo","%s":"hm"}]}'
)


@pytest.mark.parametrize(("name", "adapted"), [(b"reasoning_content", (0,)), (b"name", ())])
async def test_the_requested_model_is_spared_what_another_provider_thought(
    name: bytes, adapted: tuple[int, ...]
) -> None:
    openai = Model("openai/a", "openai", "a", ENDPOINT, BOTH, default=True)
    config = Config((openai,), limits=CONFIG.limits)
    processor = IngressProcessor(
        decider(config, NO_MATCH), config.limits, Aside(), NO_BOUNDS, Planner(config.limits)
    )
    envoy = Envoy(headers(), body(MARKED % (b"openai/a", name)))
    await processor.serve(envoy)
    values = changed(envoy.heard[0])
    assert decode(values["x-dragoman-plan"]).adapted == adapted
    assert ("x-dragoman-adapted" in values) is bool(adapted)


SYSTEM = '"system":"%s"' % ("s" * 100)
HUGE = SYSTEM + ',"metadata":"%s"' % ("m" * 2**22)
WITH_SYSTEM = '{"model":"%s",%s,"messages":[{"role":"user","content":"hi"}]}'


@pytest.mark.parametrize(
    ("least", "path", "model", "prefix", "cache", "marked"),
    [
        (20, "messages", "one/a", SYSTEM, "", True),
        (20, "messages", "two/b", SYSTEM, "", False),
        (20, "chat/completions", "two/b", SYSTEM, "", False),
        (20, "chat/completions", "four/m", SYSTEM, "on", True),
        (20, "messages", "one/a", SYSTEM, "Off ", False),
        (90, "messages", "one/a", SYSTEM, "", False),
        (20, "messages", "one/a", SYSTEM + ',"cache_control":{}', "", False),
        pytest.param(*(20, "messages", "one/a", HUGE, "", False), id="huge"),
        (None, "messages", "one/a", SYSTEM, "", False),
    ],
)
async def test_whether_what_is_worth_caching_is_marked(
    least: int | None, path: str, model: str, prefix: str, cache: str, marked: bool
) -> None:
    """The attempt processor sees the requested model's request too, where that is in its dialect;
    it adapts nothing in it."""
    claude = Model("four/m", "four", "m", ENDPOINT, {Dialect.MESSAGES: "/messages"})
    config = Config((ONE, TWO, claude))
    processor = IngressProcessor(
        decider(config, NO_MATCH),
        config.limits,
        Aside(),
        NO_BOUNDS,
        Planner(config.limits, cache_marks_from=least),
    )
    asked = (WITH_SYSTEM % (model, prefix)).encode()
    envoy = Envoy(headers(f"/v1/{path}", x_plano_cache=cache), body(asked))
    await processor.serve(envoy)
    values = changed(envoy.heard[0])
    plan = decode(values["x-dragoman-plan"])
    assert (plan.marked, plan.adapted) == (marked, ())
    assert ("x-dragoman-adapted" in values) is (marked and path == "messages")


TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@pytest.mark.parametrize("captured", [False, True])
async def test_a_request_begins_its_span(*, captured: bool) -> None:
    told: list[DecisionRecord] = []
    spans = Beginning(Tracing(capture_content=captured), Sampler())
    envoy = Envoy(headers(traceparent=f"00-{TRACE}-{PARENT}-01", tracestate="a=1"), body(BODY))
    await ingress(spans=spans, tell=told.append).serve(envoy)
    (record,) = told
    assert record.span is not None
    assert (record.trace_id, record.span.parent_id) == (TRACE, PARENT)
    values = changed(envoy.heard[0])
    assert values["x-dragoman-trace-id"] == TRACE
    assert values["x-dragoman-span"] == record.span.span_id
    assert values["x-dragoman-trace-flags"] == "01"
    assert "tracestate" not in removed(envoy.heard[0])
    prompt = '[{"role":"user","parts":[{"type":"text","content":"hi"}]}]'
    assert record.span.prompt == (prompt if captured else None)


async def test_the_state_of_another_trace_goes_no_further() -> None:
    spans = Beginning(Tracing(capture_content=True), Sampler(0.0))
    told: list[DecisionRecord] = []
    envoy = Envoy(headers(traceparent="junk", tracestate="a=1"), body(BODY))
    await ingress(spans=spans, tell=told.append).serve(envoy)
    assert "tracestate" in removed(envoy.heard[0])
    assert told[0].span is not None
    assert told[0].span.prompt is None, "nobody will read it"
