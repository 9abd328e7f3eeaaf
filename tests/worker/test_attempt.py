"""A request put into the terms of the next candidate, while it passes."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import combinations, pairwise
from typing import Any

import pytest

from extproc.contract import REPLY_DETAILS
from extproc.core.aside import Aside
from extproc.core.catalog import Catalog
from extproc.core.config import Config
from extproc.core.models import Dialect, Endpoint, Model
from extproc.core.outcomes import AttemptOutcome, outcome_of
from extproc.core.timeouts import Timeouts
from extproc.core.traits import Thinking, Traits
from extproc.dialects.adapting import adapted_body
from extproc.errors import ClientError
from extproc.transport.wire import Message, ProcessingResponse
from extproc.worker.attempt import AttemptProcessor, Splice
from extproc.worker.deadlines import ATTEMPT_HEADERS, Deadline, Terms
from extproc.worker.exchange import ProtocolError
from extproc.worker.plan import InvalidPlanError, Plan, encode
from tests.helpers.envoy_stream import Envoy, changed, removed, request_headers
from tests.helpers.envoy_stream import request_body as body

ENDPOINT = Endpoint("https", "h", 443, "h")
CHAT = {Dialect.CHAT: "/v1/chat/completions"}
FIRST = Model("one/first", "one", "first", ENDPOINT, CHAT)
SECOND = Model("two/second-model", "two", "second-model", ENDPOINT, {Dialect.CHAT: "/deep/chat"})
QUOTED = Model("three", "three", 'q"é', ENDPOINT, CHAT)
OTHER = Model("four/messages", "four", "m", ENDPOINT, {Dialect.MESSAGES: "/v1/messages"})
CATALOG = Catalog(Config((FIRST, SECOND, QUOTED, OTHER)))
EFFORT = Traits(thinking=Thinking.EFFORT, sampling=False)
THINKER = Model("openai/o3", "openai", "o3", ENDPOINT, CHAT, traits=EFFORT)
REASONING = Catalog(Config((FIRST, THINKER)))

BODY = b'{"model":"first","n":1}'
START, END = 9, 16


def cuts(body: bytes, most: int) -> Iterator[list[bytes]]:
    """The body in 1 to ``most`` pieces, cut in every possible way, empty pieces included."""
    places = range(len(body) + 1)
    for count in range(most):
        for inner in combinations(places, count):
            edges = (0, *inner, len(body))
            yield [body[a:b] for a, b in pairwise(edges)]


@pytest.mark.parametrize(
    ("start", "end", "replacement"),
    [
        (9, 16, b'"x"'),
        (9, 16, b'"much longer"'),
        (9, 16, b'"same!"'),
        (0, 3, b"<>"),
        (20, 23, b"]"),
    ],
)
def test_a_run_of_bytes_is_replaced_however_the_body_is_cut(
    start: int, end: int, replacement: bytes
) -> None:
    expected = BODY[:start] + replacement + BODY[end:]
    for pieces in cuts(BODY, 4):
        splice = Splice(start, end, replacement)
        assert b"".join(map(splice.feed, pieces)) == expected, pieces
        assert splice.growth == len(expected) - len(BODY)


def test_bytes_in_single_file_and_empty_pieces() -> None:
    splice = Splice(START, END, b'"x"')
    pieces = [piece for byte in BODY for piece in (b"", bytes([byte]), b"")]
    assert b"".join(map(splice.feed, pieces)) == b'{"model":"x","n":1}'


def told(plan: Plan, attempt: int, length: int = len(BODY)) -> dict[str, str]:
    return {
        "x-request-id": "the-id",
        "x-dragoman-plan": encode(plan),
        "x-envoy-attempt-count": str(attempt),
        "content-length": str(length),
        **Terms(Timeouts()).encode(),
    }


def headers(plan: Plan, attempt: int, length: int = len(BODY)) -> dict[str, Any]:
    return request_headers(told(plan, attempt, length))


def plan(
    *names: str, streamed: bool = False, query: str = "", adapted: tuple[int, ...] = ()
) -> Plan:
    known = names or (FIRST.name, SECOND.name)
    return Plan(Dialect.CHAT, known, streamed, START, END, query, adapted)


def nobody_hears(model: str) -> None:
    """For tests that are not about what is told of failures."""


async def rewritten(*messages: Mapping[str, Any], catalog: Catalog = CATALOG) -> list[Message]:
    envoy = Envoy(*messages)
    await AttemptProcessor(catalog, nobody_hears, Aside()).serve(envoy)
    return envoy.heard


async def test_the_second_attempt() -> None:
    first, *pieces = await rewritten(
        headers(plan(query="a=b"), 2), body(BODY[:12], ends=False), body(BODY[12:], ends=True)
    )
    assert first.request_headers.response.clear_route_cache
    assert changed(first) == {
        "x-dragoman-cluster": "two/second-model",
        "x-dragoman-model": "two/second-model",
        ":path": "/deep/chat?a=b",
        "content-length": "30",
    }
    sent = [piece.request_body.response.body_mutation.streamed_response for piece in pieces]
    assert b"".join(piece.body for piece in sent) == b'{"model":"second-model","n":1}'
    assert [piece.end_of_stream for piece in sent] == [False, True]


async def test_a_copy_goes_to_the_shadow_and_is_waited_for_by_nobody() -> None:
    """The first candidate has not failed by that, and the copy is neither held nor hurried."""
    heard: list[str] = []
    copied = replace(plan(FIRST.name, FIRST.name, streamed=True), shadow=SECOND.name)
    terms = Terms(Timeouts(answer=30), Deadline(at=1.0, asked=True), hedge_after=0.5).encode()
    envoy = Envoy(request_headers(told(copied, 0) | terms), body(BODY, ends=True))
    await AttemptProcessor(CATALOG, heard.append, Aside()).serve(envoy)
    assert changed(envoy.heard[0]) == {
        "x-dragoman-cluster": "two/second-model",
        "x-dragoman-model": "two/second-model",
        ":path": "/deep/chat",
        "content-length": "30",
        "x-dragoman-answer-within": "30000",
    }
    removed = set(envoy.heard[0].request_headers.response.header_mutation.remove_headers)
    assert {"x-dragoman-gated", "x-dragoman-headers-within", "x-dragoman-hurried"} <= removed
    assert heard == []


@pytest.mark.parametrize(
    ("names", "attempt", "due"),
    [
        (("one/first", "two/second-model", "three"), 1, "one/first"),
        (("one/first", "two/second-model", "three"), 2, "two/second-model"),
        (("one/first", "two/second-model", "three"), 3, "three"),
        (("two/second-model",), 2, "two/second-model"),
    ],
)
async def test_the_candidate_that_is_due(names: tuple[str, ...], attempt: int, due: str) -> None:
    (first,) = await rewritten(headers(plan(*names), attempt))
    assert changed(first)["x-dragoman-cluster"] == due


@pytest.mark.parametrize(
    ("name", "value"),
    [("a/é", "a/%C3%A9"), ("a/模型", "a/%E6%A8%A1%E5%9E%8B"), ("a/50%", "a/50%25")],
)
async def test_the_cluster_of_a_name_that_no_header_could_carry(name: str, value: str) -> None:
    catalog = Catalog(Config((Model(name, "a", "m", ENDPOINT, CHAT),)))
    (first,) = await rewritten(headers(plan(name), 2), catalog=catalog)
    assert changed(first)["x-dragoman-cluster"] == changed(first)["x-dragoman-model"] == value


async def test_an_alias_spelled_like_a_candidate_leads_nobody_astray() -> None:
    catalog = Catalog(Config((FIRST, SECOND), aliases={FIRST.name: SECOND.name}))
    (first,) = await rewritten(headers(plan(FIRST.name), 2), catalog=catalog)
    assert changed(first)["x-dragoman-cluster"] == FIRST.name


async def test_a_model_id_is_written_as_json() -> None:
    first, piece = await rewritten(headers(plan("three"), 2), body(BODY, ends=True))
    sent = piece.request_body.response.body_mutation.streamed_response.body
    assert sent == '{"model":"q\\"é","n":1}'.encode()
    assert changed(first)["content-length"] == str(len(sent))


@pytest.mark.parametrize(
    ("streamed", "attempt", "gated"),
    [(True, 1, True), (True, 2, True), (True, 3, False), (False, 2, False)],
)
async def test_only_a_stream_that_can_still_be_moved_is_gated(
    streamed: bool, attempt: int, gated: bool
) -> None:
    names = ("one/first", "two/second-model", "three")
    (first,) = await rewritten(headers(plan(*names, streamed=streamed), attempt))
    assert ("x-dragoman-gated" in changed(first)) is gated
    assert ("x-dragoman-gated" in removed(first)) is not gated


@pytest.mark.parametrize(
    ("streamed", "attempt", "bounds"),
    [
        (True, 2, {"gated", "headers-within"}),
        (True, 3, set()),
        (False, 2, {"answer-within"}),
        (False, 3, set()),
    ],
)
async def test_an_attempt_is_bounded_anew(streamed: bool, attempt: int, bounds: set[str]) -> None:
    names = ("one/first", "two/second-model", "three")
    (first,) = await rewritten(headers(plan(*names, streamed=streamed), attempt))
    bounds = {f"x-dragoman-{name}" for name in bounds}
    assert bounds <= set(changed(first))
    assert set(ATTEMPT_HEADERS) - bounds <= set(removed(first))


async def test_a_client_that_has_given_up_is_told_so() -> None:
    terms = Terms(Timeouts(), Deadline(at=1.0)).encode()
    with pytest.raises(ClientError) as raised:
        await rewritten(request_headers(told(plan(), 2) | terms))
    assert (raised.value.status, raised.value.code) == (504, "deadline")


@pytest.mark.parametrize(
    ("attempt", "deadline", "streamed", "passed_over"),
    [
        (2, Deadline(at=1_003.9, asked=True), False, True),
        (2, Deadline(at=1_004.1, asked=True), False, False),
        (2, Deadline(at=1_003.9), False, False),
        (3, Deadline(at=1_003.9, asked=True), False, False),
        (2, Deadline(at=1_003.9, asked=True), True, False),
        (2, None, False, False),
    ],
)
async def test_a_model_that_would_be_late_is_passed_over_for_the_next(
    attempt: int, deadline: Deadline | None, streamed: bool, passed_over: bool
) -> None:
    """By what an SDK waits for, none is, and the last one is always tried."""
    asked = plan("one/first", "two/second-model", "three", streamed=streamed)
    envoy = Envoy(request_headers(told(asked, attempt) | Terms(Timeouts(), deadline).encode()))
    processor = AttemptProcessor(
        CATALOG,
        nobody_hears,
        Aside(),
        lambda: 1_000.0,
        seconds=lambda _, streamed: None if streamed else 4.0,
    )
    if not passed_over:
        await processor.serve(envoy)
        assert envoy.heard
        return
    with pytest.raises(ClientError, match=r"'two/second-model' takes 4 s .* 3.9 s are") as raised:
        await processor.serve(envoy)
    assert (raised.value.status, raised.value.code) == (504, "too_slow")
    assert outcome_of(504, f"{REPLY_DETAILS}{{too_slow}}") == AttemptOutcome(moves_on=True)


@pytest.mark.parametrize(("name", "translated"), [("two/second-model", False), (OTHER.name, True)])
async def test_only_a_candidate_of_another_dialect_is_translated(
    name: str, translated: bool
) -> None:
    (first,) = await rewritten(headers(plan("one/first", name), 2))
    assert changed(first).get("x-dragoman-translated") == ("1" if translated else None)
    assert ("x-dragoman-translated" in removed(first)) is not translated
    assert (":path" in changed(first)) is not translated


ADAPTED = b'{"model":"first","max_tokens":9,"temperature":0.5,"n":1}'


@pytest.mark.parametrize("pieces", [[ADAPTED], [ADAPTED[:20], ADAPTED[20:], b""]])
@pytest.mark.parametrize("trailers", [False, True])
async def test_a_body_is_adapted_to_a_model_that_was_not_asked_for(
    pieces: list[bytes], trailers: bool
) -> None:
    """OpenAI's reasoning models take neither the older name of the limit nor a temperature."""
    names = ("one/first", "openai/o3")
    messages = [body(piece, ends=False) for piece in pieces[:-1]]
    messages.append(body(pieces[-1], ends=not trailers))
    if trailers:
        messages.append({"request_trailers": {}})
    first, *rest = await rewritten(
        headers(plan(*names, adapted=(1,)), 2, len(ADAPTED)), *messages, catalog=REASONING
    )
    assert changed(first)["x-dragoman-translation"] == "dropped:temperature"
    if trailers:
        assert rest.pop().WhichOneof("response") == "request_trailers"
    streamed = [piece.request_body.response.body_mutation.streamed_response for piece in rest]
    sent = b"".join(piece.body for piece in streamed)
    assert json.loads(sent) == {"model": "o3", "max_completion_tokens": 9, "n": 1}
    assert changed(first)["content-length"] == str(len(sent))
    assert [piece.end_of_stream for piece in streamed] == [not trailers]


