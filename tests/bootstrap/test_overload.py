"""What triggers which of Envoy's defences."""

from __future__ import annotations

from extproc.bootstrap.overload import overload_manager
from extproc.bootstrap.tree import tree
from extproc.core.resources import UNMEASURED, Resources


def triggers(resources: Resources) -> dict[str, set[str]]:
    actions = tree(overload_manager(resources)).get("actions", [])
    return {
        action["name"].rpartition(".")[2]: {
            trigger["name"].rpartition(".")[2] for trigger in action["triggers"]
        }
        for action in actions
    }


def test_where_nothing_is_known_there_is_only_a_limit_of_connections() -> None:
    assert triggers(UNMEASURED) == {}
    (monitor,) = tree(overload_manager(UNMEASURED))["resource_monitors"]
    assert monitor["typed_config"]["max_active_downstream_connections"] == 50000


def test_what_is_told_and_what_is_measured() -> None:
    found = triggers(Resources(1000, 2**30, "/run/pressure"))
    assert found["reduce_timeouts"] == {"injected_resource", "fixed_heap"}
    assert found["stop_accepting_connections"] == {"injected_resource"}
    assert found["stop_accepting_requests"] == {"fixed_heap"}
