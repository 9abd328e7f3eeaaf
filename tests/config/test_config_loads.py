"""Configuration text, and what it settles into."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from extproc.config import (
    Config,
    Credential,
    Dialect,
    Endpoint,
    IntentSettings,
    Limits,
    Listener,
    Loaded,
    Model,
    Preference,
    Route,
    Secrets,
    load,
    parse,
)
from extproc.core.config import Admin, Transport
from extproc.core.problems import ConfigError
from extproc.core.routes import Hedge, Shadow, Weight
from extproc.core.timeouts import Timeouts
from extproc.providers.traits import traits_of

KEYS = {"OPENAI_API_KEY": "openai-secret", "ANTHROPIC_API_KEY": "anthropic-secret"}
OPENAI = Endpoint("https", "api.openai.com", 443, "api.openai.com")
ANTHROPIC = Endpoint("https", "api.anthropic.com", 443, "api.anthropic.com")
OPENAI_PATHS = {Dialect.CHAT: "/v1/chat/completions", Dialect.RESPONSES: "/v1/responses"}
OPENAI_KEY = Credential("authorization", "Bearer ", "OPENAI_API_KEY")
GPT_4O = Model(
    "openai/gpt-4o",
    "openai",
    "gpt-4o",
    OPENAI,
    OPENAI_PATHS,
    OPENAI_KEY,
    traits=traits_of("openai", "gpt-4o"),
)
CLAUDE = Model(
    "anthropic/claude-sonnet-4-20250514",
    "anthropic",
    "claude-sonnet-4-20250514",
    ANTHROPIC,
    {Dialect.MESSAGES: "/v1/messages"},
    Credential("x-api-key", "", "ANTHROPIC_API_KEY"),
    default_headers={"anthropic-version": "2023-06-01"},
    traits=traits_of("anthropic", "claude-sonnet-4-20250514"),
)

MINIMAL = """
version: v0.4.0
model_providers:
  - model: openai/gpt-4o
    access_key: $OPENAI_API_KEY
