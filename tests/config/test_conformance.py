"""Configurations as users of Plano have them: what each loads to, or exactly what is said of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from extproc.config import (
    Config,
    ConfigError,
    CostSource,
    LatencySource,
    Listener,
    ObservedLatency,
    Preference,
    PriceFormat,
    load,
    parse,
)
from extproc.providers import KNOWN

FILES = Path(__file__).parent / "conformance"
KEYS = {
    "OPENAI_API_KEY": "openai-secret",
    "ANTHROPIC_API_KEY": "anthropic-secret",
    "MISTRAL_API_KEY": "mistral-secret",
    "PRICING_TOKEN": "pricing-secret",
}
SONNET = "anthropic/claude-sonnet-4-20250514"
DEPRECATED = (
    "routing_preferences under a provider is deprecated; "
    "this is what it was taken for, to be written instead:"
)
PROMPT_TARGETS = "ignored: it is for prompt_targets, which Dragoman does not serve"
NO_APIS = "ignored: Dragoman calls no APIs; send them as tools, and call them yourself"
NO_AGENTS = "ignored: Dragoman chooses among models, not among agents"
NO_SIGNALS = "ignored: Dragoman has no signals to turn off"
ONLY_MODELS = "ignored: a listener of type model has no agents"
NO_CONVERSATIONS = (
    "ignored: Dragoman keeps no conversations; a request goes on from an earlier response where "
    "the provider that made it keeps it"
)
AGENTS = "ignored: requests go to models, not to agents; clients reach these at their url"
OPEN = (
    "whoever reaches 0.0.0.0 can spend the providers' keys: name the keys that clients must have "
    "in api_keys, or listen on 127.0.0.1"
)
NOWHERE = "ignored: Plano does not act on it either"
ACTED_ON = "is acted on, although dragoman.acknowledge_ignored says that it is not"
OTHER_LISTENER = "ignored: only listeners of type model are served; nobody listens on port"


@dataclass(frozen=True, slots=True)
class Expected:
    """What matters of a configuration; warnings without what they quote."""

    models: list[str]
    default: str | None = None
    routes: dict[str, list[str]] = field(default_factory=dict)
    prefer: list[Preference] | None = None
    aliases: dict[str, str] = field(default_factory=dict)
    listener: Listener = field(default_factory=Listener)
    filters: list[str] = field(default_factory=list)
    limited: list[str] = field(default_factory=list)
    intent_model: str | None = None
    costs: CostSource | None = None
    latencies: LatencySource | ObservedLatency | None = None
    warnings: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, config: Config, warnings: list[str]) -> Expected:
        prefer = [route.prefer for route in config.routes]
        return cls(
            models=[model.name for model in config.models],
            default=next((model.name for model in config.models if model.default), None),
            routes={route.name: list(route.models) for route in config.routes},
            prefer=prefer if set(prefer) - {Preference.NONE} else None,
            aliases=dict(config.aliases),
            listener=config.listener,
            filters=[guard.name for guard in config.input_guards if guard.http or guard.mcp],
            limited=[limit.per.header for limit in config.rate_limits if limit.per],
            intent_model=config.intent.router.name if config.intent.router else None,
            costs=config.costs,
            latencies=config.latencies,
            warnings=warnings,
        )


LOADS = {
    "model_alias_routing": Expected(
        models=[
            *["openai/gpt-4o-mini", "openai/gpt-4o", "openai/o3", SONNET],
            *["ollama/llama3.1", "acme/coder"],
        ],
        default="openai/gpt-4o-mini",
        aliases={
            "arch.summarize.v1": "openai/gpt-4o-mini",
            "arch.v1": "openai/o3",
            "arch.reasoning.v1": "openai/gpt-4o",
            "arch.local.v1": "ollama/llama3.1",
            "creative-model": SONNET,
        },
        listener=Listener("0.0.0.0", timeout=30.0, max_retries=3),
        warnings=[
            f"listeners[0].address: {OPEN}",
            (
                "listeners[0].timeout: after 30s no time is left for the next model when one stays "
                "silent for dragoman.attempt_timeout (120s): lower that one"
            ),
        ],
    ),
    "preference_based_routing": Expected(
        models=["openai/gpt-4o-mini", "openai/gpt-4o", SONNET],
        default="openai/gpt-4o-mini",
        routes={
            "code understanding": ["openai/gpt-4o", "openai/gpt-4o-mini"],
            "code generation": [SONNET, "openai/gpt-4o"],
        },
        intent_model="openai/gpt-4o-mini",
        warnings=[
            f"overrides.disable_signals: {NO_SIGNALS}",
        ],
    ),
    "model_routing_service": Expected(
        models=["openai/gpt-4o-mini", "openai/gpt-4o", SONNET],
        default="openai/gpt-4o-mini",
        routes={
            "complex_reasoning": ["openai/gpt-4o", "openai/gpt-4o-mini"],
            "code_generation": [SONNET, "openai/gpt-4o"],
        },
        prefer=[Preference.CHEAPEST, Preference.FASTEST],
        costs=CostSource(
            PriceFormat.DIGITALOCEAN,
            "https://api.digitalocean.com/v2/gen-ai/models/catalog",
            refresh_interval=3600,
            model_aliases={
                "openai-gpt-4o": "openai/gpt-4o",
                "openai-gpt-4o-mini": "openai/gpt-4o-mini",
                "anthropic-claude-sonnet-4": SONNET,
            },
        ),
        latencies=LatencySource("http://localhost:9090", "model_latency_p95_seconds", 60),
    ),
    "model_routing_service_earlier_sources": Expected(
        models=["openai/gpt-4o-mini", "openai/gpt-4o", SONNET],
        default="openai/gpt-4o-mini",
        routes={
            "complex_reasoning": ["openai/gpt-4o", "openai/gpt-4o-mini"],
            "code_generation": [SONNET, "openai/gpt-4o"],
            "small_talk": ["openai/gpt-4o", "openai/gpt-4o-mini"],
        },
        prefer=[Preference.CHEAPEST, Preference.FASTEST, Preference.RANDOM],
        costs=CostSource(
            PriceFormat.OWN,
            "https://my-internal-pricing-api/costs",
            refresh_interval=300,
            token_variable="PRICING_TOKEN",
        ),
        latencies=LatencySource("http://localhost:9090", "model_latency_p95_seconds", 60),
    ),
    "claude_code_router": Expected(
        models=[
            *["openai/gpt-5-2025-08-07", "openai/gpt-4.1-2025-04-14"],
            *["anthropic/claude-sonnet-4-5", "anthropic/claude-haiku-4-5", "ollama/llama3.1"],
        ],
        default="anthropic/claude-sonnet-4-5",
        routes={
            "code generation": ["openai/gpt-5-2025-08-07"],
            "code understanding": ["openai/gpt-4.1-2025-04-14"],
        },
        aliases={"arch.claude.code.small.fast": "anthropic/claude-haiku-4-5"},
        warnings=[f"model_providers: {DEPRECATED}"],
    ),
    "routing_demo_without_version": Expected(
        models=["openai/gpt-4o-mini", "openai/gpt-4o", SONNET],
        default="openai/gpt-4o-mini",
        routes={"complex_reasoning": ["openai/gpt-4o"], "code_generation": [SONNET]},
        warnings=[f"model_providers: {DEPRECATED}"],
    ),
    "legacy_gateway": Expected(
        models=["gpt", "mistral-small"],
        default="gpt",
        routes={"everyday questions": ["gpt"]},
        listener=Listener("0.0.0.0", timeout=30.0),
        warnings=[
            f"llm_providers: {DEPRECATED}",
            f"system_prompt: {PROMPT_TARGETS}",
            f"prompt_targets: {NO_APIS}",
            f"endpoints: {PROMPT_TARGETS}",
            "llm_providers: deprecated: write model_providers instead",
            f"listeners.ingress_traffic: {OTHER_LISTENER} 10000",
            "listeners.egress_traffic.message_format: ignored: every format is served",
            f"listeners.egress_traffic.address: {OPEN}",
            (
                "listeners.egress_traffic.timeout: after 30s no time is left for the next model "
                "when one stays silent for dragoman.attempt_timeout (120s): lower that one"
            ),
            (
                "prompt_guards: ignored, as dragoman.acknowledge_ignored says: take it out there "
                "to have it"
            ),
            (
                "ratelimits: ignored, as dragoman.acknowledge_ignored says: take it out there to "
                "have it"
            ),
        ],
    ),
    "filters_by_their_older_name": Expected(
        models=["openai/gpt-4o"],
        default="openai/gpt-4o",
        filters=["checks", "rewrites"],
        limited=["x-user-id"],
        warnings=["listeners[0].filter_chain: deprecated: write input_filters instead"],
    ),
    "router_of_arch": Expected(
        models=["openai/gpt-4o", "router"],
        default="openai/gpt-4o",
        routes={"writing code": ["openai/gpt-4o"]},
        intent_model="router",
        warnings=[
            f"llm_providers: {DEPRECATED}",
            "llm_providers: deprecated: write model_providers instead",
            "listeners.egress_traffic.message_format: ignored: every format is served",
        ],
    ),
    "everything_that_is_ignored": Expected(
        models=["openai/gpt-4o"],
        filters=["guard"],
        warnings=[
            "mode: ignored: Dragoman serves models, whatever the mode",
            f"system_prompt: {PROMPT_TARGETS}",
            f"endpoints: {PROMPT_TARGETS}",
            f"prompt_targets: {NO_APIS}",
            f"state_storage: {NO_CONVERSATIONS}",
            f"prompt_caching.session_ttl_seconds: {NOWHERE}",
            "tracing.trace_arch_internal: ignored: there are no internal spans",
            (
                "tracing.exporters: ignored: spans are sent by OTLP; a collector can pass them on "
                "from there"
            ),
            f"listeners[1]: {OTHER_LISTENER} 8001",
            f"listeners[2]: {OTHER_LISTENER} 10000",
            f"listeners[0].router: {ONLY_MODELS}",
            f"listeners[0].agents: {ONLY_MODELS}",
            f"agents: {AGENTS}",
            f"overrides.agent_orchestration_model: {NO_AGENTS}",
            f"overrides.disable_signals: {NO_SIGNALS}",
            f"overrides.optimize_context_window: {PROMPT_TARGETS}",
            f"overrides.prompt_target_intent_matching_threshold: {PROMPT_TARGETS}",
            f"overrides.use_agent_orchestrator: {NO_AGENTS}",
            f"listeners[0].input_filters: {ACTED_ON}",
            f"listeners[0].output_filters: {ACTED_ON}",
            (
                "routing.model: 'arch-router' as Plano hosts it is not asked; the classifier in "
                "the box serves instead. To use your own, declare it in model_providers with its "
                "base_url, or name its address in dragoman.router_url"
            ),
        ],
    ),
}


def test_every_file_has_its_expectation() -> None:
    assert sorted(LOADS) == sorted(path.stem for path in FILES.glob("*.yaml"))


@pytest.mark.parametrize("name", LOADS)
def test_what_a_file_loads_to(name: str) -> None:
    path = FILES / f"{name}.yaml"
    loaded = load(path, KEYS)
    warnings = [warning.removeprefix(f"{path}: ").partition("\n")[0] for warning in loaded.warnings]
    assert Expected.of(loaded.config, warnings) == LOADS[name]


BETTER_THAN_PLANO = {
    "one model id under two providers": (
        "{model: openai/gpt-4o, access_key: k}",
        "{model: acme/gpt-4o, base_url: 'https://h', provider_interface: openai}",
    ),
    "a model id that is another model's name": (
        "{model: openai/gpt-4o, access_key: k}",
        "{model: acme/openai/gpt-4o, base_url: 'https://h', provider_interface: openai}",
    ),
    "one model with two keys": (
        "{model: openai/gpt-4o, access_key: k}",
        "{model: openai/gpt-4o, access_key: l, name: second}",
    ),
    "two ports of one host": (
        "{model: ollama/a, base_url: 'http://h:1'}",
        "{model: ollama/b, base_url: 'http://h:2'}",
    ),
}


@pytest.mark.parametrize("entries", BETTER_THAN_PLANO.values(), ids=BETTER_THAN_PLANO.keys())
def test_what_plano_refuses_or_mixes_up(entries: tuple[str, str]) -> None:
    loaded = parse(f"version: v0.4.0\nmodel_providers: [{', '.join(entries)}]", {})
    assert loaded.warnings == ()
    first, second = loaded.config.models
    assert first.name != second.name
    assert first.endpoint != second.endpoint or first.credential != second.credential


PROVIDERS = "model_providers: [{model: openai/gpt-4o, access_key: k}]\n"
ONE_ROUTE = "{{name: {name}, description: d, models: [{model}]{policy}}}"


def one_provider(entry: str) -> str:
    return f"version: v0.4.0\nmodel_providers: [{entry}]"


def routes(*entries: str, sources: str = "[]", version: str = "v0.4.0") -> str:
    return (
        f"version: {version}\n{PROVIDERS}model_metrics_sources: {sources}\n"
        f"routing_preferences: [{', '.join(entries)}]"
    )


def route(name: str = "r", model: str = "gpt-4o", prefer: str = "") -> str:
    policy = f", selection_policy: {{prefer: {prefer}}}" if prefer else ""
    return ONE_ROUTE.format(name=name, model=model, policy=policy)


COST = "{type: cost, provider: digitalocean}"
LATENCY = "{type: latency, provider: prometheus, url: 'http://h', query: q}"
COSTS = "{type: cost_metrics, url: 'http://h'}"
PROMETHEUS = "{type: prometheus_metrics, url: 'http://h', query: q}"
CATALOGUE = "{type: digitalocean_pricing}"
SOURCES = "model_metrics_sources"
PREFER = "routing_preferences[0].selection_policy.prefer"

# Each row is one of Plano's documented errors. {supported} stands for the names of the providers.
ERRORS = {
    "both provider keys": (
        f"version: v0.3.0\n{PROVIDERS}llm_providers: [{{model: openai/o3, access_key: k}}]",
        (
            "llm_providers: Please provide either llm_providers or model_providers, not both. "
            "llm_providers is deprecated, please use model_providers instead"
        ),
    ),
    "legacy map, no providers": (
        "version: v0.1\nlisteners: {egress_traffic: {port: 12000}}",
        "model_providers: model_providers cannot be empty when using legacy format",
    ),
    "2 model listeners": (
        f"version: v0.3.0\n{PROVIDERS}listeners: [{{type: model}}, {{type: model}}]",
        "listeners: Currently only one listener can have model_providers set",
    ),
    "dup provider name": (
        one_provider(
            "{model: openai/a, name: n, access_key: k}, {model: openai/b, name: n, access_key: k}"
        ),
        (
            "model_providers: Duplicate model_provider name n, "
            "please provide unique name for each model_provider"
        ),
    ),
    "an identical repeated model": (
        one_provider("{model: openai/a, access_key: k}, {model: openai/a, access_key: k}"),
        (
            "model_providers: Duplicate model_provider name openai/a, "
            "please provide unique name for each model_provider"
        ),
    ),
    "no slash": (
        one_provider("{model: gpt-4o, access_key: k}"),
        (
            "model_providers[0].model: Invalid model name gpt-4o. Please provide model name in the "
            "format <provider>/<model_id> or <provider>/* for wildcards."
        ),
    ),
    "base_url needed": (
        one_provider("{model: ollama/llama3}"),
        (
            "model_providers[0].base_url: "
            "Provider 'ollama' requires 'base_url' to be set for model ollama/llama3"
        ),
    ),
    "unknown provider": (
        one_provider("{model: acme/m, access_key: k}"),
        (
            "model_providers[0].model: Must provide base_url and provider_interface for "
            "unsupported provider acme for model acme/m. Supported providers are: {supported}"
        ),
    ),
    "interface on built-in": (
        one_provider("{model: openai/m, access_key: k, provider_interface: openai}"),
        (
            "model_providers[0].provider_interface: Please provide provider interface as part of "
            "model name openai/m using the format <provider>/<model_id>. For example, use "
            "'openai/gpt-3.5-turbo' instead of 'gpt-3.5-turbo'"
        ),
    ),
    "bad base_url": (
        one_provider("{model: openai/m, access_key: k, base_url: 'h:80'}"),
        (
            "model_providers[0].base_url: "
            "Please provide a valid URL with scheme (http/https) in base_url"
        ),
    ),
    "dup route name": (
        routes(route("r"), route("r")),
        (
            'routing_preferences: Duplicate routing preference name "r", '
            "please provide unique name for each routing preference"
        ),
    ),
    "alias target": (
        f"version: v0.4.0\n{PROVIDERS}model_aliases: {{fast: {{target: openai/o9}}}}",
        (
            "model_aliases.fast.target: Model alias 2 - 'fast' targets 'openai/o9' which is not "
            "defined as a model. Available models: openai/gpt-4o"
        ),
    ),
    "no providers": (
        "version: v0.4.0",
        "model_providers: There must be at least one LLM Provider",
    ),
    "two default providers": (
        one_provider(
            "{model: openai/a, access_key: k, default: true}, "
            "{model: openai/b, access_key: k, default: true}"
        ),
        "model_providers: There must be at most one default LLM Provider",
    ),
    **{
        f"version gate, {version}": (
            routes(route(), version=version),
            (
                "routing_preferences: top-level routing_preferences requires version v0.4.0 or "
                "above. Update the version field or remove routing_preferences."
            ),
        )
        for version in ("v0.1", "v0.1.0", "0.1-beta", "0.2.0", "v0.3.0")
    },
    "undeclared model": (
        routes(route(model="openai/o9")),
        (
            "routing_preferences[0].models[0]: routing_preferences route 'r' references model "
            "'openai/o9' which is not declared in model_providers"
        ),
    ),
    "2 cost": (
        routes(route(), sources=f"[{COST}, {COST}]"),
        f"{SOURCES}: only one cost metrics source is allowed",
    ),
    "2 latency": (
        routes(route(), sources=f"[{LATENCY}, {LATENCY}]"),
        f"{SOURCES}: only one latency metrics source is allowed",
    ),
    "cheapest w/o cost": (
        routes(route(prefer="cheapest")),
        (
            f"{PREFER}: routing_preferences route 'r' uses prefer: cheapest but no cost metrics "
            f"source is configured — add a cost metrics source to {SOURCES}"
        ),
    ),
    "fastest w/o latency": (
        routes(route(prefer="fastest")),
        (
            f"{PREFER}: routing_preferences route 'r' uses prefer: fastest but no latency metrics "
            f"source is configured — add a latency metrics source to {SOURCES}"
        ),
    ),
    "seed: two cost_metrics": (
        routes(route(), sources=f"[{COSTS}, {COSTS}]"),
        f"{SOURCES}: only one cost_metrics source is allowed",
    ),
    "seed: two prometheus_metrics": (
        routes(route(), sources=f"[{PROMETHEUS}, {PROMETHEUS}]"),
        f"{SOURCES}: only one prometheus_metrics source is allowed",
    ),
    "seed: two digitalocean_pricing": (
        routes(route(), sources=f"[{CATALOGUE}, {CATALOGUE}]"),
        f"{SOURCES}: only one digitalocean_pricing source is allowed",
    ),
    "seed: cost_metrics and digitalocean_pricing": (
        routes(route(), sources=f"[{COSTS}, {CATALOGUE}]"),
        (
            f"{SOURCES}: cost_metrics and digitalocean_pricing cannot both be configured — "
            "use one or the other"
        ),
    ),
    "seed: cheapest with no cost source": (
        routes(route(prefer="cheapest"), sources=f"[{PROMETHEUS}]"),
        (
            f"{PREFER}: prefer: cheapest requires a cost data source — "
            "add cost_metrics or digitalocean_pricing"
        ),
    ),
    "seed: fastest with no prometheus_metrics": (
        routes(route(prefer="fastest"), sources=f"[{CATALOGUE}]"),
        f"{PREFER}: prefer: fastest requires a prometheus_metrics source",
    ),
    "an unknown version": (
        f"version: v0.5.0\n{PROVIDERS}",
        "version: must be one of v0.1, v0.1.0, 0.1-beta, 0.2.0, v0.3.0, v0.4.0",
    ),
}


@pytest.mark.parametrize(("text", "expected"), ERRORS.values(), ids=ERRORS.keys())
def test_documented_errors(text: str, expected: str) -> None:
    with pytest.raises(ConfigError) as raised:
        parse(text, {})
    supported = ", ".join(sorted(KNOWN))
    assert [str(problem) for problem in raised.value.problems] == [
        expected.replace("{supported}", supported)
    ]


def test_keys_that_are_missing_are_told_all_at_once() -> None:
    text = "version: v0.3.0\nmodel_providers:\n" + "".join(
        f"  - {{model: openai/m{number}, access_key: $KEY_{number}}}\n" for number in range(3)
    )
    with pytest.raises(ConfigError) as raised:
        parse(text, {"KEY_1": "k"})
    assert [str(problem) for problem in raised.value.problems] == [
        f"model_providers[{number}].access_key: environment variable KEY_{number} is not set"
        for number in (0, 2)
    ]
