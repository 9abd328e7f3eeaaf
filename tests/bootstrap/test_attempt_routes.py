"""Which processors the requests of each attempt have."""

from __future__ import annotations

from dataclasses import replace

from extproc.bootstrap.attempt_routes import attempt_routes
from extproc.bootstrap.processors import filter_name, not_processed
from extproc.bootstrap.typed import left_out
from extproc.contract import Role
from extproc.core.config import Config, Limits
from extproc.core.timeouts import Timeouts
from extproc.envoy_api.messages import Route
from tests.bootstrap.test_render import model

CONFIG = Config((model("a/b"),), limits=replace(Limits(), timeouts=Timeouts(stream_idle=7.0)))
PROCESSORS = (Role.ATTEMPT, Role.TRANSLATION, Role.GATE)


def asked(route: Route) -> set[Role]:
    settings = route.typed_per_filter_config
    return {role for role in PROCESSORS if filter_name(role) not in settings}


def test_what_is_not_asked_is_left_out_unless_the_route_may_change() -> None:
    seen = set()
    for route in attempt_routes(CONFIG):
        roles = asked(route)
        changes = Role.ATTEMPT in roles
        for role in set(PROCESSORS) - roles:
            setting = route.typed_per_filter_config[filter_name(role)]
            assert setting == (not_processed() if changes else left_out())
        seen.add(frozenset(roles))
    assert {frozenset(), frozenset({Role.ATTEMPT}), frozenset({Role.GATE})} < seen