"""


def read(text: str, environ: dict[str, str] | None = None) -> Loaded:
    return parse(dedent(text), KEYS if environ is None else environ)


def with_minimal(text: str) -> Config:
    return read(MINIMAL + dedent(text)).config


def provider(text: str, environ: dict[str, str] | None = None) -> Model:
    """The model of a file that declares just one, written as a flow mapping."""
    loaded = read(f"version: v0.4.0\nmodel_providers: [{text}]", environ)
    return loaded.config.models[0]


def test_the_least_that_a_file_may_say() -> None:
    assert read(MINIMAL) == Loaded(
        Config(models=(GPT_4O,)), Secrets({"OPENAI_API_KEY": "openai-secret"})
    )


def test_defaults_are_the_documented_ones() -> None:
    config = read(MINIMAL).config
    assert config.listener == Listener("127.0.0.1", 12000, 1200.0)
    assert config.limits == Limits(32 * 2**20, Timeouts(120.0, 60.0, 600.0), 5.0)
    assert config.intent == IntentSettings(None, 0.5, None, None, 64, 1024, 60.0, None)


def test_the_quickstart_loads_without_a_warning() -> None:
    path = Path(__file__).parents[2] / "config" / "quickstart.yaml"
    loaded = load(path, KEYS)
    assert loaded.warnings == ()
    assert [route.name for route in loaded.config.routes] == [
        "complex_reasoning",
        "code_generation",
    ]
    assert loaded.config.limits == Limits()
    assert loaded.config.intent == IntentSettings()
    assert loaded.config.listener == Listener()


def test_the_documented_example_loads() -> None:
    loaded = read(
        """
        version: v0.4.0
        model_providers:
          - model: anthropic/claude-sonnet-4-20250514
            access_key: $ANTHROPIC_API_KEY
          - model: openai/gpt-4o
            access_key: ${OPENAI_API_KEY}
          - model: openai/gpt-4o-mini
            access_key: $OPENAI_API_KEY
            default: true
        routing_preferences:
          - name: code generation
            description: generating new code snippets or boilerplate
            models:
              - anthropic/claude-sonnet-4-20250514
              - openai/gpt-4o
          - name: general questions
            description: casual conversation and simple queries
            models: [openai/gpt-4o-mini, openai/gpt-4o]
            selection_policy: {prefer: random}
        """
    )
    mini = Model(
        "openai/gpt-4o-mini",
        "openai",
        "gpt-4o-mini",
        OPENAI,
        OPENAI_PATHS,
        OPENAI_KEY,
        default=True,
        traits=traits_of("openai", "gpt-4o-mini"),
    )
    assert loaded.config == Config(
        models=(CLAUDE, GPT_4O, mini),
        routes=(
            Route(
                "code generation",
                "generating new code snippets or boilerplate",
                ("anthropic/claude-sonnet-4-20250514", "openai/gpt-4o"),
            ),
            Route(
                "general questions",
                "casual conversation and simple queries",
                ("openai/gpt-4o-mini", "openai/gpt-4o"),
                Preference.RANDOM,
            ),
        ),
    )
    assert loaded.warnings == ()


@pytest.mark.parametrize(
    "version", ["v0.1", "v0.1.0", "0.1-beta", "0.2.0", "v0.3.0", "v0.4.0", "'v0.3.0'"]
)
def test_every_version_that_plano_knows_loads(version: str) -> None:
    assert read(MINIMAL.replace("v0.4.0", version)).config.models == (GPT_4O,)


@pytest.mark.parametrize(
    ("item", "listener"),
    [
        ("{type: model, name: llm}", Listener()),
        ("{type: model}", Listener()),
        (
            "{type: model, name: llm, address: 127.0.0.1, port: 8080, timeout: 30s}",
            Listener("127.0.0.1", 8080, 30.0),
        ),
        ("{type: model, address: '::1', timeout: 1500ms}", Listener("::1", 12000, 1.5)),
        ("{type: model, timeout: 5m}", Listener(timeout=300.0)),
        ("{type: model, timeout: 1h}", Listener(timeout=3600.0)),
        ("{type: model, timeout: 45}", Listener(timeout=45.0)),
        ("{type: model, timeout: '2.5'}", Listener(timeout=2.5)),
        ("{type: model, address: $HOST}", Listener("127.0.0.9")),
        ("{type: model, address: null, port: null}", Listener()),
        ("{type: model, max_retries: 2}", Listener(max_retries=2)),
        ("{type: agent, name: a, agents: [], router: plano_orchestrator_v1}", Listener()),
    ],
)
def test_a_listener(item: str, listener: Listener) -> None:
    environ = KEYS | {"HOST": "127.0.0.9"}
    assert read(MINIMAL + f"\nlisteners: [{item}]", environ).config.listener == listener


def test_a_listener_of_the_older_form() -> None:
    loaded = read(
        MINIMAL
        + """
listeners:
  ingress_traffic: {address: 0.0.0.0, port: 10000, message_format: openai, timeout: 30s}
  egress_traffic: {address: $HOST, port: 12345, message_format: openai, timeout: 200s}
