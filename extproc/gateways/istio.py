"""Resources that add Dragoman to an ingress gateway of Istio.

An EnvoyFilter adds its listeners and clusters to those that Istio sends the gateway; a ServiceEntry
is the socket of the ingress listener, to which a VirtualService leads. Istio's bootstrap has what
they need besides: listeners inside Envoy, and room for long regular expressions.
https://istio.io/latest/docs/reference/config/networking/envoy-filter/
"""

from __future__ import annotations

from typing import Any, Final

from extproc.bootstrap import Tree, to_yaml
from extproc.core.config import Config
from extproc.gateways.addition import Addition, addition
from extproc.gateways.pod import Place, envoys_env, envoys_mounts, router, volumes
from extproc.run_directory import RunDirectory

__all__ = ["resources"]

_USER: Final = 1337
"""As whom Istio runs Envoy."""
_ENVOY: Final = "istio-proxy"
_NAME: Final = "dragoman"
_HOST: Final = "dragoman.internal"
_PORT: Final = 80
_NETWORKING: Final = "networking.istio.io"
_SECRETS: Final = "dragoman-envoy-secrets"
_SECRETS_PLACE: Final = "/etc/dragoman-envoy"


def resources(config: Config, place: Place, directory: RunDirectory) -> list[Tree]:
    """The resources, to be applied by ``kubectl apply --server-side``.

    Args:
        config: a valid configuration.
        place: the Gateway, and the Deployment that runs it.
        directory: where Envoy and the router meet in its pods.

    Raises:
        StartError: that Envoy cannot be given a secret.
    """
    added = addition(config, directory)
    labels = {"app": place.workload}
    patches = [
        *(_patch("LISTENER", listener) for listener in added.listeners),
        *(_patch("CLUSTER", _with_secrets_from_files(cluster)) for cluster in added.clusters),
    ]
    return [
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": _SECRETS, "namespace": place.namespace},
            "data": _secret_files(added),
        },
        _deployment(place, added, directory),
        _resource(
            place,
            "v1alpha3",
            "EnvoyFilter",
            {"workloadSelector": {"labels": labels}, "configPatches": patches},
        ),
        _resource(place, "v1", "ServiceEntry", _entry(added)),
        _resource(place, "v1", "VirtualService", _route(place)),
    ]


def _patch(kind: str, value: Tree) -> Tree:
    return {
        "applyTo": kind,
        "match": {"context": "GATEWAY"},
        "patch": {"operation": "ADD", "value": value},
    }


def _secret_files(added: Addition) -> dict[str, str]:
    """What the clusters' credentials are, for Envoy to read from files: Istio's Envoys cannot be
    given static secrets. Each file names a variable, and holds no secret itself."""
    kind = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret"
    secrets = added.bootstrap["static_resources"].get("secrets", ())
    return {
        _file(secret["name"]): to_yaml({"resources": [{"@type": kind, **secret}]})
        for secret in secrets
    }


def _file(secret: str) -> str:
    return f"{secret}.yaml"


def _with_secrets_from_files(cluster: Tree) -> Tree:
    """The cluster, whose credentials say where they are found."""
    found: Tree = _located(cluster)
    return found


def _located(value: Any) -> Any:
    if isinstance(value, dict):
        located = {key: _located(inner) for key, inner in value.items()}
        credential = located.get("credential")
        if isinstance(credential, dict) and set(credential) == {"name"}:
            path = f"{_SECRETS_PLACE}/{_file(credential['name'])}"
            source = {"path_config_source": {"path": path}, "resource_api_version": "V3"}
            located["credential"] = {**credential, "sds_config": source}
        return located
    if isinstance(value, list):
        return [_located(inner) for inner in value]
    return value


def _deployment(place: Place, added: Addition, directory: RunDirectory) -> Tree:
    """A part of the Deployment that is there: the rest stays the operator's."""
    mounts = [*envoys_mounts(directory), {"name": _SECRETS, "mountPath": _SECRETS_PLACE}]
    envoy = {"name": _ENVOY, "env": envoys_env(added.variables), "volumeMounts": mounts}
    pod = {
        "initContainers": [router(place.image, _USER, directory)],
        "containers": [envoy],
        "volumes": [*volumes(), {"name": _SECRETS, "configMap": {"name": _SECRETS}}],
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": place.workload, "namespace": place.namespace},
        "spec": {"template": {"spec": pod}},
    }


def _entry(added: Addition) -> Tree:
    return {
        "hosts": [_HOST],
        "exportTo": ["."],
        "location": "MESH_EXTERNAL",
        "ports": [{"number": _PORT, "name": "http", "protocol": "HTTP"}],
        "resolution": "STATIC",
        "endpoints": [{"address": f"unix://{added.socket}"}],
    }


def _route(place: Place) -> Tree:
    """Everything that these hosts are asked. What is tried again, and how long an answer may take,
    Dragoman's own listeners know."""
    destination = {"host": _HOST, "port": {"number": _PORT}}
    return {
        "hosts": list(place.hosts) or ["*"],
        "gateways": [place.gateway],
        "http": [
            {
                "route": [{"destination": destination}],
                "timeout": "0s",
                "retries": {"attempts": 0},
            }
        ],
    }


def _resource(place: Place, version: str, kind: str, spec: Tree) -> Tree:
    return {
        "apiVersion": f"{_NETWORKING}/{version}",
        "kind": kind,
        "metadata": {"name": _NAME, "namespace": place.namespace},
        "spec": spec,
    }
