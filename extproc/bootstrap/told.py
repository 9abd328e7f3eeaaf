"""What ingress tells clients of their request, whoever answers it: a provider, Python or Envoy."""

from __future__ import annotations

from typing import Final

from extproc.bootstrap.typed import http_filter
from extproc.contract import METADATA_NAMESPACE, PINNED, ROUTE, TRACE_ID, UNROUTED
from extproc.envoy_api.messages import (
    ConfigKeyValuePair,
    ConfigRule,
    HeaderToMetadata,
    HttpFilter,
    RegexMatchAndSubstitute,
    RegexMatcher,
)

__all__ = ["ABOUT_THE_REQUEST", "OWN_ID", "OWN_TRACE", "trace_ids"]

_TRACE_KEY: Final = "trace_id"
_TRACEPARENT: Final = "^(?:[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?|.*)$"

OWN_ID: Final = ("x-request-id", "%REQ(x-request-id)%")

ABOUT_THE_REQUEST: Final = (
    (ROUTE, f"%REQ({ROUTE})%"),
    (UNROUTED, f"%REQ({UNROUTED})%"),
    (PINNED, f"%REQ({PINNED})%"),
    (TRACE_ID, f"%REQ({TRACE_ID})%"),
)
"""Response headers, and where Envoy finds their values; one without a value is left out."""

OWN_TRACE: Final = (TRACE_ID, f"%DYNAMIC_METADATA({METADATA_NAMESPACE}:{_TRACE_KEY})%")
"""The id of the trace where Python has told none."""


def _trace_id(header: str, pattern: str, substitution: str) -> ConfigRule:
    return ConfigRule(
        header=header,
        on_header_present=ConfigKeyValuePair(
            metadata_namespace=METADATA_NAMESPACE,
            key=_TRACE_KEY,
            regex_value_rewrite=RegexMatchAndSubstitute(
                pattern=RegexMatcher(regex=pattern), substitution=substitution
            ),
        ),
    )


def trace_ids() -> HttpFilter:
    """Remembers the id of every request's trace: that of its ``traceparent``, else its own id.

    An answer needs it also where Python is not asked, or gave none. The last rule that leaves
    something counts, as :func:`extproc.worker.headers.trace_id` has it but for ids that are zero
    and for versions that there are none of, which no expression tells apart at a bearable length.
    """
    rules = [
        _trace_id("x-request-id", "-", ""),
        _trace_id("traceparent", _TRACEPARENT, r"\1"),
    ]
    return http_filter(
        "envoy.filters.http.header_to_metadata", HeaderToMetadata(request_rules=rules)
    )
