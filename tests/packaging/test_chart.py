"""charts/dragoman: what it renders is valid, and the plain manifests are it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from extproc import __version__
from extproc.config import parse
from tests.packaging.charts import CHART, render, rendered, renderer
from tests.packaging.tools import ROOT, problems_by_kubernetes, problems_by_schemas, tool

CONFIG = (ROOT / "config" / "quickstart.yaml").read_text()
SHARED = "routing: {session_cache: {type: redis, url: $REDIS_URL}}\n"
GUARDED = CONFIG.replace("\ndragoman:\n", "\ndragoman:\n  admin_token: $ADMIN_TOKEN\n")
MANIFESTS = ROOT / "envoy" / "kubernetes" / "dragoman.yaml"
DEMO = ROOT / "demos" / "model_routing_service"
LINT = """
import helm_python, json, sys
print(json.dumps(helm_python.lint(sys.argv[1], json.loads(sys.argv[2]), strict=True)))
"""
VALUES: dict[str, dict[str, Any]] = {
    "plain": {"config": CONFIG},
    "everything": {
        "config": GUARDED + SHARED,
        "furtherSecrets": ["more-keys"],
        "adminToken": {"secret": "dragoman-admin", "key": "token"},
        "service": {"type": "LoadBalancer", "annotations": {"a": "b"}},
        "image": {"pullSecrets": [{"name": "registry"}]},
        "networkPolicy": {
            "from": [{"namespaceSelector": {"matchLabels": {"team": "apps"}}}],
            "egress": [{"ports": [{"port": 9090}]}],
        },
        "metrics": {
            "serviceMonitor": {
                "enabled": True,
                "labels": {"release": "prometheus"},
            },
            "dashboard": {"enabled": True, "annotations": {"grafana_folder": "LLM"}},
        },
        "redis": {"enabled": True},
        "serviceAccount": {"annotations": {"a": "b"}},
        "extraEnv": [{"name": "SSL_CERT_FILE", "value": "/certificates/all.pem"}],
        "extraVolumes": [{"name": "certificates", "configMap": {"name": "certificates"}}],
        "extraVolumeMounts": [{"name": "certificates", "mountPath": "/certificates"}],
        "podAnnotations": {"a": "b"},
        "podLabels": {"team": "platform"},
        "nodeSelector": {"disk": "fast"},
        "tolerations": [{"key": "a", "operator": "Exists"}],
        "affinity": {"nodeAffinity": {}},
        "priorityClassName": "high",
    },
    "nothing": {
        "existingConfigMap": "mine",
        "autoscaling": {"enabled": False},
        "podDisruptionBudget": {"enabled": False},
        "networkPolicy": {"enabled": False},
        "serviceAccount": {"create": False},
    },
}


@pytest.mark.parametrize("values", VALUES.values(), ids=VALUES)
def test_what_it_renders_is_valid(values: dict[str, Any], tmp_path: Path) -> None:
    manifests = rendered(values, tmp_path)
    theirs = [each for each in manifests if "monitoring.coreos.com" in each["apiVersion"]]
    assert len(theirs) == (values is VALUES["everything"])
    assert not problems_by_schemas(theirs)
    kubernetes = [each for each in manifests if each not in theirs]
    assert not problems_by_kubernetes(kubernetes, tmp_path)


def test_the_schemas_notice_what_is_wrong(tmp_path: Path) -> None:
    manifests = rendered(VALUES["everything"], tmp_path)
    deployment = next(each for each in manifests if each["kind"] == "Deployment")
    deployment["spec"]["template"]["spec"]["containers"][0]["readOnly"] = True
    assert "readOnly" in problems_by_kubernetes([deployment], tmp_path)
    (monitor,) = (each for each in manifests if each["kind"] == "ServiceMonitor")
    monitor["spec"]["endpoints"][0]["port"] = 9092
    assert "port must be string" in problems_by_schemas([monitor])


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "there is no configuration: --set-file config=config.yaml"),
        ({"config": CONFIG, "replica": 3}, "replica"),
        ({"config": CONFIG, "image": {"envoy": "envoyproxy/envoy:distroless-v1.40"}}, "envoy"),
        ({"config": CONFIG.replace("12000", "8000")}, "has port 8000: set listenerPort"),
        ({"config": CONFIG, "redis": {"enabled": True}}, "the configuration does not use it"),
        (
            {"config": CONFIG, "adminToken": {"secret": "a"}},
            "adminToken names a Secret, but",
        ),
    ],
)
def test_what_it_refuses(values: dict[str, Any], message: str, tmp_path: Path) -> None:
    done = render(values, tmp_path)
    assert done.returncode == 1
    assert message in done.stderr


def test_a_configuration_may_name_variables_in_braces(tmp_path: Path) -> None:
    braced = GUARDED.replace("$ADMIN_TOKEN", "${ADMIN_TOKEN}")
    counted = "{type: redis, url: '${REDIS_URL}'}"
    values = {
        "config": braced.replace("\ndragoman:\n", f"\ndragoman:\n  counters: {counted}\n"),
        "adminToken": {"secret": "a"},
        "redis": {"enabled": True},
    }
    of_kind(rendered(values, tmp_path), "ConfigMap", "dragoman-config")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    command = renderer(tmp_path / "values.yaml")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == f"[Errno 2] No such file or directory: '{tmp_path / 'values.yaml'}'\n"


def test_helm_has_nothing_to_say_against_it() -> None:
    arguments = [str(CHART), json.dumps({"config": CONFIG})]
    said = subprocess.check_output([tool("python"), "-c", LINT, *arguments], text=True)
    report = json.loads(said)
    assert report["errors"] == []
    assert [each for each in report["messages"] if each["severity"] > 1] == []


@pytest.mark.parametrize(
    ("manifests", "values", "config"),
    [
        (MANIFESTS, MANIFESTS.parent / "values.yaml", ROOT / "config" / "quickstart.yaml"),
        (DEMO / "dragoman-deployment.yaml", DEMO / "values.yaml", None),
    ],
    ids=["envoy/kubernetes", "demos"],
)
def test_the_plain_manifests_are_in_step(
    manifests: Path, values: Path, config: Path | None
) -> None:
    command = renderer(values, config) if config else renderer(values)
    assert manifests.read_text() == subprocess.check_output(command, text=True), "make manifests"


def test_its_version_is_that_of_the_package() -> None:
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    assert chart["version"] == chart["appVersion"] == __version__
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    assert values["image"]["router"] == f"dragoman-router:{__version__}"


def test_every_container_gets_what_is_added(tmp_path: Path) -> None:
    manifests = rendered(VALUES["everything"], tmp_path)
    deployments = [each for each in manifests if each["kind"] == "Deployment"]
    ours = min(deployments, key=lambda each: str(each["metadata"]["name"]))
    pod = ours["spec"]["template"]["spec"]
    assert "certificates" in {each["name"] for each in pod["volumes"]}
    for container in (*pod["initContainers"], *pod["containers"]):
        assert "SSL_CERT_FILE" in {each["name"] for each in container["env"]}
        assert "/certificates" in {each["mountPath"] for each in container["volumeMounts"]}


def of_kind(manifests: list[dict[str, Any]], kind: str, name: str) -> dict[str, Any]:
    (found,) = (
        each for each in manifests if (each["kind"], each["metadata"]["name"]) == (kind, name)
    )
    return found


def test_the_admin_ports_token_comes_from_a_secret(tmp_path: Path) -> None:
    """For whoever reads the configuration, and for the scrape; Envoy has nothing to do with it."""
    manifests = rendered(VALUES["everything"], tmp_path)
    where = {"name": "dragoman-admin", "key": "token"}
    pod = of_kind(manifests, "Deployment", "dragoman")["spec"]["template"]["spec"]
    envoy, router = pod["containers"]
    wanted = {"name": "ADMIN_TOKEN", "valueFrom": {"secretKeyRef": where}}
    for container in (*pod["initContainers"], router):
        assert wanted in container["env"]
    assert "ADMIN_TOKEN" not in {each["name"] for each in envoy["env"]}
    admin, _ = of_kind(manifests, "ServiceMonitor", "dragoman")["spec"]["endpoints"]
    assert admin["authorization"] == {"credentials": where}


def test_a_scrape_may_be_authorized_otherwise(tmp_path: Path) -> None:
    other = {"credentials": {"name": "of-the-scrape", "key": "token"}}
    values = VALUES["everything"] | {
        "metrics": {"serviceMonitor": {"enabled": True, "authorization": other}}
    }
    monitor = of_kind(rendered(values, tmp_path), "ServiceMonitor", "dragoman")
    assert monitor["spec"]["endpoints"][0]["authorization"] == other


def test_grafana_finds_the_dashboard(tmp_path: Path) -> None:
    found = of_kind(rendered(VALUES["everything"], tmp_path), "ConfigMap", "dragoman-dashboard")
    assert found["metadata"]["labels"]["grafana_dashboard"] == "1"
    assert found["metadata"]["annotations"] == {"grafana_folder": "LLM"}
    dashboard = (ROOT / "dashboards" / "dragoman.json").read_text()
    assert json.loads(found["data"]["dragoman.json"]) == json.loads(dashboard)


def test_pods_share_sessions_through_the_redis_that_it_starts(tmp_path: Path) -> None:
    manifests = rendered(VALUES["everything"], tmp_path)
    config = of_kind(manifests, "ConfigMap", "dragoman-config")
    deployments = [each for each in manifests if each["kind"] == "Deployment"]
    ours, redis = sorted(deployments, key=lambda each: str(each["metadata"]["name"]))
    pod = ours["spec"]["template"]["spec"]
    for container in (*pod["initContainers"], pod["containers"][1]):
        (url,) = (each["value"] for each in container["env"] if each["name"] == "REDIS_URL")
        assert url == f"redis://{redis['metadata']['name']}:6379/0"
    keys = {"OPENAI_API_KEY": "a", "ANTHROPIC_API_KEY": "b", "REDIS_URL": url, "ADMIN_TOKEN": "c"}
    loaded = parse(config["data"]["config.yaml"], keys)
    assert loaded.secrets.values[loaded.config.sessions.redis_variable or ""] == url
