"""The spans of a request that has ended: its own, and under it one of each attempt."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from extproc.core.catalog import Catalog
from extproc.core.config import Config
from extproc.core.records import DecisionRecord
from extproc.core.tracing import RequestSpan, Tracing
from extproc.telemetry.asked import asked_of
from extproc.telemetry.conventions import attempt_error, operation, request_error
from extproc.telemetry.receipt import PricedAttempt, Receipt
from extproc.tracing import gen_ai, openinference, own
from extproc.tracing.span import Attributes, Span, known
from extproc.tracing.trace_context import attempt_span_id

__all__ = ["Spans"]

_DECISION: Final = "decide"
_NO_METHOD: Final = "HTTP"
"""https://opentelemetry.io/docs/specs/semconv/http/http-spans/#name"""
_DEEPEST_PATH: Final = 2
"""Of a path, this many names are of what there is; what follows may be an id."""


class Spans:
    """Makes spans of receipts."""

    def __init__(self, config: Config, tracing: Tracing, names: gen_ai.Names) -> None:
        """
        Args:
            config: says who serves the models, and where.
            tracing: what spans say.
            names: which names of attributes are used.
        """
        self._catalog = Catalog(config)
        self._tracing = tracing
        self._names = names

    def of(self, receipt: Receipt, prompt: str | None = None) -> Iterator[Span]:
        """The request's span first; none of requests that are not sampled.

        Args:
            receipt: the request's.
            prompt: what the client has said, None where that is not recorded.
        """
        begun = receipt.decision.span
        if begun is None or not begun.sampled:
            return
        yield self._request(receipt, begun, prompt)
        for entry in receipt.attempts:
            yield self._attempt(entry, receipt.decision, begun)

    def _request(self, receipt: Receipt, begun: RequestSpan, prompt: str | None) -> Span:
        decision, completion = receipt.decision, receipt.completion
        start = decision.at if completion is None else completion.at
        ends = [entry.attempt.at + entry.attempt.duration for entry in receipt.attempts]
        end = max(ends, default=start) if completion is None else start + completion.duration
        error = request_error(receipt)
        attributes = own.of_request(receipt) if receipt.decided else own.of_undecided(receipt)
        if operation(decision) is not None:
            asked = asked_of(receipt, self._catalog)
            attributes |= gen_ai.of_request(receipt, asked, start, self._names, prompt)
            if self._tracing.openinference:
                attributes |= openinference.of_request(receipt, asked, prompt)
        return Span(
            trace_id=decision.trace_id,
            span_id=begun.span_id,
            parent_id=begun.parent_id,
            name=_name(receipt),
            start=start,
            end=end,
            attributes=self._given(begun) | attributes | known({"error.type": error}),
            asks=not decision.decision_only,
            error=error,
            state=begun.state,
        )

    def _attempt(self, entry: PricedAttempt, decision: DecisionRecord, begun: RequestSpan) -> Span:
        attempt = entry.attempt
        error = attempt_error(attempt)
        status = attempt.status or None
        attributes = known(
            {
                "http.response.status_code": status,
                "http.request.resend_count": attempt.number - 1 or None,
                "error.type": error,
            }
        )
        return Span(
            trace_id=decision.trace_id,
            span_id=attempt_span_id(begun.span_id, attempt.number),
            parent_id=begun.span_id,
            name=f"attempt {attempt.model}",
            start=attempt.at,
            end=attempt.at + attempt.duration,
            attributes={
                **self._tracing.attributes,
                **gen_ai.server(self._catalog.declared(attempt.model)),
                **attributes,
                **own.of_attempt(entry),
            },
            error=error,
            state=begun.state,
        )

    def _given(self, begun: RequestSpan) -> Attributes:
        """What the configuration and the client's headers say; what is known goes before that."""
        return {**self._tracing.attributes, **begun.attributes}


def _name(receipt: Receipt) -> str:
    """Few names for many requests: what is asked, and of which model, as its client calls it. Of
    one that nobody has decided, whoever sent it may have made up the path."""
    decision = receipt.decision
    if decision.decision_only:
        asked = _DECISION
    elif receipt.decided:
        asked = operation(decision) or _path(decision.forwarded or "")
    else:
        asked = operation(decision) or _method(receipt)
    return f"{asked} {decision.requested_model}" if decision.requested_model else asked


def _method(receipt: Receipt) -> str:
    asked = receipt.unserved
    return (asked and asked.method) or _NO_METHOD


def _path(path: str) -> str:
    names = path.strip("/").split("/")
    return "/".join(("", *names[:_DEEPEST_PATH]))
