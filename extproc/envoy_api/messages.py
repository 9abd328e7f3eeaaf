"""Envoy's messages that the bootstrap is written with.

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


class ComparisonFilterOp(Enum):
    EQ = "EQ"
    GE = "GE"
    LE = "LE"
    NE = "NE"


class ClusterDiscoveryType(Enum):
    STATIC = "STATIC"
    STRICT_DNS = "STRICT_DNS"
    LOGICAL_DNS = "LOGICAL_DNS"
    EDS = "EDS"
    ORIGINAL_DST = "ORIGINAL_DST"


class ClusterLbPolicy(Enum):
    ROUND_ROBIN = "ROUND_ROBIN"
    LEAST_REQUEST = "LEAST_REQUEST"
    RING_HASH = "RING_HASH"
    RANDOM = "RANDOM"
    MAGLEV = "MAGLEV"
    CLUSTER_PROVIDED = "CLUSTER_PROVIDED"
    LOAD_BALANCING_POLICY_CONFIG = "LOAD_BALANCING_POLICY_CONFIG"


class ApiVersion(Enum):
    AUTO = "AUTO"
    V2 = "V2"
    V3 = "V3"


class HeaderValueOptionHeaderAppendAction(Enum):
    APPEND_IF_EXISTS_OR_ADD = "APPEND_IF_EXISTS_OR_ADD"
    ADD_IF_ABSENT = "ADD_IF_ABSENT"
    OVERWRITE_IF_EXISTS_OR_ADD = "OVERWRITE_IF_EXISTS_OR_ADD"
    OVERWRITE_IF_EXISTS = "OVERWRITE_IF_EXISTS"


class TrafficDirection(Enum):
    UNSPECIFIED = "UNSPECIFIED"
    INBOUND = "INBOUND"
    OUTBOUND = "OUTBOUND"


class ScaleTimersOverloadActionConfigTimerType(Enum):
    UNSPECIFIED = "UNSPECIFIED"
    HTTP_DOWNSTREAM_CONNECTION_IDLE = "HTTP_DOWNSTREAM_CONNECTION_IDLE"
    HTTP_DOWNSTREAM_STREAM_IDLE = "HTTP_DOWNSTREAM_STREAM_IDLE"
    TRANSPORT_SOCKET_CONNECT = "TRANSPORT_SOCKET_CONNECT"
    HTTP_DOWNSTREAM_CONNECTION_MAX = "HTTP_DOWNSTREAM_CONNECTION_MAX"
    HTTP_DOWNSTREAM_STREAM_FLUSH = "HTTP_DOWNSTREAM_STREAM_FLUSH"


class RateLimitActionMetaDataSource(Enum):
    DYNAMIC = "DYNAMIC"
    ROUTE_ENTRY = "ROUTE_ENTRY"
    CLUSTER_ENTRY = "CLUSTER_ENTRY"
    CLUSTER_LOCALITY_ENTRY = "CLUSTER_LOCALITY_ENTRY"


class DnsLookupFamily(Enum):
    UNSPECIFIED = "UNSPECIFIED"
    AUTO = "AUTO"
    V4_ONLY = "V4_ONLY"
    V6_ONLY = "V6_ONLY"
    V4_PREFERRED = "V4_PREFERRED"
    ALL = "ALL"


class ProcessingModeBodySendMode(Enum):
    NONE = "NONE"
    STREAMED = "STREAMED"
    BUFFERED = "BUFFERED"
    BUFFERED_PARTIAL = "BUFFERED_PARTIAL"
    FULL_DUPLEX_STREAMED = "FULL_DUPLEX_STREAMED"
    GRPC = "GRPC"


class ProcessingModeHeaderSendMode(Enum):
    DEFAULT = "DEFAULT"
    SEND = "SEND"
    SKIP = "SKIP"


class ConfigValueType(Enum):
    STRING = "STRING"
    NUMBER = "NUMBER"
    PROTOBUF_VALUE = "PROTOBUF_VALUE"


class JsonToMetadataValueType(Enum):
    PROTOBUF_VALUE = "PROTOBUF_VALUE"
    STRING = "STRING"
    NUMBER = "NUMBER"


class HttpConnectionManagerServerHeaderTransformation(Enum):
    OVERWRITE = "OVERWRITE"
    APPEND_IF_ABSENT = "APPEND_IF_ABSENT"
    PASS_THROUGH = "PASS_THROUGH"


class SubjectAltNameMatcherSanType(Enum):
    SAN_TYPE_UNSPECIFIED = "SAN_TYPE_UNSPECIFIED"
    EMAIL = "EMAIL"
    DNS = "DNS"
    URI = "URI"
    IP_ADDRESS = "IP_ADDRESS"
    OTHER_NAME = "OTHER_NAME"


class StatusCode(Enum):
    Empty = "Empty"
    Continue = "Continue"
    OK = "OK"
    Created = "Created"
    Accepted = "Accepted"
    NonAuthoritativeInformation = "NonAuthoritativeInformation"
    NoContent = "NoContent"
    ResetContent = "ResetContent"
    PartialContent = "PartialContent"
    MultiStatus = "MultiStatus"
    AlreadyReported = "AlreadyReported"
    IMUsed = "IMUsed"
    MultipleChoices = "MultipleChoices"
    MovedPermanently = "MovedPermanently"
    Found = "Found"
    SeeOther = "SeeOther"
    NotModified = "NotModified"
    UseProxy = "UseProxy"
    TemporaryRedirect = "TemporaryRedirect"
    PermanentRedirect = "PermanentRedirect"
    BadRequest = "BadRequest"
    Unauthorized = "Unauthorized"
    PaymentRequired = "PaymentRequired"
    Forbidden = "Forbidden"
    NotFound = "NotFound"
    MethodNotAllowed = "MethodNotAllowed"
    NotAcceptable = "NotAcceptable"
    ProxyAuthenticationRequired = "ProxyAuthenticationRequired"
    RequestTimeout = "RequestTimeout"
    Conflict = "Conflict"
    Gone = "Gone"
    LengthRequired = "LengthRequired"
    PreconditionFailed = "PreconditionFailed"
    PayloadTooLarge = "PayloadTooLarge"
    URITooLong = "URITooLong"
    UnsupportedMediaType = "UnsupportedMediaType"
    RangeNotSatisfiable = "RangeNotSatisfiable"
    ExpectationFailed = "ExpectationFailed"
    MisdirectedRequest = "MisdirectedRequest"
    UnprocessableEntity = "UnprocessableEntity"
    Locked = "Locked"
    FailedDependency = "FailedDependency"
    UpgradeRequired = "UpgradeRequired"
    PreconditionRequired = "PreconditionRequired"
    TooManyRequests = "TooManyRequests"
    RequestHeaderFieldsTooLarge = "RequestHeaderFieldsTooLarge"
    InternalServerError = "InternalServerError"
    NotImplemented = "NotImplemented"
    BadGateway = "BadGateway"
    ServiceUnavailable = "ServiceUnavailable"
    GatewayTimeout = "GatewayTimeout"
    HTTPVersionNotSupported = "HTTPVersionNotSupported"
    VariantAlsoNegotiates = "VariantAlsoNegotiates"
    InsufficientStorage = "InsufficientStorage"
    LoopDetected = "LoopDetected"
    NotExtended = "NotExtended"
    NetworkAuthenticationRequired = "NetworkAuthenticationRequired"


class AccessLog(Message):
    proto = "envoy.config.accesslog.v3.AccessLog"
    name: str = ""
    filter: AccessLogFilter | None = None
    typed_config: Packed | None = None


class AccessLogFilter(Message):
    proto = "envoy.config.accesslog.v3.AccessLogFilter"
    status_code_filter: StatusCodeFilter | None = None
    not_health_check_filter: NotHealthCheckFilter | None = None
    and_filter: AndFilter | None = None
    header_filter: HeaderFilter | None = None
    response_flag_filter: ResponseFlagFilter | None = None
    extension_filter: ExtensionFilter | None = None


class AndFilter(Message):
    proto = "envoy.config.accesslog.v3.AndFilter"
    filters: list[AccessLogFilter] = field(default_factory=list)


class ComparisonFilter(Message):
    proto = "envoy.config.accesslog.v3.ComparisonFilter"
    op: ComparisonFilterOp = ComparisonFilterOp.EQ
    value: RuntimeUInt32 | None = None


class ExtensionFilter(Message):
    proto = "envoy.config.accesslog.v3.ExtensionFilter"
    name: str = ""
    typed_config: Packed | None = None


class HeaderFilter(Message):
    proto = "envoy.config.accesslog.v3.HeaderFilter"
    header: HeaderMatcher | None = None


class NotHealthCheckFilter(Message):
    proto = "envoy.config.accesslog.v3.NotHealthCheckFilter"


class ResponseFlagFilter(Message):
    proto = "envoy.config.accesslog.v3.ResponseFlagFilter"
    flags: list[str] = field(default_factory=list)


class StatusCodeFilter(Message):
    proto = "envoy.config.accesslog.v3.StatusCodeFilter"
    comparison: ComparisonFilter | None = None


class Admin(Message):
    proto = "envoy.config.bootstrap.v3.Admin"
    access_log: list[AccessLog] = field(default_factory=list)
    access_log_path: str = ""
    profile_path: str = ""
    address: Address | None = None
    ignore_global_conn_limit: bool = False
    allow_paths: list[StringMatcher] = field(default_factory=list)


class Bootstrap(Message):
    proto = "envoy.config.bootstrap.v3.Bootstrap"
    node: Node | None = None
    node_context_params: list[str] = field(default_factory=list)
    static_resources: BootstrapStaticResources | None = None
    flags_path: str = ""
    stats_flush_interval: Duration | None = None
    stats_flush_on_admin: bool | None = None
    stats_eviction_interval: Duration | None = None
    layered_runtime: LayeredRuntime | None = None
    admin: Admin | None = None
    overload_manager: OverloadManager | None = None
    enable_dispatcher_stats: bool = False
    header_prefix: str = ""
    stats_server_version_override: int | None = None
    use_tcp_for_dns_lookups: bool = False
    typed_dns_resolver_config: TypedExtensionConfig | None = None
    bootstrap_extensions: list[TypedExtensionConfig] = field(default_factory=list)
    default_socket_interface: str = ""
    certificate_provider_instances: dict[str, TypedExtensionConfig] = field(default_factory=dict)
    perf_tracing_file_path: str = ""
    default_regex_engine: TypedExtensionConfig | None = None
    xds_delegate_extension: TypedExtensionConfig | None = None
    xds_config_tracker_extension: TypedExtensionConfig | None = None
    listener_manager: TypedExtensionConfig | None = None
    enable_worker_cpu_affinity: bool = False


class BootstrapStaticResources(Message):
    proto = "envoy.config.bootstrap.v3.Bootstrap.StaticResources"
    listeners: list[Listener] = field(default_factory=list)
    clusters: list[Cluster] = field(default_factory=list)
    secrets: list[Secret] = field(default_factory=list)


class LayeredRuntime(Message):
    proto = "envoy.config.bootstrap.v3.LayeredRuntime"
    layers: list[RuntimeLayer] = field(default_factory=list)


class RuntimeLayer(Message):
    proto = "envoy.config.bootstrap.v3.RuntimeLayer"
    name: str = ""
    static_layer: Mapping[str, Any] | None = None


class CircuitBreakers(Message):
    proto = "envoy.config.cluster.v3.CircuitBreakers"
    thresholds: list[CircuitBreakersThresholds] = field(default_factory=list)
    per_host_thresholds: list[CircuitBreakersThresholds] = field(default_factory=list)


class CircuitBreakersThresholds(Message):
    proto = "envoy.config.cluster.v3.CircuitBreakers.Thresholds"
    max_connections: int | None = None
    max_pending_requests: int | None = None
    max_requests: int | None = None
    max_retries: int | None = None
    track_remaining: bool = False
    max_connection_pools: int | None = None


class Cluster(Message):
    proto = "envoy.config.cluster.v3.Cluster"
    transport_socket_matcher: Matcher | None = None
    name: str = ""
    alt_stat_name: str = ""
    type: ClusterDiscoveryType | None = None
    cluster_type: ClusterCustomClusterType | None = None
    connect_timeout: Duration | None = None
    per_connection_buffer_limit_bytes: int | None = None
    per_connection_buffer_high_watermark_timeout: Duration | None = None
    lb_policy: ClusterLbPolicy = ClusterLbPolicy.ROUND_ROBIN
    load_assignment: ClusterLoadAssignment | None = None
    health_checks: list[HealthCheck] = field(default_factory=list)
    max_requests_per_connection: int | None = None
    circuit_breakers: CircuitBreakers | None = None
    common_http_protocol_options: HttpProtocolOptions | None = None
    http_protocol_options: Http1ProtocolOptions | None = None
    http2_protocol_options: Http2ProtocolOptions | None = None
    typed_extension_protocol_options: dict[str, Packed] = field(default_factory=dict)
    dns_refresh_rate: Duration | None = None
    dns_jitter: Duration | None = None
    respect_dns_ttl: bool = False
    dns_resolvers: list[Address] = field(default_factory=list)
    use_tcp_for_dns_lookups: bool = False
    typed_dns_resolver_config: TypedExtensionConfig | None = None
    wait_for_warm_on_init: bool | None = None
    cleanup_interval: Duration | None = None
    transport_socket: TransportSocket | None = None
    upstream_connection_options: UpstreamConnectionOptions | None = None
    close_connections_on_host_health_failure: bool = False
    ignore_health_on_host_removal: bool = False
    lrs_report_endpoint_metrics: list[str] = field(default_factory=list)
    track_timeout_budgets: bool = False
    upstream_config: TypedExtensionConfig | None = None
    connection_pool_per_downstream_connection: bool = False


class ClusterCustomClusterType(Message):
    proto = "envoy.config.cluster.v3.Cluster.CustomClusterType"
    name: str = ""
    typed_config: Packed | None = None


class UpstreamConnectionOptions(Message):
    proto = "envoy.config.cluster.v3.UpstreamConnectionOptions"
    tcp_keepalive: TcpKeepalive | None = None
    set_local_interface_name_on_upstream_connections: bool = False


class HeaderMutationStep(Message):
    proto = "envoy.config.common.mutation_rules.v3.HeaderMutation"
    remove: str | None = None
    append: HeaderValueOption | None = None
    remove_on_match: HeaderMutationRemoveOnMatch | None = None


class HeaderMutationRemoveOnMatch(Message):
    proto = "envoy.config.common.mutation_rules.v3.HeaderMutation.RemoveOnMatch"
    key_matcher: StringMatcher | None = None


class HeaderMutationRules(Message):
    proto = "envoy.config.common.mutation_rules.v3.HeaderMutationRules"
    allow_all_routing: bool | None = None
    allow_envoy: bool | None = None
    disallow_system: bool | None = None
    disallow_all: bool | None = None
    allow_expression: RegexMatcher | None = None
    disallow_expression: RegexMatcher | None = None
    disallow_is_error: bool | None = None


class Address(Message):
    proto = "envoy.config.core.v3.Address"
    socket_address: SocketAddress | None = None
    pipe: Pipe | None = None
    envoy_internal_address: EnvoyInternalAddress | None = None


class BackoffStrategy(Message):
    proto = "envoy.config.core.v3.BackoffStrategy"
    base_interval: Duration | None = None
    max_interval: Duration | None = None


class DataSource(Message):
    proto = "envoy.config.core.v3.DataSource"
    filename: str | None = None
    inline_bytes: bytes | None = None
    inline_string: str | None = None
    environment_variable: str | None = None


class EnvoyInternalAddress(Message):
    proto = "envoy.config.core.v3.EnvoyInternalAddress"
    server_listener_name: str | None = None
    endpoint_id: str = ""


class GrpcService(Message):
    proto = "envoy.config.core.v3.GrpcService"
    envoy_grpc: GrpcServiceEnvoyGrpc | None = None
    timeout: Duration | None = None
    initial_metadata: list[HeaderValue] = field(default_factory=list)
    retry_policy: GrpcRetryPolicy | None = None


class GrpcServiceEnvoyGrpc(Message):
    proto = "envoy.config.core.v3.GrpcService.EnvoyGrpc"
    cluster_name: str = ""
    authority: str = ""
    retry_policy: GrpcRetryPolicy | None = None
    max_receive_message_length: int | None = None
    skip_envoy_headers: bool = False


class HeaderValue(Message):
    proto = "envoy.config.core.v3.HeaderValue"
    key: str = ""
    value: str = ""
    raw_value: bytes = b""


class HeaderValueOption(Message):
    proto = "envoy.config.core.v3.HeaderValueOption"
    header: HeaderValue | None = None
    append: bool | None = None
    append_action: HeaderValueOptionHeaderAppendAction = (
        HeaderValueOptionHeaderAppendAction.APPEND_IF_EXISTS_OR_ADD
    )
    keep_empty_value: bool = False


class HealthCheck(Message):
    proto = "envoy.config.core.v3.HealthCheck"
    timeout: Duration | None = None
    interval: Duration | None = None
    initial_jitter: Duration | None = None
    interval_jitter: Duration | None = None
    interval_jitter_percent: int = 0
    unhealthy_threshold: int | None = None
    healthy_threshold: int | None = None
    alt_port: int | None = None
    reuse_connection: bool | None = None
    grpc_health_check: HealthCheckGrpcHealthCheck | None = None
    no_traffic_interval: Duration | None = None
    no_traffic_healthy_interval: Duration | None = None
    unhealthy_interval: Duration | None = None
    unhealthy_edge_interval: Duration | None = None
    healthy_edge_interval: Duration | None = None
    event_log_path: str = ""
    event_logger: list[TypedExtensionConfig] = field(default_factory=list)
    always_log_health_check_failures: bool = False
    always_log_health_check_success: bool = False
    transport_socket_match_criteria: Mapping[str, Any] | None = None


class HealthCheckGrpcHealthCheck(Message):
    proto = "envoy.config.core.v3.HealthCheck.GrpcHealthCheck"
    service_name: str = ""
    authority: str = ""
    initial_metadata: list[HeaderValueOption] = field(default_factory=list)


class Http1ProtocolOptions(Message):
    proto = "envoy.config.core.v3.Http1ProtocolOptions"
    allow_absolute_url: bool | None = None
    accept_http_10: bool = False
    default_host_for_http_10: str = ""
    enable_trailers: bool = False
    allow_chunked_length: bool = False
    override_stream_error_on_invalid_http_message: bool | None = None
    send_fully_qualified_url: bool = False
    use_balsa_parser: bool | None = None
    allow_custom_methods: bool = False
    ignore_http_11_upgrade: list[StringMatcher] = field(default_factory=list)


class Http2ProtocolOptions(Message):
    proto = "envoy.config.core.v3.Http2ProtocolOptions"
    hpack_table_size: int | None = None
    max_concurrent_streams: int | None = None
    initial_stream_window_size: int | None = None
    initial_connection_window_size: int | None = None
    allow_connect: bool = False
    allow_metadata: bool = False
    max_outbound_frames: int | None = None
    max_outbound_control_frames: int | None = None
    max_consecutive_inbound_frames_with_empty_payload: int | None = None
    max_inbound_priority_frames_per_stream: int | None = None
    max_inbound_window_update_frames_per_data_frame_sent: int | None = None
    stream_error_on_invalid_http_messaging: bool = False
    override_stream_error_on_invalid_http_message: bool | None = None
    connection_keepalive: KeepaliveSettings | None = None
    use_oghttp2_codec: bool | None = None
    max_metadata_size: int | None = None
    enable_huffman_encoding: bool | None = None
    max_header_field_size_kb: int | None = None
    disallow_obs_text: bool | None = None
    stream_reset_burst: int | None = None
    stream_reset_rate: int | None = None


class HttpProtocolOptions(Message):
    proto = "envoy.config.core.v3.HttpProtocolOptions"
    idle_timeout: Duration | None = None
    max_connection_duration: Duration | None = None
    max_connection_duration_jitter: Percent | None = None
    max_headers_count: int | None = None
    max_response_headers_kb: int | None = None
    max_stream_duration: Duration | None = None
    max_requests_per_connection: int | None = None


class KeepaliveSettings(Message):
    proto = "envoy.config.core.v3.KeepaliveSettings"
    interval: Duration | None = None
    timeout: Duration | None = None
    interval_jitter: Percent | None = None
    connection_idle_interval: Duration | None = None


class Node(Message):
    proto = "envoy.config.core.v3.Node"
    id: str = ""
    cluster: str = ""
    metadata: Mapping[str, Any] | None = None
    user_agent_name: str = ""
    user_agent_version: str | None = None
    client_features: list[str] = field(default_factory=list)
    listening_addresses: list[Address] = field(default_factory=list)


class Pipe(Message):
    proto = "envoy.config.core.v3.Pipe"
    path: str = ""
    mode: int = 0


class GrpcRetryPolicy(Message):
    proto = "envoy.config.core.v3.RetryPolicy"
    retry_back_off: BackoffStrategy | None = None
    num_retries: int | None = None
    retry_on: str = ""
    retry_host_predicate: list[GrpcRetryHostPredicate] = field(default_factory=list)
    host_selection_retry_max_attempts: int = 0


class GrpcRetryHostPredicate(Message):
    proto = "envoy.config.core.v3.RetryPolicy.RetryHostPredicate"
    name: str = ""
    typed_config: Packed | None = None


class RuntimeFractionalPercent(Message):
    proto = "envoy.config.core.v3.RuntimeFractionalPercent"
    default_value: FractionalPercent | None = None
    runtime_key: str = ""


class RuntimeUInt32(Message):
    proto = "envoy.config.core.v3.RuntimeUInt32"
    default_value: int = 0
    runtime_key: str = ""


class SocketAddress(Message):
    proto = "envoy.config.core.v3.SocketAddress"
    address: str = ""
    port_value: int | None = None
    named_port: str | None = None
    resolver_name: str = ""
    ipv4_compat: bool = False
    network_namespace_filepath: str = ""


class SubstitutionFormatString(Message):
    proto = "envoy.config.core.v3.SubstitutionFormatString"
    text_format: str | None = None
    json_format: Mapping[str, Any] | None = None
    text_format_source: DataSource | None = None
    omit_empty_values: bool = False
    content_type: str = ""
    formatters: list[TypedExtensionConfig] = field(default_factory=list)


class TcpKeepalive(Message):
    proto = "envoy.config.core.v3.TcpKeepalive"
    keepalive_probes: int | None = None
    keepalive_time: int | None = None
    keepalive_interval: int | None = None


class TransportSocket(Message):
    proto = "envoy.config.core.v3.TransportSocket"
    name: str = ""
    typed_config: Packed | None = None


class TypedExtensionConfig(Message):
    proto = "envoy.config.core.v3.TypedExtensionConfig"
    name: str = ""
    typed_config: Packed | None = None


class ClusterLoadAssignment(Message):
    proto = "envoy.config.endpoint.v3.ClusterLoadAssignment"
    cluster_name: str = ""
    endpoints: list[LocalityLbEndpoints] = field(default_factory=list)
    named_endpoints: dict[str, Endpoint] = field(default_factory=dict)


class Endpoint(Message):
    proto = "envoy.config.endpoint.v3.Endpoint"
    address: Address | None = None
    hostname: str = ""
    observability_name: str = ""


class LbEndpoint(Message):
    proto = "envoy.config.endpoint.v3.LbEndpoint"
    endpoint: Endpoint | None = None
    endpoint_name: str | None = None
    load_balancing_weight: int | None = None


class LocalityLbEndpoints(Message):
    proto = "envoy.config.endpoint.v3.LocalityLbEndpoints"
    lb_endpoints: list[LbEndpoint] = field(default_factory=list)
    load_balancing_weight: int | None = None
    priority: int = 0
    proximity: int | None = None


class Filter(Message):
    proto = "envoy.config.listener.v3.Filter"
    name: str = ""
    typed_config: Packed | None = None


class FilterChain(Message):
    proto = "envoy.config.listener.v3.FilterChain"
    filters: list[Filter] = field(default_factory=list)
    use_proxy_proto: bool | None = None
    transport_socket: TransportSocket | None = None
    transport_socket_connect_timeout: Duration | None = None
    name: str = ""


class Listener(Message):
    proto = "envoy.config.listener.v3.Listener"
    name: str = ""
    address: Address | None = None
    stat_prefix: str = ""
    filter_chains: list[FilterChain] = field(default_factory=list)
    filter_chain_matcher: Matcher | None = None
    use_original_dst: bool | None = None
    default_filter_chain: FilterChain | None = None
    per_connection_buffer_limit_bytes: int | None = None
    per_connection_buffer_high_watermark_timeout: Duration | None = None
    listener_filters_timeout: Duration | None = None
    continue_on_listener_filters_timeout: bool = False
    transparent: bool | None = None
    freebind: bool | None = None
    tcp_fast_open_queue_length: int | None = None
    traffic_direction: TrafficDirection = TrafficDirection.UNSPECIFIED
    reuse_port: bool = False
    enable_reuse_port: bool | None = None
    access_log: list[AccessLog] = field(default_factory=list)
    tcp_backlog_size: int | None = None
    max_connections_to_accept_per_socket_event: int | None = None
    bind_to_port: bool | None = None
    internal_listener: ListenerInternalListenerConfig | None = None
    enable_mptcp: bool = False
    ignore_global_conn_limit: bool = False
    bypass_overload_manager: bool = False
    tcp_keepalive: TcpKeepalive | None = None


class ListenerInternalListenerConfig(Message):
    proto = "envoy.config.listener.v3.Listener.InternalListenerConfig"


class OverloadAction(Message):
    proto = "envoy.config.overload.v3.OverloadAction"
    name: str = ""
    triggers: list[Trigger] = field(default_factory=list)
    typed_config: Packed | None = None


class OverloadManager(Message):
    proto = "envoy.config.overload.v3.OverloadManager"
    refresh_interval: Duration | None = None
    resource_monitors: list[ResourceMonitor] = field(default_factory=list)
    actions: list[OverloadAction] = field(default_factory=list)


class ResourceMonitor(Message):
    proto = "envoy.config.overload.v3.ResourceMonitor"
    name: str = ""
    typed_config: Packed | None = None


class ScaledTrigger(Message):
    proto = "envoy.config.overload.v3.ScaledTrigger"
    scaling_threshold: float = 0.0
    saturation_threshold: float = 0.0


class ScaleTimersOverloadActionConfig(Message):
    proto = "envoy.config.overload.v3.ScaleTimersOverloadActionConfig"
    timer_scale_factors: list[ScaleTimersOverloadActionConfigScaleTimer] = field(
        default_factory=list
    )


class ScaleTimersOverloadActionConfigScaleTimer(Message):
    proto = "envoy.config.overload.v3.ScaleTimersOverloadActionConfig.ScaleTimer"
    timer: ScaleTimersOverloadActionConfigTimerType = (
        ScaleTimersOverloadActionConfigTimerType.UNSPECIFIED
    )
    min_timeout: Duration | None = None
    min_scale: Percent | None = None


class ThresholdTrigger(Message):
    proto = "envoy.config.overload.v3.ThresholdTrigger"
    value: float = 0.0


class Trigger(Message):
    proto = "envoy.config.overload.v3.Trigger"
    name: str = ""
    threshold: ThresholdTrigger | None = None
    scaled: ScaledTrigger | None = None


class RateLimitServiceConfig(Message):
    proto = "envoy.config.ratelimit.v3.RateLimitServiceConfig"
    grpc_service: GrpcService | None = None
    transport_api_version: ApiVersion = ApiVersion.AUTO


class DirectResponseAction(Message):
    proto = "envoy.config.route.v3.DirectResponseAction"
    status: int = 0
    body: DataSource | None = None
    body_format: SubstitutionFormatString | None = None


class FilterConfig(Message):
    proto = "envoy.config.route.v3.FilterConfig"
    config: Packed | None = None
    is_optional: bool = False
    disabled: bool = False


class HeaderMatcher(Message):
    proto = "envoy.config.route.v3.HeaderMatcher"
    name: str = ""
    exact_match: str | None = None
    safe_regex_match: RegexMatcher | None = None
    present_match: bool | None = None
    prefix_match: str | None = None
    suffix_match: str | None = None
    contains_match: str | None = None
    string_match: StringMatcher | None = None
    invert_match: bool = False
    treat_missing_header_as_empty: bool = False


class RateLimitDescriptor(Message):
    proto = "envoy.config.route.v3.RateLimit"
    stage: int | None = None
    disable_key: str = ""
    actions: list[RateLimitAction] = field(default_factory=list)
    hits_addend: RateLimitHitsAddend | None = None
    apply_on_stream_done: bool = False


class RateLimitAction(Message):
    proto = "envoy.config.route.v3.RateLimit.Action"
    generic_key: RateLimitActionGenericKey | None = None
    header_value_match: RateLimitActionHeaderValueMatch | None = None
    metadata: RateLimitActionMetaData | None = None
    extension: TypedExtensionConfig | None = None


class RateLimitActionGenericKey(Message):
    proto = "envoy.config.route.v3.RateLimit.Action.GenericKey"
    descriptor_value: str = ""
    default_value: str = ""
    descriptor_key: str = ""


class RateLimitActionHeaderValueMatch(Message):
    proto = "envoy.config.route.v3.RateLimit.Action.HeaderValueMatch"
    descriptor_value: str = ""
    default_value: str = ""
    descriptor_key: str = ""
    expect_match: bool | None = None
    headers: list[HeaderMatcher] = field(default_factory=list)


class RateLimitActionMetaData(Message):
    proto = "envoy.config.route.v3.RateLimit.Action.MetaData"
    descriptor_key: str = ""
    metadata_key: MetadataKey | None = None
    default_value: str = ""
    source: RateLimitActionMetaDataSource = RateLimitActionMetaDataSource.DYNAMIC
    skip_if_absent: bool = False


class RateLimitHitsAddend(Message):
    proto = "envoy.config.route.v3.RateLimit.HitsAddend"
    number: int | None = None
    format: str = ""
    is_negative_hits: bool = False


class RetryPolicy(Message):
    proto = "envoy.config.route.v3.RetryPolicy"
    retry_on: str = ""
    num_retries: int | None = None
    per_try_timeout: Duration | None = None
    per_try_idle_timeout: Duration | None = None
    retry_options_predicates: list[TypedExtensionConfig] = field(default_factory=list)
    host_selection_retry_max_attempts: int = 0
    retriable_status_codes: list[int] = field(default_factory=list)
    retry_back_off: RetryPolicyRetryBackOff | None = None
    retriable_headers: list[HeaderMatcher] = field(default_factory=list)
    retriable_request_headers: list[HeaderMatcher] = field(default_factory=list)
    refresh_cluster_on_retry: bool = False


class RetryPolicyRetryBackOff(Message):
    proto = "envoy.config.route.v3.RetryPolicy.RetryBackOff"
    base_interval: Duration | None = None
    max_interval: Duration | None = None


class Route(Message):
    proto = "envoy.config.route.v3.Route"
    name: str = ""
    match: RouteMatch | None = None
    route: RouteAction | None = None
    direct_response: DirectResponseAction | None = None
    typed_per_filter_config: dict[str, Packed] = field(default_factory=dict)
    request_headers_to_add: list[HeaderValueOption] = field(default_factory=list)
    request_headers_to_remove: list[str] = field(default_factory=list)
    response_headers_to_add: list[HeaderValueOption] = field(default_factory=list)
    response_headers_to_remove: list[str] = field(default_factory=list)
    per_request_buffer_limit_bytes: int | None = None
    stat_prefix: str = ""
    request_body_buffer_limit: int | None = None


class RouteAction(Message):
    proto = "envoy.config.route.v3.RouteAction"
    cluster: str | None = None
    cluster_header: str | None = None
    cluster_specifier_plugin: str | None = None
    prefix_rewrite: str = ""
    regex_rewrite: RegexMatchAndSubstitute | None = None
    path_rewrite_policy: TypedExtensionConfig | None = None
    path_rewrite: str = ""
    host_rewrite_literal: str | None = None
    auto_host_rewrite: bool | None = None
    host_rewrite_header: str | None = None
    host_rewrite_path_regex: RegexMatchAndSubstitute | None = None
    host_rewrite: str | None = None
    append_x_forwarded_host: bool = False
    timeout: Duration | None = None
    idle_timeout: Duration | None = None
    flush_timeout: Duration | None = None
    early_data_policy: TypedExtensionConfig | None = None
    retry_policy: RetryPolicy | None = None
    retry_policy_typed_config: Packed | None = None
    request_mirror_policies: list[RouteActionRequestMirrorPolicy] = field(default_factory=list)
    rate_limits: list[RateLimitDescriptor] = field(default_factory=list)
    include_vh_rate_limits: bool | None = None
    max_grpc_timeout: Duration | None = None
    grpc_timeout_offset: Duration | None = None
    max_internal_redirects: int | None = None


class RouteActionRequestMirrorPolicy(Message):
    proto = "envoy.config.route.v3.RouteAction.RequestMirrorPolicy"
    cluster: str = ""
    cluster_header: str = ""
    runtime_fraction: RuntimeFractionalPercent | None = None
    trace_sampled: bool | None = None
    disable_shadow_host_suffix_append: bool = False
    request_headers_mutations: list[HeaderMutationStep] = field(default_factory=list)
    host_rewrite_literal: str = ""


class RouteConfiguration(Message):
    proto = "envoy.config.route.v3.RouteConfiguration"
    name: str = ""
    virtual_hosts: list[VirtualHost] = field(default_factory=list)
    internal_only_headers: list[str] = field(default_factory=list)
    response_headers_to_add: list[HeaderValueOption] = field(default_factory=list)
    response_headers_to_remove: list[str] = field(default_factory=list)
    request_headers_to_add: list[HeaderValueOption] = field(default_factory=list)
    request_headers_to_remove: list[str] = field(default_factory=list)
    most_specific_header_mutations_wins: bool = False
    validate_clusters: bool | None = None
    max_direct_response_body_size_bytes: int | None = None
    request_mirror_policies: list[RouteActionRequestMirrorPolicy] = field(default_factory=list)
    ignore_port_in_host_matching: bool = False
    vhost_header: str = ""
    ignore_path_parameters_in_path_matching: bool = False
    typed_per_filter_config: dict[str, Packed] = field(default_factory=dict)


class RouteMatch(Message):
    proto = "envoy.config.route.v3.RouteMatch"
    prefix: str | None = None
    path: str | None = None
    safe_regex: RegexMatcher | None = None
    path_separated_prefix: str | None = None
    path_match_policy: TypedExtensionConfig | None = None
    case_sensitive: bool | None = None
    runtime_fraction: RuntimeFractionalPercent | None = None
    headers: list[HeaderMatcher] = field(default_factory=list)


class VirtualHost(Message):
    proto = "envoy.config.route.v3.VirtualHost"
    name: str = ""
    domains: list[str] = field(default_factory=list)
    routes: list[Route] = field(default_factory=list)
    matcher: Matcher | None = None
    rate_limits: list[RateLimitDescriptor] = field(default_factory=list)
    request_headers_to_add: list[HeaderValueOption] = field(default_factory=list)
    request_headers_to_remove: list[str] = field(default_factory=list)
    response_headers_to_add: list[HeaderValueOption] = field(default_factory=list)
    response_headers_to_remove: list[str] = field(default_factory=list)
    typed_per_filter_config: dict[str, Packed] = field(default_factory=dict)
    include_request_attempt_count: bool = False
    include_attempt_count_in_response: bool = False
    retry_policy: RetryPolicy | None = None
    retry_policy_typed_config: Packed | None = None
    include_is_timeout_retry_header: bool = False
    per_request_buffer_limit_bytes: int | None = None
    request_body_buffer_limit: int | None = None
    request_mirror_policies: list[RouteActionRequestMirrorPolicy] = field(default_factory=list)


class FileAccessLog(Message):
    proto = "envoy.extensions.access_loggers.file.v3.FileAccessLog"
    path: str = ""
    format: str | None = None
    json_format: Mapping[str, Any] | None = None
    typed_json_format: Mapping[str, Any] | None = None
    log_format: SubstitutionFormatString | None = None


class ExpressionFilter(Message):
    proto = "envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter"
    expression: str = ""


class CommonGrpcAccessLogConfig(Message):
    proto = "envoy.extensions.access_loggers.grpc.v3.CommonGrpcAccessLogConfig"
    log_name: str = ""
    grpc_service: GrpcService | None = None
    transport_api_version: ApiVersion = ApiVersion.AUTO
    buffer_flush_interval: Duration | None = None
    buffer_size_bytes: int | None = None
    filter_state_objects_to_log: list[str] = field(default_factory=list)
    grpc_stream_retry_policy: GrpcRetryPolicy | None = None


class HttpGrpcAccessLogConfig(Message):
    proto = "envoy.extensions.access_loggers.grpc.v3.HttpGrpcAccessLogConfig"
    common_config: CommonGrpcAccessLogConfig | None = None
    additional_request_headers_to_log: list[str] = field(default_factory=list)
    additional_response_headers_to_log: list[str] = field(default_factory=list)
    additional_response_trailers_to_log: list[str] = field(default_factory=list)


class StdoutAccessLog(Message):
    proto = "envoy.extensions.access_loggers.stream.v3.StdoutAccessLog"
    log_format: SubstitutionFormatString | None = None


class InternalListener(Message):
    proto = "envoy.extensions.bootstrap.internal_listener.v3.InternalListener"
    buffer_size_kb: int | None = None


class DnsCluster(Message):
    proto = "envoy.extensions.clusters.dns.v3.DnsCluster"
    dns_refresh_rate: Duration | None = None
    respect_dns_ttl: bool = False
    dns_jitter: Duration | None = None
    typed_dns_resolver_config: TypedExtensionConfig | None = None
    dns_lookup_family: DnsLookupFamily = DnsLookupFamily.UNSPECIFIED
    all_addresses_in_single_endpoint: bool = False
    dns_min_refresh_rate: Duration | None = None


class ExtensionWithMatcher(Message):
    proto = "envoy.extensions.common.matching.v3.ExtensionWithMatcher"
    xds_matcher: Matcher | None = None
    extension_config: TypedExtensionConfig | None = None


class LocalRateLimitDescriptor(Message):
    proto = "envoy.extensions.common.ratelimit.v3.LocalRateLimitDescriptor"
    entries: list[RateLimitDescriptorEntry] = field(default_factory=list)
    token_bucket: TokenBucket | None = None
    shadow_mode: bool = False


class RateLimitDescriptorEntry(Message):
    proto = "envoy.extensions.common.ratelimit.v3.RateLimitDescriptor.Entry"
    key: str = ""
    value: str = ""


class JsonContentParser(Message):
    proto = "envoy.extensions.content_parsers.json.v3.JsonContentParser"
    rules: list[JsonContentParserRuleConfig] = field(default_factory=list)


class JsonContentParserRuleConfig(Message):
    proto = "envoy.extensions.content_parsers.json.v3.JsonContentParser.RuleConfig"
    rule: JsonToMetadataRule | None = None
    stop_processing_after_matches: int = 0


class SkipFilter(Message):
    proto = "envoy.extensions.filters.common.matcher.action.v3.SkipFilter"


class Buffer(Message):
    proto = "envoy.extensions.filters.http.buffer.v3.Buffer"
    max_request_bytes: int | None = None


class CredentialInjector(Message):
    proto = "envoy.extensions.filters.http.credential_injector.v3.CredentialInjector"
    overwrite: bool = False
    allow_request_without_credential: bool = False
    credential: TypedExtensionConfig | None = None


class ExternalProcessor(Message):
    proto = "envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor"
    grpc_service: GrpcService | None = None
    failure_mode_allow: bool = False
    processing_mode: ProcessingMode | None = None
    request_attributes: list[str] = field(default_factory=list)
    response_attributes: list[str] = field(default_factory=list)
    message_timeout: Duration | None = None
    stat_prefix: str = ""
    mutation_rules: HeaderMutationRules | None = None
    max_message_timeout: Duration | None = None
    forward_rules: HeaderForwardingRules | None = None
    filter_metadata: Mapping[str, Any] | None = None
    allow_mode_override: bool = False
    disable_immediate_response: bool = False
    metadata_options: MetadataOptions | None = None
    observability_mode: bool = False
    disable_clear_route_cache: bool = False
    deferred_close_timeout: Duration | None = None
    send_body_without_waiting_for_header_response: bool = False
    allowed_override_modes: list[ProcessingMode] = field(default_factory=list)
    processing_request_modifier: TypedExtensionConfig | None = None
    on_processing_response: TypedExtensionConfig | None = None
    status_on_error: HttpStatus | None = None
    allow_content_length_header: bool = False


class ExtProcOverrides(Message):
    proto = "envoy.extensions.filters.http.ext_proc.v3.ExtProcOverrides"
    processing_mode: ProcessingMode | None = None
    async_mode: bool = False
    request_attributes: list[str] = field(default_factory=list)
    response_attributes: list[str] = field(default_factory=list)
    grpc_service: GrpcService | None = None
    metadata_options: MetadataOptions | None = None
    grpc_initial_metadata: list[HeaderValue] = field(default_factory=list)
    failure_mode_allow: bool | None = None
    processing_request_modifier: TypedExtensionConfig | None = None


class ExtProcPerRoute(Message):
    proto = "envoy.extensions.filters.http.ext_proc.v3.ExtProcPerRoute"
    disabled: bool | None = None
    overrides: ExtProcOverrides | None = None


class HeaderForwardingRules(Message):
    proto = "envoy.extensions.filters.http.ext_proc.v3.HeaderForwardingRules"
    allowed_headers: ListStringMatcher | None = None
    disallowed_headers: ListStringMatcher | None = None


class MetadataOptions(Message):
    proto = "envoy.extensions.filters.http.ext_proc.v3.MetadataOptions"
    forwarding_namespaces: MetadataOptionsMetadataNamespaces | None = None
    receiving_namespaces: MetadataOptionsMetadataNamespaces | None = None
    cluster_metadata_forwarding_namespaces: MetadataOptionsMetadataNamespaces | None = None


class MetadataOptionsMetadataNamespaces(Message):
    proto = "envoy.extensions.filters.http.ext_proc.v3.MetadataOptions.MetadataNamespaces"
    untyped: list[str] = field(default_factory=list)
    typed: list[str] = field(default_factory=list)


class ProcessingMode(Message):
    proto = "envoy.extensions.filters.http.ext_proc.v3.ProcessingMode"
    request_header_mode: ProcessingModeHeaderSendMode = ProcessingModeHeaderSendMode.DEFAULT
    response_header_mode: ProcessingModeHeaderSendMode = ProcessingModeHeaderSendMode.DEFAULT
    request_body_mode: ProcessingModeBodySendMode = ProcessingModeBodySendMode.NONE
    response_body_mode: ProcessingModeBodySendMode = ProcessingModeBodySendMode.NONE
    request_trailer_mode: ProcessingModeHeaderSendMode = ProcessingModeHeaderSendMode.DEFAULT
    response_trailer_mode: ProcessingModeHeaderSendMode = ProcessingModeHeaderSendMode.DEFAULT


class HeaderMutation(Message):
    proto = "envoy.extensions.filters.http.header_mutation.v3.HeaderMutation"
    mutations: Mutations | None = None
    most_specific_header_mutations_wins: bool = False


class Mutations(Message):
    proto = "envoy.extensions.filters.http.header_mutation.v3.Mutations"
    request_mutations: list[HeaderMutationStep] = field(default_factory=list)
    response_mutations: list[HeaderMutationStep] = field(default_factory=list)
    response_trailers_mutations: list[HeaderMutationStep] = field(default_factory=list)
    request_trailers_mutations: list[HeaderMutationStep] = field(default_factory=list)


class HeaderToMetadata(Message):
    proto = "envoy.extensions.filters.http.header_to_metadata.v3.Config"
    request_rules: list[ConfigRule] = field(default_factory=list)
    response_rules: list[ConfigRule] = field(default_factory=list)
    stat_prefix: str = ""


class ConfigKeyValuePair(Message):
    proto = "envoy.extensions.filters.http.header_to_metadata.v3.Config.KeyValuePair"
    metadata_namespace: str = ""
    key: str = ""
    value: str = ""
    regex_value_rewrite: RegexMatchAndSubstitute | None = None
    type: ConfigValueType = ConfigValueType.STRING


class ConfigRule(Message):
    proto = "envoy.extensions.filters.http.header_to_metadata.v3.Config.Rule"
    header: str = ""
    cookie: str = ""
    on_header_present: ConfigKeyValuePair | None = None
    on_header_missing: ConfigKeyValuePair | None = None
    remove: bool = False


class HealthCheckFilter(Message):
    proto = "envoy.extensions.filters.http.health_check.v3.HealthCheck"
    pass_through_mode: bool | None = None
    cache_time: Duration | None = None
    cluster_min_healthy_percentages: dict[str, Percent] = field(default_factory=dict)
    headers: list[HeaderMatcher] = field(default_factory=list)


class JsonToMetadata(Message):
    proto = "envoy.extensions.filters.http.json_to_metadata.v3.JsonToMetadata"
    request_rules: JsonToMetadataMatchRules | None = None
    response_rules: JsonToMetadataMatchRules | None = None


class JsonToMetadataKeyValuePair(Message):
    proto = "envoy.extensions.filters.http.json_to_metadata.v3.JsonToMetadata.KeyValuePair"
    metadata_namespace: str = ""
    key: str = ""
    value: Any | None = None
    type: JsonToMetadataValueType = JsonToMetadataValueType.PROTOBUF_VALUE
    preserve_existing_metadata_value: bool = False


class JsonToMetadataMatchRules(Message):
    proto = "envoy.extensions.filters.http.json_to_metadata.v3.JsonToMetadata.MatchRules"
    rules: list[JsonToMetadataRule] = field(default_factory=list)
    allow_content_types: list[str] = field(default_factory=list)
    allow_empty_content_type: bool = False
    allow_content_types_regex: RegexMatcher | None = None


class JsonToMetadataRule(Message):
    proto = "envoy.extensions.filters.http.json_to_metadata.v3.JsonToMetadata.Rule"
    selectors: list[JsonToMetadataSelector] = field(default_factory=list)
    on_present: JsonToMetadataKeyValuePair | None = None
    on_missing: JsonToMetadataKeyValuePair | None = None
    on_error: JsonToMetadataKeyValuePair | None = None


class JsonToMetadataSelector(Message):
    proto = "envoy.extensions.filters.http.json_to_metadata.v3.JsonToMetadata.Selector"
    key: str | None = None


class LocalRateLimit(Message):
    proto = "envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit"
    stat_prefix: str = ""
    status: HttpStatus | None = None
    token_bucket: TokenBucket | None = None
    filter_enabled: RuntimeFractionalPercent | None = None
    filter_enforced: RuntimeFractionalPercent | None = None
    request_headers_to_add_when_not_enforced: list[HeaderValueOption] = field(default_factory=list)
    response_headers_to_add: list[HeaderValueOption] = field(default_factory=list)
    descriptors: list[LocalRateLimitDescriptor] = field(default_factory=list)
    stage: int = 0
    local_rate_limit_per_downstream_connection: bool = False
    always_consume_default_token_bucket: bool | None = None
    rate_limited_as_resource_exhausted: bool = False
    rate_limits: list[RateLimitDescriptor] = field(default_factory=list)
    max_dynamic_descriptors: int | None = None


class Lua(Message):
    proto = "envoy.extensions.filters.http.lua.v3.Lua"
    inline_code: str = ""
    source_codes: dict[str, DataSource] = field(default_factory=dict)
    default_source_code: DataSource | None = None
    stat_prefix: str = ""
    clear_route_cache: bool | None = None


class RateLimitFilter(Message):
    proto = "envoy.extensions.filters.http.ratelimit.v3.RateLimit"
    domain: str = ""
    stage: int = 0
    request_type: str = ""
    timeout: Duration | None = None
    failure_mode_deny: bool = False
    rate_limited_as_resource_exhausted: bool = False
    rate_limit_service: RateLimitServiceConfig | None = None
    disable_x_envoy_ratelimited_header: bool = False
    rate_limited_status: HttpStatus | None = None
    response_headers_to_add: list[HeaderValueOption] = field(default_factory=list)
    status_on_error: HttpStatus | None = None
    stat_prefix: str = ""
    filter_enabled: RuntimeFractionalPercent | None = None
    filter_enforced: RuntimeFractionalPercent | None = None
    failure_mode_deny_percent: RuntimeFractionalPercent | None = None
    rate_limits: list[RateLimitDescriptor] = field(default_factory=list)
    metadata_namespace: str = ""


class Router(Message):
    proto = "envoy.extensions.filters.http.router.v3.Router"
    dynamic_stats: bool | None = None
    start_child_span: bool = False
    upstream_log: list[AccessLog] = field(default_factory=list)
    suppress_envoy_headers: bool = False
    strict_check_headers: list[str] = field(default_factory=list)
    respect_expected_rq_timeout: bool = False
    suppress_grpc_request_failure_code_stats: bool = False
    upstream_http_filters: list[HttpFilter] = field(default_factory=list)
    reject_connect_request_early_data: bool | None = None


class SseToMetadata(Message):
    proto = "envoy.extensions.filters.http.sse_to_metadata.v3.SseToMetadata"
    response_rules: SseToMetadataProcessingRules | None = None


class SseToMetadataProcessingRules(Message):
    proto = "envoy.extensions.filters.http.sse_to_metadata.v3.SseToMetadata.ProcessingRules"
    content_parser: TypedExtensionConfig | None = None
    max_event_size: int | None = None


class UpstreamCodec(Message):
    proto = "envoy.extensions.filters.http.upstream_codec.v3.UpstreamCodec"


class HttpConnectionManager(Message):
    proto = "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
    stat_prefix: str = ""
    route_config: RouteConfiguration | None = None
    http_filters: list[HttpFilter] = field(default_factory=list)
    add_user_agent: bool | None = None
    common_http_protocol_options: HttpProtocolOptions | None = None
    http1_safe_max_connection_duration: bool = False
    http_protocol_options: Http1ProtocolOptions | None = None
    http2_protocol_options: Http2ProtocolOptions | None = None
    server_name: str = ""
    server_header_transformation: HttpConnectionManagerServerHeaderTransformation = (
        HttpConnectionManagerServerHeaderTransformation.OVERWRITE
    )
    max_request_headers_kb: int | None = None
    stream_idle_timeout: Duration | None = None
    stream_flush_timeout: Duration | None = None
    request_timeout: Duration | None = None
    request_headers_timeout: Duration | None = None
    drain_timeout: Duration | None = None
    drain_timeout_jitter: Percent | None = None
    delayed_close_timeout: Duration | None = None
    access_log: list[AccessLog] = field(default_factory=list)
    access_log_flush_interval: Duration | None = None
    flush_access_log_on_new_request: bool = False
    use_remote_address: bool | None = None
    xff_num_trusted_hops: int = 0
    original_ip_detection_extensions: list[TypedExtensionConfig] = field(default_factory=list)
    early_header_mutation_extensions: list[TypedExtensionConfig] = field(default_factory=list)
    skip_xff_append: bool = False
    via: str = ""
    generate_request_id: bool | None = None
    preserve_external_request_id: bool = False
    always_set_request_id_in_response: bool = False
    forward_client_cert_matcher: Matcher | None = None
    proxy_100_continue: bool = False
    represent_ipv4_remote_address_as_ipv4_mapped_ipv6: bool = False
    normalize_path: bool | None = None
    merge_slashes: bool = False
    local_reply_config: LocalReplyConfig | None = None
    strip_matching_host_port: bool = False
    strip_any_host_port: bool | None = None
    stream_error_on_invalid_http_message: bool | None = None
    strip_trailing_host_dot: bool = False
    typed_header_validation_config: TypedExtensionConfig | None = None
    append_x_forwarded_port: bool = False
    append_local_overload: bool = False
    add_proxy_protocol_connection_state: bool | None = None


class HttpFilter(Message):
    proto = "envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter"
    name: str = ""
    typed_config: Packed | None = None
    is_optional: bool = False
    disabled: bool = False


class LocalReplyConfig(Message):
    proto = "envoy.extensions.filters.network.http_connection_manager.v3.LocalReplyConfig"
    mappers: list[ResponseMapper] = field(default_factory=list)
    body_format: SubstitutionFormatString | None = None


class ResponseMapper(Message):
    proto = "envoy.extensions.filters.network.http_connection_manager.v3.ResponseMapper"
    filter: AccessLogFilter | None = None
    status_code: int | None = None
    body: DataSource | None = None
    body_format_override: SubstitutionFormatString | None = None
    headers_to_add: list[HeaderValueOption] = field(default_factory=list)


class TcpProxy(Message):
    proto = "envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy"
    stat_prefix: str = ""
    cluster: str | None = None
    idle_timeout: Duration | None = None
    downstream_idle_timeout: Duration | None = None
    upstream_idle_timeout: Duration | None = None
    access_log: list[AccessLog] = field(default_factory=list)
    max_connect_attempts: int | None = None
    backoff_options: BackoffStrategy | None = None
    tunneling_config: TcpProxyTunnelingConfig | None = None
    max_downstream_connection_duration: Duration | None = None
    max_downstream_connection_duration_jitter_percentage: Percent | None = None
    access_log_flush_interval: Duration | None = None
    flush_access_log_on_connected: bool = False
    max_early_data_bytes: int | None = None
    check_drain_close: bool | None = None


class TcpProxyTunnelingConfig(Message):
    proto = "envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy.TunnelingConfig"
    hostname: str = ""
    use_post: bool = False
    headers_to_add: list[HeaderValueOption] = field(default_factory=list)
    propagate_response_headers: bool = False
    post_path: str = ""
    propagate_response_trailers: bool = False
    request_id_header: str = ""
    request_id_metadata_key: str = ""
    formatters: list[TypedExtensionConfig] = field(default_factory=list)


class ReqWithoutQuery(Message):
    proto = "envoy.extensions.formatter.req_without_query.v3.ReqWithoutQuery"


class EarlyHeaderMutation(Message):
    proto = "envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation"
    mutations: list[HeaderMutationStep] = field(default_factory=list)


class Generic(Message):
    proto = "envoy.extensions.http.injected_credentials.generic.v3.Generic"
    credential: SdsSecretConfig | None = None
    header: str = ""
    header_value_prefix: str = ""


class DownstreamConnectionsConfig(Message):
    proto = (
        "envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig"
    )
    max_active_downstream_connections: int = 0


class FixedHeapConfig(Message):
    proto = "envoy.extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig"
    max_heap_size_bytes: int = 0


class InjectedResourceConfig(Message):
    proto = "envoy.extensions.resource_monitors.injected_resource.v3.InjectedResourceConfig"
    filename: str = ""


class PreviousHostsPredicate(Message):
    proto = "envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate"


class InternalUpstreamTransport(Message):
    proto = "envoy.extensions.transport_sockets.internal_upstream.v3.InternalUpstreamTransport"
    transport_socket: TransportSocket | None = None


class RawBuffer(Message):
    proto = "envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer"


class CertificateValidationContext(Message):
    proto = "envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext"
    trusted_ca: DataSource | None = None
    verify_certificate_spki: list[str] = field(default_factory=list)
    verify_certificate_hash: list[str] = field(default_factory=list)
    match_typed_subject_alt_names: list[SubjectAltNameMatcher] = field(default_factory=list)
    match_subject_alt_names: list[StringMatcher] = field(default_factory=list)
    require_signed_certificate_timestamp: bool | None = None
    crl: DataSource | None = None
    allow_expired_certificate: bool = False
    custom_validator_config: TypedExtensionConfig | None = None
    only_verify_leaf_cert_crl: bool = False
    max_verify_depth: int | None = None
    suppress_client_ca_list: bool = False


class CommonTlsContext(Message):
    proto = "envoy.extensions.transport_sockets.tls.v3.CommonTlsContext"
    tls_certificate_sds_secret_configs: list[SdsSecretConfig] = field(default_factory=list)
    custom_tls_certificate_selector: TypedExtensionConfig | None = None
    validation_context: CertificateValidationContext | None = None
    validation_context_sds_secret_config: SdsSecretConfig | None = None
    alpn_protocols: list[str] = field(default_factory=list)
    custom_handshaker: TypedExtensionConfig | None = None


class GenericSecret(Message):
    proto = "envoy.extensions.transport_sockets.tls.v3.GenericSecret"
    secret: DataSource | None = None
    secrets: dict[str, DataSource] = field(default_factory=dict)


class SdsSecretConfig(Message):
    proto = "envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig"
    name: str = ""


class Secret(Message):
    proto = "envoy.extensions.transport_sockets.tls.v3.Secret"
    name: str = ""
    validation_context: CertificateValidationContext | None = None
    generic_secret: GenericSecret | None = None


class SubjectAltNameMatcher(Message):
    proto = "envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher"
    san_type: SubjectAltNameMatcherSanType = SubjectAltNameMatcherSanType.SAN_TYPE_UNSPECIFIED
    matcher: StringMatcher | None = None
    oid: str = ""


class UpstreamTlsContext(Message):
    proto = "envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext"
    common_tls_context: CommonTlsContext | None = None
    sni: str = ""
    auto_host_sni: bool = False
    auto_sni_san_validation: bool = False
    allow_renegotiation: bool = False
    max_session_keys: int | None = None
    enforce_rsa_key_usage: bool | None = None


class UpstreamHttpProtocolOptions(Message):
    proto = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
    common_http_protocol_options: HttpProtocolOptions | None = None
    explicit_http_config: ExplicitHttpConfig | None = None
    auto_config: AutoHttpConfig | None = None
    http_filters: list[HttpFilter] = field(default_factory=list)
    header_validation_config: TypedExtensionConfig | None = None
    request_mirror_policies: list[RouteActionRequestMirrorPolicy] = field(default_factory=list)
    retry_policy: RetryPolicy | None = None


class AutoHttpConfig(Message):
    proto = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions.AutoHttpConfig"
    http_protocol_options: Http1ProtocolOptions | None = None
    http2_protocol_options: Http2ProtocolOptions | None = None


class ExplicitHttpConfig(Message):
    proto = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions.ExplicitHttpConfig"
    http_protocol_options: Http1ProtocolOptions | None = None
    http2_protocol_options: Http2ProtocolOptions | None = None


class HttpResponseStatusCodeClassMatchInput(Message):
    proto = "envoy.type.matcher.v3.HttpResponseStatusCodeClassMatchInput"


class ListStringMatcher(Message):
    proto = "envoy.type.matcher.v3.ListStringMatcher"
    patterns: list[StringMatcher] = field(default_factory=list)


class RegexMatchAndSubstitute(Message):
    proto = "envoy.type.matcher.v3.RegexMatchAndSubstitute"
    pattern: RegexMatcher | None = None
    substitution: str = ""


class RegexMatcher(Message):
    proto = "envoy.type.matcher.v3.RegexMatcher"
    regex: str = ""


class StringMatcher(Message):
    proto = "envoy.type.matcher.v3.StringMatcher"
    exact: str | None = None
    prefix: str | None = None
    suffix: str | None = None
    safe_regex: RegexMatcher | None = None
    contains: str | None = None
    custom: MatcherPart | None = None
    ignore_case: bool = False


class MetadataKey(Message):
    proto = "envoy.type.metadata.v3.MetadataKey"
    key: str = ""
    path: list[MetadataKeyPathSegment] = field(default_factory=list)


class MetadataKeyPathSegment(Message):
    proto = "envoy.type.metadata.v3.MetadataKey.PathSegment"
    key: str | None = None


class FractionalPercent(Message):
    proto = "envoy.type.v3.FractionalPercent"
    numerator: int = 0


class HttpStatus(Message):
    proto = "envoy.type.v3.HttpStatus"
    code: StatusCode = StatusCode.Empty


class Percent(Message):
    proto = "envoy.type.v3.Percent"
    value: float = 0.0


class TokenBucket(Message):
    proto = "envoy.type.v3.TokenBucket"
    max_tokens: int = 0
    tokens_per_fill: int | None = None
    fill_interval: Duration | None = None


class MatcherPart(Message):
    proto = "xds.core.v3.TypedExtensionConfig"
    name: str = ""
    typed_config: Packed | None = None


class Matcher(Message):
    proto = "xds.type.matcher.v3.Matcher"
    matcher_tree: MatcherMatcherTree | None = None
    on_no_match: MatcherOnMatch | None = None


class MatcherMatcherTree(Message):
    proto = "xds.type.matcher.v3.Matcher.MatcherTree"
    input: MatcherPart | None = None
    exact_match_map: MatcherMatcherTreeMatchMap | None = None
    prefix_match_map: MatcherMatcherTreeMatchMap | None = None
    custom_match: MatcherPart | None = None


class MatcherMatcherTreeMatchMap(Message):
    proto = "xds.type.matcher.v3.Matcher.MatcherTree.MatchMap"
    map: dict[str, MatcherOnMatch] = field(default_factory=dict)


class MatcherOnMatch(Message):
    proto = "xds.type.matcher.v3.Matcher.OnMatch"
    matcher: Matcher | None = None
    action: MatcherPart | None = None
    keep_matching: bool = False