""",
        KEYS | {"HOST": "127.0.0.1"},
    )
    assert loaded.config.listener == Listener("127.0.0.1", 12345, 200.0)
    assert loaded.warnings == (
        (
            "config.yaml: listeners.ingress_traffic: ignored: "
            "only listeners of type model are served; nobody listens on port 10000"
        ),
        "config.yaml: listeners.egress_traffic.message_format: ignored: every format is served",
    )


@pytest.mark.parametrize("listeners", ["{}", "{egress_traffic: }", "{ingress_traffic: }"])
def test_a_listener_of_the_older_form_has_defaults(listeners: str) -> None:
    assert with_minimal(f"listeners: {listeners}").listener == Listener()


def test_an_empty_section_is_no_section() -> None:
    empty = "listeners:\nmodel_aliases:\nrouting_preferences:\noverrides:\ndragoman:\nagents:\n"
    assert read(MINIMAL + empty).config == Config(models=(GPT_4O,))


def test_the_old_name_of_the_providers_loads_with_a_warning() -> None:
    loaded = read(MINIMAL.replace("model_providers", "llm_providers"))
    assert loaded.config.models == (GPT_4O,)
    assert loaded.warnings == (
        "config.yaml: llm_providers: deprecated: write model_providers instead",
    )


@pytest.mark.parametrize(
    ("text", "name", "model_id"),
    [
        ("{model: ollama/llama3, base_url: 'http://h'}", "ollama/llama3", "llama3"),
        (
            "{model: together_ai/meta-llama/Llama-3-70b, access_key: k}",
            "together_ai/meta-llama/Llama-3-70b",
            "meta-llama/Llama-3-70b",
        ),
        ("{model: ollama/llama3, name: mine, base_url: 'http://h'}", "mine", "llama3"),
        ("{model: ollama/llama3, name: null, base_url: 'http://h'}", "ollama/llama3", "llama3"),
    ],
)
def test_what_a_model_is_called(text: str, name: str, model_id: str) -> None:
    model = provider(text)
    assert (model.name, model.model_id) == (name, model_id)


@pytest.mark.parametrize(
    ("base_url", "endpoint", "path"),
    [
        ("http://localhost:8000", Endpoint("http", "localhost", 8000, "localhost:8000"), "/v1"),
        ("http://localhost:8000/", Endpoint("http", "localhost", 8000, "localhost:8000"), "/v1"),
        ("https://llm.example", Endpoint("https", "llm.example", 443, "llm.example"), "/v1"),
        (
            "https://llm.example:443/a/b/",
            Endpoint("https", "llm.example", 443, "llm.example"),
            "/a/b",
        ),
        ("https://LLM.example:80/x", Endpoint("https", "llm.example", 80, "llm.example:80"), "/x"),
        ("http://[::1]:9000/v2", Endpoint("http", "::1", 9000, "[::1]:9000"), "/v2"),
        ("http://$HOST:${PORT}/v3", Endpoint("http", "vllm", 81, "vllm:81"), "/v3"),
    ],
)
def test_base_url_names_the_origin_and_replaces_the_prefix(
    base_url: str, endpoint: Endpoint, path: str
) -> None:
    model = provider(
        f"{{model: openai/m, base_url: '{base_url}'}}", KEYS | {"HOST": "vllm", "PORT": "81"}
    )
    assert model.endpoint == endpoint
    assert model.paths == {
        Dialect.CHAT: f"{path}/chat/completions",
        Dialect.RESPONSES: f"{path}/responses",
    }
    assert model.credential is None


def test_http_host_names_the_host_without_changing_the_address() -> None:
    model = provider("{model: openai/m, base_url: 'http://10.0.0.1:80', http_host: llm.example}")
    assert model.endpoint == Endpoint("http", "10.0.0.1", 80, "llm.example")


def test_headers_may_name_variables() -> None:
    model = provider(
        "{model: openai/m, access_key: k, headers: {OpenAI-Project: '$PROJECT', X-A: b}}",
        KEYS | {"PROJECT": "proj-1"},
    )
    assert model.headers == {"X-A": "b"}
    assert model.secret_headers == (Credential("openai-project", "", "PROJECT"),)


def test_an_unknown_provider_borrows_the_manners_of_its_interface() -> None:
    model = provider(
        "{model: acme/claude, base_url: 'https://llm.acme.example/anthropic',"
        " provider_interface: anthropic, access_key: $ANTHROPIC_API_KEY}"
    )
    assert model == Model(
        "acme/claude",
        "acme",
        "claude",
        Endpoint("https", "llm.acme.example", 443, "llm.acme.example"),
        {Dialect.MESSAGES: "/anthropic/messages"},
        Credential("x-api-key", "", "ANTHROPIC_API_KEY"),
        default_headers={"anthropic-version": "2023-06-01"},
    )


def test_one_model_may_be_declared_twice_under_different_names() -> None:
    config = read(
        """
        version: v0.4.0
        model_providers:
          - {model: openai/gpt-4o, name: first, access_key: one-key}
          - {model: openai/gpt-4o, name: second, access_key: another-key}
          - {model: ollama/gpt-4o, base_url: 'http://localhost:11434'}
        """
    ).config
    assert [model.name for model in config.models] == ["first", "second", "ollama/gpt-4o"]


REFERABLE = """
version: v0.4.0
model_providers:
  - {model: openai/gpt-4o, name: big, access_key: $OPENAI_API_KEY}
  - {model: openai/gpt-4o-mini, access_key: $OPENAI_API_KEY}
  - {model: ollama/gpt-4o-mini, name: local, base_url: 'http://localhost:11434'}
  - {model: anthropic/claude, access_key: $ANTHROPIC_API_KEY}
