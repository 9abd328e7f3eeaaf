"""The places where Envoy consults Python: one filter at ingress, three in the attempt listener.

https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/http/http_filters/ext_proc_filter
"""

from __future__ import annotations

from dataclasses import replace

from envoy_data_plane.envoy.config.common.mutation_rules.v3 import HeaderMutationRules
from envoy_data_plane.envoy.config.core.v3 import (
    BackoffStrategy,
    GrpcService,
    GrpcServiceEnvoyGrpc,
    HeaderValue,
    RetryPolicy,
    RetryPolicyRetryHostPredicate,
)
from envoy_data_plane.envoy.extensions.filters.http.ext_proc.v3 import (
    ExternalProcessor,
    ExtProcOverrides,
    ExtProcPerRoute,
    HeaderForwardingRules,
    MetadataOptions,
    MetadataOptionsMetadataNamespaces,
    ProcessingMode,
    ProcessingModeBodySendMode,
    ProcessingModeHeaderSendMode,
)
from envoy_data_plane.envoy.extensions.filters.network.http_connection_manager.v3 import HttpFilter
from envoy_data_plane.envoy.extensions.retry.host.previous_hosts.v3 import PreviousHostsPredicate
from envoy_data_plane.envoy.type.matcher.v3 import ListStringMatcher
from envoy_data_plane.envoy.type.v3 import HttpStatus, StatusCode
from envoy_data_plane.google.protobuf import Any

from extproc.bootstrap.typed import any_of, exact, http_filter, prefix, seconds
from extproc.contract import (
    ATTEMPT_COUNT,
    CACHE,
    CLIENT,
    CLIENTS_HEADERS,
    END,
    GATE_TERMS,
    IDLE,
    METADATA_NAMESPACE,
    PLAN,
    ROLE,
    SDK_DEADLINES,
    TERMS,
    TRACE_ID,
    Role,
)
from extproc.core.config import Config
from extproc.core.key_names import CREDENTIALS
from extproc.tracing.trace_context import TRACEPARENT, TRACESTATE

__all__ = [
    "ROUTER_CLUSTER",
    "attempt",
    "filter_name",
    "gate",
    "ingress",
    "instead",
    "not_processed",
    "translation",
]

ROUTER_CLUSTER = "dragoman-router"

_SEND = ProcessingModeHeaderSendMode.SEND
_SKIP = ProcessingModeHeaderSendMode.SKIP
_NO_BODY = ProcessingModeBodySendMode.NONE
_FULL_DUPLEX = ProcessingModeBodySendMode.FULL_DUPLEX_STREAMED

_REQUEST_ONLY = ProcessingMode(
    request_header_mode=_SEND,
    request_body_mode=_FULL_DUPLEX,
    request_trailer_mode=_SEND,
    response_header_mode=_SKIP,
    response_body_mode=_NO_BODY,
    response_trailer_mode=_SKIP,
)
_HEADERS_ONLY = ProcessingMode(
    request_header_mode=_SEND,
    request_body_mode=_NO_BODY,
    request_trailer_mode=_SKIP,
    response_header_mode=_SKIP,
    response_body_mode=_NO_BODY,
    response_trailer_mode=_SKIP,
)
_RESPONSE_ONLY = ProcessingMode(
    request_header_mode=_SKIP,
    request_body_mode=_NO_BODY,
    request_trailer_mode=_SKIP,
    response_header_mode=_SEND,
    response_body_mode=ProcessingModeBodySendMode.STREAMED,
    response_trailer_mode=_SKIP,
)

_BOTH_WAYS = ProcessingMode(
    request_header_mode=_SEND,
    request_body_mode=_FULL_DUPLEX,
    request_trailer_mode=_SEND,
    response_header_mode=_SEND,
    response_body_mode=_FULL_DUPLEX,
    response_trailer_mode=_SEND,
)

