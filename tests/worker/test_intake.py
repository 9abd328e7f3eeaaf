"""A body is taken in within the accepted size."""

from __future__ import annotations

import pytest

from extproc.errors import ClientError
from extproc.worker.intake import Intake


def test_a_body_in_pieces() -> None:
    intake = Intake(6)
    for piece in (b"ab", b"", b"cdef"):
        intake.take(piece)
    assert intake.whole() == b"abcdef"


def test_a_body_that_is_too_large_is_received_to_its_end() -> None:
    intake = Intake(6)
    for _ in range(4):
        intake.take(b"abcdef")
    with pytest.raises(ClientError, match="larger than the 6 bytes") as raised:
        intake.whole()
    assert (raised.value.status, raised.value.code) == (413, "request_too_large")


def test_but_not_beyond_all_measure() -> None:
    intake = Intake(6)
    with pytest.raises(ClientError, match="larger than the 6 bytes"):
        intake.take(b"x" * 25)
