"""How Envoy consults Python: a processor's filter, what it is shown, and which worker is asked.

https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/http/http_filters/ext_proc_filter
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from extproc.bootstrap.typed import any_of, exact, http_filter, prefix, seconds
from extproc.contract import ROLE, Role
from extproc.envoy_api.messages import (
    BackoffStrategy,
    ExternalProcessor,
    ExtProcPerRoute,
    GrpcRetryHostPredicate,
    GrpcRetryPolicy,
    GrpcService,
    GrpcServiceEnvoyGrpc,
    HeaderForwardingRules,
    HeaderMutationRules,
    HeaderValue,
    HttpFilter,
    HttpStatus,
    ListStringMatcher,
    MetadataOptions,
    MetadataOptionsMetadataNamespaces,
    Packed,
    PreviousHostsPredicate,
    ProcessingMode,
    ProcessingModeBodySendMode,
    ProcessingModeHeaderSendMode,
    StatusCode,
)

__all__ = [
    "BOTH_WAYS",
    "HEADERS_AND_ANSWER",
    "HEADERS_ONLY",
    "REQUEST_ONLY",
    "RESPONSE_ONLY",
    "ROUTER_CLUSTER",
    "asked_as",
    "consultation",
    "filter_name",
    "not_processed",
    "only",
    "receiving",
]

ROUTER_CLUSTER = "dragoman-router"

_SEND = ProcessingModeHeaderSendMode.SEND
_SKIP = ProcessingModeHeaderSendMode.SKIP
_NO_BODY = ProcessingModeBodySendMode.NONE
_FULL_DUPLEX = ProcessingModeBodySendMode.FULL_DUPLEX_STREAMED

REQUEST_ONLY = ProcessingMode(
    request_header_mode=_SEND,
    request_body_mode=_FULL_DUPLEX,
    request_trailer_mode=_SEND,
    response_header_mode=_SKIP,
    response_body_mode=_NO_BODY,
    response_trailer_mode=_SKIP,
)
HEADERS_ONLY = ProcessingMode(
    request_header_mode=_SEND,
    request_body_mode=_NO_BODY,
    request_trailer_mode=_SKIP,
    response_header_mode=_SKIP,
    response_body_mode=_NO_BODY,
    response_trailer_mode=_SKIP,
)
RESPONSE_ONLY = ProcessingMode(
    request_header_mode=_SKIP,
    request_body_mode=_NO_BODY,
    request_trailer_mode=_SKIP,
    response_header_mode=_SEND,
    response_body_mode=ProcessingModeBodySendMode.STREAMED,
    response_trailer_mode=_SKIP,
)
BOTH_WAYS = ProcessingMode(
    request_header_mode=_SEND,
    request_body_mode=_FULL_DUPLEX,
    request_trailer_mode=_SEND,
    response_header_mode=_SEND,
    response_body_mode=_FULL_DUPLEX,
    response_trailer_mode=_SEND,
)

HEADERS_AND_ANSWER = replace(BOTH_WAYS, request_body_mode=_NO_BODY, request_trailer_mode=_SKIP)

_MOST_LOOKS = 30
"""For another worker than those that were tried: the one that is gone has the fewest requests, and
so is nearly always what the load balancer finds first."""


def filter_name(role: Role) -> str:
    """The name by which routes refer to a processor."""
    return f"dragoman.{role}"


def not_processed() -> Packed:
    """A route's own setting: do not ask Python here."""
    return any_of(ExtProcPerRoute(disabled=True))


def only(names: Iterable[str], prefixes: Iterable[str] = ()) -> HeaderForwardingRules:
    """The headers that Python reads and no others: credentials never reach it.

    Args:
        names: of these headers, in lower case.
        prefixes: how the names of others begin that it reads.
    """
    read = [*map(exact, names), *map(prefix, prefixes)]
    return HeaderForwardingRules(allowed_headers=ListStringMatcher(patterns=read))


def receiving(namespace: str) -> MetadataOptions:
    """Where a processor's answers may leave what is to be remembered of a request."""
    return MetadataOptions(
        receiving_namespaces=MetadataOptionsMetadataNamespaces(untyped=[namespace])
    )


def asked_as(role: Role) -> list[HeaderValue]:
    """The gRPC metadata that tell a worker which of its processors is meant."""
    return [HeaderValue(key=ROLE, value=role)]


def consultation(
    role: Role, forwarded: HeaderForwardingRules, processor: ExternalProcessor
) -> HttpFilter:
    """The filter of a processor.

    Args:
        role: which one it is.
        forwarded: the headers that it is sent.
        processor: its own settings; those that all have alike are filled in.
    """
    processor.grpc_service = GrpcService(
        envoy_grpc=GrpcServiceEnvoyGrpc(cluster_name=ROUTER_CLUSTER),
        initial_metadata=asked_as(role),
        retry_policy=_another_worker(),
    )
    processor.forward_rules = forwarded
    processor.stat_prefix = role
    processor.status_on_error = HttpStatus(code=StatusCode.ServiceUnavailable)
    processor.mutation_rules = HeaderMutationRules(allow_all_routing=True, allow_envoy=True)
    return http_filter(filter_name(role), processor)


def _another_worker() -> GrpcRetryPolicy:
    """A worker that is gone, or just being started again, costs no request while others are there.

    Only a stream that no worker has taken is opened again.
    """
    predicate = GrpcRetryHostPredicate(
        name="envoy.retry_host_predicates.previous_hosts",
        typed_config=any_of(PreviousHostsPredicate()),
    )
    return GrpcRetryPolicy(
        retry_on="connect-failure,refused-stream",
        num_retries=3,
        retry_back_off=BackoffStrategy(base_interval=seconds(0.005), max_interval=seconds(0.05)),
        retry_host_predicate=[predicate],
        host_selection_retry_max_attempts=_MOST_LOOKS,
    )
