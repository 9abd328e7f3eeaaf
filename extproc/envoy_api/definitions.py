"""Renders ``messages``, Envoy's messages that the bootstrap is written with: ``make messages``.

``envoy-data-plane`` has the definitions, which change only with its version; to load its classes
would take longer than all else that a start does (``docs/decisions/0003``). mypy checks what is
written with the structs as it would with those classes, a test that those classes read what is
written, and Envoy all of it.

To write with another message, name it here.
"""

from __future__ import annotations

import enum
import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, TypeAlias

import betterproto2
from betterproto2 import FieldMetadata
from envoy_data_plane.message_pool import default_message_pool

__all__ = ["RENDERED", "render"]

RENDERED: Final = Path(__file__).with_name("messages.py")

_Definition: TypeAlias = type[betterproto2.Message] | type[betterproto2.Enum]

_NAMED: Final = {
    "envoy.config.accesslog.v3": "AccessLog AccessLogFilter AndFilter ComparisonFilter "
    "ComparisonFilterOp ExtensionFilter HeaderFilter NotHealthCheckFilter ResponseFlagFilter "
    "StatusCodeFilter",
    "envoy.config.bootstrap.v3": "Admin Bootstrap BootstrapStaticResources LayeredRuntime "
    "RuntimeLayer",
    "envoy.config.cluster.v3": "CircuitBreakers CircuitBreakersThresholds Cluster "
    "ClusterCustomClusterType ClusterDiscoveryType ClusterLbPolicy UpstreamConnectionOptions",
    "envoy.config.common.mutation_rules.v3": "HeaderMutation=HeaderMutationStep "
    "HeaderMutationRemoveOnMatch HeaderMutationRules",
    "envoy.config.core.v3": "Address ApiVersion BackoffStrategy DataSource EnvoyInternalAddress "
    "GrpcService GrpcServiceEnvoyGrpc HeaderValue HeaderValueOption "
    "HeaderValueOptionHeaderAppendAction HealthCheck HealthCheckGrpcHealthCheck "
    "Http1ProtocolOptions Http2ProtocolOptions HttpProtocolOptions KeepaliveSettings Node Pipe "
    "RetryPolicy=GrpcRetryPolicy RetryPolicyRetryHostPredicate=GrpcRetryHostPredicate "
    "RuntimeFractionalPercent RuntimeUInt32 SocketAddress SubstitutionFormatString TcpKeepalive "
    "TrafficDirection TransportSocket TypedExtensionConfig",
    "envoy.config.endpoint.v3": "ClusterLoadAssignment Endpoint LbEndpoint LocalityLbEndpoints",
    "envoy.config.listener.v3": "Filter FilterChain Listener ListenerInternalListenerConfig",
    "envoy.config.overload.v3": "OverloadAction OverloadManager ResourceMonitor ScaledTrigger "
    "ScaleTimersOverloadActionConfig ScaleTimersOverloadActionConfigScaleTimer "
    "ScaleTimersOverloadActionConfigTimerType ThresholdTrigger Trigger",
    "envoy.config.ratelimit.v3": "RateLimitServiceConfig",
    "envoy.config.route.v3": "DirectResponseAction FilterConfig HeaderMatcher "
    "RateLimit=RateLimitDescriptor RateLimitAction RateLimitActionGenericKey "
    "RateLimitActionHeaderValueMatch RateLimitActionMetaData RateLimitActionMetaDataSource "
    "RateLimitHitsAddend RetryPolicy RetryPolicyRetryBackOff Route RouteAction "
    "RouteActionRequestMirrorPolicy RouteConfiguration RouteMatch VirtualHost",
    "envoy.extensions.access_loggers.file.v3": "FileAccessLog",
    "envoy.extensions.access_loggers.filters.cel.v3": "ExpressionFilter",
    "envoy.extensions.access_loggers.grpc.v3": "CommonGrpcAccessLogConfig HttpGrpcAccessLogConfig",
    "envoy.extensions.access_loggers.stream.v3": "StdoutAccessLog",
    "envoy.extensions.bootstrap.internal_listener.v3": "InternalListener",
    "envoy.extensions.clusters.common.dns.v3": "DnsLookupFamily",
    "envoy.extensions.clusters.dns.v3": "DnsCluster",
    "envoy.extensions.common.matching.v3": "ExtensionWithMatcher",
    "envoy.extensions.common.ratelimit.v3": "LocalRateLimitDescriptor RateLimitDescriptorEntry",
    "envoy.extensions.content_parsers.json.v3": "JsonContentParser JsonContentParserRuleConfig",
    "envoy.extensions.filters.common.matcher.action.v3": "SkipFilter",
    "envoy.extensions.filters.http.buffer.v3": "Buffer",
    "envoy.extensions.filters.http.credential_injector.v3": "CredentialInjector",
    "envoy.extensions.filters.http.ext_proc.v3": "ExternalProcessor ExtProcOverrides "
    "ExtProcPerRoute HeaderForwardingRules MetadataOptions MetadataOptionsMetadataNamespaces "
    "ProcessingMode ProcessingModeBodySendMode ProcessingModeHeaderSendMode",
    "envoy.extensions.filters.http.header_mutation.v3": "HeaderMutation Mutations",
    "envoy.extensions.filters.http.header_to_metadata.v3": "Config=HeaderToMetadata "
    "ConfigKeyValuePair ConfigRule ConfigValueType",
    "envoy.extensions.filters.http.health_check.v3": "HealthCheck=HealthCheckFilter",
    "envoy.extensions.filters.http.json_to_metadata.v3": "JsonToMetadata "
    "JsonToMetadataKeyValuePair JsonToMetadataMatchRules JsonToMetadataRule "
    "JsonToMetadataSelector JsonToMetadataValueType",
    "envoy.extensions.filters.http.local_ratelimit.v3": "LocalRateLimit",
    "envoy.extensions.filters.http.lua.v3": "Lua",
    "envoy.extensions.filters.http.ratelimit.v3": "RateLimit=RateLimitFilter",
    "envoy.extensions.filters.http.router.v3": "Router",
    "envoy.extensions.filters.http.sse_to_metadata.v3": "SseToMetadata "
    "SseToMetadataProcessingRules",
    "envoy.extensions.filters.http.upstream_codec.v3": "UpstreamCodec",
    "envoy.extensions.filters.network.http_connection_manager.v3": "HttpConnectionManager "
    "HttpConnectionManagerServerHeaderTransformation HttpFilter LocalReplyConfig ResponseMapper",
    "envoy.extensions.filters.network.tcp_proxy.v3": "TcpProxy TcpProxyTunnelingConfig",
    "envoy.extensions.formatter.req_without_query.v3": "ReqWithoutQuery",
    "envoy.extensions.http.early_header_mutation.header_mutation.v3": "HeaderMutation="
    "EarlyHeaderMutation",
    "envoy.extensions.http.injected_credentials.generic.v3": "Generic",
    "envoy.extensions.resource_monitors.downstream_connections.v3": "DownstreamConnectionsConfig",
    "envoy.extensions.resource_monitors.fixed_heap.v3": "FixedHeapConfig",
    "envoy.extensions.resource_monitors.injected_resource.v3": "InjectedResourceConfig",
    "envoy.extensions.retry.host.previous_hosts.v3": "PreviousHostsPredicate",
    "envoy.extensions.transport_sockets.internal_upstream.v3": "InternalUpstreamTransport",
    "envoy.extensions.transport_sockets.raw_buffer.v3": "RawBuffer",
    "envoy.extensions.transport_sockets.tls.v3": "CertificateValidationContext CommonTlsContext "
    "GenericSecret SdsSecretConfig Secret SubjectAltNameMatcher SubjectAltNameMatcherSanType "
    "UpstreamTlsContext",
    "envoy.extensions.upstreams.http.v3": "HttpProtocolOptions=UpstreamHttpProtocolOptions "
    "HttpProtocolOptionsAutoHttpConfig=AutoHttpConfig "
    "HttpProtocolOptionsExplicitHttpConfig=ExplicitHttpConfig",
    "envoy.type.matcher.v3": "HttpResponseStatusCodeClassMatchInput ListStringMatcher "
    "RegexMatchAndSubstitute RegexMatcher StringMatcher",
    "envoy.type.metadata.v3": "MetadataKey MetadataKeyPathSegment",
    "envoy.type.v3": "FractionalPercent HttpStatus Percent StatusCode TokenBucket",
    "xds.core.v3": "TypedExtensionConfig=MatcherPart",
    "xds.type.matcher.v3": "Matcher MatcherMatcherTree MatcherMatcherTreeMatchMap MatcherOnMatch",
}
"""By protobuf package, the definitions as ``envoy-data-plane`` calls them, and as they are called
here if that differs: names are unique here. Fields of other messages are left out."""

