"""Workers and the observer over a real socket."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from msgspec import structs

from extproc.core.intents import Intent
from extproc.core.models import Dialect
from extproc.core.records import DecisionRecord, Ranked, Skipped
from extproc.core.requirements import Ineligible
from extproc.core.routes import CostBasis, Preference
from extproc.core.switching import CacheUse, SessionCosts, Switch, SwitchReason
from extproc.link.messages import (
    LARGEST_MESSAGE,
    Decisions,
    FailureNotice,
    Hello,
    LinkMessage,
    OriginNotice,
    PinNotice,
    WorkerStats,
    decode,
    encode,
    read_message,
)
from extproc.link.observer_end import ObserverEnd
from extproc.link.worker_end import WorkerEnd
from extproc.ranking.snapshot import Cooldown, Phase, Price, Snapshot
from tests.helpers.waiting import until

RECORD = DecisionRecord(
    request_id="r",
    trace_id="t",
    at=1.5,
    dialect=Dialect.MESSAGES,
    requested_model=None,
    candidates=(
        Ranked("a", 1.0, 2.0, "probe"),
        Ranked("b", reluctant="dropped:effort", ineligible=Ineligible.TOOLS),
    ),
    skipped=(Skipped("c", "skipped:audio", "messages[0]: no such part"),),
    unfit=True,
    route="Größe 'x'\n",
    intent=Intent("Größe", 0.5, others=("c",)),
    prefer=Preference.CHEAPEST,
    cost_basis=CostBasis.REQUEST,
    pinned=True,
    switch=Switch("a", "b", switched=True, reason=SwitchReason.FREE, cost=-0.5),
)
SNAPSHOT = Snapshot(
    version=7,
    prices={"a": Price(1.0, 2.0), "b": Price(0.0, 0.0, 0.0)},
    prices_at=3.0,
    latencies={"a": 0.5},
    latencies_at=4.0,
    cooldowns={"a": Cooldown(Phase.RETURNING, "failures", 9.0, 2, 0.25)},
    output_tokens={"r": 12.5},
)


def warned(caplog: pytest.LogCaptureFixture, times: int) -> Callable[[], bool]:
    return lambda: len(caplog.messages) == times


def told(end: WorkerEnd, version: int) -> Callable[[], bool]:
    """Whether a worker has the snapshot of this version by now."""
    return lambda: end.snapshot.version == version


@contextlib.asynccontextmanager
async def worker(socket: Path, number: int) -> AsyncIterator[WorkerEnd]:
    end = WorkerEnd(socket, number)
    async with end.connected():
        yield end


@pytest.mark.parametrize(
    "message",
    [
        Hello(3),
        PinNotice("k", "m", None),
        PinNotice("k", "m", "r", SessionCosts("m", "f00d", 9.5, caches=(CacheUse("m", 9.5, 7),))),
        OriginNotice("resp_1", "m", "r"),
        FailureNotice("m"),
        WorkerStats({"hits": 3, "misses": 0}, 1),
        Decisions((RECORD, structs.replace(RECORD, request_id="another"))),
        Decisions(()),
        SNAPSHOT,
        Snapshot(),
    ],
)
async def test_messages_survive_the_journey(message: LinkMessage) -> None:
    sent = encode(message)
    assert decode(sent) == message
    reader = asyncio.StreamReader()
    reader.feed_data(sent + sent)
    reader.feed_eof()
    assert [await read_message(reader) for _ in range(3)] == [message, message, None]


def framed(content: object) -> bytes:
    packed = msgspec.msgpack.encode(content)
    return len(packed).to_bytes(4) + packed


REFUSED = [
    b"",
    b"\0\0\0\1",
    encode(Hello(1))[:-1],
    encode(Hello(1)) + b"!",
    b"\0\0\0\1\xff",
    *map(framed, ([], {}, ["Hello", {}], ["Hello", {"worker": "x"}], ["Other", {}])),
]


@pytest.mark.parametrize("sent", REFUSED)
def test_what_is_no_message_is_refused(sent: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any of its kinds
        decode(sent)


async def test_what_is_no_message_ends_the_reading() -> None:
    for sent in (REFUSED[4], (LARGEST_MESSAGE + 1).to_bytes(4) + b"!"):
        reader = asyncio.StreamReader()
        reader.feed_data(sent)
        with pytest.raises(ValueError, match="message of the link"):
            await read_message(reader)


async def test_all_workers_get_every_snapshot_and_late_ones_the_last(tmp_path: Path) -> None:
    observer = ObserverEnd(lambda _: None)
    socket = tmp_path / "s"
    async with observer.listening(socket), worker(socket, 0) as first:
        await until(lambda: list(observer.workers) == [0])
        observer.publish(Snapshot(version=1))
        observer.publish(SNAPSHOT)
        await until(lambda: first.snapshot == SNAPSHOT)
        async with worker(socket, 1) as second:
            await until(lambda: second.informed)
            assert second.snapshot == SNAPSHOT
            assert list(observer.workers) == [0, 1]
        await until(lambda: list(observer.workers) == [0])


async def test_prices_that_are_known_are_not_told_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    end = ObserverEnd(lambda _: None)
    socket = tmp_path / "link.sock"
    told: list[bytes] = []
    async with end.listening(socket), worker(socket, 0) as there:
        await until(lambda: bool(end.workers))
        end.publish(SNAPSHOT)
        await until(lambda: there.snapshot == SNAPSHOT)
        write = end._write

        def noted(to: asyncio.StreamWriter, line: bytes) -> None:
            told.append(line)
            write(to, line)

        later = replace(SNAPSHOT, version=8, cooldowns={})
        monkeypatch.setattr(end, "_write", noted)
        end.publish(later)
        await until(lambda: there.snapshot == later)
        assert decode(told[0]) == Snapshot(version=8, output_tokens=SNAPSHOT.output_tokens)
        async with worker(socket, 1) as late:
            await until(lambda: late.informed)
            assert late.snapshot == later


async def test_decisions_reach_the_observer_in_order(tmp_path: Path) -> None:
    heard: list[object] = []
    observer = ObserverEnd(heard.append)
    socket = tmp_path / "s"
    async with observer.listening(socket), worker(socket, 0) as end:
        await until(lambda: bool(observer.workers))
        end.tell(RECORD)
        end.tell(FailureNotice("a"))
        await until(lambda: len(heard) == 2)
    assert heard == [RECORD, FailureNotice("a")]


@pytest.mark.parametrize("urgent", [FailureNotice("m"), PinNotice("k", "m", None)])
async def test_what_the_next_request_depends_on_is_not_gathered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, urgent: FailureNotice | PinNotice
) -> None:
    monkeypatch.setattr("extproc.link.worker_end._GATHERING", 3600.0)
    heard: list[object] = []
    observer = ObserverEnd(heard.append)
    socket = tmp_path / "s"
    async with (
        observer.listening(socket),
        worker(socket, 0) as teller,
        worker(socket, 1) as listener,
    ):
        listener.hear_pin = heard.append
        await until(lambda: len(observer.workers) == 2)
        teller.tell(RECORD)
        teller.tell(urgent)
        await until(lambda: len(heard) == 2)
        assert sorted(map(repr, heard)) == sorted(map(repr, [RECORD, urgent]))


async def test_pins_reach_the_other_workers_only(tmp_path: Path) -> None:
    observer = ObserverEnd(lambda _: None)
    socket = tmp_path / "s"
    async with (
        observer.listening(socket),
        worker(socket, 0) as first,
        worker(socket, 1) as second,
    ):
        heard: dict[int, list[PinNotice]] = {0: [], 1: []}
        first.hear_pin, second.hear_pin = heard[0].append, heard[1].append
        await until(lambda: len(observer.workers) == 2)
        first.tell(PinNotice("k", "m", "r"))
        await until(lambda: bool(heard[1]))
        observer.pin(PinNotice("k", "n", "r"))
        await until(lambda: len(heard[1]) == 2)
        assert heard == {
            0: [PinNotice("k", "n", "r")],
            1: [PinNotice("k", "m", "r"), PinNotice("k", "n", "r")],
        }


async def test_who_has_made_what_reaches_all_workers_and_late_ones_too(tmp_path: Path) -> None:
    observer = ObserverEnd(lambda _: None, most_origins=2)
    socket = tmp_path / "s"
    notices = [OriginNotice(made, "m", None) for made in ("resp_1", "resp_2", "resp_3")]
    heard: dict[int, list[OriginNotice]] = {0: [], 1: []}
    async with observer.listening(socket), worker(socket, 0) as first:
        first.hear_origin = heard[0].append
        await until(lambda: bool(observer.workers))
        for notice in notices:
            observer.origin(notice)
        await until(lambda: len(heard[0]) == 3)
        late = WorkerEnd(socket, 1)
        late.hear_origin = heard[1].append
        async with late.connected():
            await until(lambda: len(heard[1]) == 2)
    assert heard == {0: notices, 1: notices[1:]}


async def test_without_an_observer_nothing_waits(tmp_path: Path) -> None:
    async with worker(tmp_path / "s", 0) as end:
        await asyncio.sleep(0.05)
        assert not end.informed
        assert end.snapshot == Snapshot()
        end.tell(RECORD)
        assert end.dropped == 1


async def test_an_observer_that_comes_back_is_heard_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    socket = tmp_path / "s"
    async with worker(socket, 0) as end:
        for version in (1, 2):
            observer = ObserverEnd(lambda _: None)
            async with observer.listening(socket):
                observer.publish(Snapshot(version=version))
                await until(told(end, version))
            await until(warned(caplog, version))
        assert end.snapshot.version == 2
    assert set(caplog.messages) == {"the observer is away; going on with what it last said"}


async def test_what_an_observer_does_not_read_is_counted_as_dropped(tmp_path: Path) -> None:
    async def never_reads(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(encode(SNAPSHOT))
        await deaf.wait()
        writer.close()

    deaf = asyncio.Event()
    server = await asyncio.start_unix_server(never_reads, str(tmp_path / "s"))
    async with server, worker(tmp_path / "s", 0) as end:
        await until(lambda: end.informed)
        long = structs.replace(RECORD, route="x" * 100_000)
        for _ in range(200):
            end.tell(long)
            await asyncio.sleep(0.001)
        await until(lambda: end.dropped > 0)
        deaf.set()


async def test_workers_that_connect_later_learn_of_pins_and_origins(tmp_path: Path) -> None:
    notices = [OriginNotice("resp_1", "m", None), PinNotice("k", "m", "r")]
    end = ObserverEnd(lambda _: None, most_origins=10, pins_for=60.0)
    socket = tmp_path / "s"
    async with end.listening(socket), worker(socket, 0) as teller:
        await until(lambda: bool(end.workers))
        end.origin(OriginNotice("resp_1", "m", None))
        teller.tell(PinNotice("k", "m", "r"))
        await until(lambda: len(end.known()) == 2)
        assert list(end.known()) == notices
        heard: list[object] = []
        late = WorkerEnd(socket, 1)
        late.hear_pin = late.hear_origin = heard.append
        async with late.connected():
            await until(lambda: len(heard) == 2)
    assert heard == notices


async def test_pins_that_have_run_out_are_not_told() -> None:
    end = ObserverEnd(lambda _: None, most_origins=10, pins_for=0.05)
    end.pin(PinNotice("k", "m", "r"))
    assert len(end.known()) == 1
    await asyncio.sleep(0.1)
    assert end.known() == []
