"""What is said of a stream by its events."""

from __future__ import annotations

import pytest

from extproc.errors import ClientError
from extproc.worker.verdict import Verdict

CONTENT = b'{"choices":[{"delta":{"content":"Hi"}}]}'
ROLE = b'{"choices":[{"delta":{"role":"assistant"}}]}'
FINISH = b'{"choices":[{"delta":{},"finish_reason":"stop"}]}'
USAGE = b'{"choices":[],"usage":{}}'
ERROR = b'{"error":{"message":"no"}}'


@pytest.mark.parametrize(
    ("events", "content", "finished"),
    [
        ([], False, False),
        ([ROLE], False, False),
        ([ROLE, CONTENT], True, False),
        ([CONTENT, CONTENT, FINISH], True, True),
        ([FINISH], True, True),
        ([CONTENT, b"[DONE]"], True, True),
        ([CONTENT, FINISH, USAGE, b"[DONE]", ERROR], True, True),
        ([CONTENT, b'{"type":"message_stop"}'], True, True),
        ([CONTENT, b'{"type":"response.completed"}'], True, True),
        ([CONTENT, b'{"choices":7}', b'{"choices":[7]}'], True, False),
        ([b'{"type":[]}', b'{"type":{}}'], True, False),
    ],
)
def test_how_far_it_is(events: list[bytes], content: bool, finished: bool) -> None:
    verdict = Verdict()
    for data in events:
        verdict.hear(data)
    assert (verdict.content, verdict.finished) == (content, finished)
    if finished:
        verdict.end()
    else:
        with pytest.raises(ClientError) as raised:
            verdict.end()
        assert raised.value.status == 502


@pytest.mark.parametrize("error", [ERROR, b"<html>", b"[]", b'{"type":"response.failed"}'])
def test_an_error(error: bytes) -> None:
    verdict = Verdict()
    with pytest.raises(ClientError, match="began with an error"):
        verdict.hear(error)
    verdict.hear(CONTENT)
    with pytest.raises(ClientError, match="broke off with an error"):
        verdict.hear(error)
