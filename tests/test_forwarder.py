"""Where requests go that are not routed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from extproc.core.accounts import Accounts
from extproc.core.config import Config
from extproc.core.models import Credential, Dialect, Endpoint, Model
from extproc.dialects.api_paths import ApiPath, api_path
from extproc.errors import ClientError
from extproc.forwarder import Destination, Forwarder, counts_tokens

OPENAI = {Dialect.CHAT: "/v1/chat/completions", Dialect.RESPONSES: "/v1/responses"}
ANTHROPIC = {Dialect.MESSAGES: "/v1/messages"}
KEY = Credential("authorization", "Bearer ", "OPENAI_KEY")


def model(name: str, host: str, paths: dict[Dialect, str], **more: Any) -> Model:
    provider, _, model_id = name.partition("/")
    found = Model(name, provider, model_id, Endpoint("https", host, 443, host), paths, KEY)
    return replace(found, **more)


BIG = model("openai/big", "openai", OPENAI)
SMALL = model("openai/small", "openai", OPENAI)
ANY = model("openai/*", "openai", OPENAI)
CLAUDE = model("anthropic/claude", "anthropic", ANTHROPIC)
OTHER = model("other/m", "other", {Dialect.CHAT: "/api/chat/completions"}, default=True)


def path(asked: str) -> ApiPath:
    return api_path(asked, anthropic=False)


def test_entries_of_one_provider_and_key_are_one_account() -> None:
    accounts = Accounts((BIG, SMALL, ANY, CLAUDE))
    assert accounts.all == (BIG, CLAUDE)
    assert accounts.of(SMALL) == BIG
    assert accounts.of(ANY.standing_for("openai/x", "x")) == BIG
    for other in (
        replace(SMALL, credential=Credential("authorization", "Bearer ", "ANOTHER_KEY")),
        replace(SMALL, headers={"openai-organization": "o"}),
        replace(SMALL, paths={Dialect.CHAT: "/v2/chat/completions"}),
    ):
        assert len(Accounts((BIG, other)).all) == 2


def test_to_the_model_that_is_named() -> None:
    forwarder = Forwarder(Config((BIG, OTHER, CLAUDE)))
    (named,) = forwarder.models(["m"])
    assert forwarder.to_model(path("/v1/rerank"), named) == Destination(OTHER, "/api/rerank")
    with pytest.raises(ClientError, match="speaks messages, and this path belongs to chat") as no:
        forwarder.to_model(path("/v1/rerank"), CLAUDE)
    assert no.value.status == 400
    with pytest.raises(ClientError, match="'none' does not exist") as unknown:
        forwarder.models(["none"])
    assert unknown.value.status == 404


def test_models_of_one_request_are_with_one_provider() -> None:
    forwarder = Forwarder(Config((BIG, SMALL, CLAUDE)))
    assert forwarder.models(["big", "small"]) == (BIG, SMALL)
    with pytest.raises(ClientError, match="with several: 'big', 'claude'"):
        forwarder.models(["big", "claude"])


def test_to_the_provider_of_what_was_made() -> None:
    forwarder = Forwarder(Config((BIG, OTHER, CLAUDE)))
    asked = path("/v1/responses/resp_1")
    assert forwarder.to_maker(asked, "openai/big") == Destination(BIG, "/v1/responses/resp_1")
    assert forwarder.to_maker(asked, "anthropic/claude") is None
    assert forwarder.to_maker(asked, "openai/gone") is None


def test_to_the_only_provider_that_has_a_path() -> None:
    forwarder = Forwarder(Config((BIG, SMALL, OTHER, CLAUDE)))
    for asked, model in (("/v1/responses/resp_1", BIG), ("/v1/messages/batches", CLAUDE)):
        assert not forwarder.is_open(path(asked))
        assert forwarder.to_only(path(asked)).model is model
    assert forwarder.is_open(path("/v1/files"))


def test_what_is_about_nothing_that_was_made_goes_to_the_default_models_provider() -> None:
    forwarder = Forwarder(Config((BIG, OTHER)))
    assert forwarder.to_only(path("/v1/files")).model is OTHER


@pytest.mark.parametrize(
    ("models", "asked", "says"),
    [
        (
            (BIG, OTHER),
            "/v1/files/file-1",
            r"who has made 'file-1'.*file-1\?model=NAME.*'openai/bi",
        ),
        ((BIG, replace(OTHER, default=False)), "/v1/files", "not known which provider is meant"),
        ((OTHER,), "/v1/responses/resp_1", "No declared provider speaks responses"),
        ((CLAUDE,), "/v1/files", "No declared provider speaks chat and responses"),
    ],
)
def test_nowhere(models: tuple[Model, ...], asked: str, says: str) -> None:
    with pytest.raises(ClientError, match=says) as raised:
        Forwarder(Config(models)).to_only(path(asked))
    assert (raised.value.status, raised.value.code) == (404, "unknown_provider")


def test_who_counts_tokens() -> None:
    assert counts_tokens(CLAUDE)
    assert not counts_tokens(BIG)
    assert not counts_tokens(replace(CLAUDE, paths=OPENAI | ANTHROPIC))
