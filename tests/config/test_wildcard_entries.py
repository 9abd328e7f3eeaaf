"""Entries that stand for all models of a provider."""

from __future__ import annotations

from textwrap import dedent

import pytest

from extproc.config import Config, ConfigError, parse
from extproc.core.catalog import Catalog
from extproc.errors import ClientError
from extproc.providers import KNOWN
from extproc.sidecar.preparation import pythons_environment

ENVIRON = {"KEY": "key-one", "OTHER": "key-two"}
TEXT = """
version: v0.4.0
model_providers:
  - {model: openai/*, access_key: $KEY}
  - {model: openai/gpt-4o, access_key: $OTHER}
  - {model: anthropic/*, name: team/claude, access_key: $KEY}
  - {model: groq/*, name: fast/*, access_key: $KEY}
  - {model: groq/*, name: spare, access_key: $OTHER}
  - {model: openrouter/openai/gpt-3, access_key: $KEY}
model_aliases:
  smart: {target: openai/gpt-5}
  openai/own: {target: openai/gpt-4o}
  claude: {target: anthropic/claude-opus}
routing_preferences:
  - name: code
    description: writing code
    models: [openai/gpt-5, openai/gpt-4o, smart, anthropic/claude, spare/llama]
"""


def problems_of(text: str) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        parse(text, ENVIRON)
    return [line.removeprefix("config.yaml: ") for line in str(raised.value).splitlines()]


def entry(text: str) -> str:
    return f"version: v0.4.0\nmodel_providers: [{text}]\n"


@pytest.fixture(scope="module")
def config() -> Config:
    return parse(TEXT, ENVIRON).config


@pytest.fixture(scope="module")
def catalog(config: Config) -> Catalog:
    return Catalog(config)


@pytest.mark.parametrize(
    ("asked", "name", "model_id", "cluster"),
    [
        ("openai/gpt-5", "openai/gpt-5", "gpt-5", "openai/*"),
        ("openai/ft:gpt/own", "openai/ft:gpt/own", "ft:gpt/own", "openai/*"),
        ("openai/gpt-4o", "openai/gpt-4o", "gpt-4o", "openai/gpt-4o"),
        ("gpt-4o", "openai/gpt-4o", "gpt-4o", "openai/gpt-4o"),
        ("gpt-5", "openai/gpt-5", "gpt-5", "openai/*"),
        ("claude-opus-4-8[1m]", *("team/claude/claude-opus-4-8", "claude-opus-4-8", "team/claude")),
        ("smart", "openai/gpt-5", "gpt-5", "openai/*"),
        ("openai/own", "openai/gpt-4o", "gpt-4o", "openai/gpt-4o"),
        ("claude", "team/claude/claude-opus", "claude-opus", "team/claude"),
        ("anthropic/claude-x", "team/claude/claude-x", "claude-x", "team/claude"),
        ("team/claude/claude-x", "team/claude/claude-x", "claude-x", "team/claude"),
        ("fast/llama", "fast/llama", "llama", "fast/*"),
        ("spare/llama", "spare/llama", "llama", "spare"),
        ("openai/gpt-3", "openrouter/openai/gpt-3", "openai/gpt-3", "openrouter/openai/gpt-3"),
    ],
)
def test_what_a_name_stands_for(
    catalog: Catalog, asked: str, name: str, model_id: str, cluster: str
) -> None:
    model = catalog.requested(asked)
    assert (model.name, model.model_id, model.cluster) == (name, model_id, cluster)
    assert catalog.declared(name) == model, "later attempts find it by this name"


@pytest.mark.parametrize("asked", ["openai/..", "openai/.", "team/claude/..", "spare/.."])
def test_no_model_is_a_folder_of_its_providers_paths(catalog: Catalog, asked: str) -> None:
    """Which have models' ids in them where a provider wants that: ``/deployments/../files``."""
    assert catalog.find(asked) is None
    assert catalog.declared(asked) is None


@pytest.mark.parametrize(
    "asked",
    ["openai/*", "openai/", "openai", "*", "spare", "fast/*", "llama", "mistral/x", "/x", ""],
)
def test_what_no_wildcard_stands_for(catalog: Catalog, asked: str) -> None:
    assert catalog.find(asked) is None
    assert catalog.declared(asked) is None


def test_a_name_has_to_fit_into_headers(catalog: Catalog) -> None:
    assert catalog.find("openai/" + "x" * 256) is not None
    assert catalog.find("openai/" + "x" * 257) is None


def test_two_keys_of_one_provider_are_told_apart_by_name(catalog: Catalog) -> None:
    with pytest.raises(ClientError, match="ambiguous: say fast/llama or spare/llama"):
        catalog.find("groq/llama")


def test_aliases_are_settled(config: Config) -> None:
    assert config.aliases == {
        "smart": "openai/gpt-5",
        "openai/own": "openai/gpt-4o",
        "claude": "team/claude/claude-opus",
    }


