"""``dragoman bootstrap --for``: its resources are valid, and what they say runs in an Envoy that
others have given listeners and clusters already."""

from __future__ import annotations

import os
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx
import pytest
import yaml

from extproc.cli.arguments import main
from extproc.demo.provider import Behaviour, FakeProvider
from tests.packaging.pods import ASKED, CONFIG, KEYS, Pod, Resource, of_kind, running
from tests.packaging.tools import problems_by_kubernetes, problems_by_schemas

KNOWN = ("gateway.networking.k8s.io", "networking.istio.io")
KINDS = ("envoy-gateway", "istio")
PORT = 10080
"""Where the gateway's own listener is."""
HOST = "llm.example.com"


def resources(kind: str, folder: Path, *options: str, config: str = "") -> list[Resource]:
    """What the command writes."""
    given, written = folder / "config.yaml", folder / "resources.yaml"
    given.write_text(config or CONFIG.format(first="http://a", second="http://b"))
    arguments = ["bootstrap", given, "--for", kind, "--host", HOST, "--output", written, *options]
    with patch.dict(os.environ, KEYS):
        assert main([str(argument) for argument in arguments]) == 0
    return list(yaml.load_all(written.read_text(), yaml.CSafeLoader))


def merged(one: Any, other: Any) -> Any:
    """As messages of Protobuf are merged: lists grow, messages merge, other values are replaced."""
    if isinstance(one, dict) and isinstance(other, Mapping):
        return {**one, **{key: merged(one.get(key), value) for key, value in other.items()}}
    if isinstance(one, list) and isinstance(other, list):
        return [*one, *other]
    return deepcopy(other)


def way_in(path: str) -> tuple[Resource, Resource]:
    """The gateway's own listener, whose only route leads to a cluster, and the cluster."""
    manager = {
        "@type": "type.googleapis.com/envoy.extensions.filters.network."
        "http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "gateway",
        "use_remote_address": True,
        "route_config": {
            "virtual_hosts": [
                {
                    "name": "gateway",
                    "domains": [HOST],
                    "routes": [
                        {
                            "match": {"prefix": "/"},
                            "route": {"cluster": "gateway-backend", "timeout": "0s"},
                        }
                    ],
                }
            ]
        },
        "http_filters": [
            {
                "name": "envoy.filters.http.router",
                "typed_config": {
                    "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"
                },
            }
        ],
    }
    name = "envoy.filters.network.http_connection_manager"
    listener = {
        "name": "gateway",
        "address": {"socket_address": {"address": "127.0.0.1", "port_value": PORT}},
        "filter_chains": [{"filters": [{"name": name, "typed_config": manager}]}],
    }
    endpoint = {"endpoint": {"address": {"pipe": {"path": path}}}}
    cluster = {
        "name": "gateway-backend",
        "connect_timeout": "1s",
        "load_assignment": {
            "cluster_name": "gateway-backend",
            "endpoints": [{"lb_endpoints": [endpoint]}],
        },
    }
    return listener, cluster


def pod_spec(router: Resource, envoy: Resource, volumes: list[Resource]) -> Resource:
    """The pod that the gateway's controller makes."""
    container = {
        "name": "envoy",
        "command": ["envoy"],
        "args": ["--config-path", "/etc/envoy/envoy.yaml", "--disable-hot-restart"],
        "securityContext": router["securityContext"],
        **envoy,
        "volumeMounts": [
            {"name": "envoy", "mountPath": "/etc/envoy", "readOnly": True},
            *envoy["volumeMounts"],
        ],
        "ports": [{"containerPort": PORT}],
    }
    return {
        "initContainers": [router],
        "containers": [container],
        "volumes": [*volumes, {"name": "envoy", "configMap": {"name": "envoy"}}],
    }


def envoy_gateways_pod(added: list[Resource]) -> tuple[Resource, dict[str, str]]:
    """The pod, and the files that its Envoy is started with."""
    proxy = of_kind(added, "EnvoyProxy")["spec"]
    deployment = proxy["provider"]["kubernetes"]["envoyDeployment"]
    (endpoint,) = of_kind(added, "Backend")["spec"]["endpoints"]
    listener, cluster = way_in(endpoint["unix"]["path"])
    plain = {"static_resources": {"listeners": [listener], "clusters": [cluster]}}
    bootstrap = merged(plain, yaml.load(proxy["bootstrap"]["value"], yaml.CSafeLoader))
    (router,) = deployment["initContainers"]
    spec = pod_spec(router, deployment["container"], deployment["pod"]["volumes"])
    return spec, {"envoy.yaml": yaml.safe_dump(bootstrap)}


