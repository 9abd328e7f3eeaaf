"""What tells a provider which span it is asked in: that of its attempt, whatever attempt it is."""

from __future__ import annotations

from typing import Final

from extproc.bootstrap.typed import http_filter, set_headers
from extproc.contract import ATTEMPT_COUNT, ATTEMPT_MARK, SPAN, TRACE_FLAGS, TRACE_ID
from extproc.core.tracing import Tracing
from extproc.envoy_api.messages import HeaderMutation, HeaderMutationStep, HttpFilter, Mutations
from extproc.tracing.trace_context import TRACEPARENT

__all__ = ["traced"]

_DIGITS: Final = 16


def traced(tracing: Tracing | None) -> list[HttpFilter]:
    """The filter that writes ``traceparent``; none where requests are not traced.

    The second step cuts what the first one has written, for Envoy cuts one value at a time:
    https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/advanced/substitution_formatter
    """
    if tracing is None:
        return []
    steps = set_headers(
        [
            (SPAN, f"%REQ({ATTEMPT_COUNT})%{ATTEMPT_MARK}%REQ({SPAN})%"),
            (TRACEPARENT, f"00-%REQ({TRACE_ID})%-%REQ({SPAN}):{_DIGITS}%-%REQ({TRACE_FLAGS})%"),
        ]
    )
    mutations = [HeaderMutationStep(append=step) for step in steps]
    return [
        http_filter(
            "envoy.filters.http.header_mutation",
            HeaderMutation(mutations=Mutations(request_mutations=mutations)),
        )
    ]
