"""``dragoman bootstrap --for``: what its resources say of each other and of the configuration."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias
from unittest.mock import patch

import pytest
import yaml

from extproc.bootstrap.clusters import ATTEMPT_LISTENER
from extproc.cli.arguments import main
from extproc.gateways.kinds import KINDS
from extproc.gateways.table import RESOURCES

CONFIG = """
version: v0.4.0
listeners: [{type: model, api_keys: [$TEAM_KEY]}]
model_providers:
  - {model: openai/gpt-4o, access_key: $OPENAI_API_KEY, default: true}
  - {model: anthropic/claude-sonnet-4-20250514, access_key: $ANTHROPIC_API_KEY}
"""
KEYS = {"OPENAI_API_KEY": "key-1", "ANTHROPIC_API_KEY": "key-2", "TEAM_KEY": "key-3"}


PLACE = ["--gateway", "front", "--namespace", "edges", "--run-dir", "/sockets", "--image", "ours:1"]

Resources: TypeAlias = dict[str, dict[str, Any]]


@pytest.fixture(autouse=True, scope="module")
def _keys() -> Iterator[None]:
    with patch.dict(os.environ, KEYS):
        yield


def written(folder: Path, *options: str) -> Resources:
    """What the command writes, by kind."""
    given, output = folder / "config.yaml", folder / "resources.yaml"
    given.write_text(CONFIG)
    assert main(["bootstrap", str(given), "--output", str(output), *options, *PLACE]) == 0
    text = output.read_text()
    assert not any(key in text for key in KEYS.values())
    resources = {resource["kind"]: resource for resource in yaml.load_all(text, yaml.CSafeLoader)}
    assert {each["metadata"]["namespace"] for each in resources.values()} == {"edges"}
    return resources


@pytest.fixture(scope="module")
def istio(tmp_path_factory: pytest.TempPathFactory) -> Resources:
    own = ["--workload", "edge", "--host", "llm.example.com"]
    return written(tmp_path_factory.mktemp("istio"), "--for", "istio", *own)


@pytest.fixture(scope="module")
def envoy_gateway(tmp_path_factory: pytest.TempPathFactory) -> Resources:
    return written(tmp_path_factory.mktemp("eg"), "--for", "envoy-gateway")


def test_every_kind_has_its_resources() -> None:
    assert set(RESOURCES) == set(KINDS)


def test_istios_route_leads_to_the_socket(istio: Resources) -> None:
    route, entry = istio["VirtualService"]["spec"], istio["ServiceEntry"]["spec"]
    assert (route["hosts"], route["gateways"]) == (["llm.example.com"], ["front"])
    (way,) = route["http"]
    assert (way["timeout"], way["retries"]) == ("0s", {"attempts": 0})
    (destination,) = (each["destination"] for each in way["route"])
    assert [destination["host"]] == entry["hosts"]
    assert destination["port"]["number"] == entry["ports"][0]["number"]
    listener = istio["EnvoyFilter"]["spec"]["configPatches"][0]["patch"]["value"]
    assert entry["endpoints"] == [{"address": f"unix://{listener['address']['pipe']['path']}"}]


def test_istios_filter_is_for_the_deployment_that_gets_the_router(istio: Resources) -> None:
    assert istio["Deployment"]["metadata"]["name"] == "edge"
    spec = istio["EnvoyFilter"]["spec"]
    assert spec["workloadSelector"] == {"labels": {"app": "edge"}}
    added = {(each["applyTo"], each["patch"]["value"]["name"]) for each in spec["configPatches"]}
    assert {("LISTENER", "ingress"), ("LISTENER", ATTEMPT_LISTENER)} <= added
    assert ("CLUSTER", "openai/gpt-4o") in added
    assert {each["patch"]["operation"] for each in spec["configPatches"]} == {"ADD"}


def test_istios_envoy_reads_its_keys_from_files_that_name_variables(istio: Resources) -> None:
    files = istio["ConfigMap"]["data"]
    assert set(files) == {"ANTHROPIC_API_KEY.yaml", "OPENAI_API_KEY.yaml"}
    (secret,) = yaml.load(files["OPENAI_API_KEY.yaml"], yaml.CSafeLoader)["resources"]
    assert secret["generic_secret"] == {"secret": {"environment_variable": "OPENAI_API_KEY"}}
    (envoy,) = istio["Deployment"]["spec"]["template"]["spec"]["containers"]
    assert {each["name"] for each in envoy["env"]} == set(KEYS), "the listener's keys too"
    mounts = {each["name"]: each["mountPath"] for each in envoy["volumeMounts"]}
    said = str(istio["EnvoyFilter"])
    assert f"{mounts[istio['ConfigMap']['metadata']['name']]}/OPENAI_API_KEY.yaml" in said


def test_envoy_gateways_route_leads_to_the_socket(envoy_gateway: Resources) -> None:
    route = envoy_gateway["HTTPRoute"]["spec"]
    assert route["parentRefs"] == [{"name": "front"}]
    assert "hostnames" not in route
    (rule,) = route["rules"]
    assert rule["timeouts"] == {"request": "0s"}
    (reference,) = rule["backendRefs"]
    assert reference["name"] == envoy_gateway["Backend"]["metadata"]["name"]
    assert envoy_gateway["Gateway"]["metadata"]["name"] == "front"
    parameters = envoy_gateway["Gateway"]["spec"]["infrastructure"]["parametersRef"]
    assert parameters["name"] == envoy_gateway["EnvoyProxy"]["metadata"]["name"]
    bootstrap = yaml.load(
        envoy_gateway["EnvoyProxy"]["spec"]["bootstrap"]["value"], yaml.CSafeLoader
    )
    assert set(bootstrap) == {"static_resources", "layered_runtime", "bootstrap_extensions"}
    listener = bootstrap["static_resources"]["listeners"][0]
    path = listener["address"]["pipe"]["path"]
    assert envoy_gateway["Backend"]["spec"]["endpoints"] == [{"unix": {"path": path}}]


def test_both_containers_are_one_user_who_shares_the_sockets(
    istio: Resources, envoy_gateway: Resources
) -> None:
    pod = istio["Deployment"]["spec"]["template"]["spec"]
    (router,), (envoy,) = pod["initContainers"], pod["containers"]
    assert (router["image"], router["securityContext"]["runAsUser"]) == ("ours:1", 1337)
    assert router["restartPolicy"] == "Always"
    shared = {"name": "dragoman-run", "mountPath": "/sockets"}
    assert shared in router["volumeMounts"]
    assert shared in envoy["volumeMounts"]
    assert "--run-dir=/sockets" in router["args"]

    provider = envoy_gateway["EnvoyProxy"]["spec"]["provider"]
    deployment = provider["kubernetes"]["envoyDeployment"]
    (router,) = deployment["initContainers"]
    assert router["securityContext"]["runAsUser"] == 65532


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_that_is_written_out_is_refused(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "config.yaml").write_text(CONFIG.replace("$OPENAI_API_KEY", "sk-written-out"))
    assert main(["bootstrap", str(tmp_path / "config.yaml"), "--for", kind]) == 1
    said = capsys.readouterr()
    assert "write $NAME, and give the Secret an entry of that name" in said.err
    assert "sk-written-out" not in said.out + said.err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--gateway", "front"], "--gateway means nothing without --for"),
        (["--for", "istio", "--stats-port", "9901"], "--stats-port means nothing with --for"),
        (["--for", "istio", "--listen-address", "::1"], "--listen-address means nothing with"),
    ],
)
def test_options_that_mean_nothing_together(
    options: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "config.yaml").write_text(CONFIG)
    assert main(["bootstrap", str(tmp_path / "config.yaml"), *options]) == 2
    assert message in capsys.readouterr().err


def test_a_file_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "config.yaml").write_text(CONFIG)
    output = tmp_path / "nowhere" / "envoy.yaml"
    assert main(["bootstrap", str(tmp_path / "config.yaml"), "--output", str(output)]) == 1
    assert f"cannot write {output}: No such file or directory." in capsys.readouterr().err
