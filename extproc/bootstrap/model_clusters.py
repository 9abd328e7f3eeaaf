"""One cluster per declared entry: how its provider is reached, and what it may see.

Thousands of entries differ in little but their names. Envoy's typed messages take 15 ms to write a
cluster, so they write one of each kind, with holes where its entries differ, and the entries'
clusters are filled in.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import replace
from typing import Final

from envoy_data_plane.envoy.config.cluster.v3 import (
    Cluster,
)
from envoy_data_plane.envoy.config.common.mutation_rules.v3 import (
    HeaderMutation as HeaderMutationStep,
)
from envoy_data_plane.envoy.config.common.mutation_rules.v3 import HeaderMutationRemoveOnMatch
from envoy_data_plane.envoy.config.core.v3 import (
    DataSource,
    Http1ProtocolOptions,
    Http2ProtocolOptions,
)
from envoy_data_plane.envoy.extensions.filters.http.credential_injector.v3 import CredentialInjector
from envoy_data_plane.envoy.extensions.filters.http.header_mutation.v3 import (
    HeaderMutation,
    Mutations,
)
from envoy_data_plane.envoy.extensions.filters.http.upstream_codec.v3 import UpstreamCodec
from envoy_data_plane.envoy.extensions.filters.network.http_connection_manager.v3 import HttpFilter
from envoy_data_plane.envoy.extensions.http.injected_credentials.generic.v3 import Generic
from envoy_data_plane.envoy.extensions.transport_sockets.tls.v3 import (
    GenericSecret,
    SdsSecretConfig,
    Secret,
)
from envoy_data_plane.envoy.extensions.upstreams.http.v3 import (
    HttpProtocolOptions,
    HttpProtocolOptionsAutoHttpConfig,
    HttpProtocolOptionsExplicitHttpConfig,
)
from envoy_data_plane.envoy.type.matcher.v3 import StringMatcher

from extproc.bootstrap.client_keys import client_key
from extproc.bootstrap.clusters import http_options
from extproc.bootstrap.configured_headers import configured_headers
from extproc.bootstrap.hosts import host_cluster, is_address, tls
from extproc.bootstrap.passed_on import kept_from
from extproc.bootstrap.tree import Holes, Tree, filled, tree
from extproc.bootstrap.tunnels import tunnel_cluster, tunnel_name
from extproc.bootstrap.typed import (
    extension,
    http_filter,
    prefix,
    set_headers,
)
from extproc.contract import INTERNAL_PREFIX, header_safe
from extproc.core.config import Limits
from extproc.core.models import Credential, Endpoint, Model

__all__ = ["ModelClusters", "credential_secrets"]


# The holes of a template: no name holds a NUL, and no port is that large.
_NAME: Final = "\0name"
_HOST: Final = "\0host"
_HTTP_HOST: Final = "\0http host"
_VARIABLE: Final = "\0variable"
_TUNNEL: Final = "\0tunnel"
_PORT: Final = 2**32 - 1

_ORIGIN_HEADERS = ("alt-svc", "set-cookie", "strict-transport-security")
"""What an answer says of the provider's origin: told to our client, it would hold for ours."""

_HOP_HEADERS = ("keep-alive", "proxy-authenticate", "proxy-connection", "te", "trailer", "upgrade")
"""What an answer says of the connection that it came by, beyond what Envoy takes off itself:
https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1"""

_PLAIN_ANSWERS = ("accept-encoding", "identity")
"""Where nothing is said, any compression is welcome:
https://www.rfc-editor.org/rfc/rfc9110#field.accept-encoding"""

_HTTP_1 = Http1ProtocolOptions(allow_chunked_length=True)
"""An answer that names its length and comes in chunks is read by its chunks, as the standard says:
https://www.rfc-editor.org/rfc/rfc9112#section-6.3"""


def _dropped_with(*matchers: StringMatcher) -> list[HeaderMutationStep]:
    return [
        HeaderMutationStep(remove_on_match=HeaderMutationRemoveOnMatch(key_matcher=matcher))
        for matcher in matchers
    ]


def _upstream_filters(model: Model, forwarded: frozenset[str]) -> list[HttpFilter]:
    """What every request to this model's provider loses and gains, whoever sent it, and what its
    answer loses: it can neither speak in our name nor steer Envoy's router.

    They run as upstream filters, after the attempt's route is chosen, so that nothing of one
    provider's can be seen by another.
    """
    ours = _dropped_with(prefix(INTERNAL_PREFIX), prefix("x-envoy-"))
    dropped = [*ours, *kept_from(model, forwarded)]
    kept_back = [HeaderMutationStep(remove=name) for name in (*_ORIGIN_HEADERS, *_HOP_HEADERS)]
    plain = [HeaderMutationStep(append=option) for option in set_headers([_PLAIN_ANSWERS])]
    filters = [
        http_filter(
            "envoy.filters.http.header_mutation",
            HeaderMutation(
                mutations=Mutations(
                    request_mutations=[*dropped, *plain, *configured_headers(model)],
                    response_mutations=[*ours, *kept_back],
                )
            ),
        )
    ]
    if model.client_key is not None:
        filters.insert(0, client_key(model.client_key))
    filters += map(_injector, model.credentials)
    return [*filters, http_filter("envoy.filters.http.upstream_codec", UpstreamCodec())]


