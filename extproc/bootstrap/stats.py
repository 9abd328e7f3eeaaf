"""Envoy's statistics for Prometheus, without the rest of Envoy's admin interface.

The admin interface can end Envoy and has no authentication, so it stays on its Unix socket; this
listener lets two of its paths through.
"""

from __future__ import annotations

from extproc.bootstrap.clusters import endpoints
from extproc.bootstrap.typed import http_connections, http_filter, matches, seconds
from extproc.envoy_api.messages import (
    Address,
    Cluster,
    ClusterDiscoveryType,
    HttpConnectionManager,
    Listener,
    Pipe,
    Route,
    RouteAction,
    RouteConfiguration,
    RouteMatch,
    Router,
    SocketAddress,
    VirtualHost,
)

__all__ = ["stats_cluster", "stats_listener"]

_CLUSTER = "dragoman-admin"
_PATHS = ("/stats/prometheus", "/ready")


def stats_cluster(admin_socket: str) -> Cluster:
    """From the statistics listener to Envoy's own admin socket."""
    return Cluster(
        name=_CLUSTER,
        type=ClusterDiscoveryType.STATIC,
        connect_timeout=seconds(1),
        load_assignment=endpoints(_CLUSTER, Address(pipe=Pipe(path=admin_socket))),
    )


def stats_listener(port: int) -> Listener:
    """``GET /stats/prometheus`` and ``GET /ready`` on all addresses."""
    host = VirtualHost(
        name="stats",
        domains=["*"],
        routes=[
            Route(
                match=RouteMatch(path=path, headers=matches({":method": "GET"})),
                route=RouteAction(cluster=_CLUSTER),
            )
            for path in _PATHS
        ],
    )
    manager = HttpConnectionManager(
        stat_prefix="stats",
        http_filters=[http_filter("envoy.filters.http.router", Router())],
        route_config=RouteConfiguration(name="stats", virtual_hosts=[host]),
    )
    return Listener(
        name="stats",
        address=Address(
            socket_address=SocketAddress(address="0.0.0.0", port_value=port)  # noqa: S104 - for a Prometheus elsewhere
        ),
        filter_chains=[http_connections(manager)],
        ignore_global_conn_limit=True,
        bypass_overload_manager=True,
    )
