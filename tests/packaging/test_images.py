"""Compose files by Docker's own compose, and what every container in them is denied."""

from __future__ import annotations

import fnmatch
import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.packaging.tools import ROOT, problems_by_kubernetes, tool

DEMO = ROOT / "demos" / "model_routing_service"
COMPOSE_FILES = (ROOT / "docker-compose.yaml", DEMO / "docker-compose.yaml")
DOCKERFILE = ROOT / "envoy" / "Dockerfile"
DIGEST = re.compile(r".+@sha256:[0-9a-f]{64}")
WITHOUT_DIGEST = {"dragoman-router", "envoyproxy/envoy:v1.40-latest"}
"""What is built here, and what is to get the corrections of its line."""


def services(file: Path) -> dict[str, dict[str, Any]]:
    """The services of a compose file with all profiles, as Docker understands them."""
    command = [tool("docker-compose"), "--file", str(file), "--profile", "*"]
    command += ["config", "--format=json"]
    environment = os.environ | {"OPENAI_API_KEY": "key-1", "ANTHROPIC_API_KEY": "key-2"}
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert not said.stderr
    loaded: dict[str, dict[str, Any]] = json.loads(said.stdout)["services"]
    return loaded


@pytest.mark.parametrize("file", COMPOSE_FILES, ids=["docker-compose.yaml", "demo"])
def test_containers_have_no_rights_and_write_to_their_mounts_alone(file: Path) -> None:
    for name, service in services(file).items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service.get("user") != "root", name
        for mount in service.get("volumes", ()):
            assert mount["type"] == "volume" or mount["read_only"], (name, mount)
            assert mount["type"] == "volume" or Path(mount["source"]).exists(), mount
        for port in service.get("ports", ()):
            assert port["host_ip"] == "127.0.0.1", (name, port)


@pytest.mark.parametrize("file", COMPOSE_FILES, ids=["docker-compose.yaml", "demo"])
def test_images_are_pinned(file: Path) -> None:
    images = {service["image"] for service in services(file).values()}
    assert {each for each in images if not DIGEST.fullmatch(each)} <= WITHOUT_DIGEST


def test_prometheus_scrapes_the_demonstrations_exporter() -> None:
    (job,) = yaml.safe_load((DEMO / "prometheus.yaml").read_text())["scrape_configs"]
    ((target,),) = (each["targets"] for each in job["static_configs"])
    name, _, port = target.partition(":")
    exporter = services(DEMO / "docker-compose.yaml")[name]
    assert int(port) in {each["target"] for each in exporter["ports"]}
    (mount,) = exporter["volumes"]
    assert exporter["command"][-1] == mount["target"]


def test_the_routers_image() -> None:
    """As far as it can be told without an engine."""
    lines = DOCKERFILE.read_text().replace("\\\n", " ").splitlines()
    steps = [line.split(maxsplit=1) for line in lines if line and not line.startswith("#")]
    arguments = dict(step[1].split("=", 1) for step in steps if step[0] == "ARG")
    bases = [step[1].split()[0] for step in steps if step[0] == "FROM"]
    assert len(bases) == 2
    assert all(DIGEST.fullmatch(arguments[base.strip("${}")]) for base in bases)
    last = [step[0] for step in steps].index("FROM", 2)
    assert ["USER", "101:101"] in steps[last:]
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    let_in = [line.removeprefix("!") for line in ignored if line.startswith("!")]
    copied = [
        step[1].split()[:-1] for step in steps if step[0] == "COPY" and "--from" not in step[1]
    ]
    for name in (name for names in copied for name in names):
        assert (ROOT / name).exists()
        assert any(fnmatch.fnmatch(name, pattern) for pattern in let_in), name


def test_the_linter_has_nothing_to_say_against_the_dockerfile() -> None:
    linting = [tool("hadolint"), "--failure-threshold=style", str(DOCKERFILE)]
    linted = subprocess.run(linting, capture_output=True, text=True, check=False)
    assert linted.returncode == 0, linted.stdout


def test_the_demonstrations_manifests(tmp_path: Path) -> None:
    for name in ("vllm-deployment.yaml", "dragoman-deployment.yaml"):
        resources = list(yaml.safe_load_all((DEMO / name).read_text()))
        assert not problems_by_kubernetes(resources, tmp_path), name
        for resource in resources:
            if resource["kind"] == "Deployment":
                pod = resource["spec"]["template"]["spec"]
                assert pod["securityContext"]["runAsNonRoot"]
                for container in (*pod["initContainers"], *pod["containers"]):
                    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