model_aliases:
  fast: {target: claude}
  arch.fast.v1: {target: openai/gpt-4o-mini}
  local: {target: big}
"""


@pytest.mark.parametrize(
    ("reference", "model"),
    [
        ("big", "big"),
        ("openai/gpt-4o", "big"),
        ("gpt-4o", "big"),
        ("openai/gpt-4o-mini", "openai/gpt-4o-mini"),
        ("ollama/gpt-4o-mini", "local"),
        ("claude", "anthropic/claude"),
        ("fast", "anthropic/claude"),
        ("arch.fast.v1", "openai/gpt-4o-mini"),
        ("local", "local"),
    ],
)
def test_a_model_may_be_meant_by_name_alias_or_bare_id(reference: str, model: str) -> None:
    preference = f"routing_preferences: [{{name: r, description: d, models: [{reference}]}}]\n"
    assert read(REFERABLE + preference).config.routes == (Route("r", "d", (model,)),)


@pytest.mark.parametrize(
    ("reference", "model"),
    [("big", "big"), ("gpt-4o", "big"), ("arch.fast.v1", "openai/gpt-4o-mini")],
)
def test_a_routing_model_may_be_meant_in_the_same_ways(reference: str, model: str) -> None:
    override = f"overrides: {{llm_routing_model: {reference}}}\n"
    router = read(REFERABLE + override).config.intent.router
    assert router is not None
    assert router.name == model


def test_aliases_hold_names_of_declared_models() -> None:
    assert read(REFERABLE).config.aliases == {
        "fast": "anthropic/claude",
        "arch.fast.v1": "openai/gpt-4o-mini",
        "local": "big",
    }


@pytest.mark.parametrize(
    ("policy", "preference"),
    [
        ("", Preference.NONE),
        (", selection_policy: null", Preference.NONE),
        (", selection_policy: {prefer: none}", Preference.NONE),
        (", selection_policy: {prefer: random}", Preference.RANDOM),
    ],
)
def test_selection_policy(policy: str, preference: Preference) -> None:
    config = with_minimal(
        f"routing_preferences: [{{name: r, description: d, models: [gpt-4o]{policy}}}]"
    )
    assert config.routes[0].prefer is preference


@pytest.mark.parametrize(
    ("written", "admin"),
    [
        ("{}", Admin("127.0.0.1", 9092, 1000)),
        ("{admin_address: '0.0.0.0:19092', kept_decisions: 0}", Admin("0.0.0.0", 19092, 0)),
        ("{admin_address: '[::1]:9092', kept_decisions: 100000}", Admin("::1", 9092, 100_000)),
    ],
)
def test_the_admin_port(written: str, admin: Admin) -> None:
    assert with_minimal(f"dragoman: {written}").admin == admin


@pytest.mark.parametrize("transport", list(Transport))
def test_the_transport(transport: Transport) -> None:
    assert with_minimal(f"dragoman: {{transport: {transport}}}").transport is transport
    assert with_minimal("dragoman: {}").transport is Transport.BUILTIN


def test_overrides_and_settings_of_our_own() -> None:
    config = with_minimal(
        """
        overrides:
          upstream_connect_timeout: 2s
          upstream_tls_ca_path: $CA
          llm_routing_model: gpt-4o
        dragoman:
          max_request_bytes: 10MB
          attempt_timeout: 30
          first_content_timeout: 5s
          answer_timeout: 1m
          intent_timeout: 250ms
        """.replace("$CA", "/etc/ca.pem")
    )
    assert config.limits == Limits(10_000_000, Timeouts(30.0, 5.0, 60.0), 2.0)
    assert config.intent == IntentSettings(config.models[0], 0.25)
    assert config.tls_ca_path == "/etc/ca.pem"


@pytest.mark.parametrize(
    ("written", "size"),
    [("1048576", 2**20), ("32MiB", 2**25), ("1 GiB", 2**30), ("1.5kib", 1536), ("7b", 7)],
)
def test_sizes(written: str, size: int) -> None:
    config = with_minimal(f"dragoman: {{max_request_bytes: {written}}}")
    assert config.limits.max_request_bytes == size


@pytest.mark.parametrize(
    ("text", "warnings"),
    [
        (
            "agents: [{id: a, url: 'http://$NOWHERE'}]",
            [
                (
                    "agents: ignored: requests go to models, not to agents; "
                    "clients reach these at their url"
                )
            ],
        ),
        (
            "tracing: {trace_arch_internal: true}",
            ["tracing.trace_arch_internal: ignored: there are no internal spans"],
        ),
        (
            "routing: {model: m}\nprompt_caching: {session_ttl_seconds: 9}",
            [
                "prompt_caching.session_ttl_seconds: ignored: Plano does not act on it either",
                (
                    "routing.model: 'm' is not declared in model_providers; the classifier in the "
                    "box serves instead"
                ),
            ],
        ),
        (
            "listeners: [{type: model, max_retries: 3, router: plano_orchestrator_v1}]",
            ["listeners[0].router: ignored: a listener of type model has no agents"],
        ),
        (
            "listeners: [{type: agent, port: 1}, {type: prompt}, {type: model}]",
            [
                (
                    "listeners[0]: ignored: only listeners of type model are served; "
                    "nobody listens on port 1"
                ),
                "listeners[1]: ignored: only listeners of type model are served",
            ],
        ),
        (
            "overrides: {disable_signals: true}",
            ["overrides.disable_signals: ignored: Dragoman has no signals to turn off"],
        ),
        (
            "routing_preferences: [{name: r, description: d, models: [gpt-4o, openai/gpt-4o]}]",
            [
                (
                    "routing_preferences[0].models: 'openai/gpt-4o' is named more than once; "
                    "the first place counts"
                )
            ],
        ),
        (
            "model_aliases: {gpt-4o: {target: openai/gpt-4o}}",
            [],
        ),
    ],
)
def test_what_is_known_but_not_acted_on_is_warned_of(text: str, warnings: list[str]) -> None:
    loaded = read(MINIMAL + text)
    assert list(loaded.warnings) == [f"config.yaml: {warning}" for warning in warnings]


NAMED = """
version: v0.4.0
listeners: [{type: model, port: 1}]
model_providers:
  - {model: openai/gpt-4o, name: large, access_key: $KEY}
  - {model: openai/gpt-4o-mini, name: small, access_key: $KEY}
