"""What is rendered where requests are copied, and only there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from extproc.bootstrap import Surroundings, render
from extproc.core.config import Config
from extproc.core.routes import Route, Shadow
from extproc.run_directory import RunDirectory
from tests.bootstrap.test_render import model, values

ROUTE = Route("r", "d", ("a/b", "a/c"))
PLAIN = Config((model("a/b"), model("a/c")), routes=(ROUTE,))
COPYING = replace(PLAIN, routes=(replace(ROUTE, shadow=Shadow("a/c", 5)),))


def rendered(config: Config) -> Any:
    return render(config, Surroundings(RunDirectory(Path("/run"))))


def clusters(bootstrap: Any) -> list[str]:
    return [each["name"] for each in bootstrap["static_resources"]["clusters"]]


def test_copies_have_a_way_of_their_own_that_python_chooses_by_a_header() -> None:
    bootstrap = rendered(COPYING)
    policies = [policy for each in values(bootstrap, "request_mirror_policies") for policy in each]
    assert len(policies) == 4, "single and failover, whole and streamed"
    assert {policy["cluster_header"] for policy in policies} == {"x-dragoman-shadow"}
    assert not any("cluster" in policy for policy in policies)
    assert "dragoman-shadows" in clusters(bootstrap)


def test_without_shadows_there_is_nothing_of_it() -> None:
    bootstrap = rendered(PLAIN)
    assert [*values(bootstrap, "request_mirror_policies")] == []
    assert "dragoman-shadows" not in clusters(bootstrap)