def test_in_preferences(config: Config, catalog: Catalog) -> None:
    (route,) = config.routes
    assert route.models == (
        "openai/gpt-5",
        "openai/gpt-4o",
        "team/claude/claude",
        "spare/llama",
    )
    assert [model.name for model in catalog.candidates(route)] == list(route.models)


def test_bare_names_in_the_file_mean_what_they_mean_in_requests() -> None:
    text = dedent(
        """
        model_aliases: {a: {target: claude-x}}
        routing_preferences: [{name: r, description: d, models: [gpt-5, "claude-x[1m]"]}]
        """
    )
    entries = "{model: openai/*, access_key: k}, {model: anthropic/*, access_key: k}"
    config = parse(entry(entries) + text, {}).config
    assert config.aliases == {"a": "anthropic/claude-x"}
    assert config.routes[0].models == ("openai/gpt-5", "anthropic/claude-x")


def test_in_preferences_that_a_client_sends(catalog: Catalog) -> None:
    pool = catalog.pool(["openai/gpt-5", "smart", "spare/x"], "code")
    assert [model.name for model in pool] == ["openai/gpt-5", "spare/x"]
    with pytest.raises(ClientError, match=r"not declared: 'openai/\*', 'llama'"):
        catalog.pool(["openai/*", "llama"], "code")


def test_what_is_available_is_told_with_a_star(catalog: Catalog) -> None:
    with pytest.raises(ClientError) as raised:
        catalog.requested("nothing")
    assert "openai/*, team/claude/*, fast/*, spare/*, smart" in raised.value.message


def test_the_intent_router_may_be_one_that_a_wildcard_covers() -> None:
    text = entry("{model: vllm/*, base_url: 'http://h', access_key: $KEY}")
    loaded = parse(f"{text}overrides: {{llm_routing_model: vllm/Arch-Router}}", ENVIRON)
    router = loaded.config.intent.router
    assert router is not None
    assert (router.name, router.model_id, router.cluster) == (
        *("vllm/Arch-Router", "Arch-Router"),
        "vllm/*",
    )
    assert pythons_environment(ENVIRON, loaded.config, loaded.secrets) == ENVIRON


SUPPORTED = ", ".join(sorted(KNOWN))
INVALID = (
    "model: Invalid model name {}. Please provide model name in the format "
    "<provider>/<model_id> or <provider>/* for wildcards."
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "{model: openai/*, access_key: k, default: true}",
            [
                (
                    "default: Model openai/* is configured as default but uses wildcard (*). "
                    "Default models cannot be wildcards."
                )
            ],
        ),
        ("{model: '*', access_key: k}", [INVALID.format("*")]),
        ("{model: '/*', access_key: k}", [INVALID.format("/*")]),
        (
            "{model: openrouter/openai/*, access_key: k}",
            [INVALID.format("openrouter/openai/*")],
        ),
        (
            "{model: acme/*, access_key: k}",
            [
                (
                    "model: Must provide base_url and provider_interface for unsupported provider "
                    f"acme for wildcard model acme/*. Supported providers are: {SUPPORTED}"
                )
            ],
        ),
        (
            "{model: ollama/*}",
            ["base_url: Provider 'ollama' requires 'base_url' to be set for model ollama/*"],
        ),
    ],
)
def test_entries_that_cannot_be(text: str, expected: list[str]) -> None:
    assert problems_of(entry(text)) == [f"model_providers[0].{line}" for line in expected]


def test_two_wildcards_under_one_prefix() -> None:
    entries = "{model: openai/*, access_key: k}, {model: openai/*, name: openai, access_key: k}"
    assert problems_of(entry(entries)) == [
        "model_providers: 2 wildcards would serve openai/*; give each a name of its own"
    ]


def test_a_star_is_no_model() -> None:
    text = dedent(
        """
        model_aliases: {a: {target: openai/*}}
        routing_preferences: [{name: r, description: d, models: [openai/*]}]
        """
    )
    assert problems_of(entry("{model: openai/*, access_key: k}") + text) == [
        (
            "model_aliases.a.target: Model alias 2 - 'a' targets 'openai/*' which is not defined "
            "as a model. Available models: openai/*"
        ),
        (
            "routing_preferences[0].models[0]: routing_preferences route 'r' references model "
            "'openai/*' which is not declared in model_providers"
        ),
    ]


def test_a_name_that_two_wildcards_cover() -> None:
    text = entry(
        "{model: openai/*, name: a, access_key: k}, {model: openai/*, name: b, access_key: k}"
    )
    assert problems_of(text + "model_aliases: {x: {target: openai/m}}") == [
        "model_aliases.x.target: 'openai/m' fits several models; say which: a/m, b/m"
    ]
