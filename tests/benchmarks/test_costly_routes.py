"""The benchmark of costly routes runs, and costs what it says."""

from __future__ import annotations

import pytest

from benchmarks.costly_routes import _costly_routes, main, measure
from extproc.intent.embedded import Bounds
from extproc.intent.route_texts import count_texts, route_texts
from extproc.intent.tokens import Tokens


def test_each_costly_request_takes_128_runs_of_its_own() -> None:
    tokens = Tokens()
    assert count_texts(_costly_routes(1)) == 128
    ids = {text.ids(tokens) for number in (1, 2) for text in route_texts(_costly_routes(number))}
    assert len(ids) == 256


async def test_plain_requests_are_all_answered() -> None:
    waits = await measure(Bounds(texts=64), costly_per_second=10, seconds=0.5)
    assert len(waits.plain) == 10
    assert min(waits.plain) > 0
    assert waits.costly.keys() <= {"too_many_texts"}


def test_the_figures_are_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    assert main(["--rates", "0", "4", "--seconds", "0.3"]) == 0
    shown = capsys.readouterr().out
    for name in ("unbounded", "deadline", "as configured"):
        assert shown.count(name) == 2
