"""The gateway's pod: the router beside Envoy, and what the two share.

The router is a sidecar container of Kubernetes' own kind, an init container that goes on: it starts
before Envoy and ends after it, so requests in flight find it while the gateway drains.
https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from extproc.bootstrap import Tree
from extproc.run_directory import RunDirectory

__all__ = ["Place", "envoys_env", "envoys_mounts", "router", "volumes"]

_CONFIG_MAP: Final = "dragoman-config"
"""The ConfigMap that has the configuration, as ``config.yaml``."""
_KEYS: Final = "dragoman-keys"
"""The Secret whose entries are the variables that the configuration names."""

_CONFIG: Final = "/etc/dragoman"
_METRICS: Final = 9092


@dataclass(frozen=True, slots=True)
class Place:
    """Where Dragoman is added to.

    ``gateway`` is the Gateway's name, ``workload`` that of the Deployment which runs it, where the
    operator and not a controller made that. ``hosts`` are the names that it is called by; none
    means any. ``image`` is the router's.
    """

    gateway: str
    namespace: str
    workload: str
    hosts: tuple[str, ...]
    image: str


def router(image: str, user: int, directory: RunDirectory) -> Tree:
    """The router's container.

    Args:
        image: its image.
        user: the user of the gateway's Envoy, for both use the same sockets.
        directory: where they meet.
    """
    probe = {"httpGet": {"path": "/healthz", "port": _METRICS}}
    return {
        "name": "dragoman-router",
        "image": image,
        "restartPolicy": "Always",
        "command": ["dragoman"],
        "args": [
            "router",
            f"{_CONFIG}/config.yaml",
            f"--run-dir={directory.path}",
            f"--workers={directory.workers}",
            f"--admin-address=0.0.0.0:{_METRICS}",
        ],
        "envFrom": [{"secretRef": {"name": _KEYS}}],
        "ports": [{"name": "dragoman", "containerPort": _METRICS}],
        "startupProbe": {**probe, "periodSeconds": 1, "failureThreshold": 90},
        "livenessProbe": {
            **probe,
            "periodSeconds": 10,
            "timeoutSeconds": 5,
            "failureThreshold": 6,
        },
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": user,
            "runAsGroup": user,
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "resources": {
            "requests": {"cpu": "500m", "memory": "768Mi"},
            "limits": {"memory": "1536Mi"},
        },
        "volumeMounts": [
            {"name": "dragoman-config", "mountPath": _CONFIG, "readOnly": True},
            *envoys_mounts(directory),
            {"name": "dragoman-tmp", "mountPath": "/tmp"},  # noqa: S108 - in a container
        ],
    }


def volumes() -> list[Tree]:
    """What the pod has for the router."""
    return [
        {"name": "dragoman-config", "configMap": {"name": _CONFIG_MAP}},
        {"name": "dragoman-run", "emptyDir": {"sizeLimit": "64Mi"}},
        {"name": "dragoman-tmp", "emptyDir": {"sizeLimit": "64Mi"}},
    ]


def envoys_mounts(directory: RunDirectory) -> list[Tree]:
    """What Envoy needs of it."""
    return [{"name": "dragoman-run", "mountPath": str(directory.path)}]


def envoys_env(variables: Iterable[str]) -> list[dict[str, Any]]:
    """The variables that Envoy reads, each from the Secret."""
    return [
        {"name": name, "valueFrom": {"secretKeyRef": {"name": _KEYS, "key": name}}}
        for name in variables
    ]