"""


def test_an_alias_that_is_never_reached_is_warned_of() -> None:
    aliases = (
        "model_aliases: {large: {target: small}, small: {target: small}, gpt-4o: {target: small}}"
    )
    loaded = read(NAMED + aliases, {"KEY": "k"})
    (warning,) = loaded.warnings
    assert warning.startswith("config.yaml: model_aliases.large: is never reached")


def test_a_model_named_twice_in_a_route_is_tried_once() -> None:
    config = with_minimal(
        "routing_preferences: [{name: r, description: d, models: [gpt-4o, openai/gpt-4o]}]"
    )
    assert config.routes[0].models == ("openai/gpt-4o",)


def test_yaml_anchors_and_merges() -> None:
    config = read(
        """
        version: v0.4.0
        model_providers:
          - &base {model: openai/gpt-4o, access_key: $OPENAI_API_KEY}
          - {<<: *base, model: openai/gpt-4o-mini}
        """
    ).config
    assert [model.name for model in config.models] == ["openai/gpt-4o", "openai/gpt-4o-mini"]


def test_a_timeout_that_leaves_no_time_for_another_model_is_warned_of() -> None:
    text = """
version: v0.4.0
listeners: [{type: model, name: llm, port: 1, timeout: 30s}]
model_providers: [{model: openai/gpt-4o, access_key: $KEY}]
"""
    loaded = parse(text, {"KEY": "k"})
    (warning,) = loaded.warnings
    assert warning.startswith("config.yaml: listeners[0].timeout: after 30s no time is left")
    assert not parse(text + "dragoman: {attempt_timeout: 10s}", {"KEY": "k"}).warnings


ROUTER = """
version: v0.3.0
model_providers:
  - {{model: openai/gpt-4o, access_key: key}}
  - {{model: plano/arch-router, base_url: "http://localhost:11434"}}