_PLAIN: Final = {
    "Any": "Packed",
    "Duration": "Duration",
    "Struct": "Mapping[str, Any]",
    "Value": "Any",
    "BoolValue": "bool",
    "BytesValue": "bytes",
    "DoubleValue": "float",
    "FloatValue": "float",
    "Int32Value": "int",
    "Int64Value": "int",
    "StringValue": "str",
    "UInt32Value": "int",
    "UInt64Value": "int",
}
"""What protobuf's JSON has plain values for: https://protobuf.dev/programming-guides/json/"""

_SCALARS: Final = {
    "bool": ("bool", "False"),
    "string": ("str", '""'),
    "bytes": ("bytes", 'b""'),
    "float": ("float", "0.0"),
    "double": ("float", "0.0"),
}
"""Of each type of protobuf that is no integer, Python's type and its default."""
_INTEGER: Final = ("int", "0")

_HEAD: Final = '''"""Envoy's messages that the bootstrap is written with.

``definitions`` wrote this: ``make messages``. The protobuf message that a class stands for is its
``proto``; what its fields mean, Envoy's documentation tells:
https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/api
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, ClassVar, TypeAlias

from msgspec import Struct, field

Packed: TypeAlias = Mapping[str, Any]
"""A message of any type: ``{"@type": URL, …}``."""

Duration: TypeAlias = str
"""Seconds, as in ``"0.25s"``."""


class Message(Struct, kw_only=True, omit_defaults=True):
    """Any of the messages. Fields that have their default are not written."""

    proto: ClassVar[str]
'''


