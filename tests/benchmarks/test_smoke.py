"""The benchmark runs: every set-up starts, answers, and yields figures."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.__main__ import main
from benchmarks.setups import SETUPS


def test_all_set_ups_answer(tmp_path: Path) -> None:
    file = tmp_path / "figures.json"
    options = ["--rounds", "1", "--seconds", "0.5", "--connections", "4", "--json", str(file)]
    assert main(options) == 0
    setups = json.loads(file.read_bytes())["setups"]
    assert list(setups) == [setup.name for setup in SETUPS]
    for setup in setups.values():
        median = setup["median"]
        assert median["requests_per_second"] > 0
        assert 0 < median["latency"]["p50_ms"] <= median["latency"]["p99_ms"]
        assert median["cpu"]["envoy"] > 0
        assert ("router" in median["cpu"]) == (setup["setup"] != "envoy")
        assert ("observer" in median["cpu"]) == (setup["setup"] not in ("envoy", "empty"))
