"""A configuration is read again, and taken or refused, and whoever asked is told."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from extproc.config import Loaded, load
from extproc.core.config import Config, Secrets
from extproc.core.reloads import Reloads
from extproc.errors import StartError
from extproc.run_directory import CONTROL, RELOADS, RunDirectory
from extproc.sidecar.claim import Claim, claimed
from extproc.sidecar.control import Outcome, Report, Status, ask_for_reload, ask_for_status
from extproc.sidecar.reloading import Reloader
from extproc.sidecar.source import Source

TEXT = "version: v0.4.0\nmodel_providers: [{model: openai/gpt-4o, access_key: the-first-key}]\n"
MORE = TEXT + "dragoman: {max_candidates: 2}\n"


class Taker:
    """Takes configurations, and can refuse."""

    def __init__(self) -> None:
        self.taken: list[int] = []
        self.refusals: list[str] = []
        self.under_way = asyncio.Event()
        self.go_on = asyncio.Event()
        self.go_on.set()

    async def take(self, config: Config, _: Secrets) -> None:
        self.under_way.set()
        await self.go_on.wait()
        if self.refusals:
            raise StartError(self.refusals.pop(0))
        self.taken.append(config.limits.max_candidates)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(TEXT)
    return path


@pytest.fixture
def claim(short_path: Path) -> Iterator[Claim]:
    with claimed(RunDirectory(short_path)) as ours:
        yield ours


@pytest.fixture
def taker() -> Taker:
    return Taker()


@pytest.fixture
def source(file: Path) -> Source:
    def read() -> Loaded:
        return load(file, {})

    return Source(read(), read, file, (file,))


@pytest.fixture
def reloader(source: Source, taker: Taker, claim: Claim) -> Reloader:
    return Reloader(source, taker.take, claim, lambda: "http://127.0.0.1:9092")


async def test_a_change_is_taken_and_told(
    file: Path, source: Source, taker: Taker, claim: Claim, reloader: Reloader
) -> None:
    file.write_text(MORE)
    report = await reloader.reload("a test")
    assert report.outcome is Outcome.TAKEN
    assert report.lines == ("limits: max_candidates: 2, was 8",)
    assert taker.taken == [2]
    assert source.loaded.config.limits.max_candidates == 2
    assert (await reloader.reload("a test")).outcome is Outcome.UNCHANGED
    assert taker.taken == [2]
    told = Reloads.from_json((claim.path / RELOADS).read_bytes())
    assert told.outcomes == {"taken": 1, "unchanged": 1, "refused": 0}
    assert told.successful


async def test_what_is_not_valid_changes_nothing(
    file: Path,
    source: Source,
    taker: Taker,
    claim: Claim,
    reloader: Reloader,
    caplog: pytest.LogCaptureFixture,
) -> None:
    file.write_text(MORE.replace("gpt-4o,", "gpt-4o, nmae: x,"))
    report = await reloader.reload("a test")
    assert report.outcome is Outcome.REFUSED
    (line,) = report.lines
    assert "model_providers[0].nmae: unknown key; did you mean 'name'?" in line
    assert taker.taken == []
    assert source.loaded.config.limits.max_candidates == 8
    assert "a test: the configuration stays as it was" in caplog.text
    told = Reloads.from_json((claim.path / RELOADS).read_bytes())
    assert not told.successful


async def test_what_cannot_be_started_is_tried_twice(
    file: Path, source: Source, taker: Taker, reloader: Reloader
) -> None:
    file.write_text(MORE)
    taker.refusals = ["worker 0 was killed"]
    assert (await reloader.reload("a test")).outcome is Outcome.TAKEN
    file.write_text(TEXT)
    taker.refusals = ["it cannot be", "it cannot be again"]
    report = await reloader.reload("a test")
    assert (report.outcome, report.lines) == (Outcome.REFUSED, ("it cannot be again",))
    assert source.loaded.config.limits.max_candidates == 2


async def test_only_new_warnings_are_told(
    file: Path, reloader: Reloader, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    file.write_text(MORE + "mode: llm\n")
    await reloader.reload("a test")
    assert caplog.text.count("mode: ignored") == 1
    file.write_text(TEXT + "mode: llm\n")
    await reloader.reload("a test")
    assert caplog.text.count("mode: ignored") == 1


async def test_one_at_a_time(file: Path, taker: Taker, reloader: Reloader) -> None:
    taker.go_on.clear()
    file.write_text(MORE)
    first = asyncio.create_task(reloader.reload("first"))
    await taker.under_way.wait()
    second = asyncio.create_task(reloader.reload("second"))
    await asyncio.sleep(0.05)
    assert not any(task.done() for task in (first, second))
    taker.go_on.set()
    assert (await first).outcome is Outcome.TAKEN
    assert (await second).outcome is Outcome.UNCHANGED


async def test_the_end_waits_for_no_start(
    file: Path, source: Source, taker: Taker, reloader: Reloader
) -> None:
    taker.go_on.clear()
    file.write_text(MORE)
    waiting = [asyncio.create_task(reloader.reload("a test")) for _ in range(2)]
    await taker.under_way.wait()
    await reloader.stop()
    for report in await asyncio.gather(*waiting):
        assert (report.outcome, report.lines) == (Outcome.REFUSED, ("the sidecar is ending",))
    assert taker.taken == []
    assert source.loaded.config.limits.max_candidates == 8


async def test_who_stops_waiting_breaks_it_off(
    file: Path, taker: Taker, reloader: Reloader
) -> None:
    taker.go_on.clear()
    file.write_text(MORE)
    waiting = asyncio.create_task(reloader.reload("a test"))
    await taker.under_way.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    taker.go_on.set()
    await asyncio.sleep(0)
    assert taker.taken == []


async def test_wishes_changes_and_commands(
    file: Path, taker: Taker, claim: Claim, reloader: Reloader
) -> None:
    wishes = asyncio.Event()
    running = asyncio.create_task(reloader.run(wishes))
    async with asyncio.timeout(10):
        while not (claim.path / CONTROL).exists():
            await asyncio.sleep(0.01)
        status = await asyncio.to_thread(ask_for_status, claim.path)
        assert isinstance(status, Status)
        assert status.config == str(file)
        file.write_text(MORE)
        reply = await asyncio.to_thread(ask_for_reload, claim.path)
        assert reply == Report(Outcome.TAKEN, ("limits: max_candidates: 2, was 8",))
        again = await asyncio.to_thread(ask_for_reload, claim.path)
        assert again.outcome == "unchanged"
        (since,) = again.lines
        assert since.startswith("in use since ")
        assert since.endswith(" (dragoman reload): limits: max_candidates: 2, was 8")
        file.write_text(TEXT)
        wishes.set()
        while taker.taken != [2, 8]:
            await asyncio.sleep(0.01)
        file.write_text(MORE)
        while taker.taken != [2, 8, 2]:
            await asyncio.sleep(0.05)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert await asyncio.to_thread(ask_for_status, claim.path) is None


def test_who_does_not_answer_like_us_is_nobody(claim: Claim) -> None:
    claim.write(CONTROL, json.dumps({}).encode())
    assert ask_for_status(claim.path) is None
