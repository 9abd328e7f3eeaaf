"""Entries of every known provider: what they settle into, and what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from extproc.bootstrap import Surroundings, render, to_yaml
from extproc.config import ClientKey, ConfigError, Credential, Dialect, Model, parse
from extproc.providers import KNOWN
from extproc.run_directory import RunDirectory


def provider(entry: str) -> Model:
    (model,) = parse(f"version: v0.4.0\nmodel_providers: [{entry}]", {}).config.models
    return model


def problems_of(entry: str) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        provider(entry)
    start = "config.yaml: model_providers[0]."
    return [line.removeprefix(start) for line in str(raised.value).splitlines()]


HOSTED = [name for name, row in KNOWN.items() if row.origin and not row.takes_client_key]


@pytest.mark.parametrize("name", HOSTED)
def test_a_provider_with_a_host_needs_a_key_and_nothing_else(name: str) -> None:
    model = provider(f"{{model: {name}/m, access_key: k}}")
    assert (model.provider, model.model_id, model.cluster) == (name, "m", f"{name}/m")
    assert model.endpoint.tls
    assert problems_of(f"{{model: {name}/m}}") == [
        f"access_key: is required by {name}; write for example access_key: ${name.upper()}_API_KEY"
    ]


@pytest.mark.parametrize("name", [name for name, row in KNOWN.items() if row.origin is None])
def test_a_provider_without_one_needs_base_url(name: str) -> None:
    model = provider(f"{{model: {name}/m, base_url: 'http://h:1'}}")
    assert (model.endpoint.http_host, model.credential) == ("h:1", None)
    assert problems_of(f"{{model: {name}/m, access_key: k}}") == [
        f"base_url: Provider '{name}' requires 'base_url' to be set for model {name}/m"
    ]


def test_azure_takes_its_key_in_a_header_of_its_own() -> None:
    model = provider("{model: azure_openai/gpt-4o, access_key: k, base_url: 'https://r.example'}")
    assert model.credential is not None
    assert (model.credential.header, model.credential.prefix) == ("api-key", "")
    assert model.path(Dialect.CHAT) == "/openai/v1/chat/completions"
    assert model.path(Dialect.RESPONSES) == "/openai/v1/responses"


def test_a_deployment_of_azure_is_named_in_the_path() -> None:
    base = "https://r.example/openai/deployments"
    model = provider(f"{{model: azure_openai/my model/é, access_key: k, base_url: '{base}/'}}")
    assert model.path(Dialect.CHAT) == (
        "/openai/deployments/my%20model%2F%C3%A9/chat/completions?api-version=2025-01-01-preview"
    )


def test_the_path_of_base_url_replaces_the_prefix() -> None:
    groq = provider("{model: groq/m, access_key: k, base_url: 'https://api.groq.com/openai/v1'}")
    assert groq.path(Dialect.CHAT) == "/openai/v1/chat/completions"


@pytest.mark.parametrize("name", [name for name, row in KNOWN.items() if not row.known_to_plano])
def test_planos_users_say_the_interface_of_what_plano_does_not_know(name: str) -> None:
    told = provider(f"{{model: {name}/m, provider_interface: openai, base_url: 'http://h/p'}}")
    assert told == provider(f"{{model: {name}/m, base_url: 'http://h/p'}}")


@pytest.mark.parametrize(
    ("ending", "warned"),
    [
        ("", False),
        ("/v1", False),
        ("/v1/", False),
        ("/v1/chat/completions", True),
        ("/v1/messages/", True),
        ("/openai/responses", True),
        ("/v1/responses/v1", False),
    ],
)
def test_an_endpoint_at_the_end_of_base_url_is_warned_of(ending: str, warned: bool) -> None:
    text = (
        "{version: v0.4.0, listeners: [{type: model, port: 1}], "
        f"model_providers: [{{model: openai/m, access_key: k, base_url: 'https://h{ending}'}}]}}"
    )
    warnings = [line for line in parse(text, {}).warnings if "which each request adds" in line]
    assert len(warnings) == warned
    if warned:
        endpoint = ending.rstrip("/").removeprefix("/v1").removeprefix("/openai")
        assert f"model_providers[0].base_url: ends in {endpoint}, which" in warnings[0]


def test_another_dialect_under_a_name_of_its_own() -> None:
    base = "https://api.deepseek.com/anthropic/v1"
    entry = f"{{model: mine/m, provider_interface: anthropic, base_url: '{base}', access_key: k}}"
    model = provider(entry)
    assert model.path(Dialect.MESSAGES) == "/anthropic/v1/messages"
    assert model.credential is not None
    assert model.credential.header == "x-api-key"


def test_several_ports_on_one_host_are_several_endpoints() -> None:
    models = parse(
        """
        version: v0.4.0
        model_providers:
          - {model: ollama/a, base_url: "http://h:1"}
          - {model: ollama/b, base_url: "http://h:2"}
        """,
        {},
    ).config.models
    assert [model.endpoint.port for model in models] == [1, 2]


def test_one_model_under_several_providers_and_keys() -> None:
    models = parse(
        """
        version: v0.4.0
        model_providers:
          - {model: openai/gpt-4o, access_key: $A}
          - {model: azure_openai/gpt-4o, access_key: $B, base_url: "https://r.example"}
          - {model: openai/gpt-4o, name: spare, access_key: $C}
          - {model: openrouter/openai/gpt-4o, access_key: $D}
        """,
        {"A": "a", "B": "b", "C": "c", "D": "d"},
    ).config.models
    assert [model.name for model in models] == [
        "openai/gpt-4o",
        "azure_openai/gpt-4o",
        "spare",
        "openrouter/openai/gpt-4o",
    ]
    assert [model.model_id for model in models] == ["gpt-4o"] * 3 + ["openai/gpt-4o"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("openai", ClientKey("authorization", "Bearer ")),
        ("anthropic", ClientKey("x-api-key", "", "sk-ant-oat")),
        ("azure_openai", ClientKey("api-key", "", "eyJ")),
    ],
)
def test_the_clients_own_key(name: str, expected: ClientKey) -> None:
    model = provider(f"{{model: {name}/m, base_url: 'https://h', passthrough_auth: true}}")
    assert (model.client_key, model.credential) == (expected, None)


def test_the_clients_own_key_makes_access_key_useless() -> None:
    text = "version: v0.4.0\nmodel_providers: [{entry}]"
    entry = "{model: openai/m, name: mine, access_key: $UNSET, passthrough_auth: true}"
    loaded = parse(text.format(entry=entry), {})
    assert loaded.config.models[0].credential is None
    assert loaded.warnings == (
        (
            "config.yaml: model_providers[0].access_key: Model provider 'mine' has both "
            "'passthrough_auth: true' and 'access_key' configured. The access_key will be ignored "
            "and the client's Authorization header will be forwarded instead."
        ),
    )


def test_a_subscription_needs_no_key_for_the_client_has_one() -> None:
    loaded = parse("version: v0.4.0\nmodel_providers: [{model: chatgpt/*}]", {})
    (model,) = loaded.config.models
    assert model.client_key == ClientKey("authorization", "Bearer ")
    assert loaded.warnings == (
        (
            "config.yaml: model_providers[0].access_key: none is given, so chatgpt gets the "
            "client's own, as with passthrough_auth: true"
        ),
    )
    own = provider("{model: chatgpt/m, access_key: k}")
    assert (own.client_key, own.credential is None) == (None, False)


def test_a_clients_key_for_several_providers_is_warned_of() -> None:
    text = """
        version: v0.4.0
        model_providers:
          - {model: openai/*, passthrough_auth: true}
          - {model: openai/a, passthrough_auth: true}
          - {model: anthropic/*, name: claude, passthrough_auth: true}
          - {model: groq/*, access_key: k}
        routing_preferences:
          - {name: one, description: d, models: [openai/a, openai/b, groq/c]}
          - {name: two, description: d, models: [openai/a, groq/c, anthropic/d, openai/b]}
    """
    assert parse(text, {}).warnings == (
        (
            "config.yaml: routing_preferences[1].models: a client's key is passed on to each of "
            "several: openai, anthropic"
        ),
    )


ENVIRON = {"TOKEN": " secret-token ", "TEAM": "secret-team", "NOTHING": "", "BROKEN": "a\nb"}


@pytest.mark.parametrize(
    ("headers", "shown", "secret", "values"),
    [
        ("X-Team: red", {"X-Team": "red"}, (), {}),
        ("X-Team: $TEAM", {}, (("x-team", "", "TEAM"),), {"TEAM": "secret-team"}),
        (
            "Authorization: 'Bearer ${TOKEN}'",
            {},
            (("authorization", "Bearer ", "TOKEN"),),
            {"TOKEN": "secret-token"},
        ),
        (
            "X-Who: $TEAM/$TOKEN!",
            {},
            (("x-who", "", "DRAGOMAN_KEY_1"),),
            {"DRAGOMAN_KEY_1": "secret-team/ secret-token !"},
        ),
        (
            "X-Api-Key: literal-secret, Cookie: literal-secret",
            {},
            (("x-api-key", "", "DRAGOMAN_KEY_1"), ("cookie", "", "DRAGOMAN_KEY_1")),
            {"DRAGOMAN_KEY_1": "literal-secret"},
        ),
        (
            "X-Other: sk-literal-secret",
            {},
            (("x-other", "", "DRAGOMAN_KEY_1"),),
            {"DRAGOMAN_KEY_1": "sk-literal-secret"},
        ),
        ("X-Team: $NOTHING, X-Empty: ''", {"X-Empty": ""}, (), {}),
    ],
)
def test_headers_that_may_hold_a_secret(
    headers: str,
    shown: dict[str, str],
    secret: tuple[tuple[str, str, str], ...],
    values: dict[str, str],
) -> None:
    entry = f"{{model: openai/m, base_url: 'http://h', headers: {{{headers}}}}}"
    loaded = parse(f"version: v0.4.0\nmodel_providers: [{entry}]", ENVIRON)
    (model,) = loaded.config.models
    assert model.headers == shown
    assert model.secret_headers == tuple(Credential(*each) for each in secret)
    assert loaded.secrets.values == values
    text = to_yaml(render(loaded.config, Surroundings(RunDirectory(Path("/r")))))
    assert "secret-" not in text
    assert "-secret" not in text
    assert not any("secret" in warning for warning in loaded.warnings)


def test_a_header_that_cannot_be_sent() -> None:
    entry = "{model: openai/m, access_key: k, headers: {X-A: $BROKEN}}"
    with pytest.raises(ConfigError) as raised:
        parse(f"version: v0.4.0\nmodel_providers: [{entry}]", ENVIRON)
    assert str(raised.value) == (
        "config.yaml: model_providers[0].headers.X-A: the value holds characters that a header "
        "cannot carry"
    )


def test_headers_of_clients_that_a_provider_is_sent() -> None:
    entry = "{model: openai/m, access_key: k, forward_headers: [X-Team, 'x-trace-*']}"
    (model,) = parse(f"version: v0.4.0\nmodel_providers:\n  - {entry}", {}).config.models
    assert model.forward_headers == ("x-team", "x-trace-*")


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("*", "must be a header name, or the beginning of one"),
        ("a*b*", "must be a header name, or the beginning of one"),
        ("x-dragoman-plan", "is the proxy's own"),
        ("X-Envoy-*", "is the proxy's own"),
        ("a b", "is not a valid header name"),
        ("a" * 129, "must have at most 128 characters"),
        ("host", "is a header that the proxy sets itself"),
    ],
)
def test_headers_that_cannot_be_sent_on(pattern: str, says: str) -> None:
    entry = f"{{model: openai/m, access_key: k, forward_headers: ['{pattern}']}}"
    with pytest.raises(ConfigError) as failure:
        parse(f"version: v0.4.0\nmodel_providers:\n  - {entry}", {})
    assert f"model_providers[0].forward_headers[0]: {says}" in str(failure.value)


def test_a_key_is_not_sent_on_by_its_headers_name() -> None:
    entry = "{model: openai/m, access_key: k, forward_headers: [Authorization]}"
    loaded = parse(f"version: v0.4.0\nmodel_providers:\n  - {entry}", {})
    assert any("passthrough_auth" in str(warning) for warning in loaded.warnings)