def istios_pod(added: list[Resource]) -> tuple[Resource, dict[str, str]]:
    """The same with Istio, which sends listeners and clusters after the start: here, by files."""
    part = of_kind(added, "Deployment")["spec"]["template"]["spec"]
    (entry,) = of_kind(added, "ServiceEntry")["spec"]["endpoints"]
    patches = of_kind(added, "EnvoyFilter")["spec"]["configPatches"]
    discovered: dict[str, list[Resource]] = {"LISTENER": [], "CLUSTER": []}
    own = way_in(entry["address"].removeprefix("unix://"))
    for (kind, found), mine in zip(discovered.items(), own, strict=True):
        of_it = [each["patch"]["value"] for each in patches if each["applyTo"] == kind]
        message = f"type.googleapis.com/envoy.config.{kind.lower()}.v3.{kind.capitalize()}"
        found += [{"@type": message, **value} for value in (mine, *of_it)]
    internal = (
        "type.googleapis.com/envoy.extensions.bootstrap.internal_listener.v3.InternalListener"
    )
    bootstrap = {
        "node": {"id": "gateway", "cluster": "gateway"},
        "dynamic_resources": {
            f"{name}_config": {
                "resource_api_version": "V3",
                "path_config_source": {"path": f"/etc/envoy/{name}.yaml"},
            }
            for name in ("lds", "cds")
        },
        # As Istio has them.
        "bootstrap_extensions": [
            {
                "name": "envoy.bootstrap.internal_listener",
                "typed_config": {"@type": internal, "buffer_size_kb": 64},
            }
        ],
        "layered_runtime": {
            "layers": [
                {"name": "global", "static_layer": {"re2.max_program_size.error_level": 32768}}
            ]
        },
    }
    files = {"envoy": bootstrap}
    files |= {
        name: {"version_info": "1", "resources": discovered[kind]}
        for name, kind in (("lds", "LISTENER"), ("cds", "CLUSTER"))
    }
    (router,), (envoy,) = part["initContainers"], part["containers"]
    spec = pod_spec(router, {**envoy, "name": "envoy"}, part["volumes"])
    return spec, {f"{name}.yaml": yaml.safe_dump(content) for name, content in files.items()}


@pytest.mark.usefixtures("containers")
@pytest.mark.parametrize("kind", KINDS)
async def test_it_runs_in_an_envoy_of_others(kind: str, tmp_path: Path) -> None:
    made = {"envoy-gateway": envoy_gateways_pod, "istio": istios_pod}[kind]
    async with FakeProvider("first") as first, FakeProvider("second") as second:
        config = CONFIG.format(first=first.url, second=second.url)
        added = resources(kind, tmp_path, "--workers", "2", config=config)
        spec, files = made(added)
        config_maps = [
            {"kind": "ConfigMap", "metadata": {"name": name}, "data": data}
            for name, data in (("envoy", files), ("dragoman-config", {"config.yaml": config}))
        ]
        pod = Pod([*added, *config_maps], spec, {"dragoman-keys": KEYS}, tmp_path)
        url = f"http://127.0.0.1:{pod.ports[PORT]}"
        headers = {"host": HOST}
        async with running(pod), httpx.AsyncClient(base_url=url, headers=headers) as client:
            await pod.until_answered(f"{url}/healthz", headers)
            first.script(Behaviour(status=503))
            answer = await client.post("/v1/chat/completions", json=ASKED)
            assert answer.status_code == 200, answer.text
            assert answer.headers["x-dragoman-model"] == "openai/gpt-4o"
            assert answer.headers["x-dragoman-attempts"] == "2"
            assert first.exchanges[0].header("authorization") == "Bearer key-1"
            assert second.exchanges[0].header("authorization") == "Bearer key-2"
            streamed = await client.post("/v1/chat/completions", json={**ASKED, "stream": True})
            assert streamed.text.endswith("data: [DONE]\n\n")
            decided = await client.post("/routing/v1/chat/completions", json=ASKED)
            assert decided.json()["route"] == "code"
            trace = answer.headers["x-dragoman-trace-id"]
            admin = f"http://127.0.0.1:{pod.ports[9092]}/decisions/{trace}"
            await pod.until_answered(admin, {})


@pytest.fixture(scope="module", params=KINDS)
def added(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Resource]:
    """The resources for each kind of gateway, by their own kinds."""
    options = ("--namespace", "gateways", "--gateway", "front")
    given = resources(request.param, tmp_path_factory.mktemp("added"), *options)
    return {each["kind"]: each for each in given}


def test_the_resources_are_valid(added: dict[str, Resource]) -> None:
    theirs = deepcopy([each for each in added.values() if each["apiVersion"].startswith(KNOWN)])
    assert len(theirs) >= 2
    for each in theirs:
        if each["kind"] == "Gateway":  # a part of one that is there
            listeners = [{"name": "http", "port": 80, "protocol": "HTTP"}]
            each["spec"] |= {"gatewayClassName": "eg", "listeners": listeners}
    assert not problems_by_schemas(theirs)


def test_the_pod_is_valid(added: dict[str, Resource], tmp_path: Path) -> None:
    """The part of a pod that is ours, with what is there already."""
    if "EnvoyProxy" in added:
        # Envoy Gateway takes what a pod has, under names of its own.
        proxy = added["EnvoyProxy"]["spec"]["provider"]["kubernetes"]["envoyDeployment"]
        part = {
            "initContainers": proxy["initContainers"],
            "containers": [{"name": "envoy", **proxy["container"]}],
            "volumes": proxy["pod"]["volumes"],
        }
    else:
        part = added["Deployment"]["spec"]["template"]["spec"]
    (envoy,) = part["containers"]
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "front"},
        "spec": {
            "selector": {"matchLabels": {"app": "front"}},
            "template": {
                "metadata": {"labels": {"app": "front"}},
                "spec": {**part, "containers": [{**envoy, "image": "envoy"}]},
            },
        },
    }
    assert not problems_by_kubernetes([deployment], tmp_path)