_INGRESS_HEADERS = (
    ":path",
    "anthropic-version",
    "content-encoding",
    "content-length",
    "content-type",
    TRACEPARENT,
    "x-request-id",
    CLIENT,
    *CLIENTS_HEADERS,
    *SDK_DEADLINES,
)
_GUARDS_HEADERS = (":method", ":status")
_ATTEMPT_HEADERS = (
    "anthropic-version",
    "content-length",
    "x-request-id",
    ATTEMPT_COUNT,
    PLAN,
    TERMS,
    TRACE_ID,
)
_TRANSLATION_HEADERS = (
    *_ATTEMPT_HEADERS,
    ":status",
    "content-encoding",
    "content-type",
    "request-id",
    IDLE,
)
_GATE_HEADERS = (":status", "content-encoding", "content-type")

_HEADERS_AND_ANSWER = replace(_BOTH_WAYS, request_body_mode=_NO_BODY, request_trailer_mode=_SKIP)

_INSTEAD = {
    Role.MODELS: (_HEADERS_ONLY, _HEADERS_ONLY),
    Role.BY_MODEL: (_REQUEST_ONLY, _BOTH_WAYS),
    Role.BY_ID: (_HEADERS_ONLY, _HEADERS_AND_ANSWER),
}
"""The other roles at ingress, and what each is shown of a request: without guards that may look at
its answer, and with them."""

_MOST_LOOKS = 30
"""For another worker than those that were tried: the one that is gone has the fewest requests, and
so is nearly always what the load balancer finds first."""

_HEADERS_TIMEOUT = 2.0
"""Seconds: Python answers headers from memory, or gives Redis the fraction of one."""


def filter_name(role: Role) -> str:
    """The name by which routes refer to a processor."""
    return f"dragoman.{role}"


def not_processed() -> Any:
    """A route's own setting: do not ask Python here."""
    return any_of(ExtProcPerRoute(disabled=True))


def _another_worker() -> RetryPolicy:
    """A worker that is gone, or just being started again, costs no request while others are there.

    Only a stream that no worker has taken is opened again.
    """
    predicate = RetryPolicyRetryHostPredicate(
        name="envoy.retry_host_predicates.previous_hosts",
        typed_config=any_of(PreviousHostsPredicate()),
    )
    return RetryPolicy(
        retry_on="connect-failure,refused-stream",
        num_retries=3,
        retry_back_off=BackoffStrategy(base_interval=seconds(0.005), max_interval=seconds(0.05)),
        retry_host_predicate=[predicate],
        host_selection_retry_max_attempts=_MOST_LOOKS,
    )


def _consultation(
    role: Role,
    forwarded: tuple[str, ...],
    processor: ExternalProcessor,
    prefixes: tuple[str, ...] = (),
) -> HttpFilter:
    """Python is sent the headers that it reads and no others: credentials never reach it."""
    read = [*map(exact, forwarded), *map(prefix, prefixes)]
    rules = HeaderForwardingRules(allowed_headers=ListStringMatcher(patterns=read))
    return _forwarding(role, rules, processor)


def _forwarding(
    role: Role, rules: HeaderForwardingRules, processor: ExternalProcessor
) -> HttpFilter:
    """Python is sent the headers that fit the rules."""
    processor.grpc_service = GrpcService(
        envoy_grpc=GrpcServiceEnvoyGrpc(cluster_name=ROUTER_CLUSTER),
        initial_metadata=[HeaderValue(key=ROLE, value=role)],
        retry_policy=_another_worker(),
    )
    processor.forward_rules = rules
    processor.stat_prefix = role
    processor.status_on_error = HttpStatus(code=StatusCode.ServiceUnavailable)
    processor.mutation_rules = HeaderMutationRules(allow_all_routing=True, allow_envoy=True)
    return http_filter(filter_name(role), processor)


