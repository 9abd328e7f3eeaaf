"""Tunnels to providers that are behind a proxy.

A tunnel is a listener inside this Envoy, whose connections are passed on through the proxy by
CONNECT; the provider's cluster connects there instead of to its host, and speaks TLS with the
provider through it. Envoy has a transport socket for the same purpose (``http_11_proxy``), but that
wants the proxy's IP address, and it can neither speak TLS with a proxy nor tell it who we are.
https://www.envoyproxy.io/docs/envoy/v1.40.0/intro/arch_overview/http/upgrades#tunneling-tcp-over-http
"""

from __future__ import annotations

from collections.abc import Iterable

from extproc.bootstrap.clusters import UNBOUNDED, endpoints, http_options
from extproc.bootstrap.hosts import host_cluster, tls
from extproc.bootstrap.log_lines import failed_tunnels
from extproc.bootstrap.typed import any_of, seconds, set_headers
from extproc.core.config import Limits
from extproc.core.models import Endpoint, Model, Proxy
from extproc.envoy_api.messages import (
    Address,
    Cluster,
    ClusterDiscoveryType,
    EnvoyInternalAddress,
    ExplicitHttpConfig,
    Filter,
    FilterChain,
    HeaderValueOption,
    Http1ProtocolOptions,
    Listener,
    ListenerInternalListenerConfig,
    TcpProxy,
    TcpProxyTunnelingConfig,
    UpstreamHttpProtocolOptions,
)

__all__ = ["proxy_clusters", "tunnel_cluster", "tunnel_name", "tunnels"]


def tunnel_name(endpoint: Endpoint, proxy: Proxy) -> str:
    """What the tunnel to a provider is called. Different credentials have different tunnels."""
    known_as = f" as {proxy.authorization}" if proxy.authorization else ""
    return f"{endpoint.address} through {_name(proxy)}{known_as}"


def tunnel_cluster(name: str, tunnel: str, limits: Limits, hostname: str) -> Cluster:
    """A cluster that connects to a tunnel.

    Args:
        name: the cluster's.
        tunnel: the tunnel's, see :func:`tunnel_name`.
        limits: for the connect timeout, within which the tunnel must be there.
        hostname: what the host at its end is called in ``Host``, for routes that rewrite that.
    """
    address = Address(envoy_internal_address=EnvoyInternalAddress(server_listener_name=tunnel))
    return Cluster(
        name=name,
        type=ClusterDiscoveryType.STATIC,
        connect_timeout=seconds(limits.connect_timeout),
        circuit_breakers=UNBOUNDED,
        load_assignment=endpoints(name, address, hostname=hostname),
    )


def tunnels(models: Iterable[Model], access_log: str | None) -> list[Listener]:
    """The listeners, one for each provider behind a proxy.

    Args:
        models: those that are declared.
        access_log: path of the file that gets a line of JSON for each tunnel that failed, or None
            for standard output.
    """
    found = {
        tunnel_name(model.endpoint, model.proxy): (model.endpoint, model.proxy)
        for model in models
        if model.proxy
    }
    return [
        _listener(name, endpoint, proxy, access_log) for name, (endpoint, proxy) in found.items()
    ]


def proxy_clusters(models: Iterable[Model], limits: Limits, ca_path: str) -> list[Cluster]:
    """The clusters of the proxies, each once.

    Args:
        models: those that are declared.
        limits: for the connect timeout.
        ca_path: PEM file of the authorities to trust, read by Envoy.
    """
    found = {_name(model.proxy): model.proxy for model in models if model.proxy}
    return [_cluster(name, proxy, limits, ca_path) for name, proxy in found.items()]


def _name(proxy: Proxy) -> str:
    return f"proxy {proxy.scheme}://{proxy.address}"


def _listener(name: str, endpoint: Endpoint, proxy: Proxy, access_log: str | None) -> Listener:
    passed_on = TcpProxy(
        stat_prefix="tunnel",
        cluster=_name(proxy),
        access_log=[failed_tunnels(access_log, name)],
        tunneling_config=TcpProxyTunnelingConfig(
            hostname=endpoint.address, headers_to_add=_authorization(proxy)
        ),
    )
    passing_on = Filter(name="envoy.filters.network.tcp_proxy", typed_config=any_of(passed_on))
    return Listener(
        name=name,
        stat_prefix="tunnel",
        filter_chains=[FilterChain(filters=[passing_on])],
        internal_listener=ListenerInternalListenerConfig(),
    )


def _authorization(proxy: Proxy) -> list[HeaderValueOption]:
    if proxy.authorization is None:
        return []
    return set_headers([("proxy-authorization", f"%ENVIRONMENT({proxy.authorization})%")])


def _cluster(name: str, proxy: Proxy, limits: Limits, ca_path: str) -> Cluster:
    options = UpstreamHttpProtocolOptions(
        explicit_http_config=ExplicitHttpConfig(http_protocol_options=Http1ProtocolOptions())
    )
    cluster = host_cluster(name, proxy.host, proxy.port, limits)
    cluster.transport_socket = tls(proxy.host, ca_path) if proxy.tls else None
    cluster.typed_extension_protocol_options = http_options(options)
    return cluster
