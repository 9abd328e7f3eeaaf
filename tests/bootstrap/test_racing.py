"""What is rendered where attempts of one request may race, and only there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from extproc.bootstrap import Surroundings, render, to_json
from extproc.core.config import Config
from extproc.core.routes import Hedge, Route
from extproc.run_directory import RunDirectory
from tests.bootstrap.test_render import model

PLAIN = Config((model("a/b"), model("a/c")), routes=(Route("r", "d", ("a/b", "a/c")),))


def rendered(config: Config) -> bytes:
    return to_json(render(config, Surroundings(RunDirectory(Path("/run")))))


def test_attempts_tell_that_they_race_and_ingress_keeps_no_errors_of_them() -> None:
    hedging = replace(PLAIN, routes=(replace(PLAIN.routes[0], hedge=Hedge()),))
    assert b"hedged" not in rendered(PLAIN)
    with_races = rendered(hedging)
    assert b'"header":"x-dragoman-hedged"' in with_races
    assert b"races" in with_races
    assert with_races.count(b"function envoy_on_request") == (
        rendered(PLAIN).count(b"function envoy_on_request") + 1
    )
