"""What Envoy's access log says of the end of a request.

What went to a provider is told by its decision and its attempts. Of what did not, an entry may be
all that is ever heard, so that more of it is read.
"""

from __future__ import annotations

import re
from typing import Final
from uuid import uuid4

from extproc.contract import (
    DECISION_PREFIX,
    DOOR,
    METADATA_NAMESPACE,
    MODEL,
    PATH,
    REQUESTED_MODEL,
    ROUTE,
    TURNED_AWAY,
    from_header,
)
from extproc.core.clipping import clipped
from extproc.core.own_replies import details_of
from extproc.core.records import Completion, Unserved
from extproc.dialects.table import ENDPOINTS
from extproc.observer.log_fields import flags_of, limit_of, seconds_of, texts_of
from extproc.tracing.trace_context import TRACEPARENT, TRACESTATE, parent_of, repeated_state
from extproc.transport.wire import Message

__all__ = ["METHODS", "completion_of"]

METHODS: Final = (
    *("", "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"),
)
"""By their numbers: https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/config/core/v3/base.proto,
``RequestMethod``."""
_LEAST_ERROR: Final = 400
_BEHIND_THE_PATH: Final = re.compile("[?#]")
"""A query, or a fragment (RFC 3986, 3.3), for which Envoy refuses a request but tells of it."""


def completion_of(entry: Message) -> Completion | None:
    """The end of a request; None for one that carries no id, unless Envoy has refused it.

    What it refuses at once has none: what is no valid HTTP, or comes while memory is short. That
    gets one here, by which it is listed.
    """
    common, request, response = entry.common_properties, entry.request, entry.response
    request_id = request.request_id
    path = _BEHIND_THE_PATH.split(request.request_headers.get(PATH) or request.path, 1)[0]
    status, attempts = response.response_code.value, common.upstream_request_attempt_count
    told = response.response_headers
    model, route = told.get(MODEL), told.get(ROUTE)
    details, unserved = response.response_code_details, None
    if not attempts and not 0 < status < _LEAST_ERROR:
        remembered = texts_of(common.metadata.filter_metadata, METADATA_NAMESPACE)
        if TURNED_AWAY in remembered:
            details = details_of(DOOR, remembered[TURNED_AWAY])
        if status and not request_id:
            request_id = str(uuid4())
        trace_id = remembered.get("trace_id") or request_id.replace("-", "")
        unserved = _unserved(request, path, trace_id, remembered.get(REQUESTED_MODEL))
    if not request_id:
        return None
    return Completion(
        request_id=clipped(request_id),
        dialect=ENDPOINTS.get(path.removeprefix(DECISION_PREFIX)),
        at=seconds_of(common.start_time),
        status=status,
        duration=seconds_of(common.duration),
        attempts=attempts,
        model=None if model is None else from_header(model),
        route=None if route is None else from_header(route),
        details=details,
        flags=flags_of(common),
        limit=limit_of(response),
        unserved=unserved,
    )


def _unserved(request: Message, path: str, trace_id: str, requested_model: str | None) -> Unserved:
    """What a request asked for.

    Args:
        request: as its entry tells it.
        path: without its query.
        trace_id: that of its trace, unless it says so itself.
        requested_model: what its client calls one that was not found.
    """
    headers, number = request.request_headers, request.request_method
    traceparent = headers.get(TRACEPARENT) or ""
    parent = parent_of(traceparent)
    if parent is not None:
        trace_id = parent.trace_id
    return Unserved(
        method=METHODS[number] if number < len(METHODS) else "",
        path=clipped(path),
        trace_id=clipped(trace_id),
        traceparent="" if parent is None else clipped(traceparent),
        tracestate=repeated_state(headers.get(TRACESTATE) or ""),
        requested_model=None if requested_model is None else clipped(requested_model),
    )
