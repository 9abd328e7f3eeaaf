"""Attributes by OpenTelemetry's conventions for generative AI:
https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/

Those of semantic conventions 1.41 are used. They have a repository of their own since, in which
some names have changed: https://github.com/open-telemetry/semantic-conventions-genai.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from extproc.core.models import Model
from extproc.telemetry.asked import Asked
from extproc.telemetry.conventions import operation, provider
from extproc.telemetry.receipt import Receipt
from extproc.tracing.span import Attributes, known

__all__ = ["Names", "names_for", "of_request", "server"]

_OPT_IN: Final = "OTEL_SEMCONV_STABILITY_OPT_IN"
_LATEST: Final = "gen_ai_latest_experimental"


@dataclass(frozen=True, slots=True)
class Names:
    """The names that have changed since 1.41, in the form that is used."""

    cache_written: str = "gen_ai.usage.cache_creation.input_tokens"


_NEWER: Final = Names(cache_written="gen_ai.usage.cache_write.input_tokens")


def names_for(environment: Mapping[str, str]) -> Names:
    """The names that ``OTEL_SEMCONV_STABILITY_OPT_IN`` asks for."""
    asked = {each.strip() for each in environment.get(_OPT_IN, "").split(",")}
    return _NEWER if _LATEST in asked else Names()


def server(model: Model | None) -> Attributes:
    """Where a model's provider is."""
    if model is None:
        return {}
    return {"server.address": model.endpoint.host, "server.port": model.endpoint.port}


def of_request(
    receipt: Receipt, asked: Asked, start: float, names: Names, prompt: str | None
) -> Attributes:
    """What a request asked for and got.

    Args:
        receipt: the request's.
        asked: who was asked.
        start: when it came, in seconds since the epoch.
        names: which names are used.
        prompt: what the client has said, None where that is not recorded.
    """
    decision, usage, model = receipt.decision, receipt.usage, asked.model
    return server(model) | known(
        {
            "gen_ai.operation.name": operation(decision),
            "gen_ai.provider.name": None if model is None else provider(model.provider),
            "gen_ai.request.model": decision.requested_model,
            "gen_ai.request.stream": decision.streamed or None,
            "gen_ai.conversation.id": decision.session_id,
            "gen_ai.response.model": _answered_by(asked),
            "gen_ai.response.finish_reasons": asked.attempt.finish_reasons
            if asked.attempt
            else None,
            "gen_ai.response.time_to_first_chunk": (
                _first_chunk(asked, start) if decision.streamed else None
            ),
            "gen_ai.usage.input_tokens": usage.input_tokens,
            "gen_ai.usage.output_tokens": usage.output_tokens,
            "gen_ai.usage.cache_read.input_tokens": usage.cached_tokens,
            names.cache_written: usage.cache_write_tokens,
            "gen_ai.usage.reasoning.output_tokens": usage.reasoning_tokens,
            "gen_ai.input.messages": prompt,
        }
    )


def _answered_by(asked: Asked) -> str | None:
    """The model as the answer calls it, else as its provider does."""
    if asked.attempt is None or asked.model is None or not asked.answered:
        return None
    return asked.attempt.reported_model or asked.model.model_id


def _first_chunk(asked: Asked, start: float) -> float | None:
    """Seconds from the request's start to the first byte of its answer."""
    attempt = asked.attempt
    if attempt is None or attempt.first_byte is None or not asked.answered:
        return None
    return max(0.0, attempt.at + attempt.first_byte - start)
