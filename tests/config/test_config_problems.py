"""Configuration text that is wrong, and exactly what is said about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from extproc.config import ConfigError, Problem, load, parse
from extproc.providers import KNOWN

ENVIRON = {"OPENAI_API_KEY": "openai-secret"}
PROVIDERS = """
model_providers:
  - {model: openai/gpt-4o, access_key: $OPENAI_API_KEY}
"""
MINIMAL = f"version: v0.4.0{PROVIDERS}"
SUPPORTED = ", ".join(sorted(KNOWN))
BASE_URL = "Please provide a valid URL with scheme (http/https) in base_url"
DURATION = "must be a duration such as 300s, 500ms or 5m"
ADDRESS_AND_PORT = "must be an IP address and a port such as 127.0.0.1:9092 or [::1]:9092"
SIZE = "must be a size such as 32MiB, 10MB or a number of bytes"
NAME = "must not be empty, nor begin or end with a space"
ORIGIN_WANTED = "must be an origin such as https://app.example:8443, in lower case, or *"


def problems_of(text: str) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        parse(text, ENVIRON)
    return [line.removeprefix("config.yaml: ") for line in str(raised.value).splitlines()]


WHOLE_FILES = {
    "nothing": ("", ["is empty"]),
    "only comments": ("# nothing\n", ["is empty"]),
    "a list": ("- a\n", ["must be a mapping of keys to values"]),
    "a word": ("hello", ["must be a mapping of keys to values"]),
    "two documents": (
        "a: 1\n---\nb: 2\n",
        ["line 2, column 1: not valid YAML: but found another document"],
    ),
    "broken YAML": (
        "version: v0.4.0\nmodel_providers: [\n  {model: a\n",
        ["line 4, column 1: not valid YAML: expected ',' or '}', but got '<stream end>'"],
    ),
    "a variable without quotes": (
        "version: v0.4.0\nlisteners: [{port: ${PORT}}]\n",
        [
            (
                "line 2, column 21: not valid YAML: expected ',' or '}', but got '{' "
                '(inside {...}, write "${NAME}" in quotes)'
            )
        ],
    ),
    "a tab": (
        "version: v0.4.0\nmodel_providers:\n\t- model: a\n",
        [
            (
                "line 3, column 1: not valid YAML: found character '\\t' that cannot start any "
                "token (indent with spaces, not with tabs)"
            )
        ],
    ),
    "a line that is not indented as its neighbours": (
        "version: v0.4.0\nmodel_providers:\n  - model: a\n   name: b\n",
        [
            (
                "line 4, column 4: not valid YAML: expected <block end>, but found '<block mapping "
                "start>' (indent it as its neighbours are)"
            )
        ],
    ),
    "a colon in a value": (
        "version: v0.4.0\nmode: this: that\n",
        [
            (
                "line 2, column 11: not valid YAML: mapping values are not allowed here (indent it "
                "as its neighbours are; where a value holds ': ', write the value in quotes)"
            )
        ],
    ),
    "a star without quotes": (
        "version: v0.4.0\nmode: [*]\n",
        [
            (
                "line 2, column 9: not valid YAML: expected alphabetic or numeric character, but "
                "found ']' (write the value in quotes)"
            )
        ],
    ),
    "an unknown tag": (
        "version: !python/object:os.system v0.4.0\n",
        [
            (
                "line 1, column 10: not valid YAML: could not determine a constructor for the tag "
                "'!python/object:os.system'"
            )
        ],
    ),
    "a NUL": ("version: \0\n", ["not valid YAML: it holds characters that YAML forbids"]),
    "an impossible date": ("version: 2024-13-45\n", ["not valid YAML"]),
    "duplicate keys": (
        (
            f"{MINIMAL}version: v0.4.0\noverrides:\n  llm_routing_model: gpt-4o\n"
            "  llm_routing_model: gpt-4o\n"
        ),
        [
            "line 4, column 1: duplicate key 'version'",
            "line 7, column 3: duplicate key 'llm_routing_model'",
        ],
    ),
    "no version": (PROVIDERS, ["version: is required; write version: v0.4.0"]),
    "a version from the future": (
        f"version: v0.5.0{PROVIDERS}",
        ["version: must be one of v0.1, v0.1.0, 0.1-beta, 0.2.0, v0.3.0, v0.4.0"],
    ),
    "a version that is a number": (
        f"version: 0.4{PROVIDERS}",
        ["version: must be one of v0.1, v0.1.0, 0.1-beta, 0.2.0, v0.3.0, v0.4.0"],
    ),
    "no models": (
        "version: v0.4.0\n",
        ["model_providers: There must be at least one LLM Provider"],
    ),
    "an empty list of models": (
        "version: v0.4.0\nmodel_providers: []\n",
        ["model_providers: There must be at least one LLM Provider"],
    ),
    "models that are no list": (
        "version: v0.4.0\nmodel_providers: {model: openai/gpt-4o}\n",
        ["model_providers: must be a list"],
    ),
    "no models beside listeners of the older form": (
        "version: v0.3.0\nlisteners: {egress_traffic: {}}\n",
        ["model_providers: model_providers cannot be empty when using legacy format"],
    ),
    "both names of the providers": (
        f"{MINIMAL}llm_providers: []\n",
        [
            (
                "llm_providers: Please provide either llm_providers or model_providers, not both. "
                "llm_providers is deprecated, please use model_providers instead"
            )
        ],
    ),
    "the old name of the providers, in paths": (
        "version: v0.4.0\nllm_providers: [{model: gpt-4o}]\n",
        [
            (
                "llm_providers[0].model: Invalid model name gpt-4o. Please provide model "
                "name in the format <provider>/<model_id> or <provider>/* for wildcards."
            )
        ],
    ),
    "routes below v0.4.0": (
        (
            f"version: v0.3.0{PROVIDERS}"
            "routing_preferences: [{name: a, description: b, models: [gpt-4o]}]\n"
        ),
        [
            (
                "routing_preferences: top-level routing_preferences requires version v0.4.0 "
                "or above. Update the version field or remove routing_preferences."
            )
        ],
    ),
    "a file nested too deeply": ("version: " + "[" * 5000, ["is nested too deeply"]),
}


@pytest.mark.parametrize(("text", "expected"), WHOLE_FILES.values(), ids=WHOLE_FILES.keys())
def test_whole_files(text: str, expected: list[str]) -> None:
    assert problems_of(text) == expected


SECTIONS = {
    "an unknown key with a known neighbour": (
        "routing_preference: []",
        ["routing_preference: unknown key; did you mean 'routing_preferences'?"],
    ),
    "a key of Plano's, misspelt": (
        "promt_guards: {}",
        ["promt_guards: unknown key; did you mean 'prompt_guards'?"],
    ),
    "an unknown key like no other": (
        "overrides: {zzz: 1}",
        [
            (
                "overrides.zzz: unknown key; known here: agent_orchestration_model, "
                "disable_signals, empty_pool_behavior, llm_routing_model, "
                "model_capabilities_source, optimize_context_window, orchestrator_model, "
                "orchestrator_model_context_length, prompt_target_intent_matching_threshold, "
                "router_model, upstream_connect_timeout, upstream_tls_ca_path, "
                "use_agent_orchestrator"
            )
        ],
    ),
    "weights of what is no model of the route, of one twice, and that are none": (
        (
            "routing_preferences: [{name: a, description: b, models: [openai/gpt-4o],"
            " weights: {gpt-4o: 1, openai/gpt-4o: 2, gpt-5: 1}},"
            " {name: c, description: d, models: [gpt-4o], weights: {gpt-4o: 0}},"
            " {name: e, description: f, models: [gpt-4o], weights: {gpt-4o: true}},"
            " {name: g, description: h, models: [gpt-4o], weights: {gpt-4o: .inf}},"
            " {name: i, description: j, models: [gpt-4o], weights: {}}]"
        ),
        [
            (
                "routing_preferences[1].weights.gpt-4o: must be a number above 0; "
                "leave out a model that shall not go first"
            ),
            "routing_preferences[2].weights.gpt-4o: must be a number above 0",
            (
                "routing_preferences[3].weights.gpt-4o: must be a number above 0; "
                "leave out a model that shall not go first"
            ),
            "routing_preferences[4].weights: must not be empty",
            (
                'routing_preferences[0].weights["openai/gpt-4o"]: is the same model as '
                "'gpt-4o', weighed already"
            ),
            "routing_preferences[0].weights.gpt-5: 'gpt-5' is not one of this route's models",
        ],
    ),
    "shadows that cannot be": (
        (
            "routing_preferences: ["
            "{name: a, description: b, models: [gpt-4o], shadow: {model: gpt-4o}},"
            " {name: c, description: d, models: [gpt-4o], shadow: {model: gpt-5, percent: 5}},"
            " {name: e, description: f, models: [gpt-4o], shadow: {model: gpt-4o, percent: 101}}]"
        ),
        [
            "routing_preferences[0].shadow.percent: is required",
            "routing_preferences[2].shadow.percent: must be a number from 0 to 100",
            "routing_preferences[1].shadow.model: 'gpt-5' is not declared in model_providers",
        ],
    ),
    "what says nothing of when to hedge": (
        (
            "routing_preferences: ["
            "{name: a, description: b, models: [gpt-4o], hedge: p95},"
            " {name: c, description: d, models: [gpt-4o], hedge: {after: soon}},"
            " {name: e, description: f, models: [gpt-4o], hedge: {aftr: 1s}}]"
        ),
        [
            "routing_preferences[0].hedge: must be a mapping",
            (
                "routing_preferences[1].hedge.after: must be p95, or a duration up to seven days "
                "such as 800ms or 5s"
            ),
            "routing_preferences[2].hedge.aftr: unknown key; did you mean 'after'?",
        ],
    ),
    "two routes that take the rest": (
        (
            "routing_preferences: [{name: a, description: b, models: [gpt-4o], fallback: true},"
            " {name: c, description: d, models: [gpt-4o], fallback: true}]"
        ),
        [
            (
                "routing_preferences[1].fallback: 'a' takes what no other route matches already; "
                "one route can"
            )
        ],
    ),
    "an unknown key deep inside": (
        (
            "routing_preferences: [{name: a, description: b, models: [gpt-4o],"
            " selection_policy: {prefer: none, perfer: x}}]"
        ),
        [
            "routing_preferences[0].selection_policy.perfer: unknown key; did you mean 'prefer'?",
        ],
    ),
    "two model listeners": (
        "listeners: [{type: model, name: a}, {type: model, name: b, port: 1}]",
        ["listeners: Currently only one listener can have model_providers set"],
    ),
    "the older form of listeners": (
        "listeners: {egress_traffic: {port: 0, prot: 1}, ingress_traffic: {timeuot: 3s}, egress: }",
        [
            "listeners.ingress_traffic.timeuot: unknown key; did you mean 'timeout'?",
            "listeners.egress_traffic.port: must be at least 1",
            "listeners.egress_traffic.prot: unknown key; did you mean 'port'?",
        ],
    ),
    "an unknown listener of the older form": (
        "listeners: {egres_traffic: {}}",
        ["listeners.egres_traffic: unknown key; did you mean 'egress_traffic'?"],
    ),
    "an unknown key of a listener that is not served": (
        "listeners: [{type: agent, guardians: []}]",
        [
            (
                "listeners[0].guardians: unknown key; known here: address, agents, api_keys, "
                "cors, filter_chain, input_filters, max_retries, name, output_filters, port, "
                "router, timeout, type"
            )
        ],
    ),
    "keys that listeners had": (
        "listeners: [{type: model, protocol: openai, model_providers: []}]",
        [
            "listeners[0].protocol: unknown key; every format is served: remove it",
            "listeners[0].model_providers: unknown key; write it at the root",
        ],
    ),
    "negative retries": (
        "listeners: [{type: model, max_retries: -1}]",
        ["listeners[0].max_retries: must be at least 0"],
    ),
    "pages without origins": (
        "listeners: [{type: model, cors: {origins: []}}]",
        ["listeners[0].cors.origins: must not be empty"],
    ),
    **{
        f"{origin!r} for an origin": (
            f"listeners: [{{type: model, cors: {{origins: ['{origin}']}}}}]",
            [f"listeners[0].cors.origins[0]: {ORIGIN_WANTED}"],
        )
        for origin in (
            "app.example",
            "https://app.example/",
            "https://App.example",
            "https://*.example",
            "https://me@app.example",
            'https://a"]=1',
            "https://app.example:0",
            "null",
        )
    },
    "an unknown key of a section that is not acted on": (
        "tracing: {random_samplng: 1}\nrouting: {sesion_cache: {}}\nprompt_caching: [enabled]",
        [
            "routing.sesion_cache: unknown key; did you mean 'session_cache'?",
            "prompt_caching: must be a mapping",
            "tracing.random_samplng: unknown key; did you mean 'random_sampling'?",
        ],
    ),
    "listeners that are nothing of the kind": ("listeners: 12000", ["listeners: must be a list"]),
    "a listener that is no mapping": ("listeners: [model]", ["listeners[0]: must be a mapping"]),
    "a listener without a type": ("listeners: [{port: 1}]", ["listeners[0].type: is required"]),
    "a listener of an unknown type": (
        "listeners: [{type: modell}]",
        [
            (
                "listeners[0].type: must be model; listeners of type agent and prompt load and are "
                "not served"
            )
        ],
    ),
    "a filter chain beside what it is called now": (
        (
            "filters: [{id: f, url: 'http://h'}]\n"
            "listeners: [{type: model, filter_chain: [f], input_filters: [f]}]"
        ),
        [
            (
                "listeners[0].filter_chain: is the older name of input_filters, which stands there "
                "too: keep one of them"
            )
        ],
    ),
    "keys of other versions": (
        (
            "listener: {port: 1}\nkind: ConfigMap\n"
            "tracing: {sampling_rate: 0.1}\nprompt_caching: {session_stickiness: {}}"
        ),
        [
            "listener: unknown key; write listeners: [{type: model, address: ..., port: ...}]",
            (
                "kind: unknown key; this is a manifest of Kubernetes: the configuration is what "
                "its data holds"
            ),
            "prompt_caching.session_stickiness: unknown key; write routing.routing_budget instead",
            (
                "tracing.sampling_rate: unknown key; write random_sampling, in percent: 10 for a "
                "sampling_rate of 0.1"
            ),
        ],
    ),
    "a listener with wrong values": (
        "listeners: [{type: model, port: 70000, address: localhost, timeout: soon}]",
        [
            "listeners[0].address: must be an IP address such as 0.0.0.0 or 127.0.0.1",
            "listeners[0].port: must be at most 65535",
            f"listeners[0].timeout: {DURATION}",
        ],
    ),
    "a port in quotes": (
        "listeners: [{type: model, port: '12000'}]",
        ["listeners[0].port: must be a whole number"],
    ),
    "port zero": (
        "listeners: [{type: model, port: 0}]",
        ["listeners[0].port: must be at least 1"],
    ),
    "an unset variable": (
        "listeners: [{type: model, address: $A_HOST}]",
        ["listeners[0].address: environment variable A_HOST is not set"],
    ),
    "aliases that are no mapping": ("model_aliases: [a]", ["model_aliases: must be a mapping"]),
    "an alias without a target": (
        "model_aliases: {fast: openai/gpt-4o, slow: {}, none: }",
        [
            "model_aliases.fast: must be a mapping",
            "model_aliases.slow.target: is required",
            "model_aliases.none: must be a mapping",
        ],
    ),
    "an alias that is a number": (
        "model_aliases: {4: {target: gpt-4o}}",
        ["model_aliases.4: the name of an alias must be a string"],
    ),
    "an alias that leads nowhere": (
        "model_aliases: {arch.fast.v1: {target: gpt-5}}",
        [
            (
                "model_aliases[\"arch.fast.v1\"].target: Model alias 2 - 'arch.fast.v1' targets "
                "'gpt-5' which is not defined as a model. Available models: openai/gpt-4o"
            )
        ],
    ),
    "an alias of an alias": (
        "model_aliases: {a: {target: gpt-4o}, b: {target: a}}",
        [
            (
                "model_aliases.b.target: Model alias 2 - 'b' targets 'a' which is not defined as a "
                "model. Available models: openai/gpt-4o"
            )
        ],
    ),
    "a route through an alias that leads nowhere is not blamed as well": (
        (
            "model_aliases: {a: {target: x}}\n"
            "routing_preferences: [{name: r, description: d, models: [a]}]"
        ),
        [
            (
                "model_aliases.a.target: Model alias 2 - 'a' targets 'x' which is not defined as a "
                "model. Available models: openai/gpt-4o"
            )
        ],
    ),
    "a route through an alias that cannot be read is not blamed either": (
        "model_aliases: {a: gpt-4o}\nrouting_preferences: [{name: r, description: d, models: [a]}]",
        ["model_aliases.a: must be a mapping"],
    ),
    "an incomplete route": (
        "routing_preferences: [{}]",
        [
            "routing_preferences[0].name: is required",
            "routing_preferences[0].description: is required",
            "routing_preferences[0].models: is required",
        ],
    ),
    "an empty route": (
        "routing_preferences: [{name: '', description: '', models: []}]",
        [
            f"routing_preferences[0].name: {NAME}",
            "routing_preferences[0].description: must not be empty",
            "routing_preferences[0].models: must not be empty",
        ],
    ),
    "a name that would break a header": (
        'routing_preferences: [{name: "a\\nb", description: c, models: [gpt-4o]}]',
        ["routing_preferences[0].name: must not hold control characters"],
    ),
    "models that are no list of names": (
        (
            "routing_preferences: [{name: a, description: b, models: gpt-4o},"
            " {name: c, description: d, models: [1, null]}]"
        ),
        [
            "routing_preferences[0].models: must be a list",
            "routing_preferences[1].models[0]: must be a string",
            "routing_preferences[1].models[1]: must be a string",
        ],
    ),
    "two routes of one name": (
        (
            "routing_preferences: [{name: a, description: b, models: [gpt-4o]},"
            " {name: a, description: c, models: [gpt-4o]}]"
        ),
        [
            (
                'routing_preferences: Duplicate routing preference name "a", '
                "please provide unique name for each routing preference"
            )
        ],
    ),
    "an undeclared model": (
        "routing_preferences: [{name: a, description: b, models: [gpt-4o, openai/gpt-5]}]",
        [
            (
                "routing_preferences[0].models[1]: routing_preferences route 'a' references model "
                "'openai/gpt-5' which is not declared in model_providers"
            )
        ],
    ),
    "an unknown policy": (
        (
            "routing_preferences: [{name: a, description: b, models: [gpt-4o],"
            " selection_policy: {prefer: best}}]"
        ),
        [
            (
                "routing_preferences[0].selection_policy.prefer: "
                "must be 'none', 'random', 'cheapest' or 'fastest'"
            )
        ],
    ),
    "an empty policy": (
        "routing_preferences: [{name: a, description: b, models: [gpt-4o], selection_policy: {}}]",
        ["routing_preferences[0].selection_policy.prefer: is required"],
    ),
    "a policy that is a word": (
        (
            "routing_preferences: [{name: a, description: b, models: [gpt-4o],"
            " selection_policy: random}]"
        ),
        ["routing_preferences[0].selection_policy: must be a mapping"],
    ),
    "cheapest without prices": (
        (
            "routing_preferences: [{name: a, description: b, models: [gpt-4o],"
            " selection_policy: {prefer: cheapest}}]"
        ),
        [
            (
                "routing_preferences[0].selection_policy.prefer: routing_preferences route "
                "'a' uses prefer: cheapest but no cost metrics source is configured — add a "
                "cost metrics source to model_metrics_sources"
            )
        ],
    ),
    "fastest without latencies": (
        (
            "routing_preferences: [{name: a, description: b, models: [gpt-4o],"
            " selection_policy: {prefer: fastest}}]"
        ),
        [
            (
                "routing_preferences[0].selection_policy.prefer: routing_preferences route "
                "'a' uses prefer: fastest but no latency metrics source is configured — add "
                "a latency metrics source to model_metrics_sources"
            )
        ],
    ),
    "an undeclared routing model": (
        "overrides: {llm_routing_model: my-router}",
        ["overrides.llm_routing_model: 'my-router' is not declared in model_providers"],
    ),
    "a routing model that cannot be asked": (
        ("  - {model: anthropic/arch, access_key: key}\noverrides: {router_model: anthropic/arch}"),
        [
            (
                "overrides.router_model: 'anthropic/arch' cannot be asked: "
                "its provider does not speak chat"
            )
        ],
    ),
    "overrides that are no mapping": ("overrides: []", ["overrides: must be a mapping"]),
    "settings with wrong values": (
        (
            "dragoman: {max_request_bytes: lots, attempt_timeout: 0s, first_content_timeout: true,"
            " intent_timeout: .inf, answer_timeout: 0.9ms}"
        ),
        [
            f"dragoman.max_request_bytes: {SIZE}",
            "dragoman.attempt_timeout: must be at least 1ms and at most seven days",
            f"dragoman.first_content_timeout: {DURATION}",
            "dragoman.answer_timeout: must be at least 1ms and at most seven days",
            f"dragoman.intent_timeout: {DURATION}",
        ],
    ),
    "settings out of bounds": (
        "dragoman: {max_request_bytes: 2GiB, attempt_timeout: -1, intent_timeout: 9000h}",
        [
            "dragoman.max_request_bytes: must be a whole number of bytes, from 1 to 1GiB",
            "dragoman.attempt_timeout: must be at least 1ms and at most seven days",
            "dragoman.intent_timeout: must be at least 1ms and at most seven days",
        ],
    ),
    "a number beyond all bounds": (
        f"dragoman: {{attempt_timeout: 1{'0' * 400}, max_request_bytes: .nan}}",
        [
            f"dragoman.max_request_bytes: {SIZE}",
            f"dragoman.attempt_timeout: {DURATION}",
        ],
    ),
    "a transport that there is not": (
        "dragoman: {transport: granian}",
        ["dragoman.transport: must be 'builtin' or 'grpcio'"],
    ),
    "an admin port of the wrong form": (
        "dragoman: {admin_address: 'localhost:9092', kept_decisions: 1.5}",
        [
            f"dragoman.admin_address: {ADDRESS_AND_PORT}",
            "dragoman.kept_decisions: must be a whole number",
        ],
    ),
    "an admin port that cannot be": (
        "dragoman: {admin_address: '0.0.0.0:65536', kept_decisions: -1}",
        [
            f"dragoman.admin_address: {ADDRESS_AND_PORT}",
            "dragoman.kept_decisions: must be at least 0",
        ],
    ),
    "an admin address that cannot be": (
        "dragoman: {admin_address: '1.2.3:9092', kept_decisions: 100001}",
        [
            f"dragoman.admin_address: {ADDRESS_AND_PORT}",
            "dragoman.kept_decisions: must be at most 100000",
        ],
    ),
    "half a byte": (
        "dragoman: {max_request_bytes: 0.5}",
        ["dragoman.max_request_bytes: must be a whole number of bytes, from 1 to 1GiB"],
    ),
}


@pytest.mark.parametrize(("text", "expected"), SECTIONS.values(), ids=SECTIONS.keys())
def test_sections(text: str, expected: list[str]) -> None:
    assert problems_of(f"{MINIMAL}{text}\n") == expected


ENTRIES = {
    "no model": ("{}", ["model: is required"]),
    "keys of other versions": (
        "{model: openai/o3, access_key: k, provider: openai, retry_policy: {}, internal: true}",
        [
            (
                "provider: unknown key; the provider is the first part of the model: "
                "write model: openai/gpt-4o"
            ),
            (
                "retry_policy: unknown key; what fails moves on to the next of a route's models: "
                "list them in routing_preferences, and in dragoman.failover what moves on"
            ),
            (
                "internal: unknown key; Plano adds it to what it renders: take the file that it "
                "was rendered from"
            ),
        ],
    ),
    "a provider beside its model": (
        "{model: gpt-4o, name: mine, provider_interface: openai, access_key: k}",
        [
            (
                "model: Invalid model name gpt-4o. Please provide model name in the format "
                "<provider>/<model_id> or <provider>/* for wildcards. Here that is openai/gpt-4o."
            )
        ],
    ),
    "a misspelt key": (
        "{model: ollama/x, base_ulr: 'http://h'}",
        ["base_ulr: unknown key; did you mean 'base_url'?"],
    ),
    "keys of the wrong type": (
        "{model: 4, default: 'yes', headers: [a], access_key: 1}",
        [
            "model: must be a string",
            "access_key: must be a string",
            "default: must be true or false",
            "headers: must be a mapping",
        ],
    ),
    "a key that is no string": ("{model: openai/x, 1: 2}", ["[1]: a key must be a string"]),
    "no slash": (
        "{model: gpt-4o}",
        [
            (
                "model: Invalid model name gpt-4o. Please provide model name in the format "
                "<provider>/<model_id> or <provider>/* for wildcards."
            )
        ],
    ),
    "no provider": (
        "{model: /gpt-4o}",
        [
            (
                "model: Invalid model name /gpt-4o. Please provide model name in the format "
                "<provider>/<model_id> or <provider>/* for wildcards."
            )
        ],
    ),
    "no model id": (
        "{model: openai/}",
        [
            (
                "model: Invalid model name openai/. Please provide model name in the format "
                "<provider>/<model_id> or <provider>/* for wildcards."
            )
        ],
    ),
    "a provider that everybody has their own of": (
        "{model: ollama/llama3}",
        ["base_url: Provider 'ollama' requires 'base_url' to be set for model ollama/llama3"],
    ),
    "an unknown provider without an address": (
        "{model: acme/m, provider_interface: openai}",
        [
            (
                "model: Must provide base_url and provider_interface for unsupported provider acme "
                f"for model acme/m. Supported providers are: {SUPPORTED}"
            )
        ],
    ),
    "a provider that is nearly known": (
        "{model: antropic/m}",
        [
            (
                "model: Must provide base_url and provider_interface for unsupported provider "
                f"antropic for model antropic/m. Supported providers are: {SUPPORTED}; did you "
                "mean 'anthropic'?"
            )
        ],
    ),
    "an unknown provider without an interface": (
        "{model: acme/m, base_url: 'http://h'}",
        [
            (
                "model: Must provide base_url and provider_interface for unsupported provider acme "
                f"for model acme/m. Supported providers are: {SUPPORTED}"
            )
        ],
    ),
    "an unknown interface": (
        "{model: acme/m, base_url: 'http://h', provider_interface: grok}",
        [f"provider_interface: must be one of {SUPPORTED}"],
    ),
    "an interface for a known provider": (
        "{model: openai/m, access_key: k, provider_interface: openai}",
        [
            (
                "provider_interface: Please provide provider interface as part of model name "
                "openai/m using the format <provider>/<model_id>. "
                "For example, use 'openai/gpt-3.5-turbo' instead of 'gpt-3.5-turbo'"
            )
        ],
    ),
    "a base_url without a scheme": (
        "{model: openai/m, base_url: 'localhost:8000'}",
        [f"base_url: {BASE_URL}"],
    ),
    "a base_url with another scheme": (
        "{model: openai/m, base_url: 'grpc://localhost'}",
        [f"base_url: {BASE_URL}"],
    ),
    "a base_url without a host": (
        "{model: openai/m, base_url: 'http://'}",
        [f"base_url: {BASE_URL}"],
    ),
    "a base_url with a password": (
        "{model: openai/m, base_url: 'http://user:hunter2@h'}",
        ["base_url: must not hold credentials; a key belongs in access_key"],
    ),
    "a base_url with a query": (
        "{model: openai/m, base_url: 'http://h/v1?api-version=1'}",
        ["base_url: must not have a query or a fragment"],
    ),
    "a base_url with a wrong port": (
        "{model: openai/m, base_url: 'http://h:99999'}",
        ["base_url: is not a valid URL"],
    ),
    "a base_url with a strange host": (
        "{model: openai/m, base_url: 'http://a b'}",
        ["base_url: is not a valid URL"],
    ),
    "a base_url with half an IPv6 address": (
        "{model: openai/m, base_url: 'http://[::1'}",
        ["base_url: is not a valid URL"],
    ),
    "an unset variable in an address": (
        "{model: openai/m, base_url: 'http://$A_HOST:${A_PORT}', headers: {a: $B}}",
        [
            "base_url: environment variable A_HOST is not set",
            "base_url: environment variable A_PORT is not set",
            "headers: environment variable B is not set",
        ],
    ),
    "no key for the provider's own host": (
        "{model: openai/m}",
        ["access_key: is required by openai; write for example access_key: $OPENAI_API_KEY"],
    ),
    "no key for the provider's own host, spelt out": (
        "{model: openai/m, base_url: 'https://api.openai.com/v1'}",
        ["access_key: is required by openai; write for example access_key: $OPENAI_API_KEY"],
    ),
    "preferences of the older form": (
        "{model: openai/m, access_key: k, routing_preferences: [{name: a, description: b}]}",
        [
            (
                "routing_preferences: belongs under the root key routing_preferences in v0.4.0: "
                "an item there has a name, a description and a list of models"
            )
        ],
    ),
    "headers that cannot be": (
        "{model: openai/m, access_key: k, headers: {'a b': c, Host: d, e: 5, f: \"g\\nh\"}}",
        [
            'headers["a b"]: is not a valid header name',
            "headers.Host: is a header that the proxy sets itself (for Host there is http_host)",
            "headers.e: must be a string",
            "headers.f: must not hold control characters",
        ],
    ),
    "an empty name": ("{model: openai/m, access_key: k, name: ' '}", [f"name: {NAME}"]),
}


@pytest.mark.parametrize(("entry", "expected"), ENTRIES.values(), ids=ENTRIES.keys())
def test_provider_entries(entry: str, expected: list[str]) -> None:
    found = problems_of(f"{MINIMAL}  - {entry}\n")
    assert found == [
        f"model_providers[1]{'' if line.startswith('[') else '.'}{line}" for line in expected
    ]


LISTS = {
    "two defaults": (
        ["{model: openai/a, access_key: k, default: true}"] * 1
        + ["{model: openai/b, access_key: k, default: true}"],
        ["model_providers: There must be at most one default LLM Provider"],
    ),
    "one model twice": (
        ["{model: openai/a, access_key: k}", "{model: openai/a, access_key: k}"],
        [
            (
                "model_providers: Duplicate model_provider name openai/a, "
                "please provide unique name for each model_provider"
            )
        ],
    ),
    "one name twice": (
        ["{model: openai/a, name: n, access_key: k}", "{model: openai/b, name: n, access_key: k}"],
        [
            (
                "model_providers: Duplicate model_provider name n, "
                "please provide unique name for each model_provider"
            )
        ],
    ),
    "an entry that is no mapping": (["openai/gpt-4o"], ["model_providers[0]: must be a mapping"]),
}


@pytest.mark.parametrize(("entries", "expected"), LISTS.values(), ids=LISTS.keys())
def test_lists_of_providers(entries: list[str], expected: list[str]) -> None:
    text = "version: v0.4.0\nmodel_providers:\n" + "".join(f"  - {item}\n" for item in entries)
    assert problems_of(text) == expected


@pytest.mark.parametrize("reference", ["gpt-4o", "openai/gpt-4o"])
def test_a_reference_that_fits_several_models(reference: str) -> None:
    found = problems_of(
        f"""