CLAUDE = Model("five/claude", "five", "claude", ENDPOINT, {Dialect.MESSAGES: "/v1/messages"})
STRICT = replace(CLAUDE, name="six/claude", traits=Traits(output_ceiling=5))


@pytest.mark.parametrize(
    ("model", "adapted", "dialect", "told", "sent"),
    [
        (CLAUDE, (), Dialect.MESSAGES, "added:cache_control", 9),
        (STRICT, (0,), Dialect.MESSAGES, "clamped:max_tokens, added:cache_control", 5),
        (STRICT, (), Dialect.MESSAGES, "added:cache_control", 9),
        (FIRST, (), Dialect.CHAT, None, 9),
    ],
)
async def test_what_is_worth_caching_is_marked(
    model: Model, adapted: tuple[int, ...], dialect: Dialect, told: str | None, sent: int
) -> None:
    raw = b'{"model":"x", "max_tokens":9,"system":"S","messages":[]}'
    asked = replace(plan(model.name, adapted=adapted), dialect=dialect, marked=True)
    asked = replace(asked, model_end=START + 3)
    catalog = Catalog(Config((FIRST, CLAUDE, STRICT)))
    first, *rest = await rewritten(headers(asked, 1, len(raw)), body(raw), catalog=catalog)
    assert changed(first).get("x-dragoman-translation") == told
    body_sent = b"".join(
        piece.request_body.response.body_mutation.streamed_response.body for piece in rest
    )
    assert changed(first)["content-length"] == str(len(body_sent))
    mark = {"type": "text", "text": "S", "cache_control": {"type": "ephemeral"}}
    assert json.loads(body_sent) == {
        "model": model.model_id,
        "max_tokens": sent,
        "system": "S" if told is None else [mark],
        "messages": [],
    }


