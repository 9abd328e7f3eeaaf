"""What statuses say of the keys that models are asked with."""

from __future__ import annotations

from dataclasses import replace

import pytest

from extproc.core.catalog import Catalog
from extproc.core.config import Config
from extproc.core.models import ClientKey, Credential, Dialect, Endpoint, Model
from extproc.observer.keys import Keys
from tests.helpers.telemetry_events import attempt

ENDPOINT = Endpoint("https", "h", 443, "h")
KEY, ANOTHER = (Credential("authorization", "Bearer ", name) for name in ("KEY", "ANOTHER"))
PAID = Model("one/a", "one", "a", ENDPOINT, {Dialect.CHAT: "/chat"}, credential=KEY)
SHARING = replace(PAID, name="one/b", model_id="b")
APART = replace(PAID, name="one/c", model_id="c", credential=ANOTHER)
PASSED_ON = replace(
    PAID,
    name="one/d",
    model_id="d",
    credential=None,
    client_key=ClientKey("authorization", "Bearer "),
)
MODELS = (PAID, SHARING, APART, PASSED_ON)
KEYS = Keys(MODELS, Catalog(Config(MODELS)))


@pytest.mark.parametrize(
    ("status", "concerned"),
    [
        (401, {"one/a", "one/b"}),
        (402, {"one/a", "one/b"}),
        (403, {"one/a"}),
        (429, {"one/a"}),
        (503, {"one/a"}),
    ],
)
def test_an_account_that_is_refused_concerns_all_its_models(
    status: int, concerned: set[str]
) -> None:
    failed = attempt(1, "one/a", status)
    assert {each.model for each in KEYS.concerned(failed)} == concerned
    assert {each.status for each in KEYS.concerned(failed)} == {status}


@pytest.mark.parametrize(("status", "own"), [(401, True), (404, True), (429, True), (500, False)])
def test_what_a_clients_key_may_not_blames_that_client(status: int, own: bool) -> None:
    assert KEYS.blames_client(attempt(1, "one/d", status)) is own
    assert not KEYS.blames_client(attempt(1, "one/a", status))


def test_whose_key_is_used() -> None:
    assert [model.name for model in MODELS if KEYS.are_clients_own(model.name)] == ["one/d"]
    assert not KEYS.are_clients_own("unknown")