overrides: {{{override}}}
"""


@pytest.mark.parametrize(
    ("override", "model", "warned"),
    [
        ("llm_routing_model: plano/arch-router", "plano/arch-router", False),
        ("router_model: plano/arch-router", "plano/arch-router", False),
        ("router_model: arch-router", "plano/arch-router", False),
        ("llm_routing_model: Plano-Orchestrator", None, True),
        ("router_model: Plano-Orchestrator", None, True),
    ],
)
def test_the_model_that_routes(override: str, model: str | None, warned: bool) -> None:
    loaded = parse(ROUTER.format(override=override), {})
    router = loaded.config.intent.router
    assert (router.name if router else None) == model
    assert any("as Plano hosts it is not asked" in line for line in loaded.warnings) is warned


def test_a_route_with_more_models_than_are_tried() -> None:
    models = [f"openai/m{number}" for number in range(3)]
    entries = "".join(f"  - {{model: {name}, access_key: k}}\n" for name in models)
    text = (
        f"version: v0.4.0\nmodel_providers:\n{entries}"
        f"routing_preferences: [{{name: r, description: d, models: [{', '.join(models)}]}}]\n"
    )
    assert not parse(text, {}).warnings
    (warning,) = parse(text + "dragoman: {max_candidates: 2}", {}).warnings
    assert "of these 3 models the best 2 are tried" in warning


def test_weights_are_kept_by_the_names_of_the_models() -> None:
    config = with_minimal("""
        model_aliases: {quick: {target: gpt-4o}}
        routing_preferences:
          - {name: a, description: b, models: [openai/gpt-4o], weights: {quick: 2.5}}
        """)
    assert config.routes[0].weights == (Weight("openai/gpt-4o", 2.5),)


@pytest.mark.parametrize(
    ("written", "hedge"),
    [
        ("true", Hedge()),
        ("{}", Hedge()),
        ("{after: p95}", Hedge()),
        ("{after: 800ms}", Hedge(0.8)),
        ("false", None),
    ],
)
def test_when_a_second_candidate_is_asked(written: str, hedge: Hedge | None) -> None:
    route = f"{{name: a, description: b, models: [openai/gpt-4o], hedge: {written}}}"
    config = with_minimal(f"routing_preferences: [{route}]")
    assert (config.routes[0].hedge, config.hedges) == (hedge, hedge is not None)


@pytest.mark.parametrize(("percent", "shadow"), [(7.5, Shadow("openai/gpt-4o", 7.5)), (0, None)])
def test_who_gets_a_copy(percent: float, shadow: Shadow | None) -> None:
    written = f"shadow: {{model: gpt-4o, percent: {percent}}}"
    route = f"{{name: a, description: b, models: [openai/gpt-4o], {written}}}"
    config = with_minimal(f"routing_preferences: [{route}]")
    assert (config.routes[0].shadow, config.shadows) == (shadow, shadow is not None)


def test_no_client_pays_for_a_copy() -> None:
    with pytest.raises(ConfigError, match="has not asked for it: give its entry an access_key"):
        read("""
            version: v0.4.0
            model_providers:
              - {model: openai/gpt-4o, access_key: $OPENAI_API_KEY}
              - {model: openai/gpt-4o-mini, passthrough_auth: true}
            routing_preferences:
              - name: a
                description: b
                models: [openai/gpt-4o]
                shadow: {model: gpt-4o-mini, percent: 5}
            """)