async def test_a_body_in_which_nothing_can_be_marked_passes_as_it_is() -> None:
    raw = b'{"model":"x", "messages":[]}'
    asked = replace(plan(CLAUDE.name), dialect=Dialect.MESSAGES, marked=True, model_end=START + 3)
    first, sent = await rewritten(
        headers(asked, 1, len(raw)), body(raw), catalog=Catalog(Config((CLAUDE,)))
    )
    assert "x-dragoman-translation" not in changed(first)
    streamed = sent.request_body.response.body_mutation.streamed_response
    assert streamed.body == b'{"model":"claude", "messages":[]}'


@pytest.mark.parametrize(
    ("more", "aside"),
    [
        ({}, False),
        ({"user": "y" * 100_000}, False),
        ({"user": "y" * 1_100_000}, True),
        ({"tools": [[0] * 17_000] * 2}, True),
    ],
    ids=["small", "not dense", "long", "dense"],
)
async def test_a_large_body_is_adapted_on_another_thread(
    monkeypatch: pytest.MonkeyPatch, more: dict[str, Any], aside: bool
) -> None:
    threads: list[int] = []

    def watched(*given: Any) -> Any:
        threads.append(threading.get_ident())
        return adapted_body(*given)

    monkeypatch.setattr("extproc.worker.attempt.adapted_body", watched)
    asked = json.dumps({**json.loads(ADAPTED), **more}, separators=(",", ":")).encode()
    told = headers(plan("one/first", "openai/o3", adapted=(1,)), 2, len(asked))
    await rewritten(told, body(asked), catalog=REASONING)
    assert [thread != threading.get_ident() for thread in threads] == [aside]


