"""Resources that add Dragoman to a Gateway of Envoy Gateway.

Its Envoys are started with Dragoman's listeners and clusters in their bootstrap, which is merged as
Protobuf messages are: lists grow. A route of the Gateway leads to a Backend, which is the socket of
the ingress listener.
https://gateway.envoyproxy.io/docs/tasks/operations/customize-envoyproxy/
https://gateway.envoyproxy.io/docs/tasks/traffic/backend/
"""

from __future__ import annotations

from typing import Any, Final

from extproc.bootstrap import Tree, to_yaml
from extproc.core.config import Config
from extproc.gateways.addition import addition
from extproc.gateways.pod import Place, envoys_env, envoys_mounts, router, volumes
from extproc.run_directory import RunDirectory

__all__ = ["resources"]

_USER: Final = 65532
"""As whom Envoy Gateway runs Envoy: nonroot of the distroless images."""
_NAME: Final = "dragoman"
_OWN: Final = "gateway.envoyproxy.io"
_STANDARD: Final = "gateway.networking.k8s.io"


def resources(config: Config, place: Place, directory: RunDirectory) -> list[Tree]:
    """The resources, to be applied by ``kubectl apply --server-side``.

    Args:
        config: a valid configuration.
        place: the Gateway.
        directory: where Envoy and the router meet in its pods.

    Raises:
        StartError: that Envoy cannot be given a secret.
    """
    added = addition(config, directory)
    deployment = {
        "initContainers": [router(place.image, _USER, directory)],
        "pod": {"volumes": volumes()},
        "container": {
            "env": envoys_env(added.variables),
            "volumeMounts": envoys_mounts(directory),
        },
    }
    proxy = {
        "bootstrap": {"type": "Merge", "value": to_yaml(added.bootstrap)},
        "provider": {"type": "Kubernetes", "kubernetes": {"envoyDeployment": deployment}},
    }
    parameters = {"group": _OWN, "kind": "EnvoyProxy", "name": _NAME}
    return [
        _resource(place, f"{_OWN}/v1alpha1", "EnvoyProxy", proxy),
        # A part of the Gateway that is there: its listeners stay the operator's.
        _resource(
            place,
            f"{_STANDARD}/v1",
            "Gateway",
            {"infrastructure": {"parametersRef": parameters}},
            place.gateway,
        ),
        _resource(
            place,
            f"{_OWN}/v1alpha1",
            "Backend",
            {"endpoints": [{"unix": {"path": str(added.socket)}}]},
        ),
        _resource(place, f"{_STANDARD}/v1", "HTTPRoute", _route(place)),
    ]


def _route(place: Place) -> Tree:
    """Everything that these hosts are asked. How long an answer may take, Dragoman's own listener
    knows."""
    rule = {
        "matches": [{"path": {"type": "PathPrefix", "value": "/"}}],
        "backendRefs": [{"group": _OWN, "kind": "Backend", "name": _NAME}],
        "timeouts": {"request": "0s"},
    }
    hostnames: dict[str, Any] = {"hostnames": list(place.hosts)} if place.hosts else {}
    return {"parentRefs": [{"name": place.gateway}], **hostnames, "rules": [rule]}


def _resource(place: Place, version: str, kind: str, spec: Tree, name: str = _NAME) -> Tree:
    return {
        "apiVersion": version,
        "kind": kind,
        "metadata": {"name": name, "namespace": place.namespace},
        "spec": spec,
    }
