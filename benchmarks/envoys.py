"""Two Envoys without Dragoman: the upstream of every set-up, and the proxy that only forwards."""

from __future__ import annotations

from benchmarks.workload import ANSWERS
from extproc.bootstrap.typed import any_of, http_filter, set_headers
from extproc.envoy_api.messages import (
    Address,
    Admin,
    Bootstrap,
    BootstrapStaticResources,
    Buffer,
    Cluster,
    ClusterDiscoveryType,
    ClusterLoadAssignment,
    DataSource,
    DirectResponseAction,
    Endpoint,
    Filter,
    FilterChain,
    HttpConnectionManager,
    HttpFilter,
    LbEndpoint,
    Listener,
    LocalityLbEndpoints,
    Pipe,
    RetryPolicy,
    Route,
    RouteAction,
    RouteConfiguration,
    RouteMatch,
    Router,
    SocketAddress,
    VirtualHost,
)

__all__ = ["forwarder", "upstream"]

_UPSTREAM = "upstream"
_LARGEST_BODY = 64 * 1024 * 1024
_LARGEST_ANSWER = max(len(reply.body) for reply in ANSWERS.values())


def _address(port: int) -> Address:
    return Address(socket_address=SocketAddress(address="127.0.0.1", port_value=port))


def _bootstrap(
    port: int,
    admin_socket: str,
    routes: list[Route],
    filters: list[HttpFilter],
    *clusters: Cluster,
) -> Bootstrap:
    """One listener that takes every request."""
    manager = HttpConnectionManager(
        stat_prefix="ingress",
        http_filters=[*filters, http_filter("envoy.filters.http.router", Router())],
        route_config=RouteConfiguration(
            max_direct_response_body_size_bytes=_LARGEST_ANSWER,
            virtual_hosts=[VirtualHost(name="all", domains=["*"], routes=routes)],
        ),
    )
    connection_manager = Filter(
        name="envoy.filters.network.http_connection_manager", typed_config=any_of(manager)
    )
    listener = Listener(
        name="ingress",
        address=_address(port),
        filter_chains=[FilterChain(filters=[connection_manager])],
        per_connection_buffer_limit_bytes=_LARGEST_BODY,
    )
    return Bootstrap(
        admin=Admin(address=Address(pipe=Pipe(path=admin_socket, mode=0o600))),
        static_resources=BootstrapStaticResources(listeners=[listener], clusters=list(clusters)),
    )


def upstream(port: int, admin_socket: str) -> Bootstrap:
    """Answers every request to one path with the same reply, once it has been received whole."""
    routes = [
        Route(
            match=RouteMatch(prefix=path or "/"),
            direct_response=DirectResponseAction(
                status=reply.status, body=DataSource(inline_string=reply.body.decode())
            ),
            response_headers_to_add=set_headers([("content-type", reply.content_type)]),
        )
        for path, reply in ANSWERS.items()
    ]
    # Without it the answer would overtake the request's body, and cost the connection.
    whole = http_filter("envoy.filters.http.buffer", Buffer(max_request_bytes=_LARGEST_BODY))
    return _bootstrap(port, admin_socket, routes, [whole])


def forwarder(
    port: int, admin_socket: str, upstream_port: int, retry_on: str | None = None
) -> Bootstrap:
    """Sends every request straight to the upstream: what Envoy costs by itself.

    Args:
        port: where it listens.
        admin_socket: path of its admin interface.
        upstream_port: where the upstream listens.
        retry_on: what it sends once more, in Envoy's words; None is nothing.
    """
    endpoint = LbEndpoint(endpoint=Endpoint(address=_address(upstream_port)))
    cluster = Cluster(
        name=_UPSTREAM,
        type=ClusterDiscoveryType.STATIC,
        load_assignment=ClusterLoadAssignment(
            cluster_name=_UPSTREAM, endpoints=[LocalityLbEndpoints(lb_endpoints=[endpoint])]
        ),
    )
    policy = RetryPolicy(retry_on=retry_on) if retry_on else None
    action = RouteAction(cluster=_UPSTREAM, retry_policy=policy)
    route = Route(match=RouteMatch(prefix="/"), route=action)
    return _bootstrap(port, admin_socket, [route], [], cluster)
