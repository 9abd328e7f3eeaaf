"""Who classifies requests: how files name a router model, and how patient one is with it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from extproc.config import ConfigError, Loaded, parse
from extproc.config.printing import effective
from extproc.core.config import IntentSettings, RouterPrompt
from extproc.core.config_json import from_json, to_json
from extproc.core.models import Credential, Dialect, Endpoint, Model
from extproc.sidecar.preparation import pythons_environment

KEY = "the-secret-of-the-router"
ENVIRON = {"OPENAI_API_KEY": "the-secret-of-openai", "ROUTER_KEY": KEY, "HOST": "gpu"}
TEXT = """
version: v0.4.0
model_providers:
  - {model: openai/gpt-4o, access_key: $OPENAI_API_KEY}
  - {model: vllm/*, base_url: 'http://gpu:8000'}
  - {model: acme/Arch-Router, name: mine, base_url: 'http://gpu', provider_interface: openai}
  - {model: anthropic/claude, access_key: key}
routing_preferences:
  - {name: code, description: writing code, models: [gpt-4o]}
"""


def read(more: str) -> Loaded:
    return parse(f"{TEXT}{more}\n", ENVIRON)


def problems_of(more: str) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        read(more)
    return [str(problem) for problem in raised.value.problems]


@pytest.mark.parametrize(
    ("routing", "name", "model_id"),
    [
        ("{model: mine}", "mine", "Arch-Router"),
        ("{model: Arch-Router}", "mine", "Arch-Router"),
        ("{llm_provider: mine}", "mine", "Arch-Router"),
        ("{llm_provider: mine, model: Arch-Router}", "mine", "Arch-Router"),
        ("{llm_provider: mine, model: openai/gpt-4o}", "mine", "Arch-Router"),
        ("{llm_provider: arch, model: Arch-Router}", "mine", "Arch-Router"),
        ("{llm_provider: mine, model: unheard-of}", "mine", "Arch-Router"),
        ("{llm_provider: vllm, model: k/Router-1.5B}", "vllm/k/Router-1.5B", "k/Router-1.5B"),
        ("{llm_provider: openai, model: gpt-4o}", "openai/gpt-4o", "gpt-4o"),
    ],
)
def test_routing_names_a_router_model(routing: str, name: str, model_id: str) -> None:
    loaded = read(f"routing: {routing}")
    router = loaded.config.intent.router
    assert router is not None
    assert (router.name, router.model_id) == (name, model_id)
    assert not [warning for warning in loaded.warnings if "routing" in warning]


def test_overrides_go_before_routing() -> None:
    router = read("overrides: {llm_routing_model: gpt-4o}\nrouting: {model: mine}").config.intent
    assert router.router is not None
    assert router.router.name == "openai/gpt-4o"


@pytest.mark.parametrize(
    ("routing", "warning"),
    [
        ("{model: my-router}", "routing.model: 'my-router' is not declared in model_providers;"),
        (
            "{llm_provider: nobody, model: my-router}",
            "routing.model: 'my-router' is not declared in model_providers;",
        ),
        ("{llm_provider: nobody}", "routing.llm_provider: 'nobody' is not declared"),
        (
            "{llm_provider: arch, model: Plano-Orchestrator}",
            "routing.model: 'Plano-Orchestrator' as Plano hosts it is not asked;",
        ),
    ],
)
def test_what_routing_names_in_vain_is_warned_of(routing: str, warning: str) -> None:
    loaded = read(f"routing: {routing}")
    assert loaded.config.intent.router is None
    (line,) = loaded.warnings
    assert line.startswith(f"config.yaml: {warning}")
    assert "the classifier in the box serves instead" in line


@pytest.mark.parametrize(
    ("url", "endpoint", "path"),
    [
        (
            "http://gpu:8000",
            Endpoint("http", "gpu", 8000, "gpu:8000"),
            "/v1/chat/completions",
        ),
        ("http://gpu:8000/v1/", Endpoint("http", "gpu", 8000, "gpu:8000"), "/v1/chat/completions"),
        (
            "https://$HOST/serve/v1/chat/completions",
            Endpoint("https", "gpu", 443, "gpu"),
            "/serve/v1/chat/completions",
        ),
    ],
)
@pytest.mark.parametrize("key", ["$ROUTER_KEY", KEY])
def test_a_router_model_at_an_address(url: str, endpoint: Endpoint, path: str, key: str) -> None:
    loaded = read(
        "overrides: {llm_routing_model: katanemo/Arch-Router-1.5B}\n"
        f"dragoman: {{router_url: '{url}', router_access_key: {key}}}"
    )
    variable = "ROUTER_KEY" if key.startswith("$") else "DRAGOMAN_KEY_2"
    assert loaded.config.intent.router == Model(
        name="katanemo/Arch-Router-1.5B",
        provider="openai",
        model_id="katanemo/Arch-Router-1.5B",
        endpoint=endpoint,
        paths={Dialect.CHAT: path},
        credential=Credential("authorization", "Bearer ", variable),
    )
    assert loaded.secrets.values[variable] == KEY
    assert not loaded.warnings
    given = pythons_environment(ENVIRON, loaded.config, loaded.secrets)
    assert given[variable] == KEY
    assert "OPENAI_API_KEY" not in given
    settled = to_json(loaded.config)
    assert KEY not in settled.decode()
    assert from_json(settled) == loaded.config


@pytest.mark.parametrize(
    ("more", "name"),
    [
        ("dragoman: {router_url: 'http://h'}", "Plano-Orchestrator"),
        ("dragoman: {router_url: 'http://h', router_prompt: arch-router}", "Arch-Router"),
        ("dragoman: {router_url: 'http://h'}\nrouting: {model: own}", "own"),
        ("dragoman: {router_url: 'http://h'}\nrouting: {llm_provider: x, model: own}", "own"),
        (
            "overrides: {llm_routing_model: Plano-Orchestrator}\ndragoman: {router_url: 'http://h'}",
            "Plano-Orchestrator",
        ),
    ],
)
def test_what_a_model_at_an_address_is_called(more: str, name: str) -> None:
    loaded = read(more)
    router = loaded.config.intent.router
    assert router is not None
    assert (router.name, router.credentials, loaded.warnings) == (name, (), ())


def test_every_setting() -> None:
    settings = read(
        "overrides: {llm_routing_model: mine, orchestrator_model_context_length: 4096}\n"
        "dragoman: {threshold: 0.25, intent_timeout: 300ms, intent_concurrency: 8,"
        " intent_cache_entries: 0, intent_cache_ttl: 5m, router_prompt: plano-orchestrator,"
        " embedded_timeout: 50ms, embedded_texts: 0}"
    ).config.intent
    assert settings == IntentSettings(
        router=settings.router,
        timeout=0.3,
        prompt=RouterPrompt.PLANO_ORCHESTRATOR,
        context_length=4096,
        concurrency=8,
        cache_entries=0,
        cache_ttl=300.0,
        threshold=0.25,
        embedded_timeout=0.05,
        embedded_texts=0,
    )
    assert read("").config.intent == IntentSettings()


def test_thresholds_and_examples_of_routes() -> None:
    routes = parse(
        TEXT.replace(
            "models: [gpt-4o]}",
            "models: [gpt-4o], threshold: -0.5, examples: ['Write quicksort', \"two\\nlines\"]}\n"
            "  - {name: law, description: advice, models: [mine], threshold: 1}",
        ),
        ENVIRON,
    ).config.routes
    assert [(route.threshold, route.examples) for route in routes] == [
        (-0.5, ("Write quicksort", "two\nlines")),
        (1.0, ()),
    ]


def route(fields: str) -> str:
    return TEXT.replace("models: [gpt-4o]}", f"models: [gpt-4o], {fields}}}")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        *[
            (f"threshold: {value}", "threshold: must be a number from -1 to 1")
            for value in ("1.01", "-2", ".nan", "true", "'0.5'")
        ],
        ("examples: Write quicksort", "examples: must be a list"),
        ("examples: [7]", "examples[0]: must be a string"),
        ("examples: [a, ' ']", "examples[1]: must not be empty"),
    ],
)
def test_thresholds_and_examples_that_are_not_valid(fields: str, message: str) -> None:
    with pytest.raises(ConfigError) as raised:
        parse(route(fields), ENVIRON)
    assert [str(problem) for problem in raised.value.problems] == [
        f"routing_preferences[0].{message}"
    ]


URL = (
    "dragoman.router_url: must be a URL such as http://localhost:8000/v1, without credentials "
    "(a key belongs in router_access_key), query or fragment"
)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("dragoman: {router_url: localhost:8000}", [URL]),
        ("dragoman: {router_url: 'http://user:hunter2@h'}", [URL]),
        ("dragoman: {router_url: 'http://h/v1?key=hunter2'}", [URL]),
        (
            "dragoman: {router_url: 'http://h'}\noverrides: {llm_routing_model: mine}",
            [
                (
                    "dragoman.router_url: 'mine' (overrides.llm_routing_model) is declared in "
                    "model_providers and has an address of its own; remove one of the two"
                )
            ],
        ),
        (
            "dragoman: {router_access_key: $ROUTER_KEY}",
            [
                (
                    "dragoman.router_access_key: is for router_url; a declared model has its key "
                    "in model_providers"
                )
            ],
        ),
        (
            "dragoman: {router_url: 'http://$NOWHERE', router_access_key: $NOT_SET}",
            [
                "dragoman.router_url: environment variable NOWHERE is not set",
            ],
        ),
        (
            "dragoman: {router_url: 'http://h', router_access_key: $NOT_SET}",
            ["dragoman.router_access_key: environment variable NOT_SET is not set"],
        ),
        (
            "routing: {llm_provider: anthropic, model: claude}",
            ["routing.model: 'anthropic/claude' cannot be asked: its provider does not speak chat"],
        ),
        (
            "dragoman: {router_prompt: gpt}",
            ["dragoman.router_prompt: must be 'arch-router' or 'plano-orchestrator'"],
        ),
        (
            "dragoman: {intent_concurrency: 0, intent_cache_entries: -1, threshold: 2}",
            [
                "dragoman.threshold: must be a number from -1 to 1",
                "dragoman.intent_concurrency: must be at least 1",
                "dragoman.intent_cache_entries: must be at least 0",
            ],
        ),
        (
            "overrides: {orchestrator_model_context_length: 0}",
            ["overrides.orchestrator_model_context_length: must be at least 1"],
        ),
        ("routing: {model: 7}", ["routing.model: must be a string"]),
    ],
)
def test_settings_that_are_not_valid(more: str, expected: list[str]) -> None:
    assert problems_of(more) == expected


def test_a_prompt_without_a_model_to_send_it_to_is_warned_of() -> None:
    assert read("dragoman: {router_prompt: arch-router}").warnings == (
        "config.yaml: dragoman.router_prompt: has no effect: no router model is asked",
    )


@pytest.mark.parametrize(("more", "warned"), [("overrides: {router_model: mine}", 1), ("", 0)])
def test_a_route_that_a_router_model_cannot_name_is_warned_of(more: str, warned: int) -> None:
    loaded = parse(TEXT.replace("name: code", "name: other") + more, ENVIRON)
    warnings = [line for line in loaded.warnings if "routing_preferences[0].name" in line]
    assert len(warnings) == warned


@pytest.mark.parametrize("key", ["$ROUTER_KEY", KEY])
def test_the_effective_form_names_the_router_and_no_key(tmp_path: Path, key: str) -> None:
    path = tmp_path / "config.yaml"
    more = (
        "routing: {model: own, session_ttl_seconds: 7}\n"
        f"dragoman: {{router_url: 'http://$HOST/v1', router_access_key: {key}, threshold: 0}}\n"
    )
    path.write_text(TEXT + more, encoding="utf-8")
    shown = effective(path, ENVIRON)
    assert KEY not in shown
    read_again = yaml.safe_load(shown)
    assert read_again["routing"]["model"] == "own"
    assert read_again["dragoman"]["router_url"] == "http://$HOST/v1"
    assert read_again["dragoman"]["threshold"] == 0
    masked = key if key.startswith("$") else "***"
    assert read_again["dragoman"]["router_access_key"] == masked
