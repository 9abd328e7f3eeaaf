"""A stream may be silent, and may send pings, but not for ever."""

from __future__ import annotations

import pytest

from extproc.worker.silence import Silence

PING = b'{"type": "ping"}'


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(
        "extproc.worker.silence.asyncio.get_running_loop",
        lambda: type("Loop", (), {"time": staticmethod(lambda: now[0])}),
    )
    return now


def test_silence_is_bounded_anew_after_each_byte(clock: list[float]) -> None:
    silence = Silence(10)
    for _ in range(9):
        assert silence.left == 10
        clock[0] += 9
        silence.heard(b'{"type": "content_block_delta", "delta": {"text": "\\"ping\\""}}')


@pytest.mark.parametrize("pings", [[], [PING]])
def test_pings_and_comments_count_for_three_times_as_long(
    clock: list[float], pings: list[bytes]
) -> None:
    silence = Silence(10)
    left = []
    for _ in range(6):
        clock[0] += 6
        for ping in pings:
            silence.heard(ping)
        left.append(silence.left)
    assert left == [10, 10, 10, 6, 0, 0]