version: v0.4.0
model_providers:
  - {{model: openai/gpt-4o, name: one, access_key: k}}
  - {{model: openai/gpt-4o, name: two, access_key: k}}
model_aliases: {{a: {{target: {reference}}}}}
routing_preferences: [{{name: r, description: d, models: [one, {reference}]}}]
overrides: {{llm_routing_model: {reference}}}
"""
    )
    message = f"'{reference}' fits several models; say which: one, two"
    assert found == [
        f"model_aliases.a.target: {message}",
        f"routing_preferences[0].models[1]: {message}",
        f"overrides.llm_routing_model: {message}",
    ]


def test_every_problem_is_told_at_once_with_its_place() -> None:
    found = problems_of(
        """
version: v9
agnets: []
model_providers:
  - {model: openai/gpt-4o, access_key: $MISSING_ONE}
  - {model: openai/gpt-4o-mini, access_key: '${MISSING_TWO}', defualt: true}
  - {model: anthropic/claude, access_key: $MISSING_ONE}
routing_preferences:
  - {name: a, models: [openai/gpt-4o]}
  - {name: b, description: c, models: [openai/gpt-4o-mini, nowhere]}
"""
    )
    assert found == [
        "agnets: unknown key; did you mean 'agents'?",
        "version: must be one of v0.1, v0.1.0, 0.1-beta, 0.2.0, v0.3.0, v0.4.0",
        "model_providers[1].defualt: unknown key; did you mean 'default'?",
        "routing_preferences[0].description: is required",
        (
            "routing_preferences[1].models[1]: routing_preferences route 'b' references model "
            "'nowhere' which is not declared in model_providers"
        ),
        (
            "model_providers[0].access_key, model_providers[2].access_key: "
            "environment variable MISSING_ONE is not set"
        ),
    ]


def test_references_are_not_blamed_when_an_entry_does_not_tell_its_model() -> None:
    found = problems_of(
        """
