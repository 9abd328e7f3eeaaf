"""The built-in transport as a peer meets it on a socket, with h2 as the peer.

What grpcio's client makes of it is in ``tests/worker/test_service.py``, what Envoy does in
``tests/dataplane``.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    Event,
    PingAckReceived,
    ResponseReceived,
    StreamReset,
    TrailersReceived,
    WindowUpdated,
)

from extproc.transport.builtin import BuiltinServer
from extproc.transport.calls import Call, RefusedError, Service
from extproc.transport.framed_messages import MessageReader, prefix
from extproc.transport.frames import (
    PREFACE,
    Code,
    Flag,
    Frame,
    FrameReader,
    Kind,
    Setting,
    frame,
    settings,
    window_update,
)
from extproc.transport.header_blocks import packed
from extproc.transport.incoming_call import WINDOW

PATH = "/test.Echo/Talk"
OPENING = {":method": "POST", ":path": PATH, ":scheme": "http", ":authority": "a", "x-who": "me"}


class Peer:
    """The other end of a connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.h2 = H2Connection(H2Configuration(client_side=True, header_encoding="utf-8"))
        self.messages: dict[int, list[bytes]] = {}
        self._reader = reader
        self._writer = writer
        self._readers: dict[int, MessageReader] = {}
        self._events: list[Event] = []
        self.credits = True
        """Whether what comes is acknowledged."""
        self.h2.initiate_connection()

    def open(self, headers: Mapping[str, str] | None = None) -> int:
        stream: int = self.h2.get_next_available_stream_id()
        self.h2.send_headers(stream, list((headers or OPENING).items()))
        self.messages[stream], self._readers[stream] = [], MessageReader()
        return stream

    def say(self, stream: int, *messages: bytes, ends: bool = False) -> None:
        for message in messages:
            self.h2.send_data(stream, prefix(message) + message)
        if ends:
            self.h2.end_stream(stream)

    async def send(self) -> None:
        self._writer.write(self.h2.data_to_send())
        await self._writer.drain()

    async def until(self, kind: type[Event], stream: int | None = None) -> Any:
        """The next event of a kind, on a stream."""
        async with asyncio.timeout(10):
            while True:
                for event in self._events:
                    if isinstance(event, kind) and stream in (None, getattr(event, "stream_id", 0)):
                        self._events.remove(event)
                        return event
                await self.hear()

    async def hear(self) -> None:
        await self.send()
        data = await self._reader.read(65_536)
        assert data, "the connection was closed"
        for event in self.h2.receive_data(data):
            self._events.append(event)
            if isinstance(event, DataReceived):
                self.messages[event.stream_id] += self._readers[event.stream_id].feed(event.data)
                if self.credits:
                    self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)

    async def status(self, stream: int) -> str:
        """How a call ended."""
        trailers = await self.until(TrailersReceived, stream)
        return str(dict(trailers.headers)["grpc-status"])


Serves: TypeAlias = Callable[[Call], Awaitable[None]]


@contextlib.asynccontextmanager
async def serving(process: Serves, directory: Path) -> AsyncIterator[tuple[Peer, BuiltinServer]]:
    server = await BuiltinServer.listening(
        [Service("test.Echo", "Talk", bytes, process)], directory / "s"
    )
    reader, writer = await asyncio.open_unix_connection(str(directory / "s"))
    try:
        yield Peer(reader, writer), server
    finally:
        writer.close()
        await server.stop(None)


async def echo(call: Call) -> None:
    await call.write(f"hello {call.metadata('x-who')} {call.metadata('x-else')}".encode())
    while (message := await call.read()) is not None:
        await call.write(message)


@pytest.fixture
async def peer(short_path: Path) -> AsyncIterator[Peer]:
    async with serving(echo, short_path) as (opened, _):
        yield opened


