"""The table of faults can be had, and counts what is lost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks import faults
from benchmarks.faults import FAULTS, measure


async def test_what_is_lost_is_counted() -> None:
    by_name = {fault.name: fault for fault in FAULTS}
    losses = await measure(replace(by_name["Envoy is killed"], seconds=1.5), 10)
    assert losses.sent
    assert losses.lost == losses.kinds.total() > 0
    assert losses.over_after > 0


def test_the_table_is_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "150")
    nothing = replace(FAULTS[0], seconds=0.5)
    monkeypatch.setattr(faults, "FAULTS", (nothing,))
    assert faults.main(["--rate", "10"]) == 0
    shown = capsys.readouterr().out
    assert "| nothing " in shown
    assert "none lost after" in shown
