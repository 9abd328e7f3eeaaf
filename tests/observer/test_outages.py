"""The operator is told of models that fail, once, and when they are well again."""

from __future__ import annotations

from typing import Any

import pytest

from extproc.core.outcomes import StreamEnd
from extproc.observer.outages import Outages
from extproc.observer.setback import FAILURES, UNUSABLE
from extproc.ranking.snapshot import Cooldown, Phase
from tests.helpers.telemetry_events import MINI, attempt

LEFT_ALONE = {MINI: Cooldown(Phase.COOLING, FAILURES, 10.0)}
RETURNING = {MINI: Cooldown(Phase.RETURNING, FAILURES, 10.0, share=0.5)}


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level("INFO")
    return caplog


@pytest.mark.parametrize(
    ("ended", "words"),
    [
        ({"status": 503}, "503"),
        ({"status": 503, "flags": "UF"}, "503, no connection"),
        ({"status": 504, "flags": "UT"}, "504, timeout"),
        ({"status": 0}, "no answer"),
        ({"status": 200, "stream_end": StreamEnd.ERROR}, "200, its stream broke"),
        ({"status": 429, "retry_after": 30.0}, "429, retry after 30 s"),
    ],
)
def test_it_is_told_how_the_model_fails(
    said: pytest.LogCaptureFixture, ended: dict[str, Any], words: str
) -> None:
    Outages().attempted(attempt(**ended), LEFT_ALONE)
    (message,) = said.messages
    assert message.startswith(f"{MINI} fails ({words}) and is left alone")


@pytest.mark.parametrize(
    "cooldowns",
    [
        pytest.param({}, id="in its place"),
        pytest.param({MINI: Cooldown(Phase.SUSPECTED, "", 10.0)}, id="suspected"),
        pytest.param({MINI: Cooldown(Phase.COOLING, UNUSABLE, 10.0)}, id="told elsewhere"),
    ],
)
def test_others_are_not_told_of(
    said: pytest.LogCaptureFixture, cooldowns: dict[str, Cooldown]
) -> None:
    Outages().attempted(attempt(status=503), cooldowns)
    assert not said.messages


def test_it_is_told_once_until_it_has_been_well_for_a_while(
    said: pytest.LogCaptureFixture,
) -> None:
    outages = Outages()
    for now in (0.0, 30.0, 60.0):
        outages.attempted(attempt(status=503), LEFT_ALONE)
        outages.tick(now, RETURNING)
        outages.tick(now + 10, {})
        outages.tick(now + 20, {})
    assert len(said.messages) == 1
    outages.tick(129.0, {})
    assert len(said.messages) == 1
    outages.tick(130.0, {})
    assert said.messages[1:] == [f"{MINI} is in its place again, for 60 s by now"]
    outages.tick(200.0, {})
    outages.attempted(attempt(status=503), LEFT_ALONE)
    assert len(said.messages) == 3