def _injector(credential: Credential) -> HttpFilter:
    generic = Generic(
        credential=SdsSecretConfig(name=credential.variable),
        header=credential.header,
        header_value_prefix=credential.prefix,
    )
    return http_filter(
        "envoy.filters.http.credential_injector",
        CredentialInjector(
            overwrite=True,
            credential=extension("envoy.http.injected_credentials.generic", generic),
        ),
    )


class ModelClusters:
    """Writes the clusters of entries; HTTP/2 where a TLS provider offers it, else HTTP/1.1.

    Args:
        limits: for the connect timeout.
        ca_path: PEM file of the authorities to trust, read by Envoy.
        forwarded: the headers of clients that any entry wants to be sent.
    """

    def __init__(self, limits: Limits, ca_path: str, forwarded: frozenset[str]) -> None:
        self._limits = limits
        self._ca_path = ca_path
        self._forwarded = forwarded
        self._templates: dict[Hashable, Tree] = {}

    def tree(self, model: Model) -> Tree:
        """The cluster of one entry; the entry's name, made safe for headers, is the cluster's."""
        hollow, values = _hollowed(model)
        kind = _kind(hollow)
        if (template := self._templates.get(kind)) is None:
            template = self._templates[kind] = tree(self._cluster(hollow))
        return filled(template, values)

    def _cluster(self, model: Model) -> Cluster:
        endpoint = model.endpoint
        options = HttpProtocolOptions(http_filters=_upstream_filters(model, self._forwarded))
        if endpoint.tls:
            options.auto_config = HttpProtocolOptionsAutoHttpConfig(
                http_protocol_options=_HTTP_1,
                http2_protocol_options=Http2ProtocolOptions(),
            )
        else:
            options.explicit_http_config = HttpProtocolOptionsExplicitHttpConfig(
                http_protocol_options=_HTTP_1
            )
        cluster = self._origin(model)
        cluster.transport_socket = tls(endpoint.host, self._ca_path) if endpoint.tls else None
        cluster.typed_extension_protocol_options = http_options(options)
        return cluster

    def _origin(self, model: Model) -> Cluster:
        """Where its connections go to: the provider's host, or a tunnel to it."""
        name, endpoint = model.cluster, model.endpoint
        if model.proxy is None:
            return host_cluster(
                name, endpoint.host, endpoint.port, self._limits, endpoint.http_host
            )
        return tunnel_cluster(name, _TUNNEL, self._limits, endpoint.http_host)


def _hollowed(model: Model) -> tuple[Model, Holes]:
    """An entry with holes for what says nothing of its kind, and what fills them."""
    endpoint = model.endpoint
    # A certificate names a host in another way than an address.
    host = endpoint.host if endpoint.tls and is_address(endpoint.host) else _HOST
    holes: dict[str | int, str | int] = {
        _NAME: header_safe(model.cluster),
        host: endpoint.host,
        _PORT: endpoint.port,
        _HTTP_HOST: endpoint.http_host,
    }
    credentials = []
    for number, credential in enumerate(model.credentials):
        hole = f"{_VARIABLE} {number}"
        holes[hole] = credential.variable
        credentials.append(replace(credential, variable=hole))
    if model.proxy is not None:
        holes[_TUNNEL] = tunnel_name(endpoint, model.proxy)
    hollow = replace(
        model,
        name=_NAME,
        entry=None,
        endpoint=Endpoint(endpoint.scheme, host, _PORT, _HTTP_HOST),
        credential=None,
        secret_headers=tuple(credentials),
    )
    return hollow, holes


def _kind(hollow: Model) -> Hashable:
    """Equal for entries whose clusters are filled in from one template."""
    return (
        hollow.endpoint,
        hollow.proxy is None,
        hollow.secret_headers,
        hollow.client_key,
        hollow.forward_headers,
        tuple(hollow.headers.items()),
        tuple(hollow.default_headers.items()),
    )


def credential_secrets(models: Iterable[Model]) -> list[Secret]:
    """The secrets that clusters refer to by name; Envoy reads each from its own environment."""
    variables = {credential.variable for model in models for credential in model.credentials}
    return [
        Secret(
            name=variable,
            generic_secret=GenericSecret(secret=DataSource(environment_variable=variable)),
        )
        for variable in sorted(variables)
    ]