def render() -> str:
    """The text of ``messages``."""
    names = dict(_names())
    enums = [_enum(each, name) for each, name in names.items() if issubclass(each, enum.Enum)]
    messages = [
        _message(each, name, names)
        for each, name in names.items()
        if issubclass(each, betterproto2.Message)
    ]
    return "\n\n".join([_HEAD, *enums, *messages])


def _names() -> Iterator[tuple[_Definition, str]]:
    for package, named in _NAMED.items():
        module = importlib.import_module(f"envoy_data_plane.{package}")
        for each in named.split():
            theirs, _, ours = each.partition("=")
            yield getattr(module, theirs), ours or theirs


def _enum(definition: type[betterproto2.Enum], name: str) -> str:
    members = (f'    {each.name} = "{each.proto_name or each.name}"\n' for each in definition)
    return f"class {name}(Enum):\n{''.join(members)}"


def _message(
    definition: type[betterproto2.Message], name: str, names: dict[_Definition, str]
) -> str:
    url = default_message_pool.type_to_url[definition]
    lines = [f'    proto = "{url.rpartition("/")[2]}"\n']
    anatomy: Any = getattr(definition, "_betterproto")  # noqa: B009 - typed too narrowly
    fields: dict[str, FieldMetadata] = anatomy.meta_by_field_name
    for field, metadata in fields.items():
        key = f"{field}.value" if metadata.map_meta is not None else field
        if written := _field(field, metadata, anatomy.cls_by_field.get(key), names):
            lines.append(f"    {written}\n")
    return f"class {name}(Message):\n{''.join(lines)}"


def _field(
    name: str, metadata: FieldMetadata, held: Any, names: dict[_Definition, str]
) -> str | None:
    """A line of a class; None for a field whose message is not named here."""
    value = metadata.map_meta[1] if metadata.map_meta is not None else metadata
    kind, default = _kind(value, held, names)
    if kind is None:
        return None
    called = name.rstrip("_")
    more = f', name="{called}"' if called != name else ""
    if metadata.map_meta is not None:
        return f"{name}: dict[str, {kind}] = field(default_factory=dict{more})"
    if metadata.repeated:
        return f"{name}: list[{kind}] = field(default_factory=list{more})"
    if metadata.optional or default is None:
        kind, default = f"{kind} | None", "None"
    return f"{name}: {kind} = " + (f"field(default={default}{more})" if more else default)


def _kind(
    metadata: FieldMetadata, held: Any, names: dict[_Definition, str]
) -> tuple[str | None, str | None]:
    """The type of a value, and what stands for none: None where that is no value of its own."""
    if metadata.proto_type == betterproto2.TYPE_ENUM:
        if held not in names:
            return None, None
        return names[held], f"{names[held]}.{held(0).name}"
    if metadata.proto_type != betterproto2.TYPE_MESSAGE:
        return _SCALARS.get(metadata.proto_type, _INTEGER)
    message = held if metadata.unwrap is None else metadata.unwrap()
    if message.__module__ == "envoy_data_plane.google.protobuf":
        return _PLAIN.get(message.__name__), None
    return names.get(message), None


if __name__ == "__main__":
    RENDERED.write_text(render(), encoding="utf-8")
