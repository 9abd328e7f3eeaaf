"""The access log over a real socket, as Envoy streams it."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from envoy_data_plane.envoy.data.accesslog.v3 import HttpAccessLogEntry, HttpRequestProperties
from envoy_data_plane.envoy.service.accesslog.v3 import (
    StreamAccessLogsMessage,
    StreamAccessLogsMessageHttpAccessLogEntries,
    StreamAccessLogsMessageIdentifier,
)
from grpc import StatusCode, aio

from extproc.core.records import Attempt, Completion
from extproc.observer.access_log_service import access_log_service
from extproc.transport.server import listen

STREAM = "/envoy.service.accesslog.v3.AccessLogService/StreamAccessLogs"


def message(*ids: str, first: bool = False) -> bytes:
    entries = [HttpAccessLogEntry(request=HttpRequestProperties(request_id=id_)) for id_ in ids]
    return bytes(
        StreamAccessLogsMessage(
            identifier=StreamAccessLogsMessageIdentifier(log_name="request") if first else None,
            http_logs=StreamAccessLogsMessageHttpAccessLogEntries(log_entry=entries),
        )
    )


class Listener:
    """Hears everything but one request, which upsets it."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def __call__(self, event: Attempt | Completion) -> None:
        if event.request_id == "upsetting":
            raise ValueError("upset")
        self.heard.append(event.request_id)


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
async def channel(listener: Listener, tmp_path: Path) -> AsyncIterator[aio.Channel]:
    server = await listen([access_log_service(listener)], tmp_path / "s")
    async with aio.insecure_channel(f"unix:{tmp_path / 's'}") as opened:
        yield opened
    await server.stop(None)


async def stream(channel: aio.Channel, *messages: bytes) -> None:
    """Send a log to its end, and wait until the service has closed its side too."""
    method: Any = channel.stream_stream(STREAM)
    call = method(iter(messages))
    assert [answer async for answer in call] == []
    assert await call.code() is StatusCode.OK


async def test_every_entry_of_a_stream_is_heard(channel: aio.Channel, listener: Listener) -> None:
    await stream(channel, message("a", "b", first=True), message(), message("c"))
    assert listener.heard == ["a", "b", "c"]


async def test_an_entry_that_upsets_does_not_end_the_log(
    channel: aio.Channel, listener: Listener, caplog: pytest.LogCaptureFixture
) -> None:
    await stream(channel, message("a", "upsetting", "b", first=True), message("c"))
    assert listener.heard == ["a", "b", "c"]
    (record,) = (each for each in caplog.records if each.levelno >= logging.ERROR)
    assert "could not be learned from" in record.getMessage()
    assert record.exc_info is not None


async def test_bytes_that_are_no_message_end_their_stream_only(
    channel: aio.Channel, listener: Listener
) -> None:
    method: Any = channel.stream_stream(STREAM)
    broken = method(iter([message("a", first=True), b"\xff\xff\xff"]))
    with contextlib.suppress(aio.AioRpcError):
        await broken.read()
    await stream(channel, message("b", first=True))
    assert listener.heard == ["a", "b"]


async def test_envoy_may_have_two_logs_open(channel: aio.Channel, listener: Listener) -> None:
    method: Any = channel.stream_stream(STREAM)
    open_one = method()
    await open_one.write(message("a", first=True))
    await stream(channel, message("b", first=True))
    await open_one.write(message("c"))
    await open_one.done_writing()
    assert await open_one.code() is StatusCode.OK
    assert sorted(listener.heard) == ["a", "b", "c"]
