"""OpenTelemetry's words for what models are asked, who serves them, and how that fails.

https://opentelemetry.io/docs/specs/semconv/gen-ai/, in the version of semantic conventions 1.41.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from extproc.core.outcomes import StreamEnd
from extproc.core.records import Attempt, DecisionRecord
from extproc.telemetry.receipt import Receipt

__all__ = ["attempt_error", "client_left", "operation", "provider", "request_error"]

_CLIENT_LEFT: Final = frozenset({"DC", "DR"})
"""Envoy's flags for a client that did not wait for the end: it closed its connection, or, of
HTTP/2, only the stream."""

_PROVIDERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "amazon_bedrock": "aws.bedrock",
        "azure_openai": "azure.ai.openai",
        "gemini": "gcp.gemini",
        "mistral": "mistral_ai",
        "moonshotai": "moonshot_ai",
        "xai": "x_ai",
    }
)
"""Those that are called otherwise here."""

_CHAT: Final = "chat"
_OPERATIONS: Final[Mapping[str, str]] = MappingProxyType(
    {"/v1/completions": "text_completion", "/v1/embeddings": "embeddings"}
)
"""What is asked at the paths that are no endpoints; others are about what was made before."""

_TIMEOUT: Final = "timeout"
_CONNECTION: Final = "connection_error"
_FLAGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "DT": _TIMEOUT,
        "SI": _TIMEOUT,
        "UMSDR": _TIMEOUT,
        "UT": _TIMEOUT,
        "LR": _CONNECTION,
        "UC": _CONNECTION,
        "UF": _CONNECTION,
        "UH": _CONNECTION,
        "UPE": _CONNECTION,
        "UR": _CONNECTION,
    }
)
"""What Envoy's flags mean; what has none of them is known by its status."""

_UNKNOWN: Final = "_OTHER"


def provider(name: str) -> str:
    """``gen_ai.provider.name`` of a provider, by what it is called here."""
    return _PROVIDERS.get(name, name)


def operation(decision: DecisionRecord) -> str | None:
    """``gen_ai.operation.name`` of a request, None if no model is asked anything by it."""
    if decision.decision_only:
        return None
    return _CHAT if decision.forwarded is None else _OPERATIONS.get(decision.forwarded)


def attempt_error(attempt: Attempt) -> str | None:
    """``error.type`` of an attempt: ``timeout``, ``connection_error``, how its stream broke off
    (``stream_error``, ``stream_unfinished``, ``stream_stalled``), or its status; None if it
    succeeded, or if its client left."""
    if attempt.succeeded or client_left(attempt.flags):
        return None
    if attempt.stream_end not in (None, StreamEnd.FINISHED):
        return f"stream_{attempt.stream_end}"
    return _by_flags(attempt.flags) or _by_status(attempt.status)


def request_error(receipt: Receipt) -> str | None:
    """``error.type`` of a request: that of the attempt that its client was told of, else its
    status; None if it was answered, or if its client left."""
    completion = receipt.completion
    if completion is None:
        return _UNKNOWN
    if client_left(completion.flags):
        return None
    last = receipt.last
    error = None if last is None else attempt_error(last)
    if completion.status < 400 and completion.status != 0:
        return error or _by_flags(completion.flags)
    return error or _by_flags(completion.flags) or _by_status(completion.status)


def client_left(flags: str) -> bool:
    """Whether Envoy's flags say that the client did not wait for the end."""
    return not _CLIENT_LEFT.isdisjoint(flags.split(","))


def _by_flags(flags: str) -> str | None:
    return next((_FLAGS[flag] for flag in flags.split(",") if flag in _FLAGS), None)


def _by_status(status: int) -> str:
    return str(status) if status else _UNKNOWN
