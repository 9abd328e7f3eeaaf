"""Models by the names that clients use."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from extproc.catalog import Catalog
from extproc.config.values import Config, Dialect, Endpoint, Model
from extproc.dialects.errors import ClientError

ENDPOINT = Endpoint("https", "h", 443, "h")


def model(name: str, model_id: str | None = None, *, default: bool = False) -> Model:
    provider, _, own_id = name.partition("/")
    paths = {Dialect.CHAT: "/"}
    return Model(name, provider, model_id or own_id, ENDPOINT, paths, default=default)


GPT = model("openai/gpt-4o")
DEEP = model("groq/org/llama")
SHARED_ONE = model("one/shared")
SHARED_TWO = model("two/shared")
NAMED = model("my favourite", "favourite-2025")
MODELS = (GPT, DEEP, SHARED_ONE, SHARED_TWO, NAMED)


def catalog(*more: Model, aliases: Mapping[str, str] | None = None) -> Catalog:
    return Catalog(Config((*MODELS, *more), aliases=aliases or {}))


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("openai/gpt-4o", GPT),
        ("gpt-4o", GPT),
        ("groq/org/llama", DEEP),
        ("org/llama", DEEP),
        ("one/shared", SHARED_ONE),
        ("my favourite", NAMED),
        ("favourite-2025", NAMED),
        ("quick", GPT),
        ("shared-alias", SHARED_TWO),
        ("llama", None),
        ("GPT-4o", None),
        ("openai/", None),
        ("", None),
    ],
)
def test_a_model_by_a_name(name: str, found: Model | None) -> None:
    aliases = {"quick": "openai/gpt-4o", "shared-alias": "two/shared"}
    assert catalog(aliases=aliases).find(name) is found


def test_a_name_goes_before_a_bare_id() -> None:
    own = model("gpt-4o", "something-else")
    assert catalog(own).find("gpt-4o") is own


def test_an_alias_goes_before_a_bare_id() -> None:
    assert catalog(aliases={"gpt-4o": "two/shared"}).find("gpt-4o") is SHARED_TWO
    assert catalog(aliases={"shared": "two/shared"}).find("shared") is SHARED_TWO


def test_a_bare_id_that_several_models_have() -> None:
    with pytest.raises(ClientError) as raised:
        catalog().find("shared")
    assert (raised.value.status, raised.value.param) == (400, "model")
    assert raised.value.message == "The model 'shared' is ambiguous: say one/shared or two/shared."


def test_the_model_that_was_asked_for() -> None:
    default = model("the/default", default=True)
    assert catalog(default).requested("gpt-4o") is GPT
    assert catalog(default).requested(None) is default
    assert catalog(default).default is default


def test_nothing_was_asked_for_and_nothing_is_the_default() -> None:
    assert catalog().default is None
    with pytest.raises(ClientError, match="no model is declared as default") as raised:
        catalog().requested(None)
    assert (raised.value.status, raised.value.param) == (400, "model")


def test_a_model_that_does_not_exist() -> None:
    with pytest.raises(ClientError) as raised:
        catalog(aliases={"quick": "openai/gpt-4o"}).requested("gpt-99")
    error = raised.value
    assert (error.status, error.code, error.param) == (404, "model_not_found", "model")
    assert error.message == (
        "The model 'gpt-99' does not exist. Available: openai/gpt-4o, groq/org/llama, "
        "one/shared, two/shared, my favourite, quick."
    )


@pytest.mark.parametrize(
    ("count", "end"), [(7, ", m/6."), (8, ", m/6 and 1 more."), (99, "92 more.")]
)
def test_a_long_list_of_what_is_available_is_cut(count: int, end: str) -> None:
    more = [model(f"m/{index}") for index in range(count)]
    with pytest.raises(ClientError) as raised:
        catalog(*more).requested("gpt-99")
    assert raised.value.message.endswith(end)


def test_a_pool_keeps_its_order_and_names_nobody_twice() -> None:
    found = catalog(aliases={"quick": "openai/gpt-4o"}).pool(
        ["two/shared", "quick", "openai/gpt-4o", "gpt-4o", "favourite-2025", "two/shared"], "r"
    )
    assert found == (SHARED_TWO, GPT, NAMED)


def test_a_pool_of_models_that_nobody_declared() -> None:
    with pytest.raises(ClientError) as raised:
        catalog().pool(["gpt-4o", "x/y", "", "z"], "code")
    error = raised.value
    assert (error.status, error.code) == (400, "model_not_declared")
    assert error.param == "routing_preferences"
    assert error.message.startswith(
        "The routing preference 'code' names models that are not declared: 'x/y', '', 'z'. "
        "Available: openai/gpt-4o, "
    )


def test_a_pool_with_a_bare_id_that_several_models_have() -> None:
    with pytest.raises(ClientError, match="ambiguous") as raised:
        catalog().pool(["shared"], "code")
    assert raised.value.status == 400
