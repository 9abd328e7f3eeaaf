"""A request with a body goes to the model that the body names."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from extproc.affinity import MemoryPins, Origins, Pin
from extproc.core.aside import Aside
from extproc.core.config import Config, Limits
from extproc.core.models import Dialect, Endpoint, Model
from extproc.core.records import DecisionRecord, Ranked
from extproc.errors import ClientError
from extproc.forwarder import Forwarder
from extproc.ranking.bars import Objection
from extproc.ranking.expectation import Expectation
from extproc.ranking.snapshot import Price, Snapshot
from extproc.transport.wire import Message
from extproc.worker.admission import Admission
from extproc.worker.by_id import ByIdProcessor
from extproc.worker.by_model import ByModelProcessor
from extproc.worker.exchange import ProtocolError
from extproc.worker.forwarding import Forwarding
from extproc.worker.processor import Processor
from tests.helpers.arrivals import NO_BOUNDS
from tests.helpers.bars import Governing
from tests.helpers.envoy_stream import Envoy, changed, removed, request_body, request_headers
from tests.helpers.fixed_decisions import forwarding

CHAT = {Dialect.CHAT: "/base/chat/completions"}
ONE = Model("one/a", "one", "a", Endpoint("https", "one", 443, "one"), CHAT)
TWO = Model("two/b", "two", "b", Endpoint("https", "two", 443, "two"), CHAT, default=True)
CLAUDE = Model(
    *("anthropic/c", "anthropic", "c", Endpoint("https", "c", 443, "c")),
    {Dialect.MESSAGES: "/v1/messages"},
)
CONFIG = Config((ONE, TWO, CLAUDE), limits=Limits(max_request_bytes=300))
FORM = "multipart/form-data; boundary=B"
PART = b'--B\r\ncontent-disposition: form-data; name="%b"\r\n\r\n%b\r\n'


class Served:
    """What a processor said, and what it told."""

    def __init__(self) -> None:
        self.told: list[DecisionRecord] = []
        pins = MemoryPins(600, 10)
        pins.keep("file-1", Pin("one/a"))
        self._forwarding = forwarding(CONFIG, pins=pins, tell=self.told.append)

    async def by_model(self, *messages: Mapping[str, Any]) -> list[Message]:
        return await self._serve(
            ByModelProcessor(self._forwarding, CONFIG.limits, Aside(), NO_BOUNDS), messages
        )

    async def by_id(self, *messages: Mapping[str, Any]) -> list[Message]:
        return await self._serve(ByIdProcessor(self._forwarding, Aside()), messages)

    async def _serve(
        self, processor: Processor, messages: Sequence[Mapping[str, Any]]
    ) -> list[Message]:
        envoy = Envoy(*messages)
        await processor.serve(envoy)
        return envoy.heard


@pytest.fixture
def served() -> Served:
    return Served()


def headers(path: str = "/v1/embeddings", *, ends: bool = False, **more: str) -> dict[str, Any]:
    given = {":path": path, "x-request-id": "0aaf-7e3c"} | {
        name.replace("_", "-"): value for name, value in more.items()
    }
    return request_headers(given, ends=ends)


def sent(pieces: Sequence[Message]) -> tuple[bytes, list[bool]]:
    bodies = [piece.request_body.response.body_mutation.streamed_response for piece in pieces]
    return b"".join(body.body for body in bodies), [body.end_of_stream for body in bodies]


async def test_json(served: Served) -> None:
    raw = b'{"model":"two/b","input":"x"}'
    first, *pieces = await served.by_model(
        headers("/v1/embeddings?q=1"), request_body(raw[:9], ends=False), request_body(raw[9:])
    )
    assert sent(pieces) == (b'{"model":"b","input":"x"}', [True])
    assert changed(first) == {
        "x-dragoman-candidates": "1",
        "x-dragoman-cluster": "two/b",
        "x-dragoman-model": "two/b",
        "x-dragoman-streamed": "0",
        "x-dragoman-trace-id": "0aaf7e3c",
        "x-dragoman-path": "/v1/embeddings?q=1",
        ":path": "/base/embeddings?q=1",
        "content-length": "25",
    }
    assert removed(first) == ["accept-encoding", "x-model-affinity"]
    (record,) = served.told
    assert record.forwarded == "/v1/embeddings"
    assert record.candidates == (Ranked("two/b"),)
    assert (record.requested_model, record.route) == ("two/b", None)


async def test_a_stream_is_given_a_streams_time(served: Served) -> None:
    first, *_ = await served.by_model(headers(), request_body(b'{"model":"a","stream":true}'))
    assert changed(first)["x-dragoman-streamed"] == "1"
    assert served.told[0].streamed


async def test_json_without_a_model_goes_where_what_it_refers_to_is(served: Served) -> None:
    raw = b'{"input_file_id":"file-1"}'
    first, *pieces = await served.by_model(headers("/v1/batches"), request_body(raw))
    assert changed(first)["x-dragoman-cluster"] == "one/a"
    assert sent(pieces)[0] == raw


async def test_no_body_at_all(served: Served) -> None:
    (only,) = await served.by_model(headers("/v1/files/file-1/cancel", ends=True))
    assert changed(only)[":path"] == "/base/files/file-1/cancel"
    assert "content-length" not in changed(only)


async def test_no_body_and_a_model_in_the_query(served: Served) -> None:
    (only,) = await served.by_model(headers("/v1/files/file-9/cancel?model=a", ends=True))
    assert changed(only)["x-dragoman-cluster"] == "one/a"
    assert changed(only)[":path"] == "/base/files/file-9/cancel"


async def test_trailers_go_on_behind_the_body(served: Served) -> None:
    *_, piece, last = await served.by_model(
        headers(), request_body(b'{"model":"a"}', ends=False), {"request_trailers": {}}
    )
    assert sent([piece]) == (b'{"model":"a"}', [False])
    assert last.WhichOneof("response") == "request_trailers"


async def test_an_estimate_is_marked_and_generates_nothing(served: Served) -> None:
    body = {"model": "two/b", "messages": [{"role": "user", "content": "word " * 40}]}
    (only,) = await served.by_model(
        headers("/v1/messages/count_tokens"), request_body(json.dumps(body).encode())
    )
    reply = only.immediate_response
    assert reply.status.code == 200
    assert 50 <= json.loads(reply.body)["input_tokens"] <= 75
    told = {option.header.key: option.header.raw_value for option in reply.headers.set_headers}
    assert told["x-dragoman-estimated"] == b"true"
    assert told["x-dragoman-model"] == b"two/b"
    assert served.told[0].forwarded == "/v1/messages/count_tokens"


async def test_what_anthropic_counts_is_not_estimated(served: Served) -> None:
    first, *_ = await served.by_model(
        headers("/v1/messages/count_tokens"), request_body(b'{"model":"c","messages":[]}')
    )
    assert changed(first)[":path"] == "/v1/messages/count_tokens"


async def test_a_form_passes_on_as_soon_as_its_model_is_known(served: Served) -> None:
    """What comes behind it may be larger than any body that is taken in whole."""
    begin, rest = PART % (b"model", b"two/b"), PART % (b"file", b"x" * 500)
    first, *pieces = await served.by_model(
        headers("/v1/audio/transcriptions", content_type=FORM, content_length="999"),
        request_body(begin[:20], ends=False),
        request_body(begin[20:] + b"--B\r\nx", ends=False),
        request_body(rest, ends=False),
        request_body(b"--B--\r\n"),
    )
    assert changed(first)["content-length"] == "995"
    assert changed(first)[":path"] == "/base/audio/transcriptions"
    body, ends = sent(pieces)
    assert body == PART % (b"model", b"b") + b"--B\r\nx" + rest + b"--B--\r\n"
    assert ends == [False, False, True]


async def test_what_came_compressed_goes_on_plain(served: Served) -> None:
    packed = gzip.compress(b'{"model":"two/b","input":"x"}')
    first, *pieces = await served.by_model(
        headers(content_encoding="gzip", content_length=str(len(packed))),
        request_body(packed[:10], ends=False),
        request_body(packed[10:]),
    )
    assert sent(pieces) == (b'{"model":"b","input":"x"}', [True])
    assert changed(first)["content-length"] == "25"
    assert removed(first) == ["accept-encoding", "x-model-affinity", "content-encoding"]


async def test_a_form_that_came_compressed_is_taken_in_whole(served: Served) -> None:
    form = PART % (b"file", b"x" * 50) + PART % (b"model", b"two/b") + b"--B--"
    first, *pieces = await served.by_model(
        headers(content_type=FORM, content_encoding="gzip"), request_body(gzip.compress(form))
    )
    plain = form.replace(b"two/b", b"b")
    assert sent(pieces) == (plain, [True])
    assert changed(first)["content-length"] == str(len(plain))


async def test_compressed_with_trailers(served: Served) -> None:
    for raw, kind in ((b'{"model":"a"}', "application/json"), (PART % (b"model", b"a"), FORM)):
        *_, piece, last = await served.by_model(
            headers(content_encoding="gzip", content_type=kind),
            request_body(gzip.compress(raw), ends=False),
            {"request_trailers": {}},
        )
        assert sent([piece]) == (raw, [False])
        assert last.WhichOneof("response") == "request_trailers"


async def test_a_form_in_chunks_stays_one(served: Served) -> None:
    first, *_ = await served.by_model(
        headers(content_type=FORM), request_body(PART % (b"model", b"a") + b"--B--")
    )
    assert "content-length" not in changed(first)


async def test_a_form_with_trailers(served: Served) -> None:
    raw = PART % (b"model", b"a") + b"--B--"
    for pieces in ([raw], [raw, b"more"], [raw[:8], raw[8:]]):
        *_, last = heard = await served.by_model(
            headers(content_type=FORM),
            *(request_body(piece, ends=False) for piece in pieces),
            {"request_trailers": {}},
        )
        assert last.WhichOneof("response") == "request_trailers"
        assert sent(heard[1:-1])[0] == b"".join(pieces)


@pytest.mark.parametrize("name", [None, b"", b" "])
async def test_a_form_without_a_model(served: Served, name: bytes | None) -> None:
    raw = PART % (b"purpose", b"batch") + (b"" if name is None else PART % (b"model", name))
    first, *pieces = await served.by_model(headers(content_type=FORM), request_body(raw + b"--B--"))
    assert changed(first)["x-dragoman-cluster"] == "two/b"
    assert sent(pieces) == (raw + b"--B--", [True])


@pytest.mark.parametrize(
    ("raw", "more", "status", "says"),
    [
        (b"{", {}, 400, "not valid JSON"),
        (b'{"model":"none"}', {}, 404, "'none' does not exist"),
        (b'{"model":"c"}', {}, 400, "its provider speaks messages"),
        (b'{"x":"%b"}' % (b"x" * 300), {}, 413, "larger than the 300 bytes"),
        (PART % (b"model", b"none") + b"--B--", {"content_type": FORM}, 404, "'none' does not"),
        (PART % (b"file", b"x" * 300), {"content_type": FORM}, 413, "larger than the 300 bytes"),
        (b"", {"content_encoding": "compress"}, 415, "'compress' cannot be routed"),
        (b"{}", {"content_encoding": "gzip"}, 400, "as content-encoding 'gzip'"),
        (
            gzip.compress(bytes(301), mtime=0),
            {"content_encoding": "gzip"},
            413,
            "more than the 300 bytes",
        ),
    ],
)
async def test_refusals(
    served: Served, raw: bytes, more: dict[str, Any], status: int, says: str
) -> None:
    with pytest.raises(ClientError, match=says) as raised:
        await served.by_model(headers(**more), request_body(raw))
    assert raised.value.status == status
    assert not served.told


async def test_envoy_may_leave_at_any_time(served: Served) -> None:
    piece = request_body(PART % (b"model", b"a"), ends=False)
    for messages in (
        [],
        [headers()],
        [headers(content_type=FORM)],
        [headers(content_type=FORM), piece],
    ):
        assert await served.by_model(*messages) == []
    found = [headers(content_type=FORM), piece, request_body(b"--B", ends=False)]
    assert len(await served.by_model(*found)) == 2


async def test_a_path_that_is_none_of_the_apis(served: Served) -> None:
    for ask in (served.by_model, served.by_id):
        with pytest.raises(ProtocolError, match="/v2/x"):
            await ask(headers("/v2/x", ends=True))


# By headers alone.


@pytest.mark.parametrize("ends", [False, True])
async def test_by_the_id_in_the_path(served: Served, ends: bool) -> None:
    (only,) = await served.by_id(headers("/v1/files/file-1", ends=ends))
    assert changed(only)["x-dragoman-cluster"] == "one/a"
    assert changed(only)[":path"] == "/base/files/file-1"
    assert "x-dragoman-unread" not in changed(only)
    (record,) = served.told
    assert (record.forwarded, record.requested_model) == ("/v1/files/file-1", None)


async def test_a_file_is_not_looked_into_and_given_a_streams_time(served: Served) -> None:
    (only,) = await served.by_id(headers("/v1/files/file-1/content", ends=True))
    assert changed(only)["x-dragoman-unread"] == "1"
    assert changed(only)["x-dragoman-streamed"] == "1"


async def test_by_the_model_in_the_query(served: Served) -> None:
    (only,) = await served.by_id(headers("/v1/files/file-1?model=two/b&limit=1", ends=True))
    assert changed(only)["x-dragoman-cluster"] == "two/b"
    assert changed(only)[":path"] == "/base/files/file-1?limit=1"
    assert changed(only)["x-dragoman-path"] == "/v1/files/file-1?model=two/b&limit=1"
    assert served.told[0].requested_model == "two/b"


async def test_an_id_that_nobody_made_is_refused_in_the_words_of_the_path(served: Served) -> None:
    with pytest.raises(ClientError, match="who has made 'file-2'"):
        await served.by_id(headers("/v1/files/file-2", ends=True))
    assert await served.by_id() == []


class Dear:
    """Bars what is as large as this request."""

    def against(self, model: Model, expectation: Expectation) -> Objection | None:
        if expectation.requirements().input_tokens < 10:
            return None
        return Objection("max_cost", f"{model.model_id} costs too much", 400)


async def test_a_bound_on_the_cost_holds_for_what_is_not_routed() -> None:
    known = Snapshot(prices={"two/b": Price(1_000.0, 1.0)})
    ours = Forwarding(
        Forwarder(CONFIG),
        Origins(MemoryPins(600, 10)),
        lambda _: None,
        admission=Admission(lambda: known),
    )

    async def embed(most: str) -> None:
        asked = headers(x_dragoman_max_cost=most)
        processor = ByModelProcessor(ours, CONFIG.limits, Aside(), NO_BOUNDS)
        await processor.serve(Envoy(asked, request_body(b'{"model":"two/b","input":"x"}')))

    await embed("0.01")
    for most, code in (("0.001", "max_cost"), ("much", "invalid_max_cost")):
        with pytest.raises(ClientError) as raised:
            await embed(most)
        assert (raised.value.status, raised.value.code) == (400, code)


async def test_of_completions_envoy_is_told_what_is_expected_where_tokens_are_limited() -> None:
    """Of other answers, such as images, the size tells of no tokens."""
    raw = b'{"model":"two/b","prompt":"abcd"}'
    for path, tells, expected in (
        ("/v1/completions", True, {"input": "7", "output": "500"}),
        ("/v1/completions", False, {}),
        ("/v1/images/generations", True, {}),
    ):
        ours = forwarding(CONFIG, tells_tokens=tells)
        envoy = Envoy(headers(path), request_body(raw))
        await ByModelProcessor(ours, CONFIG.limits, Aside(), NO_BOUNDS).serve(envoy)
        told = changed(envoy.heard[0])
        beginning = "x-dragoman-expected-"
        assert {
            name.removeprefix(beginning): value
            for name, value in told.items()
            if name.startswith(beginning)
        } == expected


async def test_what_gives_a_model_work_is_governed() -> None:
    told: list[DecisionRecord] = []
    ours = forwarding(CONFIG, tell=told.append, governors=[Governing(Dear())])

    async def embed(said: str) -> None:
        body = json.dumps({"model": "two/b", "input": said}).encode()
        processor = ByModelProcessor(ours, CONFIG.limits, Aside(), NO_BOUNDS)
        await processor.serve(Envoy(headers(), request_body(body)))

    await embed("")
    with pytest.raises(ClientError, match="two/b: b costs too much") as raised:
        await embed("x" * 40)
    assert (raised.value.status, raised.value.code) == (400, "max_cost")
    sent, refused = told
    assert [one.model for one in sent.candidates] == ["two/b"]
    assert (refused.candidates, refused.skipped[0].code) == ((), "max_cost")
    listing = ByIdProcessor(ours, Aside())
    await listing.serve(Envoy(headers("/v1/files?model=one/a", ends=True)))
    assert len(told) == 3
