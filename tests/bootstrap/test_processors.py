"""How Envoy consults Python, whichever processor it asks."""

from __future__ import annotations

from typing import Any

import pytest

from extproc.bootstrap.attempt_processors import attempt, gate, translation
from extproc.bootstrap.ingress_processors import ingress
from extproc.bootstrap.processors import (
    HEADERS_ONLY,
    ROUTER_CLUSTER,
    consultation,
    filter_name,
    only,
)
from extproc.bootstrap.tree import tree
from extproc.contract import Role
from extproc.core.config import Config
from extproc.envoy_api.messages import ExternalProcessor
from tests.bootstrap.test_render import CREDENTIAL_HEADERS, model, rendered, values

CONFIG = Config((model("a/b"),))
FILTERS = {
    Role.INGRESS: ingress(CONFIG),
    Role.ATTEMPT: attempt(),
    Role.TRANSLATION: translation(),
    Role.GATE: gate(7.0),
}


@pytest.fixture(scope="module")
def bootstrap() -> dict[str, Any]:
    return rendered(CONFIG)


@pytest.mark.parametrize("role", list(Role))
def test_every_role_is_consulted_somewhere(bootstrap: dict[str, Any], role: Role) -> None:
    told = [*values(bootstrap, "initial_metadata"), *values(bootstrap, "grpc_initial_metadata")]
    assert {"key": "x-dragoman-role", "value": role} in [item for items in told for item in items]


def test_python_is_sent_no_credential(bootstrap: dict[str, Any]) -> None:
    rules = list(values(bootstrap, "forward_rules"))
    forwarded = {
        pattern["exact"] for rule in rules for pattern in rule["allowed_headers"]["patterns"]
    }
    assert len(rules) == len(FILTERS)
    assert forwarded.isdisjoint(CREDENTIAL_HEADERS)


@pytest.mark.parametrize("role", list(FILTERS))
def test_what_all_have_alike(role: Role) -> None:
    found = tree(FILTERS[role])
    assert found["name"] == filter_name(role) == f"dragoman.{role}"
    settings = found["typed_config"]
    service = settings["grpc_service"]
    assert service["envoy_grpc"] == {"cluster_name": ROUTER_CLUSTER}
    assert service["initial_metadata"] == [{"key": "x-dragoman-role", "value": role}]
    assert settings["stat_prefix"] == role
    assert settings["status_on_error"] == {"code": "ServiceUnavailable"}


def test_a_stream_that_no_worker_has_taken_is_opened_on_another() -> None:
    (policy,) = values(tree(FILTERS[Role.INGRESS]), "retry_policy")
    assert set(policy["retry_on"].split(",")) == {"connect-failure", "refused-stream"}
    (elsewhere,) = policy["retry_host_predicate"]
    assert elsewhere["name"] == "envoy.retry_host_predicates.previous_hosts"


def test_a_processor_is_sent_the_headers_that_it_reads() -> None:
    own = ExternalProcessor(processing_mode=HEADERS_ONLY)
    found = tree(consultation(Role.MODELS, only(["one"], ["x-begins-"]), own))
    patterns = found["typed_config"]["forward_rules"]["allowed_headers"]["patterns"]
    assert [pattern.get("exact") for pattern in patterns] == ["one", None]
    assert patterns[1]["prefix"] == "x-begins-"
