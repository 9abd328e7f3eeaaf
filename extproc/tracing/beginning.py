"""The beginning of a request's span, which is all that tracing costs a request."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Final

import orjson

from extproc.contract import SPAN, TRACE_FLAGS
from extproc.core.clipping import clipped
from extproc.core.conversation import Conversation
from extproc.core.key_names import names_a_key
from extproc.core.tracing import RequestSpan, Tracing
from extproc.tracing.sampling import Sampler
from extproc.tracing.trace_context import TRACEPARENT, TRACESTATE, parent_of, repeated_state

__all__ = ["Beginning", "headers_of", "prompt_of", "removed_with"]

_MOST_ATTRIBUTES: Final = 32
_LONGEST_PROMPT: Final = 16 * 1024
"""Bytes, of the latest turns: spans wait in memory by the thousand where nobody takes them."""

_FLAGS: Final = ("00", "01")


class Beginning:
    """Begins the spans of requests."""

    def __init__(self, tracing: Tracing, sampler: Sampler) -> None:
        """
        Args:
            tracing: what spans say.
            sampler: which requests leave some.
        """
        self._sampler = sampler
        self._prefixes = tracing.header_prefixes
        self.captures = tracing.capture_content

    def span(self, headers: Mapping[str, str], trace_id: str) -> RequestSpan:
        """The span of a request.

        Args:
            headers: the request's.
            trace_id: that of its trace.
        """
        parent = parent_of(headers.get(TRACEPARENT, ""))
        sampled = self._sampler.samples(trace_id, parent)
        return RequestSpan(
            span_id=secrets.token_hex(8),
            parent_id=None if parent is None else parent.span_id,
            sampled=sampled,
            state="" if parent is None else repeated_state(headers.get(TRACESTATE, "")),
            attributes=self._told(headers) if sampled and self._prefixes else {},
        )

    def _told(self, headers: Mapping[str, str]) -> dict[str, str]:
        """What the client's headers say, by the rest of their names: of ``x-acme-`` and
        ``x-acme-tenant-id``, ``tenant.id``."""
        found: dict[str, str] = {}
        for name, value in headers.items():
            prefix = next((each for each in self._prefixes if name.startswith(each)), name)
            if name != prefix and not names_a_key(name):
                found[clipped(name[len(prefix) :].replace("-", "."))] = clipped(value)
            if len(found) == _MOST_ATTRIBUTES:
                break
        return found


def headers_of(span: RequestSpan) -> dict[str, str]:
    """What Envoy makes the ``traceparent`` of each attempt of, beside the trace's id."""
    return {SPAN: span.span_id, TRACE_FLAGS: _FLAGS[span.sampled]}


def removed_with(span: RequestSpan) -> Sequence[str]:
    """The headers that no provider is to be told: the state of another trace."""
    return (TRACESTATE,) if span.parent_id is None else ()


def prompt_of(conversation: Conversation) -> str:
    """What was said, the latest of it where that is long, in the form of
    ``gen_ai.input.messages``: https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/"""
    room, kept = _LONGEST_PROMPT, []
    for turn in reversed(conversation):
        if room <= 0:
            break
        said = turn.text[-room:].encode("utf-8", "replace")[-room:]
        room -= len(said)
        text = said.decode("utf-8", "ignore")
        kept.append({"role": turn.role, "parts": [{"type": "text", "content": text}]})
    return orjson.dumps(kept[::-1]).decode()