class Held:
    """A call that hangs once it has read its first message, and remembers how it ended."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.cancelled = asyncio.Event()
        self.go_on = asyncio.Event()

    async def __call__(self, call: Call) -> None:
        await call.read()
        self.begun.set()
        try:
            await self.go_on.wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise
        await call.write(b"done")


async def test_a_call(peer: Peer) -> None:
    stream = peer.open()
    peer.say(stream, b"one", b"two" * 5_000)
    answer = await peer.until(ResponseReceived, stream)
    headers = dict(answer.headers)
    assert (headers[":status"], headers["content-type"]) == ("200", "application/grpc")
    while len(peer.messages[stream]) < 3:
        await peer.hear()
    peer.say(stream, b"", ends=True)
    assert await peer.status(stream) == "0"
    assert peer.messages[stream] == [b"hello me None", b"one", b"two" * 5_000, b""]


async def test_calls_beside_each_other(peer: Peer) -> None:
    streams = [peer.open() for _ in range(60)]
    for stream in reversed(streams):
        peer.say(stream, str(stream).encode(), ends=True)
    for stream in streams:
        assert await peer.status(stream) == "0"
        assert peer.messages[stream][1:] == [str(stream).encode()]


async def test_a_call_whose_caller_has_nothing_to_say(peer: Peer) -> None:
    stream: int = peer.h2.get_next_available_stream_id()
    peer.h2.send_headers(stream, list(OPENING.items()), end_stream=True)
    peer.messages[stream], peer._readers[stream] = [], MessageReader()
    assert await peer.status(stream) == "0"


async def test_a_call_that_ends_before_its_caller(short_path: Path) -> None:
    async def answer(call: Call) -> None:
        await call.write(b"enough")

    async with serving(answer, short_path) as (peer, _):
        stream = peer.open()
        assert await peer.status(stream) == "0"
        assert (await peer.until(StreamReset, stream)).error_code == Code.NO_ERROR
        # What was on its way meanwhile is nobody's fault.
        peer._writer.write(frame(Kind.DATA, 0, stream, prefix(b"late") + b"late"))
        again = peer.open()
        assert await peer.status(again) == "0"


async def test_no_such_method(peer: Peer) -> None:
    stream = peer.open({**OPENING, ":path": "/test.Echo/Other"})
    answer = dict((await peer.until(ResponseReceived, stream)).headers)
    assert (answer[":status"], answer["grpc-status"]) == ("200", "12")


async def test_a_refusal(short_path: Path) -> None:
    async def refuse(_: Call) -> None:
        raise RefusedError("not 100 % ours: é")

    async with serving(refuse, short_path) as (peer, _):
        answer = dict((await peer.until(ResponseReceived, peer.open())).headers)
    assert (answer["grpc-status"], answer["grpc-message"]) == ("3", "not 100 %25 ours: %C3%A9")


async def test_a_failure_is_logged_and_ends_this_call_alone(
    short_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(call: Call) -> None:
        if call.metadata("x-who") == "me":
            await call.write(b"first")
            raise ValueError("the cause")
        await echo(call)

    async with serving(fail, short_path) as (peer, _):
        failing, other = peer.open(), peer.open({**OPENING, "x-who": "another"})
        assert await peer.status(failing) == "2"
        peer.say(other, ends=True)
        assert await peer.status(other) == "0"
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert PATH in record.getMessage()


async def test_a_caller_that_gives_up(short_path: Path) -> None:
    held = Held()
    async with serving(held, short_path) as (peer, _):
        stream = peer.open()
        peer.say(stream, b"x")
        await peer.send()
        await asyncio.wait_for(held.begun.wait(), 5)
        peer.h2.reset_stream(stream)
        await peer.send()
        await asyncio.wait_for(held.cancelled.wait(), 5)
        peer.h2.ping(b"all well")
        await peer.until(PingAckReceived)


async def test_a_caller_that_gives_up_at_once(short_path: Path) -> None:
    held = Held()
    async with serving(held, short_path) as (peer, _):
        for _ in range(40):
            peer.h2.reset_stream(peer.open())
        peer.h2.ping(b"all well")
        await peer.until(PingAckReceived)
        assert not held.begun.is_set()


async def test_a_connection_that_is_lost(short_path: Path) -> None:
    held = Held()
    async with serving(held, short_path) as (peer, _):
        peer.say(peer.open(), b"x")
        await peer.send()
        await asyncio.wait_for(held.begun.wait(), 5)
        peer._writer.close()
        await asyncio.wait_for(held.cancelled.wait(), 5)


async def test_what_is_cancelled_from_within_is_reset(short_path: Path) -> None:
    async def cancel(_: Call) -> None:
        raise asyncio.CancelledError

    async with serving(cancel, short_path) as (peer, _):
        stream = peer.open()
        assert (await peer.until(StreamReset, stream)).error_code == Code.CANCEL


async def test_a_caller_that_takes_little_is_sent_little(short_path: Path) -> None:
    async def tell(call: Call) -> None:
        await call.write(b"x" * 300_000)

    async with serving(tell, short_path) as (peer, _):
        peer.credits = False
        slow = peer.open()
        taken = 0
        while taken < 65_535:
            taken += len((await peer.until(DataReceived, slow)).data)
        assert taken == 65_535
        peer.h2.ping(b"all well")
        await peer.until(PingAckReceived)
        # More for the connection is nothing for the call, more for the call goes by both.
        peer.h2.increment_flow_control_window(1_000_000)
        peer.h2.increment_flow_control_window(1_000, slow)
        while taken < 66_535:
            taken += len((await peer.until(DataReceived, slow)).data)
        assert taken == 66_535
        peer.h2.update_settings({Setting.INITIAL_WINDOW_SIZE: 1_000_000})
        assert await peer.status(slow) == "0"
        assert peer.messages[slow] == [b"x" * 300_000]


async def test_a_slow_reader_is_sent_one_answer_after_the_other(
    short_path: Path,
) -> None:
    async def tell(call: Call) -> None:
        await call.write(b"x" * 400_000)

    async with serving(tell, short_path) as (peer, _):
        peer.h2.increment_flow_control_window(2**30)
        peer.h2.update_settings({Setting.INITIAL_WINDOW_SIZE: 2**20})
        peer.h2.ping(b"settings")
        await peer.until(PingAckReceived)
        peer.credits = False
        opened = [peer.open() for _ in range(12)]
        ended = [(await peer.until(TrailersReceived)).stream_id for _ in opened]
        # Were it a race, some would be overtaken by all that come after them.
        assert ended == opened


async def test_an_answer_that_waits_for_its_own_caller_is_overtaken(short_path: Path) -> None:
    async def tell(call: Call) -> None:
        await call.write(b"x" * 400_000)

    async with serving(tell, short_path) as (peer, _):
        peer.h2.increment_flow_control_window(2**30)
        peer.h2.ping(b"settings")
        await peer.until(PingAckReceived)
        peer.credits = False
        opened = [peer.open() for _ in range(8)]
        await peer.send()
        for stream in reversed(opened):
            peer.h2.increment_flow_control_window(400_000, stream)
            assert await peer.status(stream) == "0"


async def test_who_gives_up_does_not_keep_others_waiting(short_path: Path) -> None:
    async def tell(call: Call) -> None:
        await call.write(b"x" * 400_000)

    async with serving(tell, short_path) as (peer, _):
        peer.h2.increment_flow_control_window(2**30)
        peer.h2.update_settings({Setting.INITIAL_WINDOW_SIZE: 2**20})
        peer.h2.ping(b"settings")
        await peer.until(PingAckReceived)
        opened = [peer.open() for _ in range(8)]
        await peer.send()
        await asyncio.sleep(0.05)
        for stream in opened[:-1]:
            peer.h2.reset_stream(stream)
        assert await peer.status(opened[-1]) == "0"


async def test_what_is_not_read_is_not_asked_for(short_path: Path) -> None:
    held = Held()
    async with serving(held, short_path) as (peer, _):
        stream = peer.open()
        peer.h2.ping(b"settings")
        await peer.until(PingAckReceived)
        sent = 0
        while peer.h2.local_flow_control_window(stream) >= 16_384:
            peer.say(stream, b"x" * 16_000)
            sent += 16_005
            peer.h2.ping(b"all well")
            await peer.until(PingAckReceived)
            assert sent < 2 * WINDOW
        assert sent > WINDOW // 2


async def test_what_is_read_is_asked_for_again(peer: Peer) -> None:
    stream = peer.open()
    peer.h2.ping(b"settings")
    await peer.until(PingAckReceived)
    for _ in range(4 * WINDOW // 16_000):
        peer.say(stream, b"x" * 16_000)
        await peer.hear()
    peer.say(stream, ends=True)
    assert await peer.status(stream) == "0"
    assert len(peer.messages[stream]) == 1 + 4 * WINDOW // 16_000


async def test_one_message_that_is_larger_than_the_window(peer: Peer) -> None:
    stream = peer.open()
    peer.h2.ping(b"settings")
    await peer.until(PingAckReceived)
    left = prefix(b"x" * 3 * WINDOW) + b"x" * 3 * WINDOW
    while left:
        room = min(peer.h2.local_flow_control_window(stream), 16_384)
        if not room:
            await peer.until(WindowUpdated)
            continue
        peer.h2.send_data(stream, left[:room])
        left = left[room:]
        await peer.send()
    peer.h2.end_stream(stream)
    assert await peer.status(stream) == "0"
    assert peer.messages[stream][1] == b"x" * 3 * WINDOW


async def test_a_crowd_does_not_keep_a_ping_waiting(short_path: Path) -> None:
    done = 0

    async def work(call: Call) -> None:
        nonlocal done
        await call.read()
        done += 1

    async with serving(work, short_path) as (peer, _):
        streams = [peer.open() for _ in range(90)]
        await peer.send()
        for stream in streams:
            peer.say(stream, b"x", ends=True)
        peer.h2.ping(b"all well")
        await peer.until(PingAckReceived)
        assert done < 90
        for stream in streams:
            assert dict((await peer.until(ResponseReceived, stream)).headers)["grpc-status"] == "0"
        assert done == 90


async def test_stopping_lets_calls_end(short_path: Path) -> None:
    held = Held()
    async with serving(held, short_path) as (peer, server):
        stream = peer.open()
        peer.say(stream, b"x")
        await peer.send()
        await asyncio.wait_for(held.begun.wait(), 5)
        stopping = asyncio.create_task(server.stop(5))
        gone = await peer.until(ConnectionTerminated)
        assert (gone.last_stream_id, gone.error_code) == (stream, Code.NO_ERROR)
        with pytest.raises((ConnectionRefusedError, FileNotFoundError)):
            await asyncio.open_unix_connection(str(short_path / "s"))
        held.go_on.set()
        # h2 takes nothing more on a connection that was told to go.
        frames = FrameReader()
        list(frames.feed(PREFACE))
        heard = [each async for data in _rest(peer) for each in frames.feed(data)]
        assert Flag.END_STREAM in {each.flags & 1 for each in heard if each.kind == Kind.HEADERS}
        await stopping


async def test_stopping_lets_a_crowd_end(short_path: Path) -> None:
    begun = asyncio.Event()

    async def work(call: Call) -> None:
        begun.set()
        await call.read()

    async with serving(work, short_path) as (peer, server):
        for _ in range(90):
            peer.say(peer.open(), b"x", ends=True)
        await peer.send()
        await asyncio.wait_for(begun.wait(), 5)
        await server.stop(5)
        frames = FrameReader()
        list(frames.feed(PREFACE))
        heard = [each async for data in _rest(peer) for each in frames.feed(data)]
        ended = {each.stream for each in heard if each.kind == Kind.HEADERS and each.flags & 1}
        assert len(ended) == 90


async def test_a_peer_that_has_not_heard_of_the_end_is_waited_for(
    short_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("extproc.transport.builtin._UNTIL_HEARD", 5.0)
    async with serving(echo, short_path) as (peer, server):
        peer.h2.ping(b"all well")
        await peer.until(PingAckReceived)
        stopping = asyncio.create_task(server.stop(5))
        await peer.until(ConnectionTerminated)
        assert not stopping.done()
        peer._writer.close()
        await asyncio.wait_for(stopping, 2)


async def _rest(peer: Peer) -> AsyncIterator[bytes]:
    while data := await asyncio.wait_for(peer._reader.read(65_536), 5):
        yield data


async def test_stopping_waits_only_so_long(short_path: Path) -> None:
    held = Held()
    async with serving(held, short_path) as (peer, server):
        peer.say(peer.open(), b"x")
        await peer.send()
        await asyncio.wait_for(held.begun.wait(), 5)
        await server.stop(0.05)
        await asyncio.wait_for(held.cancelled.wait(), 5)


HEADERS = packed(OPENING)
BEGUN = frame(Kind.HEADERS, Flag.END_HEADERS, 1, HEADERS)


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (frame(Kind.DATA, 0, 0, b"x"), Code.PROTOCOL_ERROR),
        (frame(Kind.DATA, 0, 1, b"x"), Code.PROTOCOL_ERROR),
        (frame(Kind.HEADERS, Flag.END_HEADERS, 0, HEADERS), Code.PROTOCOL_ERROR),
        (frame(Kind.HEADERS, Flag.END_HEADERS, 2, HEADERS), Code.PROTOCOL_ERROR),
        (frame(Kind.HEADERS, Flag.END_HEADERS, 1, b"\xff"), Code.COMPRESSION_ERROR),
        (
            frame(Kind.HEADERS, 0, 1, HEADERS) + frame(Kind.PING, 0, 0, bytes(8)),
            Code.PROTOCOL_ERROR,
        ),
        (frame(Kind.CONTINUATION, 0, 1, HEADERS), Code.PROTOCOL_ERROR),
        (
            frame(Kind.HEADERS, 0, 1, HEADERS) + frame(Kind.CONTINUATION, Flag.END_HEADERS, 3, b""),
            Code.PROTOCOL_ERROR,
        ),
        (
            frame(Kind.HEADERS, 0, 1, HEADERS) + frame(Kind.CONTINUATION, 0, 1, bytes(16_384)) * 4,
            Code.ENHANCE_YOUR_CALM,
        ),
        (BEGUN + frame(Kind.DATA, Flag.PADDED, 1, b"\x05xx"), Code.PROTOCOL_ERROR),
        (BEGUN + frame(Kind.DATA, Flag.PADDED, 1, b""), Code.PROTOCOL_ERROR),
        (BEGUN + frame(Kind.DATA, 0, 1, b"\1\0\0\0\0"), Code.PROTOCOL_ERROR),
        (frame(Kind.RST_STREAM, 0, 1, bytes(4)), Code.PROTOCOL_ERROR),
        (BEGUN + frame(Kind.RST_STREAM, 0, 1, b"x"), Code.FRAME_SIZE_ERROR),
        (frame(Kind.SETTINGS, 0, 0, b"x"), Code.FRAME_SIZE_ERROR),
        (settings({Setting.INITIAL_WINDOW_SIZE: 2**31}), Code.FLOW_CONTROL_ERROR),
        (settings({Setting.MAX_FRAME_SIZE: 1}), Code.PROTOCOL_ERROR),
        (frame(Kind.PING, 0, 0, b"x"), Code.FRAME_SIZE_ERROR),
        (window_update(0, 0), Code.PROTOCOL_ERROR),
        (window_update(0, 2**31 - 1), Code.FLOW_CONTROL_ERROR),
        (frame(Kind.WINDOW_UPDATE, 0, 0, b"x"), Code.FRAME_SIZE_ERROR),
        (frame(Kind.DATA, 0, 1, bytes(16_385)), Code.FRAME_SIZE_ERROR),
    ],
)
async def test_what_a_peer_must_not_do(
    peer: Peer, sent: bytes, code: Code, caplog: pytest.LogCaptureFixture
) -> None:
    await broken(peer, PREFACE + sent, code)
    assert any("does not keep to HTTP/2" in record.getMessage() for record in caplog.records)


async def broken(peer: Peer, sent: bytes, code: Code) -> None:
    peer.h2.data_to_send()
    peer._writer.write(sent)
    frames = FrameReader()
    list(frames.feed(PREFACE))
    heard = [each async for data in _rest(peer) for each in frames.feed(data)]
    (gone,) = [each for each in heard if each.kind == Kind.GOAWAY]
    assert int.from_bytes(gone.payload[4:8], "big") == code


async def test_a_peer_that_speaks_something_else(peer: Peer) -> None:
    await broken(peer, b"GET / HTTP/1.1\r\nhost: a\r\n\r\n", Code.PROTOCOL_ERROR)


async def test_headers_in_pieces_with_all_that_may_be_around_them(peer: Peer) -> None:
    padded = b"\x03" + bytes(5) + HEADERS[:7] + bytes(3)
    flags = Flag.PADDED | Flag.PRIORITY | Flag.END_STREAM
    peer.h2.data_to_send()
    sent = (
        PREFACE
        + settings({})
        + frame(Kind.PRIORITY, 0, 1, bytes(5))
        + frame(Kind.HEADERS, flags, 1, padded)
        + frame(Kind.CONTINUATION, 0, 1, HEADERS[7:9])
        + frame(Kind.CONTINUATION, Flag.END_HEADERS, 1, HEADERS[9:])
    )
    for at in range(len(sent)):
        peer._writer.write(sent[at : at + 1])
        await asyncio.sleep(0)
    frames = FrameReader()
    heard: list[Frame] = []
    list(frames.feed(PREFACE))
    while not any(each.kind == Kind.HEADERS and each.flags & Flag.END_STREAM for each in heard):
        heard += frames.feed(await asyncio.wait_for(peer._reader.read(65_536), 5))
    assert b"hello me None" in b"".join(each.payload for each in heard)


async def test_a_peer_that_stops_reading_is_not_sent_more(short_path: Path) -> None:
    sent = 0

    async def tell(call: Call) -> None:
        nonlocal sent
        while True:
            await call.write(bytes(64 * 1024))
            sent += 1

    async with serving(tell, short_path) as (peer, _):
        peer.h2.increment_flow_control_window(2**31 - 65_536)
        peer.h2.update_settings({Setting.INITIAL_WINDOW_SIZE: 2**31 - 1})
        peer.open()
        await peer.send()
        before = -1
        while sent != before:
            before = sent
            await asyncio.sleep(0.05)
        assert 0 < sent < 64
