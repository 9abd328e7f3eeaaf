"""From a configuration to the Envoy bootstrap that runs it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import orjson
import yaml

from extproc.bootstrap import clusters, tunnels
from extproc.bootstrap.access_logs import OBSERVER_CLUSTER
from extproc.bootstrap.attempt_listener import attempt_listener
from extproc.bootstrap.ingress_listener import ingress_listener
from extproc.bootstrap.model_clusters import credential_secrets, model_cluster
from extproc.bootstrap.overload import overload_manager
from extproc.bootstrap.passed_on import forwarded_anywhere
from extproc.bootstrap.processors import ROUTER_CLUSTER
from extproc.bootstrap.stats import stats_cluster, stats_listener
from extproc.bootstrap.tree import Tree, tree
from extproc.bootstrap.typed import extension
from extproc.contract import ATTEMPTS_CLUSTER, SHADOWS_CLUSTER
from extproc.core.config import Config
from extproc.core.resources import UNMEASURED, Resources
from extproc.envoy_api.messages import (
    Address,
    Admin,
    Bootstrap,
    BootstrapStaticResources,
    InternalListener,
    LayeredRuntime,
    Node,
    Pipe,
    RuntimeLayer,
)
from extproc.run_directory import RunDirectory

__all__ = [
    "Surroundings",
    "Tree",
    "render",
    "to_json",
    "to_yaml",
    "tree",
]

_LARGEST_EXPRESSION = 1_000_000
"""What the headers are that a provider is not sent takes some 3,000 steps to say, and Envoy allows
100 unless told otherwise. That bound is for expressions from afar; ours are all our own."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where Envoy finds what is not in the configuration: paths as Envoy sees them.

    ``access_log`` is a file for one line of JSON per request and per attempt; None means Envoy's
    standard output. On ``stats_port``, if not None, Envoy serves its statistics to Prometheus.
    ``resources`` are what it may use. Clients connect at ``ingress_socket`` instead of the
    configured address where another listener of the same Envoy leads there.
    """

    directory: RunDirectory
    access_log: str | None = None
    tls_ca_path: str = "/etc/ssl/certs/ca-certificates.crt"
    stats_port: int | None = None
    resources: Resources = UNMEASURED
    ingress_socket: Path | None = None


def render(config: Config, surroundings: Surroundings) -> Tree:
    """Build the bootstrap that ``dragoman up`` runs and ``dragoman bootstrap`` prints.

    It holds no secret: credentials are named by environment variable, and Envoy reads them.

    Args:
        config: a valid configuration.
        surroundings: sockets and files outside of it.
    """
    admin_socket = str(surroundings.directory.admin_socket)
    ca_path = config.tls_ca_path or surroundings.tls_ca_path
    forwarded = forwarded_anywhere(config.models)
    listening = [
        ingress_listener(
            config, surroundings.access_log, ATTEMPTS_CLUSTER, surroundings.ingress_socket
        ),
        attempt_listener(config, surroundings.access_log),
        *tunnels.tunnels(config.models, surroundings.access_log),
    ]
    leading_on = [
        clusters.attempts_cluster(ATTEMPTS_CLUSTER, config),
        clusters.router_cluster(ROUTER_CLUSTER, surroundings.directory.worker_sockets),
        *([clusters.shadows_cluster(SHADOWS_CLUSTER, config)] if config.shadows else []),
        clusters.observer_cluster(OBSERVER_CLUSTER, surroundings.directory.observer_socket),
        *tunnels.proxy_clusters(config.models, config.limits, ca_path),
        *(model_cluster(model, config.limits, ca_path, forwarded) for model in config.models),
    ]
    if surroundings.stats_port is not None:
        listening.append(stats_listener(surroundings.stats_port))
        leading_on.append(stats_cluster(admin_socket))
    return tree(
        Bootstrap(
            node=Node(id="dragoman", cluster="dragoman"),
            admin=Admin(
                address=Address(pipe=Pipe(path=admin_socket, mode=0o600)),
                # Else it would answer nobody where there are many clients, and be thought to hang.
                ignore_global_conn_limit=True,
            ),
            static_resources=BootstrapStaticResources(
                listeners=listening,
                clusters=leading_on,
                secrets=credential_secrets(config.models),
            ),
            overload_manager=overload_manager(surroundings.resources),
            layered_runtime=LayeredRuntime(layers=[_runtime()]),
            bootstrap_extensions=[
                extension("envoy.bootstrap.internal_listener", InternalListener())
            ],
        )
    )


def _runtime() -> RuntimeLayer:
    """Envoy's flags that we set."""
    return RuntimeLayer(
        name="dragoman",
        static_layer={"re2.max_program_size.error_level": _LARGEST_EXPRESSION},
    )


def to_yaml(rendered: Tree) -> str:
    """The bootstrap for people: Envoy reads it too."""
    return yaml.dump(
        rendered, Dumper=yaml.CSafeDumper, sort_keys=False, width=100, allow_unicode=True
    )


def to_json(rendered: Tree) -> bytes:
    """The bootstrap for Envoy alone, which reads JSON sooner than YAML."""
    return orjson.dumps(rendered)