version: v0.4.0
model_providers:
  - {modle: openai/gpt-4o, access_key: k}
routing_preferences: [{name: a, description: b, models: [openai/gpt-4o]}]
model_aliases: {x: {target: gpt-4o}}
overrides: {llm_routing_model: gpt-4o}
"""
    )
    assert found == [
        "model_providers[0].model: is required",
        "model_providers[0].modle: unknown key; did you mean 'model'?",
    ]


def test_an_error_keeps_its_problems_apart() -> None:
    with pytest.raises(ConfigError) as raised:
        parse("version: v0.4.0", {}, source="some.yaml")
    problem = Problem("model_providers", "There must be at least one LLM Provider")
    assert raised.value.source == "some.yaml"
    assert raised.value.problems == (problem,)
    assert str(raised.value) == f"some.yaml: {problem}"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    with pytest.raises(ConfigError) as raised:
        load(path, {})
    assert str(raised.value) == f"{path}: cannot be read: No such file or directory"


def test_a_directory(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        load(tmp_path, {})


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes(b"\xff\xfe\x00v")
    with pytest.raises(ConfigError, match="is not UTF-8 text"):
        load(path, {})


def test_a_file_that_holds_itself() -> None:
    assert problems_of("version: v0.4.0\nmodel_providers: &a [{model: openai/x, headers: *a}]\n")
    assert problems_of("version: v0.4.0\nmodel_providers: [&a {model: openai/x, headers: *a}]\n")


def test_bytes_in_flight_that_leave_no_room_for_one_request() -> None:
    with pytest.raises(ConfigError) as raised:
        parse(f"{MINIMAL}\ndragoman: {{max_bytes_in_flight: 16MiB}}\n", ENVIRON)
    assert "dragoman.max_bytes_in_flight: must not be less than max_request_bytes" in str(
        raised.value
    )
