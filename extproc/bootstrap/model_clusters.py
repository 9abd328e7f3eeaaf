"""One cluster per declared entry: how its provider is reached, and what it may see."""

from __future__ import annotations

from collections.abc import Iterable

from extproc.bootstrap.client_keys import client_key
from extproc.bootstrap.clusters import http_options
from extproc.bootstrap.configured_headers import configured_headers
from extproc.bootstrap.hosts import host_cluster, tls
from extproc.bootstrap.passed_on import kept_from
from extproc.bootstrap.tunnels import tunnel_cluster, tunnel_name
from extproc.bootstrap.typed import (
    extension,
    http_filter,
    prefix,
    set_headers,
)
from extproc.contract import INTERNAL_PREFIX, header_safe
from extproc.core.config import Limits
from extproc.core.models import Credential, Model
from extproc.envoy_api.messages import (
    AutoHttpConfig,
    Cluster,
    CredentialInjector,
    DataSource,
    ExplicitHttpConfig,
    Generic,
    GenericSecret,
    HeaderMutation,
    HeaderMutationRemoveOnMatch,
    HeaderMutationStep,
    Http1ProtocolOptions,
    Http2ProtocolOptions,
    HttpFilter,
    Mutations,
    SdsSecretConfig,
    Secret,
    StringMatcher,
    UpstreamCodec,
    UpstreamHttpProtocolOptions,
)

__all__ = ["credential_secrets", "model_cluster"]

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


def model_cluster(model: Model, limits: Limits, ca_path: str, forwarded: frozenset[str]) -> Cluster:
    """The cluster of one entry; the entry's name, made safe for headers, is the cluster's.

    It speaks HTTP/2 where a TLS provider offers it, else HTTP/1.1.

    Args:
        model: the entry.
        limits: for the connect timeout.
        ca_path: PEM file of the authorities to trust, read by Envoy.
        forwarded: the headers of clients that any entry wants to be sent.
    """
    endpoint = model.endpoint
    options = UpstreamHttpProtocolOptions(http_filters=_upstream_filters(model, forwarded))
    if endpoint.tls:
        options.auto_config = AutoHttpConfig(
            http_protocol_options=_HTTP_1,
            http2_protocol_options=Http2ProtocolOptions(),
        )
    else:
        options.explicit_http_config = ExplicitHttpConfig(http_protocol_options=_HTTP_1)
    cluster = _origin(model, limits)
    cluster.transport_socket = tls(endpoint.host, ca_path) if endpoint.tls else None
    cluster.typed_extension_protocol_options = http_options(options)
    return cluster


def _origin(model: Model, limits: Limits) -> Cluster:
    """Where its connections go to: the provider's host, or a tunnel to it."""
    name, endpoint = header_safe(model.cluster), model.endpoint
    if model.proxy is None:
        return host_cluster(name, endpoint.host, endpoint.port, limits, endpoint.http_host)
    tunnel = tunnel_name(endpoint, model.proxy)
    return tunnel_cluster(name, tunnel, limits, endpoint.http_host)


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
