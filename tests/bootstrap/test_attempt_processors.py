"""What the processors of the attempt listener are shown, and how long they may take."""

from __future__ import annotations

from typing import Any

from extproc.bootstrap.attempt_processors import attempt, gate, translation
from extproc.bootstrap.tree import tree
from extproc.core.config import Config, Limits
from extproc.core.timeouts import Timeouts
from extproc.envoy_api.messages import HttpFilter
from tests.bootstrap.test_ingress_processors import ANSWER, REQUEST, shown
from tests.bootstrap.test_render import model, rendered, values


def settings(processor: HttpFilter) -> dict[str, Any]:
    found: dict[str, Any] = tree(processor)["typed_config"]
    return found


def test_each_is_shown_what_it_works_on() -> None:
    assert shown(settings(attempt())["processing_mode"]) == REQUEST
    assert shown(settings(translation())["processing_mode"]) == REQUEST | ANSWER
    held = {"response_header", "response_body"}
    assert shown(settings(gate(7.0))["processing_mode"]) == held


def test_the_gate_lets_go_when_its_worker_does_not_answer() -> None:
    found = settings(gate(7.0))
    assert found["failure_mode_allow"]
    assert found["message_timeout"] == "12s", "after Python's own deadline"


def test_the_gate_has_no_longer_timeout_than_envoy_takes() -> None:
    assert settings(gate(3600.0))["message_timeout"] == "3600s"


def test_no_other_attempt_goes_on_without_its_worker() -> None:
    for processor in (attempt(), translation()):
        assert "failure_mode_allow" not in settings(processor)


def test_the_gate_has_the_time_of_the_configuration() -> None:
    config = Config((model("a/b"),), limits=Limits(timeouts=Timeouts(first_content=7.0)))
    _, listener = rendered(config)["static_resources"]["listeners"]
    assert list(values(listener, "message_timeout")) == ["12s"]