@pytest.mark.parametrize(
    ("names", "attempt", "failed"),
    [
        (("one/first", "two/second-model", "three"), 1, []),
        (("one/first", "two/second-model", "three"), 2, ["one/first"]),
        (("one/first", "two/second-model", "three"), 3, ["two/second-model"]),
        (("one/first", "two/second-model"), 4, ["two/second-model"]),
        (("two/second-model",), 2, ["two/second-model"]),
    ],
)
async def test_whose_attempt_has_failed_is_told(
    names: tuple[str, ...], attempt: int, failed: list[str]
) -> None:
    told: list[str] = []
    processor = AttemptProcessor(CATALOG, told.append, Aside())
    await processor.serve(Envoy(headers(plan(*names), attempt)))
    assert told == failed


async def test_a_failure_is_told_though_nobody_is_left_to_take_over() -> None:
    told: list[str] = []
    with pytest.raises(ClientError):
        await AttemptProcessor(CATALOG, told.append, Aside()).serve(
            Envoy(headers(plan("one/first", "gone/model"), 2))
        )
    assert told == ["one/first"]


async def test_trailers_pass() -> None:
    *_, last = await rewritten(headers(plan(), 2), body(BODY, ends=False), {"request_trailers": {}})
    assert last.WhichOneof("response") == "request_trailers"