def ingress(config: Config) -> HttpFilter:
    """Once per request: Python takes the whole body and gives it back with the plan.

    Routes may have it asked in another role (see ``instead``). The timeout is for those that are
    shown headers alone: none applies to bodies in this mode.

    Args:
        config: for the headers that tell sessions or limits apart, or that spans tell of, and for
            guards: where they may look at answers, these come on the same stream.
    """
    processor = ExternalProcessor(
        processing_mode=_BOTH_WAYS if config.may_guard_answers else _REQUEST_ONLY,
        allow_content_length_header=True,
        message_timeout=seconds(_HEADERS_TIMEOUT),
    )
    limits = (limit.per.header for limit in config.rate_limits if limit.per is not None)
    marks = () if config.cache_marks_from is None else (CACHE,)
    read = (*_INGRESS_HEADERS, *config.sessions.read_headers)
    read += tuple(name for name in dict.fromkeys((*marks, *limits)) if name not in read)
    if any(guard.reads_headers for guard in config.guards):
        return _forwarding(Role.INGRESS, _all_for_guards(config, read), processor)
    if config.guards:
        read = (*read, *_GUARDS_HEADERS)
    if config.tracing is None:
        return _consultation(Role.INGRESS, read, processor)
    told = config.tracing.header_prefixes
    return _consultation(Role.INGRESS, (*read, TRACESTATE), processor, told)


def _all_for_guards(config: Config, read: tuple[str, ...]) -> HeaderForwardingRules:
    """All headers, for guards are told them; credentials only where one of these asks for them."""
    if any(guard.reads_credentials for guard in config.guards):
        return HeaderForwardingRules()
    hidden = [exact(name) for name in CREDENTIALS if name not in read]
    return HeaderForwardingRules(disallowed_headers=ListStringMatcher(patterns=hidden))


def instead(role: Role, config: Config) -> Any:
    """A route's own setting for the filter at ingress: Python is asked in another role.

    Args:
        role: the other role.
        config: for the guards that may look at answers.
    """
    return any_of(
        ExtProcPerRoute(
            overrides=ExtProcOverrides(
                processing_mode=_INSTEAD[role][config.may_guard_answers],
                grpc_initial_metadata=[HeaderValue(key=ROLE, value=role)],
            )
        )
    )


def attempt() -> HttpFilter:
    """From the second attempt on: the request is put into the terms of the due candidate."""
    processor = ExternalProcessor(
        processing_mode=_REQUEST_ONLY,
        allow_content_length_header=True,
        metadata_options=MetadataOptions(
            receiving_namespaces=MetadataOptionsMetadataNamespaces(untyped=[METADATA_NAMESPACE])
        ),
    )
    return _consultation(Role.ATTEMPT, _ATTEMPT_HEADERS, processor)


def translation() -> HttpFilter:
    """On every attempt whose candidate does not speak the client's dialect: its request and its
    answer on one stream."""
    processor = ExternalProcessor(
        processing_mode=_BOTH_WAYS,
        allow_content_length_header=True,
        metadata_options=MetadataOptions(
            receiving_namespaces=MetadataOptionsMetadataNamespaces(untyped=[END])
        ),
    )
    return _consultation(Role.TRANSLATION, _TRANSLATION_HEADERS, processor)


def gate(longest: float) -> HttpFilter:
    """On a stream that could still be moved: Python holds it until its first content.

    When the worker that holds it hangs or dies, the stream goes on as it came. The message timeout
    only backs up the deadline that Python itself keeps.

    Args:
        longest: for how many seconds any stream may be held.
    """
    processor = ExternalProcessor(
        processing_mode=_RESPONSE_ONLY,
        send_body_without_waiting_for_header_response=True,
        message_timeout=seconds(longest + 5),
        failure_mode_allow=True,
        metadata_options=MetadataOptions(
            forwarding_namespaces=MetadataOptionsMetadataNamespaces(untyped=[GATE_TERMS])
        ),
    )
    return _consultation(Role.GATE, _GATE_HEADERS, processor)
