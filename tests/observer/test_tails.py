"""After which time nearly every attempt of a model has shown its answer."""

from __future__ import annotations

from typing import Any

from extproc.observer.tails import Tails
from extproc.ranking.snapshot import Tail
from tests.helpers.telemetry_events import MINI, NOW, attempt

LATER = NOW + 100


def told(tails: Tails, *times: float, streamed: bool = False, **more: Any) -> None:
    for time in times:
        tails.attempted(attempt(shown_after=time, streamed=streamed, **more), NOW)


def test_of_too_few_nothing_is_known() -> None:
    tails = Tails()
    told(tails, *[0.5] * 19)
    assert tails.current(LATER) == {}


def test_streams_and_whole_answers_are_apart() -> None:
    tails = Tails()
    told(tails, *[float(number) for number in range(1, 21)])
    assert tails.current(LATER) == {MINI: Tail(None, 19.0)}
    told(tails, *[0.25] * 20, streamed=True)
    assert tails.current(LATER + 1) == {MINI: Tail(0.25, 19.0)}


def test_what_told_nothing_does_not_count() -> None:
    tails = Tails()
    told(tails, *[0.1] * 30, status=500)
    tails.attempted(attempt(), NOW)
    assert tails.current(LATER) == {}


def test_giving_up_slow_attempts_does_not_make_a_model_seem_faster() -> None:
    tails = Tails()
    told(tails, *[1.0] * 18, 2.0, 9.0)
    assert tails.current(LATER)[MINI].whole == 2.0
    for _ in range(20):
        told(tails, *[1.0] * 18)
        tails.attempted(attempt(status=0, lost=True, duration=2.0), NOW)
        tails.attempted(attempt(status=0, lost=True, duration=2.1), NOW)
    assert tails.current(LATER + 1)[MINI].whole == 2.0
    tails.attempted(attempt(status=0, lost=True, duration=0.3), NOW)
    assert len(tails.samples()[1][MINI]) == 20 + 20 * 20, "it had not been waited for as long"


def test_another_one_goes_on_from_it() -> None:
    tails, heir = Tails(), Tails()
    told(tails, *[0.5] * 20)
    told(tails, *[0.25] * 20, streamed=True)
    heir.inherit(*tails.samples())
    assert heir.current(LATER) == tails.current(LATER) == {MINI: Tail(0.25, 0.5)}