async def test_pieces_pass_one_by_one() -> None:
    class Watched(Envoy):
        async def read(self) -> Message | None:
            lengths.append(len(self.heard))
            return await super().read()

    lengths: list[int] = []
    envoy = Watched(headers(plan(), 2), body(BODY, ends=False), body(b"", ends=True))
    await AttemptProcessor(CATALOG, nobody_hears, Aside()).serve(envoy)
    assert lengths == [0, 1, 2]


@pytest.mark.parametrize("count", [0, 1, 2])
async def test_envoy_gives_up_midway(count: int) -> None:
    messages = [headers(plan(), 2), body(BODY, ends=False)][:count]
    assert len(await rewritten(*messages)) == count


async def test_a_candidate_that_is_gone() -> None:
    rewrite = AttemptProcessor(CATALOG, nobody_hears, Aside())
    with pytest.raises(ClientError, match="'gone/model' is no longer available") as raised:
        await rewrite.serve(Envoy(headers(plan("one/first", "gone/model"), 2)))
    assert raised.value.status == 503
    assert rewrite.request_id == "the-id"


async def test_the_dialect_of_a_refusal_is_the_plans() -> None:
    rewrite = AttemptProcessor(CATALOG, nobody_hears, Aside())
    unserved = Plan(Dialect.MESSAGES, ("gone/model",), False, START, END)
    with pytest.raises(ClientError) as raised:
        await rewrite.serve(Envoy(headers(unserved, 2)))
    refusal = ProcessingResponse.FromString(rewrite.refuse(raised.value)).immediate_response
    assert refusal.status.code == 503
    assert refusal.body.startswith(b'{"type":"error"')


async def test_what_envoy_must_not_say() -> None:
    with pytest.raises(ProtocolError):
        await rewritten(body(BODY, ends=True))
    with pytest.raises(ProtocolError):
        await rewritten(headers(plan(), 2), headers(plan(), 2))
    with pytest.raises(InvalidPlanError):
        await rewritten(request_headers(told(plan(), 2) | {"x-dragoman-plan": "[]"}))


@pytest.mark.parametrize("name", ["x-dragoman-plan", "x-envoy-attempt-count", "content-length"])
async def test_a_header_without_which_envoy_must_not_ask(name: str) -> None:
    values = told(plan(), 2)
    del values[name]
    with pytest.raises(ProtocolError, match=f"the request has no {name}"):
        await rewritten(request_headers(values))
