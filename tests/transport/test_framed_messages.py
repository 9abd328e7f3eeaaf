from __future__ import annotations

import pytest

from extproc.transport.framed_messages import MessageReader, prefix
from extproc.transport.frames import ConnectionBrokenError

MESSAGES = [b"", b"one", b"x" * 70_000, b"\0" * 5, b"last"]
SENT = b"".join(prefix(message) + message for message in MESSAGES)


@pytest.mark.parametrize("size", [1, 3, 5, 8, 16_384, len(SENT)])
def test_messages_are_whole_however_they_come(size: int) -> None:
    reader = MessageReader()
    read: list[bytes] = []
    for begin in range(0, len(SENT), size):
        read += reader.feed(SENT[begin : begin + size])
    assert read == MESSAGES


def test_a_message_is_given_as_soon_as_it_is_whole() -> None:
    reader = MessageReader()
    assert reader.feed(prefix(b"one") + b"on") == []
    assert reader.feed(b"e" + prefix(b"two")) == [b"one"]
    assert reader.feed(b"two") == [b"two"]


def test_nobody_has_allowed_compression() -> None:
    with pytest.raises(ConnectionBrokenError, match="compressed"):
        MessageReader().feed(b"\1\0\0\0\0")
