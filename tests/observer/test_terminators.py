"""Some models never end their streams as their dialect has it."""

from __future__ import annotations

import pytest

from extproc.core.outcomes import StreamEnd
from extproc.core.records import Attempt
from extproc.observer.terminators import Terminators

FINISHED, UNFINISHED = StreamEnd.FINISHED, StreamEnd.UNFINISHED


def attempt(end: StreamEnd | None, model: str = "a") -> Attempt:
    return Attempt("r", 1, model, model, at=0.0, status=200, duration=1.0, stream_end=end)


@pytest.mark.parametrize(
    ("told", "believed"),
    [
        ([UNFINISHED] * 4, [UNFINISHED, UNFINISHED, None, None]),
        ([UNFINISHED, FINISHED, *[UNFINISHED] * 4], [UNFINISHED, FINISHED, *[UNFINISHED] * 4]),
        (
            [*[UNFINISHED] * 3, FINISHED, UNFINISHED],
            [UNFINISHED, UNFINISHED, None, FINISHED, UNFINISHED],
        ),
        ([StreamEnd.ERROR] * 4, [StreamEnd.ERROR] * 4),
        ([None] * 3, [None] * 3),
    ],
)
def test_what_is_believed(told: list[StreamEnd | None], believed: list[StreamEnd | None]) -> None:
    terminators = Terminators()
    assert [terminators.judged(attempt(end)).stream_end for end in told] == believed


def test_models_are_apart() -> None:
    terminators = Terminators()
    for _ in range(3):
        terminators.judged(attempt(UNFINISHED))
    assert terminators.judged(attempt(UNFINISHED, "b")).stream_end is UNFINISHED
