"""Models by the names that clients use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from extproc.config import parse
from extproc.core.catalog import Catalog
from extproc.core.config import Config
from extproc.core.models import Dialect, Endpoint, Model
from extproc.core.traits import Traits
from extproc.errors import ClientError

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
        ("my favourite/favourite-2025", NAMED),
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


def test_a_declared_name_and_nothing_else() -> None:
    with_aliases = catalog(aliases={"quick": "openai/gpt-4o", "one/shared": "openai/gpt-4o"})
    assert with_aliases.declared("one/shared") is SHARED_ONE
    for name in ("quick", "gpt-4o", "favourite-2025", "my favourite/favourite-2025", ""):
        assert with_aliases.declared(name) is None


def test_a_name_goes_before_an_alias() -> None:
    assert catalog(aliases={"one/shared": "openai/gpt-4o"}).find("one/shared") is SHARED_ONE


def test_a_name_goes_before_a_provider_and_its_id() -> None:
    other = Model("fast", "openai", "gpt-4o", ENDPOINT, {Dialect.CHAT: "/"})
    assert catalog(other).find("openai/gpt-4o") is GPT
    assert catalog(other).find("fast") is other


def test_an_alias_goes_before_a_provider_and_its_id() -> None:
    aliases = {"my favourite/favourite-2025": "openai/gpt-4o"}
    assert catalog(aliases=aliases).find("my favourite/favourite-2025") is GPT


def test_a_provider_and_an_id_that_several_models_have() -> None:
    paths = {Dialect.CHAT: "/"}
    twins = [Model(name, "p", "m", ENDPOINT, paths) for name in ("early", "late")]
    with pytest.raises(ClientError, match="'p/m' is ambiguous: say early or late"):
        catalog(*twins).find("p/m")


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
    assert error.requested_model == "gpt-99"
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


def test_a_pool_is_what_the_configuration_settled_on() -> None:
    config = parse(
        """
version: v0.4.0
model_providers:
  - {model: openai/gpt-4o, access_key: $K, default: true}
  - {model: groq/llama, access_key: $K}
  - {model: openai/gpt-5, name: fast, access_key: $K}
model_aliases:
  openai/gpt-4o: {target: groq/llama}
routing_preferences:
  - {name: r, description: d, models: [openai/gpt-4o, openai/gpt-5]}
""",
        {"K": "secret"},
    ).config
    (route,) = config.routes
    pool = Catalog(config).pool(route.models, route.name)
    assert tuple(model.name for model in pool) == route.models == ("openai/gpt-4o", "fast")
    found = Catalog(config).find("openai/gpt-5")
    assert found is not None
    assert found.name == "fast"


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


def test_provider_and_id_goes_before_a_bare_id() -> None:
    direct = Model("fast", "openai", "gpt-5", ENDPOINT, {Dialect.CHAT: "/"})
    reseller = Model("router", "openrouter", "openai/gpt-5", ENDPOINT, {Dialect.CHAT: "/"})
    assert catalog(direct, reseller).find("openai/gpt-5") is direct


def window_of(provider: str, model_id: str) -> Traits:  # noqa: ARG001
    return Traits(context_window=1000 if model_id.endswith("[1m]") else 200)


@pytest.mark.parametrize(
    ("declared", "name", "window"),
    [
        (200, "claude-a", 200),
        (200, "claude-a[1m]", 1000),
        (200, "anthropic/claude-a[1m]", 1000),
        (200, "claude-a[2x]", 200),
        (150, "claude-a[1m]", 150),
    ],
)
def test_a_marked_name_asks_for_the_long_window(declared: int, name: str, window: int) -> None:
    one = replace(model("anthropic/claude-a"), traits=Traits(context_window=declared))
    found = Catalog(Config((one,)), window_of).find(name)
    assert found is not None
    assert (found.name, found.traits.context_window) == ("anthropic/claude-a", window)


def test_a_wildcards_model_has_the_long_window_too() -> None:
    wildcard = replace(model("anthropic/*", "*"), families=("claude-*",))
    found = Catalog(Config((wildcard,)), window_of).find("claude-a[1m]")
    assert found is not None
    assert (found.model_id, found.traits.context_window) == ("claude-a", 1000)
