"""What every cluster has, and those that lead inwards: to attempts, workers and the observer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from extproc.bootstrap.header_limits import ROOM_FOR_ANSWERS
from extproc.bootstrap.last_errors import error_kept
from extproc.bootstrap.typed import (
    any_of,
    http_filter,
    seconds,
)
from extproc.core.config import Config
from extproc.envoy_api.messages import (
    Address,
    CircuitBreakers,
    CircuitBreakersThresholds,
    Cluster,
    ClusterDiscoveryType,
    ClusterLbPolicy,
    ClusterLoadAssignment,
    Endpoint,
    EnvoyInternalAddress,
    ExplicitHttpConfig,
    HealthCheck,
    HealthCheckGrpcHealthCheck,
    Http1ProtocolOptions,
    Http2ProtocolOptions,
    HttpFilter,
    InternalUpstreamTransport,
    KeepaliveSettings,
    LbEndpoint,
    LocalityLbEndpoints,
    Packed,
    Pipe,
    RawBuffer,
    TransportSocket,
    UpstreamCodec,
    UpstreamHttpProtocolOptions,
)

__all__ = [
    "ATTEMPT_LISTENER",
    "UNBOUNDED",
    "attempts_cluster",
    "endpoints",
    "http_options",
    "observer_cluster",
    "router_cluster",
    "shadows_cluster",
]

ATTEMPT_LISTENER = "attempt"

UNBOUNDED = CircuitBreakers(
    thresholds=[
        CircuitBreakersThresholds(
            max_connections=1_000_000,
            max_pending_requests=1_000_000,
            max_requests=1_000_000,
            max_retries=1_000_000,
        )
    ]
)
"""Envoy's defaults (1,024 requests and 3 concurrent retries per cluster) would refuse the very
failovers that this sidecar is for: https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/config/cluster/v3/circuit_breaker.proto"""


def endpoints(name: str, *addresses: Address, hostname: str = "") -> ClusterLoadAssignment:
    """A cluster's endpoints; ``hostname`` is their ``Host``, for routes that rewrite it."""
    members = [
        LbEndpoint(endpoint=Endpoint(address=address, hostname=hostname)) for address in addresses
    ]
    return ClusterLoadAssignment(
        cluster_name=name, endpoints=[LocalityLbEndpoints(lb_endpoints=members)]
    )


def http_options(options: UpstreamHttpProtocolOptions) -> dict[str, Packed]:
    """A cluster's HTTP settings, under the name that Envoy looks for."""
    return {"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": any_of(options)}


def attempts_cluster(name: str, config: Config) -> Cluster:
    """From ingress to the attempt listener, inside the same Envoy.

    Args:
        name: the cluster's.
        config: for how long connecting may take, and whether attempts may race.
    """
    return _to_attempts(
        name, config, [error_kept(hedging=config.hedges, limited=bool(config.rate_limits))]
    )


def shadows_cluster(name: str, config: Config) -> Cluster:
    """The same way for copies of requests, of whose errors nobody wants to know.

    Args:
        name: the cluster's.
        config: for how long connecting may take.
    """
    return _to_attempts(name, config, [])


def _to_attempts(name: str, config: Config, filters: Sequence[HttpFilter]) -> Cluster:
    transport = InternalUpstreamTransport(
        transport_socket=TransportSocket(
            name="envoy.transport_sockets.raw_buffer", typed_config=any_of(RawBuffer())
        )
    )
    options = UpstreamHttpProtocolOptions(
        common_http_protocol_options=ROOM_FOR_ANSWERS,
        explicit_http_config=ExplicitHttpConfig(http_protocol_options=Http1ProtocolOptions()),
        http_filters=[
            *filters,
            http_filter("envoy.filters.http.upstream_codec", UpstreamCodec()),
        ],
    )
    address = Address(
        envoy_internal_address=EnvoyInternalAddress(server_listener_name=ATTEMPT_LISTENER)
    )
    return Cluster(
        name=name,
        type=ClusterDiscoveryType.STATIC,
        connect_timeout=seconds(config.limits.connect_timeout),
        circuit_breakers=UNBOUNDED,
        load_assignment=endpoints(name, address),
        transport_socket=TransportSocket(
            name="envoy.transport_sockets.internal_upstream", typed_config=any_of(transport)
        ),
        typed_extension_protocol_options=http_options(options),
    )


def _python_cluster(name: str, sockets: Iterable[Path]) -> Cluster:
    """Python processes on their Unix sockets.

    A process that hangs is noticed by HTTP/2 pings: an unanswered one ends every stream on the
    connection after two seconds.
    """
    options = UpstreamHttpProtocolOptions(
        explicit_http_config=ExplicitHttpConfig(
            http2_protocol_options=Http2ProtocolOptions(
                connection_keepalive=KeepaliveSettings(interval=seconds(1), timeout=seconds(1))
            )
        )
    )
    addresses = (Address(pipe=Pipe(path=str(socket))) for socket in sockets)
    return Cluster(
        name=name,
        type=ClusterDiscoveryType.STATIC,
        connect_timeout=seconds(1),
        circuit_breakers=UNBOUNDED,
        load_assignment=endpoints(name, *addresses),
        typed_extension_protocol_options=http_options(options),
    )


def router_cluster(name: str, sockets: Sequence[Path]) -> Cluster:
    """The workers that decide, each consulted when it has the fewest requests.

    No timeout applies to a FULL_DUPLEX_STREAMED exchange: only pings and health checks tell that a
    worker does not answer.
    """
    cluster = _python_cluster(name, sockets)
    cluster.lb_policy = ClusterLbPolicy.LEAST_REQUEST
    cluster.health_checks = [
        HealthCheck(
            timeout=seconds(1),
            interval=seconds(1),
            no_traffic_interval=seconds(1),
            unhealthy_interval=seconds(0.25),
            unhealthy_threshold=2,
            healthy_threshold=1,
            grpc_health_check=HealthCheckGrpcHealthCheck(),
        )
    ]
    return cluster


def observer_cluster(name: str, socket: Path) -> Cluster:
    """The process that takes the access log."""
    return _python_cluster(name, [socket])
