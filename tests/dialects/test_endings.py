"""How a stream ended, by what Envoy notices in passing."""

from __future__ import annotations

import pytest

from extproc.core.outcomes import StreamEnd
from extproc.dialects.endings import EndSign, stream_end

CHAT, RESPONSES, MESSAGES = "/v1/chat/completions", "/deep/responses", "/v1/messages"
FINISHED, ERROR, UNFINISHED, STALLED = StreamEnd


@pytest.mark.parametrize(
    ("path", "noticed", "end"),
    [
        (CHAT, {EndSign.TEXT: "1"}, FINISHED),
        (CHAT, {}, UNFINISHED),
        (RESPONSES, {EndSign.LAST: "response.completed"}, FINISHED),
        (RESPONSES, {EndSign.LAST: "response.incomplete"}, FINISHED),
        (RESPONSES, {EndSign.LAST: "response.output_text.delta"}, UNFINISHED),
        (RESPONSES, {EndSign.LAST: "response.failed"}, ERROR),
        (RESPONSES, {EndSign.LAST: "error"}, ERROR),
        (RESPONSES, {EndSign.TEXT: "1"}, UNFINISHED),
        (MESSAGES, {EndSign.LAST: "message_stop"}, FINISHED),
        (MESSAGES, {EndSign.LAST: "message_delta"}, UNFINISHED),
        (MESSAGES, {EndSign.LAST: "error"}, ERROR),
        (MESSAGES, {EndSign.LAST: "ping", EndSign.STALLED: "1"}, STALLED),
        ("/v1/completions", {}, None),
        ("/v1/audio/speech", {EndSign.LAST: "speech.audio.done"}, None),
    ],
)
def test_what_was_noticed(path: str, noticed: dict[str, str], end: StreamEnd | None) -> None:
    assert stream_end(path, noticed, error=False) is end


@pytest.mark.parametrize("path", [CHAT, RESPONSES, MESSAGES])
def test_an_event_that_tells_an_error(path: str) -> None:
    noticed: dict[str, str] = {EndSign.TEXT: "1", EndSign.LAST: "message_stop"}
    assert stream_end(path, noticed, error=True) is ERROR
