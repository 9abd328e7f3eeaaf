"""Clusters that lead to hosts elsewhere, providers and proxies: names, TLS, keep-alive."""

from __future__ import annotations

from ipaddress import ip_address

from extproc.bootstrap.clusters import UNBOUNDED, endpoints
from extproc.bootstrap.typed import any_of, exact, seconds
from extproc.core.config import Limits
from extproc.envoy_api.messages import (
    Address,
    CertificateValidationContext,
    Cluster,
    ClusterCustomClusterType,
    CommonTlsContext,
    DataSource,
    DnsCluster,
    DnsLookupFamily,
    SocketAddress,
    SubjectAltNameMatcher,
    SubjectAltNameMatcherSanType,
    TcpKeepalive,
    TransportSocket,
    UpstreamConnectionOptions,
    UpstreamTlsContext,
)

__all__ = ["host_cluster", "is_address", "tls"]

_LOGICAL_DNS = DnsCluster(
    respect_dns_ttl=True,
    dns_lookup_family=DnsLookupFamily.V4_PREFERRED,
    all_addresses_in_single_endpoint=True,
)
"""A host's name is one endpoint, whatever addresses it has at the moment."""


def host_cluster(name: str, host: str, port: int, limits: Limits, hostname: str = "") -> Cluster:
    """A cluster of one host, which is found by its name.

    Args:
        name: the cluster's.
        host: a name or an IP address.
        port: where it listens.
        limits: for the connect timeout.
        hostname: what it is called in ``Host``, for routes that rewrite that.
    """
    address = Address(socket_address=SocketAddress(address=host, port_value=port))
    return Cluster(
        name=name,
        cluster_type=ClusterCustomClusterType(
            name="envoy.clusters.dns", typed_config=any_of(_LOGICAL_DNS)
        ),
        connect_timeout=seconds(limits.connect_timeout),
        circuit_breakers=UNBOUNDED,
        load_assignment=endpoints(name, address, hostname=hostname),
        upstream_connection_options=UpstreamConnectionOptions(
            tcp_keepalive=TcpKeepalive(keepalive_probes=3, keepalive_time=60, keepalive_interval=10)
        ),
    )


def tls(host: str, ca_path: str) -> TransportSocket:
    """TLS with a host that has to prove its name.

    Args:
        host: its name, or its IP address.
        ca_path: PEM file of the authorities to trust, read by Envoy.
    """
    trusted = CertificateValidationContext(trusted_ca=DataSource(filename=ca_path))
    context = UpstreamTlsContext(common_tls_context=CommonTlsContext(validation_context=trusted))
    if is_address(host):
        # Only names can be asked for, and Envoy compares what was asked for with names alone. It
        # reads a certificate's address in its shortest form.
        shortest = exact(str(ip_address(host)))
        trusted.match_typed_subject_alt_names = [
            SubjectAltNameMatcher(
                san_type=SubjectAltNameMatcherSanType.IP_ADDRESS, matcher=shortest
            )
        ]
    else:
        context.sni = host
        context.auto_sni_san_validation = True
    return TransportSocket(name="envoy.transport_sockets.tls", typed_config=any_of(context))


def is_address(host: str) -> bool:
    """Whether a host is called by its IP address, and not by a name."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
