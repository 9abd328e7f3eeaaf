"""Whom Envoy consults at ingress: one filter, at which a route may have another processor asked."""

from __future__ import annotations

from extproc.bootstrap.processors import (
    BOTH_WAYS,
    HEADERS_AND_ANSWER,
    HEADERS_ONLY,
    REQUEST_ONLY,
    asked_as,
    consultation,
    only,
    receiving,
)
from extproc.bootstrap.typed import any_of, exact, seconds
from extproc.contract import (
    CACHE,
    CLIENT,
    CLIENTS_HEADERS,
    METADATA_NAMESPACE,
    SDK_DEADLINES,
    Role,
)
from extproc.core.config import Config
from extproc.core.key_names import CREDENTIALS
from extproc.envoy_api.messages import (
    ExternalProcessor,
    ExtProcOverrides,
    ExtProcPerRoute,
    HeaderForwardingRules,
    HttpFilter,
    ListStringMatcher,
    Packed,
)
from extproc.tracing.trace_context import TRACEPARENT, TRACESTATE

__all__ = ["ingress", "instead"]

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

_INSTEAD = {
    Role.MODELS: (HEADERS_ONLY, HEADERS_ONLY),
    Role.BY_MODEL: (REQUEST_ONLY, BOTH_WAYS),
    Role.BY_ID: (HEADERS_ONLY, HEADERS_AND_ANSWER),
}
"""The other roles at ingress, and what each is shown of a request: without guards that may look at
its answer, and with them."""

_HEADERS_TIMEOUT = 2.0
"""Seconds: Python answers headers from memory, or gives Redis the fraction of one."""


def ingress(config: Config) -> HttpFilter:
    """Once per request: Python takes the whole body and gives it back with the plan.

    Routes may have it asked in another role (see ``instead``). The timeout is for those that are
    shown headers alone: none applies to bodies in this mode.

    Args:
        config: for the headers that tell sessions or limits apart, or that spans tell of, and for
            guards: where they may look at answers, these come on the same stream.
    """
    processor = ExternalProcessor(
        processing_mode=BOTH_WAYS if config.may_guard_answers else REQUEST_ONLY,
        allow_content_length_header=True,
        message_timeout=seconds(_HEADERS_TIMEOUT),
        metadata_options=receiving(METADATA_NAMESPACE),
    )
    limits = (limit.per.header for limit in config.rate_limits if limit.per is not None)
    marks = () if config.cache_marks_from is None else (CACHE,)
    read = (*_INGRESS_HEADERS, *config.sessions.read_headers)
    read += tuple(name for name in dict.fromkeys((*marks, *limits)) if name not in read)
    if any(guard.reads_headers for guard in config.guards):
        return consultation(Role.INGRESS, _all_for_guards(config, read), processor)
    if config.guards:
        read = (*read, *_GUARDS_HEADERS)
    if config.tracing is None:
        return consultation(Role.INGRESS, only(read), processor)
    told = config.tracing.header_prefixes
    return consultation(Role.INGRESS, only((*read, TRACESTATE), told), processor)


def _all_for_guards(config: Config, read: tuple[str, ...]) -> HeaderForwardingRules:
    """All headers, for guards are told them; credentials only where one of these asks for them."""
    if any(guard.reads_credentials for guard in config.guards):
        return HeaderForwardingRules()
    hidden = [exact(name) for name in CREDENTIALS if name not in read]
    return HeaderForwardingRules(disallowed_headers=ListStringMatcher(patterns=hidden))


def instead(role: Role, config: Config) -> Packed:
    """A route's own setting for the filter at ingress: Python is asked in another role.

    Args:
        role: the other role.
        config: for the guards that may look at answers.
    """
    return any_of(
        ExtProcPerRoute(
            overrides=ExtProcOverrides(
                processing_mode=_INSTEAD[role][config.may_guard_answers],
                grpc_initial_metadata=asked_as(role),
            )
        )
    )
